"""The tables but those of the ledger. Times are microseconds since 1970 UTC, amounts minor units, both in 64 bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    event,
    text,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# SQLite counts up by itself only in a column of type INTEGER.
Sequence64: Final = BigInteger().with_variant(Integer, "sqlite")

# PostgreSQL sorts by the rules of a language unless told not to, and finds no words by their beginning then.
Bytewise: Final = Text().with_variant(Text(collation="C"), "postgresql")

metadata: Final = MetaData()


def key_column(name: str) -> Column[str]:
    """Return a column of text that is the table's key, or a part of it."""
    return Column(name, Text, primary_key=True)


def text_column(name: str) -> Column[str]:
    """Return a column of text that every row has."""
    return Column(name, Text, nullable=False)


def number_column(name: str) -> Column[int]:
    """Return a column of whole numbers in 64 bits that every row has: counts, amounts, times."""
    return Column(name, BigInteger, nullable=False)


conversations: Final = Table(
    "conversations",
    metadata,
    Column("seq", Sequence64, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    text_column("kind"),
    text_column("owner"),
    Column("parent_id", Text),
    text_column("status"),
    number_column("position"),
    number_column("epoch"),
    Column("lease_holder", Text),
    Column("lease_until", BigInteger),
    number_column("created_at"),
    number_column("updated_at"),
    Column("bytes", BigInteger, nullable=False, server_default=text("0")),
    Index("conversations_by_owner", "kind", "owner", "seq"),
    # Without `bytes`: PostgreSQL could no longer append in place, as every event would move an entry of the index.
    Index("conversations_of_owner", "owner"),
    Index("conversations_by_parent", "parent_id", "seq"),
    Index("conversations_by_lease", "status", "lease_until"),
    Index("conversations_by_holder", "lease_holder"),
)

events: Final = Table(
    "events",
    metadata,
    key_column("conversation_id"),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    number_column("at"),
    text_column("name"),
    text_column("body"),
)

answers: Final = Table(
    "answers",
    metadata,
    key_column("owner"),
    key_column("key"),
    text_column("digest"),
    Column("status", Integer, nullable=False),
    text_column("body"),
    number_column("kept_at"),
    Index("answers_by_age", "kept_at"),
)

session_keys: Final = Table(
    "session_keys",
    metadata,
    key_column("session_id"),
    key_column("slot"),
    key_column("provider"),
    Column("ciphertext", LargeBinary, nullable=False),
)

model_usage: Final = Table(
    "model_usage",
    metadata,
    key_column("scope"),
    number_column("tokens"),
    number_column("cost_micros"),
    number_column("used_at"),
    Index("model_usage_by_age", "used_at"),
)

logins: Final = Table(
    "logins",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("voucher", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("logins_by_expiry", "expires_at"),
    Index("logins_of_owner", "owner"),
)

# What products are searched by; brands and categories are folded, prices and pieces those of the offers:
# `pieces_at_price` are the most of a seller who asks that price.
products: Final = Table(
    "products",
    metadata,
    Column("key", Sequence64, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    text_column("category"),
    text_column("brand"),
    number_column("price_minor"),
    number_column("pieces_at_price"),
    number_column("most_of_one"),
    Column("rating", Double),
    # The standing with its sign turned: those of the best standing come first.
    Column("by_standing", Double, nullable=False),
    # Each has all that a search without words looks at, so that it need not open a row; it begins with what the search
    # orders by, so that the best are found without looking at all. SQLite has the key there anyway.
    Index(
        "products_by_price",
        *("category", "price_minor", "most_of_one", "brand", "rating", "by_standing"),
        postgresql_include=["key", "pieces_at_price"],
    ),
    Index(
        "products_by_standing",
        *("category", "by_standing", "most_of_one", "price_minor", "brand", "rating"),
        postgresql_include=["key", "pieces_at_price"],
    ),
    Index("products_by_brand", "brand", "category"),
)

# All that is public of a product but its offers, as it was given.
bodies: Final = Table(
    "product_bodies",
    metadata,
    Column("product", Sequence64, primary_key=True, autoincrement=False),
    text_column("body"),
)

# By what products divide, a fact a line as a list of JSON: many are counted as they stand, and each read but once.
facets: Final = Table(
    "product_facets",
    metadata,
    Column("product", Sequence64, primary_key=True, autoincrement=False),
    text_column("body"),
)

# The cost and the least price are a seller's own: no statement of a search names them.
offers: Final = Table(
    "product_offers",
    metadata,
    Column("product", BigInteger, primary_key=True, autoincrement=False),
    key_column("seller"),
    number_column("price_minor"),
    number_column("pieces"),
    number_column("cost_minor"),
    number_column("least_minor"),
    sqlite_with_rowid=False,
)

# Names and texts are folded; a text that is a measure is a number in the unit of its kind, too. By name first: a search
# asks for one attribute of many products, and finds all of it beside the key: SQLite has the whole row there anyway.
attributes: Final = Table(
    "product_attributes",
    metadata,
    text_column("name"),
    Column("product", BigInteger, autoincrement=False, nullable=False),
    text_column("text"),
    Column("number", Double),
    Column("unit", Text),
    PrimaryKeyConstraint("name", "product", postgresql_include=["text", "number", "unit"]),
    sqlite_with_rowid=False,
)

sellers: Final = Table(
    "product_sellers",
    metadata,
    key_column("name"),
    text_column("priority"),
    text_column("speaking_style"),
)

# What products are called, and how many of each: a category, a brand, or the text of an attribute in a category.
values: Final = Table(
    "product_values",
    metadata,
    key_column("kind"),
    key_column("category"),
    key_column("name"),
    key_column("text"),
    number_column("products"),
    sqlite_with_rowid=False,
)

words: Final = Table(
    "words",
    metadata,
    Column("word", Bytewise, primary_key=True),
    number_column("products"),
    sqlite_with_rowid=False,
)

trigrams: Final = Table(
    "word_trigrams",
    metadata,
    key_column("trigram"),
    key_column("word"),
    sqlite_with_rowid=False,
)

_FTS5: Final = (
    "CREATE VIRTUAL TABLE product_words USING fts5(name, kind, facts, description, tokenize = \"ascii tokenchars '.'\")"
)
# The words by which products are found each server keeps in a way of its own: SQLite in a table, PostgreSQL in the rows
# of the products, where what else is wanted of them is seen at once. They come as `chaffer.shopping.catalogue.words`
# makes them, so that the servers split texts at spaces alone.
_SEARCHED: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": (_FTS5,),
    "postgresql": (
        "ALTER TABLE products ADD COLUMN words TSVECTOR NOT NULL",
        "CREATE INDEX products_by_word ON products USING gin (words)",
        # Or it would take each column for chance, and expect a hundred products where there are ten thousand.
        "CREATE STATISTICS product_attributes_alike (mcv) ON name, text, number, unit FROM product_attributes",
    ),
}


@event.listens_for(metadata, "after_create")
def create_product_words(_: object, connection: Connection, **__: object) -> None:
    """Create the place of the words of products, and have PostgreSQL count which texts and numbers a name has."""
    for statement in _SEARCHED[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(metadata, "before_drop")
def drop_product_words(_: object, connection: Connection, **__: object) -> None:
    """Drop it where it is a table."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TABLE product_words")


# `place` never comes again, so that who has read up to one finds all that was put since behind it.
product_vectors: Final = Table(
    "product_vectors",
    metadata,
    Column("place", Sequence64, primary_key=True, autoincrement=True),
    text_column("model"),
    text_column("product_id"),
    text_column("digest"),
    Column("code", LargeBinary, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Index("product_vectors_by_product", "model", "product_id", unique=True),
    Index("product_vectors_by_place", "model", "place"),
    sqlite_autoincrement=True,
)

preferences: Final = Table(
    "preferences",
    metadata,
    key_column("owner"),
    text_column("body"),
)

counters: Final = Table(
    "counters",
    metadata,
    key_column("name"),
    number_column("value"),
)


def stamp(moment: datetime) -> int:
    """Return a time as it stands in a table."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(stamp_: int) -> datetime:
    """Return the time that a table's number means."""
    return _EPOCH + stamp_ * _MICROSECOND
