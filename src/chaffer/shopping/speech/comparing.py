"""What is said when products are compared: their prices, their ratings, and each attribute in which they differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chaffer.counting import listed
from chaffer.draws import Draws
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.questions import AdvisoryQuestion
from chaffer.shopping.speech import templates
from chaffer.shopping.speech.naming import attributes_of, price_of, rating_of, short_names, trait

MOST_COMPARED: Final = 5
_PAIR: Final = 2


def comparison(question: AdvisoryQuestion, draws: Draws) -> Iterator[str]:
    """Yield the lines of a comparison of the products that were asked about."""
    matches, turn = question.asked_about[:MOST_COMPARED], question.context.turn
    products = [match.product for match in matches]
    names = short_names(products)
    yield draws.part(templates.COMPARED, "compare", turn)
    yield from (f"- {product.name}: {price_of(product)}, {rating_of(product)}" for product in products)
    yield from _differences(products, names)
    shared = _shared(products)
    if shared:
        wordings = templates.ALIKE if len(products) == _PAIR else templates.ALL_ALIKE
        yield draws.part(wordings, "alike", turn).format(traits=listed(shared))
    best = max(matches, key=lambda match: match.value_score)
    yield draws.part(templates.VERDICT, "verdict", turn).format(name=names[matches.index(best)])


def _differences(products: list[Product], names: list[str]) -> Iterator[str]:
    known = [attributes_of(product) for product in products]
    for attribute in dict.fromkeys(name for texts in known for name in texts):
        texts = [each.get(attribute) for each in known]
        if len(set(texts)) > 1:
            told = [f"{text} for the {name}" for text, name in zip(texts, names, strict=True) if text is not None]
            yield f"- {attribute}: {', '.join(told)}"


def _shared(products: list[Product]) -> list[str]:
    """Return what all of them have alike."""
    first, *others = (attributes_of(product) for product in products)
    return [trait(name, text) for name, text in first.items() if all(other.get(name) == text for other in others)]
