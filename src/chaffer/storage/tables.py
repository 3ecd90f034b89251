"""The tables. Times are microseconds since 1970 UTC, amounts minor units, both as 64-bit integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
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


def _key(name: str) -> Column[str]:
    """Return a column of text that is the table's key, or a part of it."""
    return Column(name, Text, primary_key=True)


def _text(name: str) -> Column[str]:
    """Return a column of text that every row has."""
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    """Return a column of whole numbers in 64 bits that every row has: counts, amounts, times."""
    return Column(name, BigInteger, nullable=False)


conversations: Final = Table(
    "conversations",
    metadata,
    Column("seq", Sequence64, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    _text("kind"),
    _text("owner"),
    Column("parent_id", Text),
    _text("status"),
    _number("position"),
    _number("epoch"),
    Column("lease_holder", Text),
    Column("lease_until", BigInteger),
    _number("created_at"),
    _number("updated_at"),
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
    _key("conversation_id"),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _number("at"),
    _text("name"),
    _text("body"),
)

answers: Final = Table(
    "answers",
    metadata,
    _key("owner"),
    _key("key"),
    _text("digest"),
    Column("status", Integer, nullable=False),
    _text("body"),
    _number("kept_at"),
    Index("answers_by_age", "kept_at"),
)

accounts: Final = Table(
    "accounts",
    metadata,
    _key("session_id"),
    _number("budget_minor"),
    _number("committed_minor"),
)

claims: Final = Table(
    "claims",
    metadata,
    _key("session_id"),
    _key("room_id"),
    Column("number", Integer, nullable=False),
    _number("value_minor"),
    Column("is_open", Boolean, nullable=False),
)

stock: Final = Table(
    "stock",
    metadata,
    _key("session_id"),
    _key("item_id"),
    _key("seller_id"),
    _number("pieces"),
    # Where the pieces lie that several sessions draw on; then `pieces` above is of no meaning.
    Column("shelf_product", Text),
    Column("shelf_seller", Text),
)

purchases: Final = Table(
    "purchases",
    metadata,
    _key("id"),
    _text("session_id"),
    _text("room_id"),
    _text("owner"),
    _text("buyer_name"),
    _text("seller_id"),
    _text("seller_name"),
    _text("item_id"),
    _text("item_name"),
    _number("quantity"),
    _number("price_minor"),
    _number("list_price_minor"),
    _number("total_minor"),
    _text("currency"),
    _number("purchased_at"),
    Index("purchases_by_room", "room_id", unique=True),
    Index("purchases_by_owner", "owner", "purchased_at"),
)

invoices: Final = Table(
    "invoices",
    metadata,
    _key("id"),
    Column("number", Text, nullable=False, unique=True),
    _text("status"),
    _number("issued_at"),
    _text("owner"),
    _text("buyer_name"),
    _text("seller_name"),
    _text("lines"),
    _number("subtotal_minor"),
    _number("tax_minor"),
    _number("total_minor"),
    _text("currency"),
    _text("room_id"),
    _text("session_id"),
    Index("invoices_by_session", "session_id", "issued_at"),
    Index("invoices_by_owner", "owner", "issued_at"),
)

session_keys: Final = Table(
    "session_keys",
    metadata,
    _key("session_id"),
    _key("slot"),
    _key("provider"),
    Column("ciphertext", LargeBinary, nullable=False),
)

model_usage: Final = Table(
    "model_usage",
    metadata,
    _key("scope"),
    _number("tokens"),
    _number("cost_micros"),
    _number("used_at"),
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

# What products are searched by, in short rows; brands and categories are folded, prices and pieces those of the offers.
products: Final = Table(
    "products",
    metadata,
    Column("key", Sequence64, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    _text("category"),
    _text("brand"),
    _number("price_minor"),
    _number("pieces"),
    _number("most_of_one"),
    Column("rating", Double),
    # The standing with its sign turned: those of the best standing come first.
    Column("by_standing", Double, nullable=False),
    # Each has all that a search without words looks at, so that it need not open a row that does not fit; it begins
    # with what the search orders by, so that the best are found without looking at all.
    Index("products_by_price", "category", "price_minor", "most_of_one", "brand", "rating", "by_standing"),
    Index("products_by_standing", "category", "by_standing", "most_of_one", "price_minor", "brand", "rating"),
    Index("products_by_brand", "brand", "category"),
)

# All that is public of a product but its offers, as it was given.
bodies: Final = Table(
    "product_bodies",
    metadata,
    Column("product", Sequence64, primary_key=True, autoincrement=False),
    _text("body"),
)

# The cost and the least price are a seller's own: no statement of a search names them.
offers: Final = Table(
    "product_offers",
    metadata,
    Column("product", BigInteger, primary_key=True, autoincrement=False),
    _key("seller"),
    _number("price_minor"),
    _number("pieces"),
    _number("cost_minor"),
    _number("least_minor"),
    sqlite_with_rowid=False,
)

# Names and texts are folded; a text that is a measure is a number in the unit of its kind, too. By name first: a search
# asks for one attribute of many products.
attributes: Final = Table(
    "product_attributes",
    metadata,
    _key("name"),
    Column("product", BigInteger, primary_key=True, autoincrement=False),
    _text("text"),
    Column("number", Double),
    Column("unit", Text),
    sqlite_with_rowid=False,
)

sellers: Final = Table(
    "product_sellers",
    metadata,
    _key("name"),
    _text("priority"),
    _text("speaking_style"),
)

# What products are called, and how many of each: a category, a brand, or the text of an attribute in a category.
values: Final = Table(
    "product_values",
    metadata,
    _key("kind"),
    _key("category"),
    _key("name"),
    _key("text"),
    _number("products"),
    sqlite_with_rowid=False,
)

words: Final = Table(
    "words",
    metadata,
    Column("word", Bytewise, primary_key=True),
    _number("products"),
    sqlite_with_rowid=False,
)

trigrams: Final = Table(
    "word_trigrams",
    metadata,
    _key("trigram"),
    _key("word"),
    sqlite_with_rowid=False,
)

_FTS5: Final = (
    "CREATE VIRTUAL TABLE product_words USING fts5(name, kind, facts, description, tokenize = \"ascii tokenchars '.'\")"
)
# The words of products by which they are found are in a table that each server has in a kind of its own. They come as
# `chaffer.shopping.catalogue.words` makes them, so that the servers split texts at spaces alone.
PRODUCT_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": (_FTS5,),
    "postgresql": (
        "CREATE TABLE product_words (product BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX product_words_by_word ON product_words USING gin (words)",
    ),
}


@event.listens_for(metadata, "after_create")
def create_product_words(_: object, connection: Connection, **__: object) -> None:
    """Create the table of the words of products."""
    for statement in PRODUCT_WORDS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(metadata, "before_drop")
def drop_product_words(_: object, connection: Connection, **__: object) -> None:
    """Drop it."""
    connection.exec_driver_sql("DROP TABLE product_words")


# `place` never comes again, so that who has read up to one finds all that was put since behind it.
product_vectors: Final = Table(
    "product_vectors",
    metadata,
    Column("place", Sequence64, primary_key=True, autoincrement=True),
    _text("model"),
    _text("product_id"),
    _text("digest"),
    Column("code", LargeBinary, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Index("product_vectors_by_product", "model", "product_id", unique=True),
    Index("product_vectors_by_place", "model", "place"),
    sqlite_autoincrement=True,
)

preferences: Final = Table(
    "preferences",
    metadata,
    _key("owner"),
    _text("body"),
)

counters: Final = Table(
    "counters",
    metadata,
    _key("name"),
    _number("value"),
)


def stamp(moment: datetime) -> int:
    """Return a time as it stands in a table."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(stamp_: int) -> datetime:
    """Return the time that a table's number means."""
    return _EPOCH + stamp_ * _MICROSECOND
