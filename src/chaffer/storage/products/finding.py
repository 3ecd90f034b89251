"""Searches in SQL: which products fit, in which order, and how they divide. No private column is named here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from msgspec.json import Decoder, decode
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, and_, func, or_, select, true

from chaffer.shopping.catalogue.dividing import MOST_COUNTED, Dividing, facets_of
from chaffer.shopping.catalogue.products import Offer, Product, in_order
from chaffer.shopping.catalogue.searching import Constraints, Facets, Found, PageWish, Sort
from chaffer.shopping.catalogue.spelling import Sought, Strictness, understood
from chaffer.storage.products.fitting import fitting, place_by_attribute, price_of
from chaffer.storage.products.lexicon import SqlLexicon
from chaffer.storage.products.matching import matching
from chaffer.storage.products.places import Place, list_of, place_in
from chaffer.storage.tables import bodies, offers, products

WITH_BODY: Final = select(products.c.key, bodies.c.body).join(bodies, bodies.c.product == products.c.key)
"""The statement for products by their rows."""

_DIVIDING: Final = Decoder(Dividing)


@dataclass(frozen=True, slots=True)
class _Fitting:
    """The products that fit in one way."""

    source: FromClause
    conditions: Sequence[ColumnElement[bool]]
    value: ColumnElement[Any]
    is_indexed: bool
    """Whether an index alone tells which they are: neither words nor attributes are looked up."""

    def statement(self, *columns: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
        """Return the statement for their keys, their values in the order, and what else is told of each."""
        told = select(products.c.key, self.value.label("value"), *columns)
        return told.select_from(self.source).where(*self.conditions)


def search(connection: Connection, wanted: Constraints, page: PageWish, among: Sequence[str] | None) -> Found:
    """Return a page of the products that fit."""
    of = list_of(wanted, among)
    sought = understood(wanted.text, SqlLexicon(connection))
    ways = sought.ways(wanted, among)
    place = place_in(page.after, of, ways)
    if place is not None:
        ways = (place.strictness,)
    price = price_of(wanted) if page.counts else None
    for strictness in ways:
        fit = _fitting(connection, wanted, sought, strictness, among)
        rows = connection.execute(_told(fit, _rows(page), place, price)).all()
        if rows[0].total:
            break
    else:
        return Found((), 0)
    best = sorted((row for row in rows if row.key is not None), key=lambda row: (row.value, row.key))
    more = None
    if len(best) > page.limit:
        last = best[page.limit - 1]
        more = Place(of, strictness, float(last.value), last.key).cursor()
    corrected = None if strictness is Strictness.NONE else sought.corrected
    divided = _divided(best[:MOST_COUNTED]) if page.counts else Facets()
    return Found(products_of(connection, best[: page.limit]), rows[0].total, more, corrected, divided)


def _rows(page: PageWish) -> int:
    """Return how many of the best are looked at: one more than are shown tells whether the page is the last."""
    return max(page.limit + 1, MOST_COUNTED if page.counts else 0)


def _divided(best: Sequence[Row[*tuple[Any, ...]]]) -> Facets:
    """Return how products divide, by those of the best; each row bears the sums over all."""
    counted = [_DIVIDING.decode(row.body) for row in best]
    return Facets(facets_of(counted), len(counted), best[0].total, best[0].low, best[0].high)


def _fitting(
    connection: Connection, wanted: Constraints, sought: Sought, strictness: Strictness, among: Sequence[str] | None
) -> _Fitting:
    conditions = list(fitting(wanted, among))
    orders: dict[Sort, ColumnElement[Any]] = {
        Sort.RELEVANCE: products.c.by_standing,
        Sort.CHEAPEST: price_of(wanted),
        Sort.DEAREST: -price_of(wanted),
        Sort.BEST_RATED: products.c.by_standing,
        Sort.LEAST: place_by_attribute(wanted),
        Sort.MOST: place_by_attribute(wanted),
    }
    if strictness is Strictness.NONE:
        return _Fitting(products, conditions, orders[wanted.sort], is_indexed=not wanted.needs)
    is_narrow = wanted.category is not None or bool(wanted.brands) or among is not None
    match = matching(connection, sought.asked(strictness), sought.frequency, is_narrow=is_narrow)
    orders[Sort.RELEVANCE] = match.score
    return _Fitting(match.source, [match.condition, *conditions], orders[wanted.sort], is_indexed=False)


def _told(fit: _Fitting, limit: int, place: Place | None, price: ColumnElement[int] | None) -> Select[*tuple[Any, ...]]:
    """Return the statement for the best behind a place, and for the sums over all that fit: one row at least.

    Bodies are opened only when it is known which products are the best.
    """
    those = fit.statement(*([] if price is None else [price.label("price")])).cte("fitting")
    if fit.is_indexed:
        # Read twice, an index is quicker than what would be kept of it meanwhile.
        those = those.prefix_with("NOT MATERIALIZED")
    sums = [func.count().label("total")]
    if price is not None:
        sums += [func.min(those.c.price).label("low"), func.max(those.c.price).label("high")]
    told = select(*sums).select_from(those).subquery("told")
    best = select(those.c.key, those.c.value).order_by(those.c.value, those.c.key).limit(limit)
    if place is not None:
        behind = and_(those.c.value == place.value, those.c.key > place.key)
        best = best.where(or_(those.c.value > place.value, behind))
    shown = best.subquery("best")
    opened = told.outerjoin(shown, true()).outerjoin(bodies, bodies.c.product == shown.c.key)
    return select(told, shown.c.key, shown.c.value, bodies.c.body).select_from(opened)


def find(connection: Connection, product_id: str) -> Product | None:
    """Return a product, or None."""
    query = WITH_BODY.where(products.c.id == product_id)
    found = products_of(connection, connection.execute(query).all())
    return found[0] if found else None


def products_of(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[Product, ...]:
    """Return the products of rows, with what their sellers ask now."""
    offered = _offers(connection, [row.key for row in rows])
    return tuple(replace(decode(row.body, type=Product), offers=in_order(offered[row.key])) for row in rows)


def _offers(connection: Connection, keys: Iterable[int]) -> Mapping[int, Sequence[Offer]]:
    found: dict[int, list[Offer]] = {key: [] for key in keys}
    query = select(offers.c.product, offers.c.seller, offers.c.price_minor, offers.c.pieces)
    for product, *offer in connection.execute(query.where(offers.c.product.in_(list(found)))).all():
        found[product].append(Offer(*offer))
    return found
