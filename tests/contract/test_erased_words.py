"""What deleting conversations does to SQLite's index of their words, after however many deletions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text

from chaffer.storage.chat_tables import CHAT_WORDS
from chaffer.storage.chat_words import drop_words, put_words

KEPT = 2_000
"""With fewer messages, what is merged comes to lie no higher than before."""
DELETIONS = 1_200
"""More than the thousand that FTS5 of SQLite 3.40 bears, when each merges the index."""

_CHECK = text("INSERT INTO chat_words (chat_words) VALUES ('integrity-check')")
_PLACES = text("SELECT rowid FROM chat_words")
_PAGES = text("SELECT block FROM chat_words_data WHERE instr(block, CAST(:word AS BLOB)) > 0")


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for statement in CHAT_WORDS["sqlite"]:
            connection.exec_driver_sql(statement)
        yield connection
    engine.dispose()


def test_thousands_of_deletions_leave_the_index_whole_and_no_word_of_what_was_deleted(connection: Connection) -> None:
    for number in range(KEPT):
        put_words(connection, 1, "ada", number, f"what is kept {number}")
    for key in range(2, 2 + DELETIONS):
        put_words(connection, key, "ada", 0, f"secret{key} canary")
        connection.commit()
        drop_words(connection, [key])
        connection.commit()
    connection.execute(_CHECK)
    assert len(connection.execute(_PLACES).all()) == KEPT
    assert not connection.execute(_PAGES, {"word": "canary"}).all()
    assert connection.execute(_PAGES, {"word": "kept"}).all()
