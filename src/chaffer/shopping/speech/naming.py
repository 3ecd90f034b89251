"""What products, prices and attributes are called in the assistant's sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from chaffer.counting import counted
from chaffer.money import formatted
from chaffer.shopping.catalogue.fitting import NO
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.units import Measure, folded_text, measure_of

YES: Final = "yes"
_SIZE: Final = " size"
_UNCOUNTED: Final = frozenset({"GB", "h"})
"""Units of what there is some of: `16 GB of memory`, but `a weight of 2.5 kg`."""
_SAID_OTHERWISE: Final = {"type": "{}", "use": "made for {}"}
_OF_ADJECTIVES: Final = ("ed", "lit", "ic", "proof", "quiet", "silent", "able", "emptying", "cleaning", "resistant")
_SHORTEST_NAME: Final = 2


def price_of(product: Product) -> str:
    """Return a product's price, a piece."""
    return formatted(product.price_minor, product.currency)


def rating_of(product: Product) -> str:
    """Return a product's rating, ready to stand behind a comma."""
    if product.rating is None:
        return "not rated yet"
    people = counted(product.reviews, "person", "people")
    return f"rated {product.rating:g} of 5" + (f" by {people}" if product.reviews else "")


def is_adjective(name: str) -> bool:
    """Tell whether a product is what an attribute is called, as `curved`, and does not have it, as a `headrest`."""
    return name.endswith(_OF_ADJECTIVES)


def trait(name: str, text: str) -> str:
    """Return an attribute as one of a list: `16 GB of memory`, `15.6-inch screen`, `no headrest`, `IPS panel`."""
    said = folded_text(text)
    if said == YES:
        return name
    if said == NO:
        return f"not {name}" if is_adjective(name) else f"no {name}"
    measure = measure_of(text)
    if measure is None or not measure.unit:
        return _SAID_OTHERWISE.get(name, f"{{}} {name}").format(text)
    if measure.unit == "in":
        return f"{size_of(measure)} {name.removesuffix(_SIZE)}"
    return f"{text} of {name}" if measure.unit in _UNCOUNTED else f"{name} of {text}"


def size_of(measure: Measure) -> str:
    """Return a size as an adjective: `15.6-inch`."""
    return f"{measure.number:g}-inch"


def traits(product: Product, names: Iterable[str]) -> list[str]:
    """Return some attributes of a product, in the order of the names; those that it does not have are left out."""
    texts = attributes_of(product)
    return [trait(name, texts[name]) for name in names if name in texts]


def attributes_of(product: Product) -> dict[str, str]:
    """Return a product's attributes by their folded names."""
    return {folded_text(name): text for name, text in product.attributes.items()}


def short_names(products: Sequence[Product]) -> list[str]:
    """Return the beginning of each name that tells it from the others, two words at least; the name where none does."""
    return [_short(product, [other for other in products if other is not product]) for product in products]


def _short(product: Product, others: Sequence[Product]) -> str:
    words = product.name.split()
    for length in range(_SHORTEST_NAME, len(words)):
        start = " ".join(words[:length])
        last = words[length - 1]
        is_torn = (last.isdigit() and length > _SHORTEST_NAME) or not last[-1].isalnum()
        if not is_torn and not any(other.name.startswith(start) for other in others):
            return start
    return product.name
