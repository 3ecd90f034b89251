"""Searches in SQL: which products fit, in which order, and how they divide. No private column is named here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from msgspec.json import Decoder, decode
from msgspec.structs import replace
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Double,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    column,
    func,
    null,
    or_,
    select,
    table,
    union_all,
)

from chaffer.shopping.catalogue.dividing import MOST_COUNTED, Dividing, facets_of
from chaffer.shopping.catalogue.field_names import truthful
from chaffer.shopping.catalogue.products import Offer, Product, in_order
from chaffer.shopping.catalogue.searching import Constraints, Facets, Found, PageWish, Sort
from chaffer.shopping.catalogue.spelling import Sought, Strictness, understood
from chaffer.storage.products.fitting import fitting as those_that_fit
from chaffer.storage.products.fitting import place_by_attribute, price_of
from chaffer.storage.products.lexicon import SqlLexicon
from chaffer.storage.products.matching import matching
from chaffer.storage.products.places import Place, list_of, place_in
from chaffer.storage.tables import bodies, facets, offers, products

WITH_BODY: Final = select(products.c.key, bodies.c.body).join(bodies, bodies.c.product == products.c.key)
"""The statement for products by their rows."""

_DIVIDING: Final = Decoder(list[Dividing])

# What `_fitting` tells: the products that fit, their values in the order, and their prices where facets are counted.
_FITTING: Final = table("fitting", column("key"), column("value"), column("price"))


def search(connection: Connection, wanted: Constraints, page: PageWish, among: Sequence[str] | None) -> Found:
    """Return a page of the products that fit."""
    of = list_of(wanted, among)
    sought = understood(wanted.text, SqlLexicon(connection))
    ways = sought.ways(wanted, among)
    place = place_in(page.after, of, ways)
    if place is not None:
        ways = (place.strictness,)
    is_postgresql = connection.dialect.name == "postgresql"
    for strictness in ways:
        fit = _fitting(connection, wanted, sought, strictness, among, counts=page.counts)
        told = _told(with_facets=page.counts, goes_on=place is not None, by_list=is_postgresql).add_cte(fit)
        rows = connection.execute(told, _asked(page, place)).all()
        sums = next(row for row in rows if row.key is None)
        if sums.total:
            break
    else:
        return Found((), 0)
    best = sorted((row for row in rows if row is not sums), key=lambda row: (row.value, row.key))
    more = None
    if len(best) > page.limit:
        last = best[page.limit - 1]
        more = Place(of, strictness, float(last.value), last.key).cursor()
    corrected = None if strictness is Strictness.NONE else sought.corrected
    divided = _divided(sums) if page.counts else Facets()
    shown = products_of(connection, best[: page.limit])
    return Found(shown, sums.total, more, corrected, divided, sought.is_partial(strictness))


def _divided(sums: Row[*tuple[Any, ...]]) -> Facets:
    """Return how products divide, by the best."""
    counted = _DIVIDING.decode(f"[{sums.body}]")
    return Facets(facets_of(counted), len(counted), sums.total, sums.low, sums.high)


def _fitting(
    connection: Connection,
    wanted: Constraints,
    sought: Sought,
    strictness: Strictness,
    among: Sequence[str] | None,
    *,
    counts: bool,
) -> CTE:
    """Return the products that fit in one way, as `_FITTING` names them."""
    conditions = list(those_that_fit(wanted, among))
    source: FromClause = products
    relevance: ColumnElement[Any] = products.c.by_standing
    if strictness is not Strictness.NONE:
        match = matching(connection, sought.asked(strictness), sought.frequency)
        source, relevance = match.source, match.score
        conditions.insert(0, match.condition)
    columns = [products.c.key, _value(wanted, relevance).label("value")]
    if counts:
        columns.append(price_of(wanted).label("price"))
    found = select(*columns).select_from(source).where(*conditions).cte("fitting")
    # Where neither words nor attributes nor offers are looked up, an index alone tells them: read twice, it is quicker
    # than what would be kept of it meanwhile.
    is_indexed = strictness is Strictness.NONE and not wanted.needs and wanted.quantity <= 1
    return found.prefix_with("NOT MATERIALIZED") if is_indexed else found


def _value(wanted: Constraints, relevance: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return by what products are ordered, lowest first."""
    match wanted.sort:
        case Sort.RELEVANCE:
            return relevance
        case Sort.CHEAPEST:
            return price_of(wanted)
        case Sort.DEAREST:
            return -price_of(wanted)
        case Sort.BEST_RATED:
            return products.c.by_standing
        case Sort.LEAST | Sort.MOST:
            return place_by_attribute(wanted)


@cache
def _told(*, with_facets: bool, goes_on: bool, by_list: bool) -> CompoundSelect[*tuple[Any, ...]]:
    """Return the statement for the best, and in a row without a key for the sums over all that fit.

    Bodies are opened only when it is known which products are the best. What facets are counted by comes in one text,
    as a list of JSON without its brackets: a thousand rows would take longer to hand over than to count. `by_list` has
    it looked up for the products as one list: of a join, PostgreSQL may think it cheaper to read the facets of all.
    """
    best = _first(_FITTING, "best")
    if goes_on:
        value, key = bindparam("value", type_=Double), bindparam("key", type_=BigInteger)
        best = best.where(or_(_FITTING.c.value > value, and_(_FITTING.c.value == value, _FITTING.c.key > key)))
    kept = best.cte("best")
    shown = _first(kept, "shown").subquery("shown")
    sums: list[ColumnElement[Any]] = [func.count().label("total")]
    listed: ColumnElement[Any] = null()
    if with_facets:
        sums += [func.min(_FITTING.c.price).label("low"), func.max(_FITTING.c.price).label("high")]
        counted = _first(kept, "counted").subquery("counted")
        told = select(func.aggregate_strings(facets.c.body, ","))
        if by_list:
            keys = func.array(select(counted.c.key).scalar_subquery())
            told = told.where(facets.c.product == func.any(keys))
        else:
            told = told.join(counted, facets.c.product == counted.c.key)
        listed = told.scalar_subquery()
    return union_all(
        select(shown.c.key, shown.c.value, bodies.c.body, *(null().label(each.name) for each in sums)).select_from(
            shown.join(bodies, bodies.c.product == shown.c.key)
        ),
        select(null(), null(), listed, *sums).select_from(_FITTING),
    )


def _first(of: FromClause, count: str) -> Select[*tuple[Any, ...]]:
    """Return the statement for the first products in the order of their values, as many as a parameter tells."""
    most = bindparam(count, type_=BigInteger)
    return select(of.c.key, of.c.value).order_by(of.c.value, of.c.key).limit(most)


def _asked(page: PageWish, place: Place | None) -> Mapping[str, float]:
    """Return the parameters of `_told`. One more than are shown tells whether the page is the last."""
    shown = page.limit + 1
    best = max(shown, MOST_COUNTED) if page.counts else shown
    behind = {} if place is None else {"value": place.value, "key": place.key}
    return {"shown": shown, "best": best, "counted": MOST_COUNTED, **behind}


def find(connection: Connection, product_id: str) -> Product | None:
    """Return a product, or None."""
    query = WITH_BODY.where(products.c.id == product_id)
    found = products_of(connection, connection.execute(query).all())
    return found[0] if found else None


def products_of(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[Product, ...]:
    """Return the products of rows, with what their sellers ask now."""
    offered = _offers(connection, [row.key for row in rows])
    found = ((decode(row.body, type=Product), in_order(offered[row.key])) for row in rows)
    return tuple(replace(each, attributes=truthful(each.attributes), offers=asked) for each, asked in found)


def _offers(connection: Connection, keys: Iterable[int]) -> Mapping[int, Sequence[Offer]]:
    found: dict[int, list[Offer]] = {key: [] for key in keys}
    query = select(offers.c.product, offers.c.seller, offers.c.price_minor, offers.c.pieces)
    for product, *offer in connection.execute(query.where(offers.c.product.in_(list(found)))).all():
        found[product].append(Offer(*offer))
    return found
