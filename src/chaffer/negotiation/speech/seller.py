"""What a built-in seller says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chaffer.negotiation.speech.occasions import SellerOccasion
from chaffer.negotiation.speech.parts import Draw, Parts, price_words, product_words
from chaffer.negotiation.speech.rude import RUDE
from chaffer.negotiation.speech.very_sweet import VERY_SWEET
from chaffer.negotiation.terms import SpeakingStyle

SELLER_PARTS: Final[Mapping[SpeakingStyle, Mapping[SellerOccasion, Parts]]] = {
    SpeakingStyle.RUDE: RUDE,
    SpeakingStyle.VERY_SWEET: VERY_SWEET,
}


def seller_says(  # noqa: PLR0913  Named, and each an ingredient of the sentence.
    style: SpeakingStyle,
    occasion: SellerOccasion,
    draw: Draw,
    *,
    item: str,
    price: str,
    before: str,
    quantity: int = 1,
    bid: str | None = None,
    round_: int | None = None,
) -> str:
    """Return what a seller says to the buyer, in at most two sentences.

    Amounts are per unit and formatted already: `price` is the offer's, `before` the last one's, `bid` the buyer's,
    which some texts answer. With `round_`, texts of neighbouring rounds differ in more than the draw.
    """
    words = product_words(item, quantity) | price_words(quantity, price=price, before=before, bid=bid)
    return SELLER_PARTS[style][occasion].compose(draw, words, round_)
