"""Conversations as lists show them, in SQL: written with the append whose outcome they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, delete, false, insert, or_, select, tuple_, update

from chaffer.assistant.events import Role
from chaffer.assistant.indexing import (
    IndexChat,
    Indexed,
    IndexMessage,
    IndexPage,
    Message,
    MessagePage,
    PinIndexed,
    RetitleChat,
)
from chaffer.storage.chat_lists import Place, Term, cursor_at, place_at, preview_of, sought_in
from chaffer.storage.chat_tables import chats, messages
from chaffer.storage.chat_words import TITLE, best_hits, drop_words, having_all, put_title, put_words
from chaffer.storage.reader import Reader
from chaffer.storage.tables import moment, stamp


class SqlChats:
    """The index over one database."""

    def __init__(self, reader: Reader) -> None:
        """Read by that reader."""
        self._reader = reader

    async def list_chats(self, owner: str | None, *, query: str | None, limit: int, after: str | None) -> IndexPage:
        """Return a page of conversations."""
        behind, sought = None if after is None else place_at(after), sought_in(query)
        if sought == ():
            return IndexPage((), None)

        def work(connection: Connection) -> IndexPage:
            wanted = in_order(owner, behind).limit(limit + 1)
            owners = _owners(connection, owner) if sought else ()
            if sought:
                wanted = wanted.where(having_all(connection, owners, sought))
            rows = connection.execute(wanted).mappings().all()
            page = rows[:limit]
            hits = _found_in(connection, page, owners, sought) if sought else {}
            shown = [_indexed(row, hits.get(row["id"], row["preview"])) for row in page]
            return IndexPage(shown, cursor_at(_place(page[-1])) if rows[limit:] else None)

        return await self._reader.run(work)

    async def find_chat(self, conversation_id: str) -> Indexed | None:
        """Return a conversation as lists show it, or None."""

        def work(connection: Connection) -> Indexed | None:
            row = connection.execute(select(chats).where(chats.c.id == conversation_id)).mappings().first()
            return None if row is None else _indexed(row, row["preview"])

        return await self._reader.run(work)

    async def list_messages(self, conversation_id: str, *, limit: int, before: int | None) -> MessagePage:
        """Return the last messages, or the last before a number."""

        def work(connection: Connection) -> MessagePage:
            wanted = select(messages).where(messages.c.chat_id == conversation_id)
            if before is not None:
                wanted = wanted.where(messages.c.number < before)
            rows = connection.execute(wanted.order_by(messages.c.number.desc()).limit(limit)).mappings().all()
            first = rows[-1]["number"] if rows else 0
            return MessagePage([_message(row) for row in reversed(rows)], first or None)

        return await self._reader.run(work)


def in_order(owner: str | None, behind: Place | None) -> Select[*tuple[Any, ...]]:
    """Return the statement for conversations, of one owner or all, those that stand behind a place."""
    place = (chats.c.pinned, chats.c.updated_at, chats.c.id)
    wanted = select(chats).order_by(*(column.desc() for column in place))
    if owner is not None:
        wanted = wanted.where(chats.c.owner == owner)
    return wanted if behind is None else wanted.where(tuple_(*place) < behind)


def _place(row: RowMapping) -> Place:
    return row["pinned"], row["updated_at"], row["id"]


def _owners(connection: Connection, owner: str | None) -> Sequence[str]:
    """Return whose words are searched: everybody's, where nobody was named."""
    return [owner] if owner is not None else connection.scalars(select(chats.c.owner).distinct()).all()


def _found_in(
    connection: Connection, page: Sequence[RowMapping], owners: Sequence[str], sought: Sequence[Term]
) -> Mapping[str, str]:
    """Return what stands around the words that were found, by conversation; nothing for those found by their title."""
    ids = {row["key"]: row["id"] for row in page}
    best = best_hits(connection, owners, sought, list(ids))
    # One by one: SQLite reads the whole table for a list of pairs.
    those = (and_(messages.c.chat_id == ids[key], messages.c.number == number) for key, number in best.items())
    said = connection.execute(select(messages.c.chat_id, messages.c.text).where(or_(false(), *those)))
    return {chat_id: preview_of(text, sought) for chat_id, text in said}


def _indexed(row: RowMapping, preview: str) -> Indexed:
    return Indexed(
        conversation_id=row["id"],
        owner=row["owner"],
        title=row["title"],
        pinned=row["pinned"],
        messages=row["messages"],
        preview=preview,
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
    )


def _message(row: RowMapping) -> Message:
    return Message(
        number=row["number"],
        message_id=row["message_id"],
        role=Role(row["role"]),
        text=row["text"],
        agent=row["agent"],
        said_at=moment(row["said_at"]),
    )


def index_chat(connection: Connection, effect: IndexChat, at: datetime) -> None:
    """Show a new conversation."""
    row = {"id": effect.conversation_id, "owner": effect.owner, "title": effect.title, "pinned": False}
    times = {"created_at": stamp(at), "updated_at": stamp(at)}
    new = insert(chats).values({**row, **times, "messages": 0, "preview": ""}).returning(chats.c.key)
    put_words(connection, connection.scalars(new).one(), effect.owner, TITLE, effect.title)


def index_message(connection: Connection, effect: IndexMessage, at: datetime) -> None:
    """Show a message."""
    row = {
        "chat_id": effect.conversation_id,
        "number": effect.number,
        "message_id": effect.message_id,
        "role": effect.role.value,
        "text": effect.text,
        "agent": effect.agent,
        "said_at": stamp(at),
    }
    connection.execute(insert(messages), [row])
    shown = {"messages": effect.number + 1, "preview": preview_of(effect.text), "updated_at": stamp(at)}
    key, owner = _changed(connection, effect.conversation_id, shown)
    put_words(connection, key, owner, effect.number, effect.text)
    if effect.title is not None:
        retitle(connection, RetitleChat(effect.conversation_id, effect.title), at)


def retitle(connection: Connection, effect: RetitleChat, _: datetime) -> None:
    """Show another title."""
    key, owner = _changed(connection, effect.conversation_id, {"title": effect.title})
    put_title(connection, key, owner, effect.title)


def pin(connection: Connection, effect: PinIndexed, _: datetime) -> None:
    """Show it above the others, or no longer."""
    _changed(connection, effect.conversation_id, {"pinned": effect.pinned})


def _changed(connection: Connection, conversation_id: str, shown: Mapping[str, Any]) -> tuple[int, str]:
    """Change what lists show of a conversation, and return its key and its owner."""
    change = update(chats).where(chats.c.id == conversation_id).values(shown).returning(chats.c.key, chats.c.owner)
    key, owner = connection.execute(change).one()
    return key, owner


def forget_chats(connection: Connection, conversation_ids: Sequence[str]) -> None:
    """Forget conversations, all that was said in them, and the words by which they were found."""
    connection.execute(delete(messages).where(messages.c.chat_id.in_(conversation_ids)))
    gone = delete(chats).where(chats.c.id.in_(conversation_ids)).returning(chats.c.key)
    drop_words(connection, connection.scalars(gone).all())
