"""The tables. Times are microseconds since 1970 UTC, amounts minor units, both as 64-bit integers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# SQLite counts up by itself only in a column of type INTEGER.
Sequence64: Final = BigInteger().with_variant(Integer, "sqlite")

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
