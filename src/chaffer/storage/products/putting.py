"""Putting products into the catalogue: their rows, their words and what is counted of them, many at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from msgspec.json import decode, encode
from msgspec.structs import asdict, replace
from sqlalchemy import Connection, delete, select, text

from chaffer.shopping.catalogue.dividing import facts_of
from chaffer.shopping.catalogue.products import Offer, Product, Seller, Stocked, standing
from chaffer.shopping.catalogue.spelling import NO_WORD
from chaffer.shopping.catalogue.units import folded_text, measure_of
from chaffer.shopping.catalogue.words import Worded, worded
from chaffer.storage.products.bulk import add
from chaffer.storage.products.lexicon import Called, called, recount
from chaffer.storage.products.matching import vector_of
from chaffer.storage.tables import (
    attributes,
    bodies,
    counters,
    create_product_words,
    drop_product_words,
    facets,
    metadata,
    offers,
    product_vectors,
    products,
    sellers,
    trigrams,
    values,
    words,
)

REVISION: Final = "catalogue"
_KEYS: Final = "products"
_AT_ONCE: Final = 1_000

_COUNT: Final = text(
    "INSERT INTO counters (name, value) VALUES (:name, :more) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value"
)
_KEEP: Final = (
    "(id) DO UPDATE SET category = excluded.category, brand = excluded.brand, price_minor = excluded.price_minor, "
    "pieces_at_price = excluded.pieces_at_price, most_of_one = excluded.most_of_one, rating = excluded.rating, "
    "by_standing = excluded.by_standing"
)
_KEEP_ALL: Final = f"{_KEEP}, words = excluded.words"
_KEEP_BODY: Final = "(product) DO UPDATE SET body = excluded.body"
_KEEP_SELLER: Final = "(name) DO UPDATE SET priority = excluded.priority, speaking_style = excluded.speaking_style"
_DROP_WORDS: Final = text("DELETE FROM product_words WHERE rowid = :product")


def put(connection: Connection, new: Iterable[Stocked], haggling: Sequence[Seller]) -> int:
    """Put products and sellers, and return how many of the products are new."""
    # First, because its row is locked until the transaction ends: whoever else puts something waits here.
    connection.execute(_COUNT, {"name": REVISION, "more": 1})
    add(connection, "product_sellers", [asdict(seller) for seller in haggling], on_conflict=_KEEP_SELLER)
    return sum(_put_some(connection, some) for some in _by_thousands(new))


def _by_thousands(new: Iterable[Stocked]) -> Iterator[list[Stocked]]:
    left = iter(new)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def _put_some(connection: Connection, some: Sequence[Stocked]) -> int:
    latest = {stocked.product.product_id: stocked for stocked in some}
    ids = sorted(latest)
    # Locked in one order, before their offers, as whoever buys does.
    query = select(products.c.id, products.c.key).where(products.c.id.in_(ids)).order_by(products.c.id)
    keys = {row[0]: row[1] for row in connection.execute(query.with_for_update())}
    old = select(bodies).where(bodies.c.product.in_(sorted(keys.values())))
    known = {row.product: decode(row.body, type=Product) for row in connection.execute(old)}
    new = [stocked.product.product_id for stocked in some if stocked.product.product_id not in keys]
    new = list(dict.fromkeys(new))
    keys.update(zip(new, _next_keys(connection, len(new)), strict=True))
    kinds: Counter[Called] = Counter()
    told: Counter[str] = Counter()
    _take_out(connection, known, kinds, told)
    _put_in(connection, {keys[product_id]: latest[product_id] for product_id in ids}, kinds, told)
    recount(connection, kinds, told)
    return len(new)


def _next_keys(connection: Connection, count: int) -> range:
    last: int = connection.execute(_COUNT, {"name": _KEYS, "more": count}).scalar_one()
    return range(last - count + 1, last + 1)


def _take_out(connection: Connection, old: Mapping[int, Product], kinds: Counter[Called], told: Counter[str]) -> None:
    """Take out what hangs on products that are replaced, and from the counts what they added."""
    if not old:
        return
    connection.execute(delete(offers).where(offers.c.product.in_(sorted(old))))
    names = {folded_text(name) for each in old.values() for name in each.attributes}
    of_them = attributes.c.name.in_(sorted(names)) & attributes.c.product.in_(sorted(old))
    connection.execute(delete(attributes).where(of_them))
    if connection.dialect.name == "sqlite":
        connection.execute(_DROP_WORDS, [{"product": key} for key in sorted(old)])
    for product in old.values():
        kinds.subtract(called(product))
        told.subtract(_distinct(worded(product)))


def _put_in(connection: Connection, new: Mapping[int, Stocked], kinds: Counter[Called], told: Counter[str]) -> None:
    _put_rows(connection, [(_row(key, each.product), worded(each.product)) for key, each in new.items()], told)
    add(connection, "product_bodies", [_body(key, each.product) for key, each in new.items()], on_conflict=_KEEP_BODY)
    add(connection, "product_facets", [_facets(key, each.product) for key, each in new.items()], on_conflict=_KEEP_BODY)
    add(connection, "product_offers", [row for key, each in new.items() for row in _offers(key, each)])
    add(connection, "product_attributes", [row for key, each in new.items() for row in _attributes(key, each.product)])
    for each in new.values():
        kinds.update(called(each.product))


def _put_rows(connection: Connection, rows: Sequence[tuple[dict[str, Any], Worded]], told: Counter[str]) -> None:
    """Put the rows of products with the words by which they are found, and count these."""
    for _, found in rows:
        told.update(_distinct(found))
    if connection.dialect.name == "postgresql":
        add(connection, "products", [{**row, "words": vector_of(found)} for row, found in rows], on_conflict=_KEEP_ALL)
        return
    add(connection, "products", [row for row, _ in rows], on_conflict=_KEEP)
    add(connection, "product_words", [{"rowid": row["key"], **_by_field(found)} for row, found in rows])


def _distinct(found: Worded) -> set[str]:
    return {NO_WORD, *(word for field in found.fields() for word in field)}


def _by_field(found: Worded) -> dict[str, str]:
    return {name: " ".join(field) for name, field in asdict(found).items()}


def _row(key: int, product: Product) -> dict[str, Any]:
    return {
        "key": key,
        "id": product.product_id,
        "category": folded_text(product.category),
        "brand": folded_text(product.brand),
        **for_sale(product.offers),
        "rating": product.rating,
        "by_standing": -standing(product),
    }


def _body(key: int, product: Product) -> dict[str, Any]:
    return {"product": key, "body": encode(replace(product, offers=())).decode()}


def _facets(key: int, product: Product) -> dict[str, Any]:
    return {"product": key, "body": "\n".join(encode(fact).decode() for fact in facts_of(product))}


def for_sale(offered: Sequence[Offer]) -> dict[str, int]:
    """Return what is kept of offers beside a product: the price that counts, and the pieces."""
    in_stock = [offer for offer in offered if offer.pieces]
    price = min(offer.price_minor for offer in in_stock or offered)
    return {
        "price_minor": price,
        "pieces_at_price": max(offer.pieces for offer in offered if offer.price_minor == price),
        "most_of_one": max(offer.pieces for offer in offered),
    }


def _offers(key: int, stocked: Stocked) -> Iterator[dict[str, Any]]:
    for offer in stocked.product.offers:
        yield {"product": key, **asdict(offer), **asdict(stocked.limits[offer.seller])}


def _attributes(key: int, product: Product) -> Iterator[dict[str, Any]]:
    """Yield the attributes of a product; of two names that differ in their spelling alone, the first."""
    names: dict[str, str] = {}
    for name, said in product.attributes.items():
        names.setdefault(folded_text(name), said)
    for name, said in names.items():
        measure = measure_of(said)
        number, unit = (None, None) if measure is None else (measure.number, measure.unit)
        yield {"name": name, "product": key, "text": folded_text(said), "number": number, "unit": unit}


def remove_all(connection: Connection) -> None:
    """Remove all products and sellers, and what products mean."""
    connection.execute(_COUNT, {"name": REVISION, "more": 1})
    for table in (products, bodies, facets, offers, attributes, sellers, values, words, trigrams, product_vectors):
        connection.execute(delete(table))
    if connection.dialect.name == "sqlite":
        # Made anew, as each row that is deleted from an index of words costs as much as one that is put there.
        drop_product_words(metadata, connection)
        create_product_words(metadata, connection)


def read_revision(connection: Connection) -> int:
    """Return how often the catalogue was changed; 0 when nothing was ever put."""
    return connection.scalar(select(counters.c.value).where(counters.c.name == REVISION)) or 0
