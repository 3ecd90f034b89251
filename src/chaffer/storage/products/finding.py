"""Searches in SQL: which products fit, in which order, and how they divide. No private column is named here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from msgspec.json import Decoder
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
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    null,
    or_,
    select,
    table,
    union_all,
)

from chaffer.shopping.catalogue.dividing import MOST_COUNTED, Fact, facets_of
from chaffer.shopping.catalogue.field_names import truthful
from chaffer.shopping.catalogue.products import Offer, Product, in_order
from chaffer.shopping.catalogue.searching import Constraints, Facets, Found, PageWish, Sort
from chaffer.shopping.catalogue.spelling import Sought, Strictness, understood
from chaffer.storage.products.fitting import fitting as those_that_fit
from chaffer.storage.products.fitting import place_by_attribute, price_of
from chaffer.storage.products.lexicon import SqlLexicon
from chaffer.storage.products.matching import Match, matching
from chaffer.storage.products.places import Place, list_of, place_in
from chaffer.storage.tables import bodies, facets, offers, products

_PRODUCT: Final = Decoder(Product)
_OFFERS: Final = Decoder(list[tuple[str, int, int]])
_FACT: Final = Decoder(Fact)
_FACTS_APART: Final = "\n"
"""No line of JSON has one in it."""

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
    server = connection.dialect.name
    for strictness in _promising(connection, sought, ways):
        fit = _fitting(server, wanted, sought, strictness, among, counts=page.counts)
        told = _told(server, with_facets=page.counts, goes_on=place is not None).add_cte(fit)
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
    shown = tuple(map(product_of, best[: page.limit]))
    return Found(shown, sums.total, more, corrected, divided, sought.is_partial(strictness))


def _promising(connection: Connection, sought: Sought, ways: Sequence[Strictness]) -> Sequence[Strictness]:
    """Return the ways without the first ones in which words alone find nothing: seen of all at once, that is quick."""
    tried = [way for way in ways if way is not Strictness.NONE][:-1]
    if not tried:
        return ways
    finds = []
    for way in tried:
        match = _match(connection.dialect.name, sought, way)
        having = select(products.c.key).select_from(match.source).where(match.condition).cte(f"having_{way}")
        # Asked for one row alone, PostgreSQL may think that it meets one soon among all, where there is none.
        finds.append(select(having.prefix_with("MATERIALIZED", dialect="postgresql").c.key).exists())
    found = connection.execute(select(*finds)).one()
    return ways[[*map(bool, found), True].index(True) :]


def _match(server: str, sought: Sought, strictness: Strictness) -> Match:
    return matching(server, sought.asked(strictness), sought.frequency)


def _divided(sums: Row[*tuple[Any, ...]]) -> Facets:
    """Return how products divide, by the best."""
    said = Counter(sums.body.split(_FACTS_APART))
    counted = min(sums.total, MOST_COUNTED)
    facts = ((_FACT.decode(fact), products) for fact, products in said.items())
    return Facets(facets_of(facts, counted), counted, sums.total, sums.low, sums.high)


def _fitting(
    server: str,
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
        match = _match(server, sought, strictness)
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
def _told(server: str, *, with_facets: bool, goes_on: bool) -> CompoundSelect[*tuple[Any, ...]]:
    """Return the statement for the best, and in a row without a key for the sums over all that fit.

    Bodies are opened only when it is known which products are the best. What facets are counted by comes in one text,
    a line a fact: a thousand rows would take longer to hand over than to count. On PostgreSQL they are looked up for
    the products as one list: of a join, it may think it cheaper to read the facets of all.
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
        told = select(func.aggregate_strings(facets.c.body, _FACTS_APART))
        if server == "postgresql":
            keys = func.array(select(counted.c.key).scalar_subquery())
            told = told.where(facets.c.product == func.any(keys))
        else:
            told = told.join(counted, facets.c.product == counted.c.key)
        listed = told.scalar_subquery()
    nothing = (null().label(each.name) for each in sums)
    return union_all(
        select(shown.c.key, shown.c.value, bodies.c.body, _offered(server), *nothing).select_from(
            shown.join(bodies, bodies.c.product == shown.c.key)
        ),
        select(null(), null(), listed, null(), *sums).select_from(_FITTING),
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
    row = connection.execute(with_body(connection.dialect.name).where(products.c.id == product_id)).one_or_none()
    return None if row is None else product_of(row)


@cache
def with_body(server: str) -> Select[int, str, str]:
    """Return the statement for products by their rows."""
    return select(products.c.key, bodies.c.body, _offered(server)).join(bodies, bodies.c.product == products.c.key)


def _offered(server: str) -> ColumnElement[str]:
    """Return what is asked for the product of a body, as one list of JSON."""
    public = (offers.c.seller, offers.c.price_minor, offers.c.pieces)
    if server == "postgresql":
        listed: ColumnElement[str] = cast(func.json_agg(func.json_build_array(*public)), Text)
    else:
        listed = func.json_group_array(func.json_array(*public))
    return select(listed).where(offers.c.product == bodies.c.product).scalar_subquery().label("offered")


def product_of(row: Row[*tuple[Any, ...]]) -> Product:
    """Return the product of a row, with what its sellers ask now."""
    found = _PRODUCT.decode(row.body)
    asked = in_order(Offer(*offer) for offer in _OFFERS.decode(row.offered))
    return replace(found, attributes=truthful(found.attributes), offers=asked)
