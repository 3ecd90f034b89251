"""Whether products are what a shopper meant, and constraints what they said: by code of its own, not by the search."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.shopping_requests import RECOMMENDED, Relative, Wanted, WantedNeed, minor
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Need

_MEASURE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)")
_KINDS: Final = {"kg": ("g", 1000.0), "TB": ("GB", 1000.0), "min": ("h", 1 / 60), "ml": ("l", 0.001)}
_CLOSE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Ground:
    """What expected values may refer to: all products, and the one that was recommended before, if any."""

    products: Sequence[Product] = field(repr=False)
    recommended: Product | None = None

    def brands(self, names: Sequence[str]) -> frozenset[str]:
        """Return brands by their names, that of the recommended product among them."""
        own = "" if self.recommended is None else self.recommended.brand
        return frozenset(own if name == RECOMMENDED else name for name in names)

    def most_minor(self, wanted: Wanted) -> int | None:
        """Return the highest price that is wanted, a piece: one minor unit below the recommended where so it is."""
        if wanted.max_price == RECOMMENDED:
            return None if self.recommended is None else self.recommended.price_minor - 1
        return None if wanted.max_price is None else minor(float(wanted.max_price))


def number_of(product: Product, name: str, unit: str) -> float | None:
    """Return the number that an attribute of a product is, in the unit; None where it has none."""
    found = _MEASURE.fullmatch(product.attributes.get(name, ""))
    if found is None:
        return None
    kind, factor = _KINDS.get(found[2], (found[2], 1.0))
    return float(found[1]) * factor if kind == unit else None


def violations(product: Product, wanted: Wanted, ground: Ground) -> Iterator[str]:
    """Yield what of the wishes a product breaks. Someone must have enough pieces at a price that is wanted."""
    if wanted.category is not None and product.category != wanted.category:
        yield "category"
    if wanted.brands and product.brand not in ground.brands(wanted.brands):
        yield "brands"
    if product.brand in ground.brands(wanted.not_brands):
        yield "not_brands"
    if wanted.min_rating is not None and (product.rating or 0) < wanted.min_rating:
        yield "min_rating"
    prices = [offer.price_minor for offer in product.offers if offer.pieces >= max(wanted.quantity, 1)]
    if not prices:
        yield "stock"
    lowest, highest = 0 if wanted.min_price is None else minor(wanted.min_price), ground.most_minor(wanted)
    if prices and not any(lowest <= price and (highest is None or price <= highest) for price in prices):
        yield "price"
    yield from (f"need {need.name}" for need in wanted.needs if not _is_met(need, product, ground))


def _is_met(need: WantedNeed, product: Product, ground: Ground) -> bool:
    if need.texts:
        value = product.attributes.get(need.name, "").casefold()
        return (value in need.texts) is not need.excluded
    number = number_of(product, need.name, need.unit)
    if number is None:
        return need.excluded
    own = _own(need, ground)
    above = _is_above(number, need.at_least, own)
    below = _is_above(-number, _negated(need.at_most), None if own is None else -own)
    return (above and below) is not need.excluded


def _own(need: WantedNeed, ground: Ground) -> float | None:
    return None if ground.recommended is None else number_of(ground.recommended, need.name, need.unit)


def _negated(bound: float | Relative | None) -> float | Relative | None:
    return bound if bound is None or isinstance(bound, str) else -bound


def _is_above(number: float, bound: float | Relative | None, own: float | None) -> bool:
    if bound is None:
        return True
    if isinstance(bound, str):
        return own is not None and number > own
    return number >= bound - _CLOSE


def extracted(wanted: Wanted, found: Constraints, ground: Ground) -> dict[str, bool]:
    """Return for each constraint that was meant or made whether it was made exactly as it was meant.

    A constraint that nobody meant counts as wrong, as one that was missed. The text is no constraint: it ranks only.
    """
    lowest = None if wanted.min_price is None else minor(wanted.min_price)
    pairs: dict[str, tuple[object, object]] = {
        "category": (wanted.category, found.category),
        "brands": (ground.brands(wanted.brands), frozenset(found.brands)),
        "not_brands": (ground.brands(wanted.not_brands), frozenset(found.not_brands)),
        "min_price": (lowest, found.min_price_minor),
        "max_price": (ground.most_minor(wanted), found.max_price_minor),
        "min_rating": (wanted.min_rating, found.min_rating),
        "quantity": (wanted.quantity, found.quantity),
        "sort": (wanted.sort, found.sort),
    }
    usual = Constraints()
    none: dict[str, object] = {"brands": frozenset(), "not_brands": frozenset(), "quantity": 1, "sort": usual.sort}
    told = {name: meant == made for name, (meant, made) in pairs.items() if {meant, made} != {none.get(name)}}
    return told | _needs_extracted(wanted, found, ground)


def _needs_extracted(wanted: Wanted, found: Constraints, ground: Ground) -> dict[str, bool]:
    meant = {need.name: need for need in wanted.needs}
    made = {need.name: need for need in found.needs}
    names = dict.fromkeys([*meant, *made])
    is_twice = len(made) != len(found.needs)
    category = wanted.category
    return {
        f"need {name}": name in meant and name in made and not is_twice
        and _is_same(meant[name], made[name], category, ground)
        for name in names
    }  # fmt: skip


def _is_same(meant: WantedNeed, made: Need, category: str | None, ground: Ground) -> bool:
    if (set(meant.texts), meant.unit, meant.excluded) != (set(made.texts), made.unit, made.excluded):
        return False
    own = _own(meant, ground)
    others = [number_of(one, meant.name, meant.unit) for one in ground.products if one.category == category]
    values = sorted(value for value in others if value is not None)
    if not _is_bound(meant.at_least, made.at_least, own, values):
        return False
    most = None if made.at_most is None else -made.at_most
    return _is_bound(_negated(meant.at_most), most, None if own is None else -own, [-value for value in values])


def _is_bound(meant: float | Relative | None, made: float | None, own: float | None, values: Sequence[float]) -> bool:
    """Tell whether a lower bound is as it was meant: just beyond a value is at most the next one that products have."""
    if meant is None or made is None:
        return meant is made
    if not isinstance(meant, str):
        return abs(meant - made) <= _CLOSE
    if own is None:
        return False
    beyond = min((value for value in values if value > own), default=float("inf"))
    return own < made <= beyond + _CLOSE
