"""Erasing what was deleted from the files: SQLite leaves rows in its log, and words in the index that finds them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

# Merges the whole index: 9 ms of processor time with 10,000 messages, 85 ms with 100,000.
_MERGE: Final = text("INSERT INTO chat_words (chat_words) VALUES ('optimize')")
# Makes it anew, which takes ten times as long.
_REBUILD: Final = text("INSERT INTO chat_words (chat_words) VALUES ('rebuild')")

# Each merge puts its outcome two levels above the highest one, and beyond 2,000 FTS5 takes its own index for broken
# (seen with SQLite 3.40): long before, which a batch of deletions cannot reach at once, it is made anew.
_STRUCTURE: Final = text("SELECT block FROM chat_words_data WHERE id = 10")
_MOST_LEVELS: Final = 1_000
_COOKIE_BYTES: Final = 4

# As long as nobody may write.
_WAITS_SECONDS: Final = 1


def erase_words(connection: Connection) -> None:
    """Erase the deleted words of conversations from their index on SQLite."""
    if connection.dialect.name == "sqlite":
        connection.execute(_REBUILD if _levels(connection) > _MOST_LEVELS else _MERGE)


def _levels(connection: Connection) -> int:
    """Return how many levels the index has: the first number behind a cookie in the record of its structure.

    Numbers are SQLite's varints, seven bits a byte, the highest first; the format is told in FTS5's fts5_index.c.
    """
    levels = 0
    for byte in connection.scalar(_STRUCTURE)[_COOKIE_BYTES:]:
        levels = levels << 7 | byte & 0x7F
        if not byte & 0x80:
            break
    return levels


def erase_log(engine: Engine, *, waits_seconds: float = _WAITS_SECONDS) -> bool:
    """Empty the log of SQLite, once the transactions under way are over, and tell whether it is empty now.

    Nobody writes meanwhile. Where another process uses it for longer than is waited, the next deletion empties it.
    """
    if engine.dialect.name != "sqlite":
        return True
    try:
        with closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
            cursor.execute(f"PRAGMA busy_timeout={int(waits_seconds * 1000)}")
            try:
                (is_busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                cursor.execute(f"PRAGMA busy_timeout={patience}")
    except (SQLAlchemyError, sqlite3.Error):
        return False
    return not is_busy
