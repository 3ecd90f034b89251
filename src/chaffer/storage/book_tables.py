"""The tables of the ledger: money and stock of sessions, purchases, invoices, and what they post."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from chaffer.storage.tables import key_column, metadata, number_column, text_column

accounts: Final = Table(
    "accounts",
    metadata,
    key_column("session_id"),
    number_column("budget_minor"),
    number_column("committed_minor"),
)

claims: Final = Table(
    "claims",
    metadata,
    key_column("session_id"),
    key_column("room_id"),
    Column("number", Integer, nullable=False),
    number_column("value_minor"),
    Column("is_open", Boolean, nullable=False),
)

stock: Final = Table(
    "stock",
    metadata,
    key_column("session_id"),
    key_column("item_id"),
    key_column("seller_id"),
    number_column("pieces"),
    # Where the pieces lie that several sessions draw on; then `pieces` above is of no meaning.
    Column("shelf_product", Text),
    Column("shelf_seller", Text),
)

# `month` follows from the time, so that both servers sum by it in the same words.
purchases: Final = Table(
    "purchases",
    metadata,
    key_column("id"),
    text_column("session_id"),
    text_column("room_id"),
    text_column("owner"),
    text_column("buyer_name"),
    text_column("seller_id"),
    text_column("seller_name"),
    text_column("item_id"),
    text_column("item_name"),
    number_column("quantity"),
    number_column("price_minor"),
    number_column("list_price_minor"),
    number_column("total_minor"),
    text_column("currency"),
    number_column("purchased_at"),
    text_column("invoice_id"),
    Column("category", Text),
    text_column("tax_percent"),
    text_column("month"),
    Column("cancelled_at", BigInteger),
    Index("purchases_by_room", "room_id", unique=True),
    Index("purchases_by_invoice", "invoice_id", unique=True),
    Index("purchases_by_session", "session_id"),
    Index("purchases_by_owner", "owner", "purchased_at", "id"),
    Index("purchases_by_age", "purchased_at", "id"),
)

invoices: Final = Table(
    "invoices",
    metadata,
    key_column("id"),
    Column("number", Text, nullable=False, unique=True),
    text_column("status"),
    number_column("issued_at"),
    text_column("owner"),
    text_column("buyer_name"),
    text_column("seller_name"),
    text_column("lines"),
    number_column("subtotal_minor"),
    number_column("tax_minor"),
    number_column("total_minor"),
    text_column("currency"),
    text_column("room_id"),
    text_column("session_id"),
    text_column("tax_percent"),
    Column("paid_at", BigInteger),
    Index("invoices_by_session", "session_id", "issued_at"),
    Index("invoices_by_owner", "owner", "issued_at", "id"),
    Index("invoices_by_age", "issued_at", "id"),
)

credit_notes: Final = Table(
    "credit_notes",
    metadata,
    key_column("id"),
    Column("number", Text, nullable=False, unique=True),
    text_column("invoice_id"),
    number_column("issued_at"),
    text_column("reason"),
    number_column("total_minor"),
    Index("credit_notes_by_invoice", "invoice_id", unique=True),
)

# A transaction is named after what happened to which invoice: what would post it a second time breaks on the key.
postings: Final = Table(
    "postings",
    metadata,
    key_column("transaction_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    text_column("owner"),
    text_column("account"),
    number_column("amount_minor"),
    text_column("currency"),
    number_column("posted_at"),
    text_column("invoice_id"),
    Index("postings_by_invoice", "invoice_id"),
)
