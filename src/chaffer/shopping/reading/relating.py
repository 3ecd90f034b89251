"""What a comparison means for a search: a bound just beyond the product that it is made with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from chaffer.shopping.catalogue.fitting import attribute_of
from chaffer.shopping.catalogue.products import MOST_RATING, Product
from chaffer.shopping.catalogue.searching import Constraints, Need, Property, Sort
from chaffer.shopping.catalogue.units import NEXT_BETTER, converted, measure_of
from chaffer.shopping.reading.comparing import Compared
from chaffer.shopping.reading.known import Known, is_switch, switched_on
from chaffer.shopping.reading.language.comparisons import Aspect
from chaffer.shopping.reading.prices import Prices, joined

_UNITS: Final[dict[Aspect, tuple[str, ...]]] = {
    Aspect.SIZE: ("in", "l", "cm"),
    Aspect.WEIGHT: ("g",),
    Aspect.NOISE: ("dB",),
    Aspect.SPEED: ("Hz",),
    Aspect.POWER: ("Pa", "bar", "W"),
    Aspect.BATTERY: ("h", "mAh", "Wh"),
}
"""In which units an aspect is measured, the most telling first."""
_FOREIGN: Final = ("laptop", "max")
"""An attribute that begins so tells of something else: which laptops a backpack holds, how heavy its owner may be."""
_SWITCHES: Final = {(Aspect.NOISE, False): "quiet"}


@dataclass(frozen=True, slots=True)
class Shown:
    """The products to compare with: the one that is meant, or all that were shown where none is."""

    meant: Product | None
    products: tuple[Product, ...]

    def extreme(self, values: Sequence[float], own: float | None, *, is_more: bool) -> float | None:
        """Return the value to go beyond: that of the meant product, else the best one shown; None for none."""
        if own is not None:
            return own
        return (max if is_more else min)(values) if values else None

    def brand(self) -> tuple[str, ...]:
        """Return the brand of the meant product, else of the first one; none where nothing was shown."""
        return tuple(product.brand for product in (self.meant, *self.products)[:2] if product is not None)[:1]


def related(wanted: Constraints, compared: Compared, shown: Shown, known: Known, currency: str) -> Constraints | None:
    """Return the constraints with what a comparison wants; None where nothing is known that could be compared."""
    if compared.aspect is Aspect.PRICE:
        return _priced(wanted, shown, currency, is_more=compared.is_more)
    if compared.aspect is Aspect.RATING:
        return _rated(wanted, shown)
    for attribute in attributes_compared(compared, known, wanted.category):
        need = _beyond(attribute, shown, is_more=compared.is_more)
        if need is not None:
            return with_need(wanted, need)
    switch = _SWITCHES.get((compared.aspect, compared.is_more)) if compared.aspect is not None else None
    for attribute in known.within(wanted.category):
        if attribute.name == switch and is_switch(attribute):
            return with_need(wanted, Need(attribute.name, switched_on(attribute)))
    return None


def with_need(wanted: Constraints, need: Need) -> Constraints:
    """Return the constraints with a need, in the place of the one for the same attribute."""
    needs = {other.name: other for other in wanted.needs} | {need.name: need}
    return replace(wanted, needs=tuple(needs.values()))


def _priced(wanted: Constraints, shown: Shown, currency: str, *, is_more: bool) -> Constraints:
    prices = [product.price_minor for product in shown.products]
    own = None if shown.meant is None else shown.meant.price_minor
    value = shown.extreme(prices, own, is_more=is_more)
    if value is None:
        return replace(wanted, sort=Sort.DEAREST if is_more else Sort.CHEAPEST)
    bound = Prices(int(value) + 1, None) if is_more else Prices(None, max(int(value) - 1, 0))
    prices_now = joined(Prices(wanted.min_price_minor, wanted.max_price_minor), bound, currency)
    return replace(wanted, min_price_minor=prices_now.low_minor, max_price_minor=prices_now.high_minor)


def _rated(wanted: Constraints, shown: Shown) -> Constraints:
    ratings = [product.rating for product in shown.products if product.rating is not None]
    own = None if shown.meant is None else shown.meant.rating
    value = shown.extreme(ratings, own, is_more=True)
    if value is None or value >= MOST_RATING:
        return replace(wanted, sort=Sort.BEST_RATED)
    return replace(wanted, min_rating=round(value + NEXT_BETTER, 2))


def attributes_compared(compared: Compared, known: Known, category: str | None) -> Iterator[Property]:
    """Yield the attributes that may be compared, the likeliest first."""
    within = [each for each in known.within(category) if not each.texts]
    if compared.aspect is None:
        yield from (each for each in within if each.name in compared.names)
        return
    units = _UNITS.get(compared.aspect, ())
    fitting = [each for each in within if each.unit in units]
    yield from sorted(fitting, key=lambda each: (each.name.startswith(_FOREIGN), units.index(each.unit)))


def _beyond(attribute: Property, shown: Shown, *, is_more: bool) -> Need | None:
    own = None if shown.meant is None else _number(shown.meant, attribute)
    others = [number for product in shown.products if (number := _number(product, attribute)) is not None]
    value = shown.extreme(others, own, is_more=is_more)
    if value is None:
        return None
    bound = round(value + (NEXT_BETTER if is_more else -NEXT_BETTER), 6)
    return Need(
        attribute.name,
        at_least=bound if is_more else None,
        at_most=None if is_more else bound,
        unit=attribute.unit,
    )


def _number(product: Product, attribute: Property) -> float | None:
    text = attribute_of(product, attribute.name)
    measure = None if text is None else measure_of(text)
    there = None if measure is None else converted(measure, attribute.unit)
    return None if there is None else there.number
