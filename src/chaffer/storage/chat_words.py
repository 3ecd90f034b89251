"""The words of conversations in the language of each server: FTS5 of SQLite, full text of PostgreSQL.

Every word stands in the index behind a mark of its owner, as `x3fa` in `x3fakeyboard`: a search, also one by the
beginning of a word, walks through the entries of that owner alone, however much others have said.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Subquery,
    column,
    func,
    intersect,
    literal_column,
    select,
    table,
    text,
    union_all,
)

from chaffer.storage.chat_lists import Term, found_by
from chaffer.storage.chat_tables import chats
from chaffer.storage.erasing import erase_words

TITLE: Final = -1
"""The number of a title among the messages of its conversation, which count from 0."""

_MARK_LETTERS: Final = 4
# A place is the key of a conversation and the number of a message in it, of which there may be 16 millions.
_BITS: Final = 24
_LAST: Final = (1 << _BITS) - 1
_SHIFT: Final[ColumnElement[int]] = literal_column(str(_BITS))
_WORDS: Final = table("chat_words", column("rowid", BigInteger))
_PUT: Final = {
    "sqlite": text("INSERT INTO chat_words (rowid, words) VALUES (:place, :words)"),
    "postgresql": text("INSERT INTO chat_words (rowid, words) VALUES (:place, CAST(:words AS tsvector))"),
}
_MATCH: Final = {"sqlite": "chat_words MATCH :term_{}", "postgresql": "words @@ CAST(:term_{} AS tsquery)"}
_BEGUN: Final = {"sqlite": " *", "postgresql": ":*"}
_EITHER: Final = {"sqlite": " OR ", "postgresql": " | "}
_QUOTED: Final = {"sqlite": '"{}"', "postgresql": "'{}'"}
_DROP_ONE: Final = text("DELETE FROM chat_words WHERE rowid = :place")
_DROP_ALL: Final = text("DELETE FROM chat_words WHERE rowid BETWEEN :first AND :last")


def put_words(connection: Connection, key: int, owner: str, number: int, said: str) -> None:
    """Have a message, or the title of a conversation, found by its words."""
    mark = _mark(owner)
    words = " ".join(f"{mark}{word}" for word in found_by(said))
    if words:
        connection.execute(_PUT[connection.dialect.name], {"place": _place(key, number), "words": words})


def put_title(connection: Connection, key: int, owner: str, title: str) -> None:
    """Have a conversation found by the words of a title, and not by those of the one before."""
    connection.execute(_DROP_ONE, {"place": _place(key, TITLE)})
    put_words(connection, key, owner, TITLE, title)


def drop_words(connection: Connection, keys: Iterable[int]) -> None:
    """Forget the words of conversations."""
    places = [{"first": _place(key, TITLE), "last": _place(key + 1, TITLE) - 1} for key in keys]
    if places:
        connection.execute(_DROP_ALL, places)
        erase_words(connection)


def having_all(connection: Connection, owners: Iterable[str], sought: Sequence[Term]) -> ColumnElement[bool]:
    """Return the condition on conversations that title and messages together have all that is sought."""
    keys = (select(hits.c.place.bitwise_rshift(_SHIFT).label("key")) for hits in _hits(connection, owners, sought))
    # Once for all conversations: left to itself, PostgreSQL may look through the words again for each.
    found = intersect(*keys).cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    return chats.c.key.in_(select(found.c.key))


def best_hits(
    connection: Connection, owners: Iterable[str], sought: Sequence[Term], keys: Sequence[int]
) -> Mapping[int, int]:
    """Return the number of the message that has the most of what is sought, the last of several, by conversation."""
    hits = union_all(*map(select, _hits(connection, owners, sought))).subquery("hits")
    of_key = hits.c.place.bitwise_rshift(_SHIFT)
    nth = func.row_number().over(partition_by=of_key, order_by=(func.count().desc(), hits.c.place.desc()))
    ranked = select(hits.c.place, nth.label("nth")).where(of_key.in_(keys)).group_by(hits.c.place).subquery("ranked")
    found = connection.execute(select(ranked.c.place).where(ranked.c.nth == 1))
    return {place >> _BITS: (place & _LAST) - 1 for (place,) in found}


def _hits(connection: Connection, owners: Iterable[str], sought: Sequence[Term]) -> Iterator[Subquery]:
    """Yield the statement for the places that have a word, for each of those that are sought."""
    dialect = connection.dialect.name
    marks = sorted({_mark(owner) for owner in owners}) or [""]  # which nobody has
    for number, term in enumerate(sought):
        begun = _BEGUN[dialect] if term.is_begun else ""
        wanted = _EITHER[dialect].join(_QUOTED[dialect].format(f"{mark}{term.word}") + begun for mark in marks)
        match = text(_MATCH[dialect].format(number)).bindparams(**{f"term_{number}": wanted})
        yield select(_WORDS.c.rowid.label("place")).where(match).subquery(f"hits_{number}")


def _mark(owner: str) -> str:
    """Return what the words of an owner begin with, in as few letters as keep most owners apart.

    Of two with one mark, each search walks through the other's entries too, and finds its own conversations alone.
    """
    return b32encode(blake2b(owner.encode()).digest()[:5])[:_MARK_LETTERS].decode().lower()


def _place(key: int, number: int) -> int:
    return (key << _BITS) + number + 1
