"""The tables of conversations as lists show them, and of the words by which they are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, Table, Text, event

from chaffer.storage.tables import Sequence64, key_column, metadata, number_column, text_column

chats: Final = Table(
    "chats",
    metadata,
    # Short, and of this table alone: what the words are found under.
    Column("key", Sequence64, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    text_column("owner"),
    text_column("title"),
    Column("pinned", Boolean, nullable=False),
    number_column("messages"),
    text_column("preview"),
    number_column("created_at"),
    number_column("updated_at"),
    Index("chats_of_owner", "owner", "pinned", "updated_at", "id"),
    Index("chats_in_order", "pinned", "updated_at", "id"),
)

messages: Final = Table(
    "chat_messages",
    metadata,
    key_column("chat_id"),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    text_column("message_id"),
    text_column("role"),
    text_column("text"),
    text_column("agent"),
    number_column("said_at"),
)

_FTS5: Final = (
    "CREATE VIRTUAL TABLE chat_words "
    "USING fts5(words, detail = none, columnsize = 0, tokenize = \"ascii tokenchars '.'\")"
)
# In a kind of each server's own, as the words of products. A row is a message or a title; how it is numbered, and what
# its words look like, `chat_words` tells. The column is named as SQLite names its own.
CHAT_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": (_FTS5,),
    # Without `fastupdate`, which puts new entries, of all owners, on a list that every search goes through.
    "postgresql": (
        "CREATE TABLE chat_words (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX chat_words_by_word ON chat_words USING gin (words) WITH (fastupdate = off)",
    ),
}


@event.listens_for(metadata, "after_create")
def _create_chat_words(_: object, connection: Connection, **__: object) -> None:
    for statement in CHAT_WORDS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(metadata, "before_drop")
def _drop_chat_words(_: object, connection: Connection, **__: object) -> None:
    connection.exec_driver_sql("DROP TABLE chat_words")
