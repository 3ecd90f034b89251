"""What is said to who asks which of several products it is: the one that comes first, by what, and who lacks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chaffer.counting import counted, listed
from chaffer.shopping.catalogue.fitting import LAST
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Sort, Vocabulary
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.reading.choosing import Order, asks_which, order_asked
from chaffer.shopping.reading.known import known_of
from chaffer.shopping.speech.naming import price_of, rating_of, traits

IN_STOCK: Final = re.compile(
    r"\b(?:in stock|available|availability|sold out|(?:any|are|many|pieces?|still) left(?![- ]hand))\b"
)
"""What asks for stock; `left` alone is a side as well."""
_PAIR: Final = 2
_PLACES: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


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
        return _in_order(products, order)
    return _in_stock(products) if IN_STOCK.search(folded_text(text)) else None


def _in_order(products: Sequence[Product], order: Order) -> Chosen:
    lacking = [product for product in products if order.of(product) == LAST]
    if len(lacking) == len(products):
        lacked = order.name or "rating"
        return Chosen(f"I cannot tell: what I know of them does not tell their {lacked}.")
    meant = order.chosen(products)
    if not meant:
        return Chosen(f"There is no {_PLACES[order.place]} one in that order among them.")
    return Chosen(" ".join(_told(meant, lacking, order)), meant[0].product_id if len(meant) == 1 else None)


def _told(meant: Sequence[Product], lacking: Sequence[Product], order: Order) -> Iterator[str]:
    told = listed([f"the {product.name}" for product in meant])
    are = "is" if len(meant) == 1 else "are"
    place = f"{_PLACES[order.place]} " if order.place else ""
    match order.sort:
        case Sort.CHEAPEST:
            yield f"The {place}cheapest of them {are} {told}: {price_of(meant[0])}."
        case Sort.DEAREST:
            yield f"The {place}most expensive of them {are} {told}: {price_of(meant[0])}."
        case Sort.BEST_RATED:
            yield f"The {place}best rated of them {are} {told}: {listed([rating_of(product) for product in meant])}."
        case _:
            come = (
                f"comes {_PLACES[order.place]}"
                if len(meant) == 1
                else f"come {_PLACES[order.place]}, and are alike in it"
            )
            yield f"Going by the {order.name}, {told} {come}: {''.join(traits(meant[0], [order.name]))}."
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
