"""How a value score came about, in one dry line."""

from __future__ import annotations

from chaffer.shopping.questions import AdvisoryQuestion
from chaffer.shopping.value import FIT_WEIGHT, PRICE_WEIGHT, RATING_WEIGHT


def reasoning(question: AdvisoryQuestion, product_id: str | None) -> str:
    """Return how the score of a recommended product came about; why there is none where none is recommended."""
    known = (*question.matches, *question.asked_about)
    match = next((match for match in known if match.product.product_id == product_id), None)
    if match is None:
        return "No product is recommended."
    worth = match.worth
    parts = (
        (PRICE_WEIGHT, "price", worth.price),
        (RATING_WEIGHT, "rating", worth.rating),
        (FIT_WEIGHT, "fit", worth.fit),
    )
    told = " + ".join(f"{weight:.2f} × {part:.2f} ({name})" for weight, name, part in parts)
    return f"Value score {match.value_score:.2f} = {told}."
