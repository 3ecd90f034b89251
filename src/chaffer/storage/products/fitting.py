"""The hard constraints of a search as conditions in SQL; `chaffer.shopping.catalogue.fitting` tells what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from chaffer.shopping.catalogue.fitting import LAST, NO
from chaffer.shopping.catalogue.searching import Constraints, Need, Sort
from chaffer.shopping.catalogue.units import CM_AN_INCH, Measure, converted, folded_text
from chaffer.storage.tables import attributes, offers, products

_KINDRED: Final = {"in": "cm", "cm": "in"}


def price_of(wanted: Constraints) -> ColumnElement[int]:
    """Return the price that counts: the lowest of the sellers who have as many pieces as are wanted."""
    if wanted.quantity <= 1:
        return products.c.price_minor
    enough = select(func.min(offers.c.price_minor)).where(
        offers.c.product == products.c.key, offers.c.pieces >= wanted.quantity
    )
    looked_up = func.coalesce(enough.scalar_subquery(), products.c.price_minor)
    return case((products.c.pieces_at_price >= wanted.quantity, products.c.price_minor), else_=looked_up)


def place_by_attribute(wanted: Constraints) -> ColumnElement[float]:
    """Return where a product stands by the least or the most of the attribute that is wanted."""
    number = case((attributes.c.unit == "in", attributes.c.number * CM_AN_INCH), else_=attributes.c.number)
    own = select(func.min(number if wanted.sort is Sort.LEAST else -number)).where(
        attributes.c.name == wanted.sort_by, attributes.c.product == products.c.key
    )
    return func.coalesce(own.scalar_subquery(), LAST)


def fitting(wanted: Constraints, among: Sequence[str] | None) -> Iterator[ColumnElement[bool]]:
    """Yield what must hold of a product; those that are quick to see come first."""
    if among is not None:
        yield products.c.id.in_(among)
    yield from _of(wanted)
    if wanted.in_stock:
        yield products.c.most_of_one >= max(wanted.quantity, 1)
    if wanted.min_rating is not None:
        yield func.coalesce(products.c.rating, 0) >= wanted.min_rating
    yield from _priced(wanted)
    # Of few products each is looked up; of all of them those with an attribute are listed first.
    are_few = wanted.category is not None or wanted.brands or wanted.text or among is not None
    for need in wanted.needs:
        met = _looked_up(need) if are_few else _listed(need)
        yield ~met if need.excluded else met


def _priced(wanted: Constraints) -> Iterator[ColumnElement[bool]]:
    if wanted.max_price_minor is not None:
        # Never above the price of many pieces, and seen without looking at the offers.
        yield products.c.price_minor <= wanted.max_price_minor
        if wanted.quantity > 1:
            yield price_of(wanted) <= wanted.max_price_minor
    if wanted.min_price_minor is not None:
        yield price_of(wanted) >= wanted.min_price_minor


def _of(wanted: Constraints) -> Iterator[ColumnElement[bool]]:
    if wanted.category is not None:
        yield products.c.category == folded_text(wanted.category)
    if wanted.brands:
        yield products.c.brand.in_(_folded(wanted.brands))
    if wanted.not_brands:
        yield products.c.brand.not_in(_folded(wanted.not_brands))
    if wanted.not_products:
        yield products.c.id.not_in(wanted.not_products)


def _folded(texts: Iterable[str]) -> list[str]:
    return sorted({folded_text(text) for text in texts})


def _having(need: Need) -> Select[int]:
    return select(attributes.c.product).where(attributes.c.name == need.name, _said(need))


def _looked_up(need: Need) -> ColumnElement[bool]:
    return _having(need).where(attributes.c.product == products.c.key).exists()


def _listed(need: Need) -> ColumnElement[bool]:
    return products.c.key.in_(_having(need))


def _said(need: Need) -> ColumnElement[bool]:
    if need.at_least is None and need.at_most is None:
        return attributes.c.text.in_(need.texts) if need.texts else attributes.c.text != NO
    if not need.unit:
        return _bounded(need.at_least, need.at_most)
    spans = [_within({need.unit, ""}, need.at_least, need.at_most)]
    if need.unit in _KINDRED:
        other = _KINDRED[need.unit]
        spans.append(_within({other}, _in(need.at_least, need.unit, other), _in(need.at_most, need.unit, other)))
    return or_(*spans)


def _within(units: set[str], least: float | None, most: float | None) -> ColumnElement[bool]:
    return and_(attributes.c.unit.in_(sorted(units)), _bounded(least, most))


def _bounded(least: float | None, most: float | None) -> ColumnElement[bool]:
    bounds: list[ColumnElement[bool]] = [attributes.c.number.is_not(None)]
    if least is not None:
        bounds.append(attributes.c.number >= least)
    if most is not None:
        bounds.append(attributes.c.number <= most)
    return and_(*bounds)


def _in(number: float | None, unit: str, other: str) -> float | None:
    """Return a bound in the other unit of its kind."""
    there = None if number is None else converted(Measure(number, unit), other)
    return None if there is None else there.number
