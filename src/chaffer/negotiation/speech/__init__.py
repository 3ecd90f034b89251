"""The words of the built-in agents: interchangeable parts per speaking style, chosen by draws. Pure.

A text names the product and the amounts it is given, and no other number; it names no seller but those it is addressed
to. It promises nothing that is not typed: no gift, no delivery, no conditions. What the parts may hold is checked by
tests. `parts.py` puts texts together; the words themselves are in `rude.py`, `very_sweet.py` and `courteous.py`.
"""

from __future__ import annotations

from chaffer.negotiation.speech.buyer import buyer_says
from chaffer.negotiation.speech.occasions import BuyerOccasion, SellerOccasion
from chaffer.negotiation.speech.seller import seller_says

__all__ = ["BuyerOccasion", "SellerOccasion", "buyer_says", "seller_says"]
