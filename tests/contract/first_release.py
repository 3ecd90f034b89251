"""A database as the first release left it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

_TABLES: Final = (
    *("model_usage", "session_keys", "logins", "preferences"),
    *("products", "product_bodies", "product_facets", "product_offers", "product_attributes", "product_sellers"),
    *("product_values", "product_vectors", "words", "word_trigrams"),
    *("credit_notes", "postings"),
    *("chats", "chat_messages", "chat_words"),
)
_INDEXES: Final = (
    *("conversations_of_owner", "purchases_by_invoice", "purchases_by_session", "purchases_by_age"),
    *("purchases_by_owner", "invoices_by_owner", "invoices_by_age"),
)
_COLUMNS: Final = {
    "conversations": ("bytes",),
    "stock": ("shelf_product", "shelf_seller"),
    "purchases": ("invoice_id", "category", "tax_percent", "month", "cancelled_at"),
    "invoices": ("tax_percent", "paid_at"),
}


def take_back_to_first_release(connection: Connection) -> None:
    """Undo what the migrations behind the first do; what the first release kept stays."""
    if connection.dialect.name == "postgresql":
        take_guards_away(connection)
    else:
        connection.execute(text("DROP TABLE product_words"))
    for table in _TABLES:
        connection.execute(text(f"DROP TABLE {table}"))
    for index in _INDEXES:
        connection.execute(text(f"DROP INDEX {index}"))
    for table, columns in _COLUMNS.items():
        for column in columns:
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
    connection.execute(text("CREATE INDEX purchases_by_owner ON purchases (owner, purchased_at)"))
    connection.execute(text("CREATE INDEX invoices_by_owner ON invoices (owner, issued_at)"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def take_guards_away(connection: Connection) -> None:
    """Undo row-level security: its policies, and the function that they call."""
    for table in connection.scalars(text("SELECT tablename FROM pg_policies")).all():
        connection.execute(text(f"DROP POLICY own_rows ON {table}"))
    connection.execute(text("DROP FUNCTION chaffer_caller"))
    for table in connection.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity")).all():
        connection.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
