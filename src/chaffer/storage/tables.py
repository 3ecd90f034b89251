"""The tables. Times are microseconds since 1970 UTC, amounts minor units, both as 64-bit integers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# SQLite counts up by itself only in a column of type INTEGER.
Sequence64: Final = BigInteger().with_variant(Integer, "sqlite")

metadata: Final = MetaData()

conversations: Final = Table(
    "conversations",
    metadata,
    Column("seq", Sequence64, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("parent_id", Text),
    Column("status", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("lease_holder", Text),
    Column("lease_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("conversations_by_owner", "kind", "owner", "seq"),
    Index("conversations_by_parent", "parent_id", "seq"),
    Index("conversations_by_lease", "status", "lease_until"),
    Index("conversations_by_holder", "lease_holder"),
)

events: Final = Table(
    "events",
    metadata,
    Column("conversation_id", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
)

answers: Final = Table(
    "answers",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("kept_at", BigInteger, nullable=False),
    Index("answers_by_age", "kept_at"),
)

accounts: Final = Table(
    "accounts",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("budget_minor", BigInteger, nullable=False),
    Column("committed_minor", BigInteger, nullable=False),
)

claims: Final = Table(
    "claims",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("room_id", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("value_minor", BigInteger, nullable=False),
    Column("is_open", Boolean, nullable=False),
)

stock: Final = Table(
    "stock",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("seller_id", Text, primary_key=True),
    Column("pieces", BigInteger, nullable=False),
)

purchases: Final = Table(
    "purchases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, nullable=False),
    Column("room_id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("buyer_name", Text, nullable=False),
    Column("seller_id", Text, nullable=False),
    Column("seller_name", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("item_name", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("list_price_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("purchased_at", BigInteger, nullable=False),
    Index("purchases_by_room", "room_id", unique=True),
    Index("purchases_by_owner", "owner", "purchased_at"),
)

invoices: Final = Table(
    "invoices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("buyer_name", Text, nullable=False),
    Column("seller_name", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("room_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Index("invoices_by_session", "session_id", "issued_at"),
    Index("invoices_by_owner", "owner", "issued_at"),
)

session_keys: Final = Table(
    "session_keys",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
)

model_usage: Final = Table(
    "model_usage",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("tokens", BigInteger, nullable=False),
    Column("cost_micros", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Index("model_usage_by_age", "used_at"),
)

counters: Final = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)


def stamp(moment: datetime) -> int:
    """Return a time as it stands in a table."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(stamp_: int) -> datetime:
    """Return the time that a table's number means."""
    return _EPOCH + stamp_ * _MICROSECOND
