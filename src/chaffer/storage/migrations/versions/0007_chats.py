"""Conversations as lists show them, what was said in them, and the words by which they are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FTS5 = (
    "CREATE VIRTUAL TABLE chat_words "
    "USING fts5(words, detail = none, columnsize = 0, tokenize = \"ascii tokenchars '.'\")"
)
_WORDS = {
    "sqlite": (_FTS5,),
    "postgresql": (
        "CREATE TABLE chat_words (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX chat_words_by_word ON chat_words USING gin (words) WITH (fastupdate = off)",
    ),
}


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "chats",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("chats_of_owner", "chats", ["owner", "pinned", "updated_at", "id"])
    op.create_index("chats_in_order", "chats", ["pinned", "updated_at", "id"])
    op.create_table(
        "chat_messages",
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "number"),
    )
    for statement in _WORDS[op.get_bind().dialect.name]:
        op.execute(statement)
