"""The words of the built-in agents: template sets per speaking style, varied by the seed. Pure.

A sentence names the product, its own price and the price it moved from, and no other number; never another seller's
name or price, and never the budget.
"""

from __future__ import annotations

from chaffer.negotiation.speech.buyer import BuyerOccasion, buyer_says
from chaffer.negotiation.speech.seller import SellerOccasion, seller_says

__all__ = ["BuyerOccasion", "SellerOccasion", "buyer_says", "seller_says"]
