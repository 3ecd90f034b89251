"""The catalogue in SQL: what is asked of it, each in one read or one write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.json import decode
from sqlalchemy import Connection, func, select

from chaffer.shopping.catalogue.products import Limits, Offer, Product, Seller, Stocked, in_order
from chaffer.shopping.catalogue.searching import FIRST_PAGE, Constraints, Found, PageWish, Stats, Value, Vocabulary
from chaffer.storage.products.finding import find, product_of, search, with_body
from chaffer.storage.products.lexicon import read_properties, read_values
from chaffer.storage.products.putting import put, read_revision, remove_all
from chaffer.storage.reader import Reader
from chaffer.storage.refusals import gone_through_once, place_of
from chaffer.storage.tables import bodies, offers, products, sellers
from chaffer.storage.writer import Writer


class SqlCatalogue:
    """The catalogue over one database; see the protocol for what each method promises."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        """Take the threads of a store."""
        self._writer = writer
        self._reader = reader
        self._vocabulary: Vocabulary | None = None

    async def search(
        self, wanted: Constraints, page: PageWish = FIRST_PAGE, *, among: Sequence[str] | None = None
    ) -> Found:
        """Return a page of the products that fit, best first."""
        return await self._reader.run(lambda connection: search(connection, wanted, page, among))

    async def find(self, product_id: str) -> Product | None:
        """Return a product as it is now, or None."""
        return await self._reader.run(lambda connection: find(connection, product_id))

    async def vocabulary(self) -> Vocabulary:
        """Return what the catalogue calls things; read again only when it was changed."""
        known = self._vocabulary
        read = await self._reader.run(lambda connection: _vocabulary(connection, known))
        self._vocabulary = read
        return read

    async def stats(self) -> Stats:
        """Return what the catalogue holds."""
        return await self._reader.run(_stats)

    async def put(self, products: Iterable[Stocked], sellers: Sequence[Seller] = ()) -> int:
        """Add or replace products, all or none, and return how many are new."""
        if isinstance(products, Iterator):
            raise gone_through_once()
        return await self._writer.run(lambda connection: put(connection, products, sellers))

    async def remove_all(self) -> None:
        """Remove every product and seller."""
        await self._writer.run(remove_all)

    async def page(self, after: str | None, limit: int) -> tuple[tuple[Stocked, ...], str | None]:
        """Return products with their private numbers, and where the next page begins."""
        behind = 0 if after is None else place_of(after)
        return await self._reader.run(lambda connection: _page(connection, behind, limit))

    async def sellers(self) -> tuple[Seller, ...]:
        """Return how every seller haggles, by name."""
        return await self._reader.run(_sellers)

    async def haggling(self, product_id: str) -> tuple[tuple[Seller, Limits], ...]:
        """Return how the sellers of a product haggle and up to where, in the order of its offers."""
        return await self._reader.run(lambda connection: _haggling(connection, product_id))


def _vocabulary(connection: Connection, known: Vocabulary | None) -> Vocabulary:
    revision = read_revision(connection)
    if known is not None and known.revision == revision:
        return known
    categories = tuple(read_values(connection, "category"))
    body = connection.scalar(select(bodies.c.body).limit(1))
    return Vocabulary(
        revision=revision,
        currency="" if body is None else decode(body, type=Product).currency,
        categories=categories,
        brands=tuple(read_values(connection, "brand")),
        properties=read_properties(connection, categories),
    )


def _stats(connection: Connection) -> Stats:
    categories = read_values(connection, "category")
    ranked = sorted(categories.items(), key=lambda item: -item[1])
    in_stock = select(func.count()).select_from(products).where(products.c.most_of_one > 0)
    return Stats(
        products=sum(categories.values()),
        in_stock=connection.scalar(in_stock) or 0,
        offers=connection.scalar(select(func.count()).select_from(offers)) or 0,
        sellers=connection.scalar(select(func.count()).select_from(sellers)) or 0,
        categories=tuple(Value(name, count) for name, count in ranked),
        revision=read_revision(connection),
    )


def _page(connection: Connection, behind: int, limit: int) -> tuple[tuple[Stocked, ...], str | None]:
    query = with_body(connection.dialect.name).where(products.c.key > behind)
    rows = connection.execute(query.order_by(products.c.key).limit(limit + 1)).all()
    kept = rows[:limit]
    limits: dict[int, dict[str, Limits]] = {row.key: {} for row in kept}
    own = select(offers.c.product, offers.c.seller, offers.c.cost_minor, offers.c.least_minor)
    for row in connection.execute(own.where(offers.c.product.in_(list(limits)))):
        limits[row[0]][row[1]] = Limits(row[2], row[3])
    found = zip(map(product_of, kept), limits.values(), strict=True)
    more = str(kept[-1].key) if len(rows) > limit else None
    return tuple(Stocked(product, own) for product, own in found), more


def _sellers(connection: Connection) -> tuple[Seller, ...]:
    found = [Seller(row.name, row.priority, row.speaking_style) for row in connection.execute(select(sellers))]
    return tuple(sorted(found, key=lambda seller: seller.name))


def _haggling(connection: Connection, product_id: str) -> tuple[tuple[Seller, Limits], ...]:
    query = (
        select(offers, sellers)
        .join(products, products.c.key == offers.c.product)
        .join(sellers, sellers.c.name == offers.c.seller)
        .where(products.c.id == product_id)
    )
    rows = {row.seller: row for row in connection.execute(query)}
    order = in_order(Offer(row.seller, row.price_minor, row.pieces) for row in rows.values())
    return tuple(
        (Seller(row.seller, row.priority, row.speaking_style), Limits(row.cost_minor, row.least_minor))
        for row in (rows[offer.seller] for offer in order)
    )
