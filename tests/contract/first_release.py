"""A database as the first release left it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

_TABLES: Final = (
    *("model_usage", "session_keys", "logins", "preferences"),
    *("products", "product_bodies", "product_offers", "product_attributes", "product_sellers", "product_values"),
    *("product_words", "words", "word_trigrams", "product_vectors"),
)
_COLUMNS: Final = (("conversations", "bytes"), ("stock", "shelf_product"), ("stock", "shelf_seller"))


def take_back_to_first_release(connection: Connection) -> None:
    """Undo what the migrations behind the first do; what the first release kept stays."""
    for table in _TABLES:
        connection.execute(text(f"DROP TABLE {table}"))
    connection.execute(text("DROP INDEX conversations_of_owner"))
    for table, column in _COLUMNS:
        connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
