"""A catalogue that was filled by an older program answers as one that this program filled."""

from __future__ import annotations

import asyncio
from typing import Final

from sqlalchemy import Connection, text

from chaffer.shopping.catalogue.searching import Constraints, Found, Need, PageWish
from chaffer.storage.opening import open_store
from chaffer.storage.sql import SqlStore
from tests.contract.goods import SELLERS, stocked
from tests.contract.stores import CODEC
from tests.contract.test_migrations import connected, shape

_OLD: Final = {"brand": "Other", "category": "Other", "Category": "Another", "price": "1"}
"""What an older program took for attributes."""
GOODS: Final = (
    stocked("a", name="Bose Quiet", attributes={"größe": 'x "y"', "weight": "63 g", **_OLD}),
    stocked("b", offers={"Bargain Barn": (20_00, 1), "Pixel Street": (25_00, 9)}, attributes={"weight": "0.1 kg"}),
    stocked("c", offers={"Bargain Barn": (30_00, 0), "Pixel Street": (30_00, 4)}, name="Silent Keyboard", rating=None),
    stocked("d", offers={"Bargain Barn": (40_00, 0)}, attributes={}),
)
ASKED: Final = (
    Constraints(),
    Constraints(text="quiet mouse"),
    Constraints(text="silent", quantity=4),
    Constraints(text="bose keyboard"),
    Constraints(quantity=2, max_price_minor=25_00),
    Constraints(needs=(Need("weight", at_least=63, at_most=90, unit="g"),)),
)
_SQLITE: Final = (
    "DROP TABLE product_facets",
    "DELETE FROM words WHERE word = ''",
    "ALTER TABLE products RENAME COLUMN pieces_at_price TO pieces",
    "UPDATE products SET pieces = (SELECT sum(pieces) FROM product_offers WHERE product = products.key)",
    "UPDATE alembic_version SET version_num = '0008'",
)
_POSTGRESQL: Final = (
    *_SQLITE,
    "CREATE TABLE product_words (product BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX product_words_by_word ON product_words USING gin (words)",
    "INSERT INTO product_words SELECT key, words FROM products",
    "ALTER TABLE products DROP COLUMN words",
    "CREATE INDEX products_by_price ON products (category, price_minor, most_of_one, brand, rating, by_standing)",
    "CREATE INDEX products_by_standing ON products (category, by_standing, most_of_one, price_minor, brand, rating)",
    "DROP STATISTICS product_attributes_alike",
    "ALTER TABLE product_attributes DROP CONSTRAINT product_attributes_pkey, ADD PRIMARY KEY (name, product)",
)


def _take_back(connection: Connection) -> None:
    """Undo what the ninth migration does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP INDEX products_by_price, products_by_standing"))
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        connection.execute(text(statement))


async def _found(store: SqlStore) -> list[Found]:
    return [await store.products.search(wanted, PageWish(with_facets=True)) for wanted in ASKED]


def test_what_an_older_program_put_is_found_and_divided_as_before(empty_url: str) -> None:
    async def fill() -> list[Found]:
        store = await open_store(empty_url, CODEC)
        await store.products.put(GOODS, SELLERS)
        found = await _found(store)
        await store.close()
        return found

    async def read() -> list[Found]:
        store = await open_store(empty_url, CODEC)
        found = await _found(store)
        await store.products.put(GOODS, SELLERS)
        assert await _found(store) == found, "each is replaced by itself"
        await store.close()
        return found

    new = asyncio.run(fill())
    assert [len(found.products) for found in new] == [3, 2, 1, 2, 2, 1]
    with connected(empty_url) as connection:
        before = shape(connection)
        _take_back(connection)
    assert asyncio.run(read()) == new
    with connected(empty_url) as connection:
        assert shape(connection) == before
