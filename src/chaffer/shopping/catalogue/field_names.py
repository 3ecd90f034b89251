"""Names of what the market itself tells of every product: no attribute that a seller writes may be called so.

`rating: 5.0 stars` or `price: 1` among the attributes would be told as fact beside the truth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from chaffer.shopping.catalogue.units import folded_text

_WORD: Final = re.compile(r"[^\W_]+")
_QUALIFIED: Final = {
    "price": """
        list least sale selling retail regular original normal usual former old new our your special final total unit
        cost net gross current market street shop store offer best lowest minimum min maximum max discount discounted
        recommended suggested product item
        """,
    "rating": "average mean star user customer buyer shopper overall product item review seller",
    "star": "average review rating customer",
    "review": "user customer buyer shopper product item average total positive",
    "stock": "in current left available our warehouse seller shop store total",
    "seller": "best our top main official",
    "brand": "product item our",
}
"""Names in the singular, and the words that may stand before each of them."""
_OTHERS: Final = """
    cost, currency, availability, available, inventory, stock level, stock quantity, number of review, number of rating,
    review count, rating count, customer review count, rating score, rating value, review score, sold by, seller name,
    brand name, price per unit, price per piece, price range
    """
_NAMES: Final = frozenset(_QUALIFIED).union(
    (f"{word} {name}" for name, words in _QUALIFIED.items() for word in words.split()),
    (name.strip() for name in _OTHERS.split(",")),
)
_CURRENCIES: Final = frozenset({"usd", "eur", "gbp", "chf", "dollar", "euro"})


@lru_cache(maxsize=4_096)
def names_field(name: str) -> bool:
    """Tell whether an attribute is named like a field of a product, in any letters' case, spelling and number.

    `Price`, `list_price`, `Ratings`, `customer reviews`; a currency behind it does not matter: `price (USD)`.
    """
    words = [word.removesuffix("s") for word in _WORD.findall(folded_text(name))]
    while len(words) > 1 and words[-1] in _CURRENCIES:
        words.pop()
    return " ".join(words) in _NAMES


def truthful(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return attributes without those that are named like a field: a catalogue may have them from before."""
    return {name: text for name, text in attributes.items() if not names_field(name)}
