"""Where nothing fits: which single constraint is to blame, so that a shopper knows what to give up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isclose
from typing import Final

from msgspec.structs import replace

from chaffer.money import formatted
from chaffer.shopping.catalogue.searching import Constraints, Need
from chaffer.shopping.catalogue.units import NEXT_BETTER


def relaxed(wanted: Constraints, currency: str) -> Iterator[tuple[str, Constraints]]:
    """Yield each constraint that can be given up, in words, with the constraints that are left then."""
    for field, words in _FIELDS.items():
        if getattr(wanted, field) != getattr(_NOTHING, field):
            yield words(wanted, currency), replace(wanted, **{field: getattr(_NOTHING, field)})
    for need in wanted.needs:
        yield in_words(need), replace(wanted, needs=tuple(other for other in wanted.needs if other is not need))
    if wanted.in_stock:
        yield "that it is in stock", replace(wanted, in_stock=False)


def _limit(wanted: Constraints, currency: str) -> str:
    return f"the limit of {formatted(wanted.max_price_minor or 0, currency)}"


def _least(wanted: Constraints, currency: str) -> str:
    return f"the least price of {formatted(wanted.min_price_minor or 0, currency)}"


_NOTHING: Final = Constraints()
_THOUSAND: Final = 1_000
_LARGER: Final = {"g": "kg", "GB": "TB"}
_FIELDS: Final[dict[str, Callable[[Constraints, str], str]]] = {
    "max_price_minor": _limit,
    "min_price_minor": _least,
    "brands": lambda wanted, _: f"the brand {' or '.join(wanted.brands)}",
    "not_brands": lambda wanted, _: f"leaving out {' and '.join(wanted.not_brands)}",
    "not_products": lambda _, __: "leaving out what you did not like",
    "min_rating": lambda wanted, _: f"a rating of {_at_least(wanted.min_rating or 0, 'better')}",
    "quantity": lambda wanted, _: f"{wanted.quantity} pieces from one seller",
    "text": lambda wanted, _: f"the words “{wanted.text}”",
    "category": lambda wanted, _: f"the category {wanted.category}",
}


def in_words(need: Need) -> str:
    """Return a need as people say it: `screen size of 15 to 15.9 in`, `weight of less than 2 kg`, `no backlit`."""
    without = "no " if need.excluded else ""
    if need.at_least is not None or need.at_most is not None:
        return f"{without}{need.name} of {_bounds_in_words(need)}"
    texts = tuple(text for text in need.texts if text != "yes")
    return f"{without}{need.name}" + (f" {' or '.join(texts)}" if texts else "")


def _bounds_in_words(need: Need) -> str:
    bounds = [bound for bound in (need.at_least, need.at_most) if bound is not None]
    unit, size = _unit_of(need.unit, bounds)
    if need.at_most is None:
        return _at_least(bounds[0], "more", unit, size)
    if need.at_least is None:
        beyond = _rounder(bounds[0] + NEXT_BETTER)
        return f"{bounds[0] / size:.6g}{unit} or less" if beyond is None else f"less than {beyond / size:.6g}{unit}"
    return " to ".join(dict.fromkeys(f"{bound / size:.6g}" for bound in bounds)) + unit


def _at_least(bound: float, more: str, unit: str = "", size: float = 1) -> str:
    before = _rounder(bound - NEXT_BETTER)
    return f"{bound / size:.6g}{unit} or {more}" if before is None else f"more than {before / size:.6g}{unit}"


def _rounder(bound: float) -> float | None:
    """Return a bound that has one decimal at most; None for others."""
    rounder = round(bound, 1)
    return rounder if isclose(rounder, bound, abs_tol=NEXT_BETTER / 10) else None


def _unit_of(unit: str, bounds: list[float]) -> tuple[str, float]:
    """Return the unit in which people say such numbers, with a space before it, and how many of the other one it is."""
    if unit in _LARGER and min(bounds, default=0) >= _THOUSAND:
        return f" {_LARGER[unit]}", _THOUSAND
    return f" {unit}" if unit else "", 1
