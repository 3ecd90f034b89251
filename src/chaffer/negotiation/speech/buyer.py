"""What the built-in buyer says."""

from __future__ import annotations

from collections.abc import Sequence

from chaffer.negotiation.speech.courteous import COURTEOUS, OPENING_WITHOUT_BID
from chaffer.negotiation.speech.occasions import BuyerOccasion
from chaffer.negotiation.speech.parts import Draw, price_words, product_words


def buyer_says(  # noqa: PLR0913  Named, and each an ingredient of the sentence.
    occasion: BuyerOccasion,
    draw: Draw,
    *,
    item: str,
    price: str | None,
    quantity: int,
    names: Sequence[str],
    before: str | None = None,
    asked: str | None = None,
    round_: int | None = None,
) -> str:
    """Return a buyer's message in which exactly the sellers of those names are mentioned; with none, it is to all.

    Amounts are per unit and formatted already: `price` is the bid, or the offer it accepts; an opening may do without,
    parting words have none. `before` is the last bid and `asked` the standing price of the seller addressed; give
    them only where every seller addressed knows them. With `round_`, texts of neighbouring rounds differ in more than
    the draw. Raises ValueError when a bid or an acceptance comes without a price.
    """
    parts = COURTEOUS[occasion]
    if price is None and occasion is BuyerOccasion.OPENING:
        parts = OPENING_WITHOUT_BID
    elif price is None and occasion not in {BuyerOccasion.LEAVING, BuyerOccasion.THANKING}:
        msg = f"a buyer's {occasion.name} needs a price"
        raise ValueError(msg)
    words = product_words(item, quantity) | price_words(quantity, price=price, before=before, asked=asked)
    return parts.compose(draw, words | {"names": _listed([f"@{name}" for name in names])}, round_)


def _listed(names: Sequence[str]) -> str:
    """Return `@A`, `@A and @B`, `@A, @B and @C`; `everyone` for nobody in particular."""
    if not names:
        return "everyone"
    front = ", ".join(names[:-1])
    return f"{front} and {names[-1]}" if front else names[-1]
