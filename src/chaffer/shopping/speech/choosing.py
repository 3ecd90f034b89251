"""What is said to who asks which of several products it is: the one that comes first, by what, and who lacks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chaffer.counting import counted, listed
from chaffer.shopping.catalogue.fitting import LAST, place_by_attribute
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Sort, Vocabulary
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.reading.choosing import asks_which, order_asked
from chaffer.shopping.reading.known import known_of
from chaffer.shopping.speech.naming import price_of, rating_of, traits

IN_STOCK: Final = re.compile(r"\b(?:in stock|available|availability|left|sold out)\b")
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Chosen:
    """The answer, and the one product that comes first in what was asked; None where several do, or none."""

    text: str
    product_id: str | None = None


def chosen_among(products: Sequence[Product], text: str, vocabulary: Vocabulary) -> Chosen | None:
    """Return which of the products is asked for; None where a text does not ask for one, or by nothing known here."""
    if len(products) < _PAIR or not asks_which(text):
        return None
    categories = {product.category for product in products}
    category = products[0].category if len(categories) == 1 else None
    order = order_asked(text, known_of(vocabulary), category)
    if order is not None:
        return _first(products, *order)
    return _in_stock(products) if IN_STOCK.search(folded_text(text)) else None


def _first(products: Sequence[Product], sort: Sort, name: str) -> Chosen:
    places = [_place(product, sort, name) for product in products]
    best = min(places)
    if best == LAST:
        lacked = name or "rating"
        return Chosen(f"I cannot tell: what I know of them does not tell their {lacked}.")
    first = tuple(product for product, place in zip(products, places, strict=True) if place == best)
    lacking = [product for product, place in zip(products, places, strict=True) if place == LAST]
    return Chosen(" ".join(_told(first, lacking, sort, name)), first[0].product_id if len(first) == 1 else None)


def _place(product: Product, sort: Sort, name: str) -> float:
    """Return where a product stands in an order, the first at the least number; `LAST` without what is ordered by."""
    match sort:
        case Sort.CHEAPEST:
            return product.price_minor
        case Sort.DEAREST:
            return -product.price_minor
        case Sort.BEST_RATED:
            return LAST if product.rating is None else -product.rating
        case _:
            return place_by_attribute(product, Constraints(sort=sort, sort_by=name))


def _told(first: Sequence[Product], lacking: Sequence[Product], sort: Sort, name: str) -> Iterator[str]:
    told = listed([f"the {product.name}" for product in first])
    are = "is" if len(first) == 1 else "are"
    match sort:
        case Sort.CHEAPEST:
            yield f"The cheapest of them {are} {told}: {price_of(first[0])}."
        case Sort.DEAREST:
            yield f"The most expensive of them {are} {told}: {price_of(first[0])}."
        case Sort.BEST_RATED:
            yield f"The best rated of them {are} {told}: {listed([rating_of(product) for product in first])}."
        case _:
            come = "comes first" if len(first) == 1 else "come first, and are alike in it"
            yield f"Going by the {name}, {told} {come}: {''.join(traits(first[0], [name]))}."
    if lacking:
        yield f"What I know of {listed([f'the {product.name}' for product in lacking])} does not tell it."


def _in_stock(products: Sequence[Product]) -> Chosen:
    having = tuple(product for product in products if product.pieces)
    lacking = [product for product in products if not product.pieces]
    if not having:
        return Chosen("None of them is in stock at the moment.")
    told = listed([f"the {product.name} ({counted(product.pieces, 'piece', 'pieces')})" for product in having])
    said = [f"{'All of them are' if not lacking else 'These are'} in stock: {told}."]
    if lacking:
        said.append(f"Sold out: {listed([f'the {product.name}' for product in lacking])}.")
    return Chosen(" ".join(said), having[0].product_id if len(having) == 1 else None)
