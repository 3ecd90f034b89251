"""The journal and the ledger in SQL, the same statements on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from chaffer.conversation.codec import Codec
from chaffer.conversation.journal import (
    Answer,
    Append,
    ConversationGoneError,
    Effect,
    ForeignEpochError,
    Head,
    Holdings,
    Opening,
    Page,
    PositionConflictError,
    Recorded,
)
from chaffer.doors.logins import Login
from chaffer.ledger.model_usage import Used
from chaffer.shopping.preferences import Preferences
from chaffer.storage.chats import SqlChats, forget_chats
from chaffer.storage.effects import apply_effect
from chaffer.storage.heads import HEAD, heads_of, new_head
from chaffer.storage.holdings import read_holdings
from chaffer.storage.ledger import SqlLedger
from chaffer.storage.logins import find_login, forget_login, forget_logins, keep_login
from chaffer.storage.model_usage import add_used, forget_used, read_used
from chaffer.storage.preferences import change_preferences, forget_preferences, read_preferences
from chaffer.storage.product_vectors import SqlVectors
from chaffer.storage.products.catalogue import SqlCatalogue
from chaffer.storage.reader import Reader, Waited
from chaffer.storage.refusals import place_of, taken
from chaffer.storage.tables import answers, conversations, events, moment, session_keys, stamp
from chaffer.storage.writer import Writer

_ADVANCE: Final = (
    update(conversations)
    .where(conversations.c.id == bindparam("of"), conversations.c.position == bindparam("expected"))
    .values(
        position=bindparam("new"),
        status=bindparam("new_status"),
        updated_at=bindparam("now"),
        bytes=conversations.c.bytes + bindparam("more"),
    )
)
_ADVANCE_AS_OWNER: Final = _ADVANCE.where(conversations.c.epoch == bindparam("own_epoch"))
_INSERT: Final = {table: insert(table) for table in (conversations, events)}
_READ: Final = (
    select(events.c.position, events.c.at, events.c.name, events.c.body)
    .where(events.c.conversation_id == bindparam("of"), events.c.position > bindparam("after"))
    .order_by(events.c.position)
)


class SqlStore(SqlLedger):
    """Journal and ledger over one database; see the protocols for what each method promises."""

    def __init__(self, engine: Engine, codec: Codec) -> None:
        """Take an engine whose schema is up to date, and the events it is to hold."""
        super().__init__(Writer(engine), Reader(engine))
        self._engine = engine
        self._codec = codec
        self.chats = SqlChats(self._reader)
        self.products = SqlCatalogue(self._writer, self._reader)
        self.vectors = SqlVectors(self._writer, self._reader)

    def tell(self, waited: Waited) -> None:
        """Have that be told how long callers wait for reads and writes, from now on."""
        self._reader.waited = self._writer.waited = waited

    async def close(self) -> None:
        """Write what waits and let the database go."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._reader.close()
        self._engine.dispose()

    async def create(self, openings: Sequence[Opening], at: datetime, effects: Sequence[Effect] = ()) -> None:
        """Create conversations with their first events, all or none, with the effects."""
        begun = [(opening, self._rows(opening.conversation_id, 0, opening.events, at)) for opening in openings]
        heads = [new_head(opening, stamp(at), _weight(rows)) for opening, rows in begun]
        rows = [row for _, rows in begun for row in rows]

        def work(connection: Connection) -> None:
            try:
                for effect in effects:
                    apply_effect(connection, effect, at)
                _insert(connection, conversations, heads)
                _insert(connection, events, rows)
            except IntegrityError:
                raise taken() from None

        await self._writer.run(work)

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Add events behind the expected position."""
        rows = self._rows(append.conversation_id, append.expected, append.events, append.at)
        parameters = {
            "of": append.conversation_id,
            "expected": append.expected,
            "new": append.expected + len(append.events),
            "new_status": append.status,
            "now": stamp(append.at),
            "more": _weight(rows),
            **({} if append.epoch is None else {"own_epoch": append.epoch}),
        }
        advance = _ADVANCE if append.epoch is None else _ADVANCE_AS_OWNER

        def work(connection: Connection) -> None:
            if connection.execute(advance, parameters).rowcount == 0:
                raise _why_not(connection, append)
            _insert(connection, events, rows)
            for effect in append.effects:
                apply_effect(connection, effect, append.at)

        await self._writer.run(work, savepoint=bool(append.effects))
        return tuple(
            Recorded(position, append.at, event)
            for position, event in enumerate(append.events, start=append.expected + 1)
        )

    def _rows(self, conversation_id: str, behind: int, new: Sequence[Any], at: datetime) -> list[dict[str, Any]]:
        rows = []
        for position, event in enumerate(new, start=behind + 1):
            name, body = self._codec.dump(event)
            rows.append(
                {
                    "conversation_id": conversation_id,
                    "position": position,
                    "at": stamp(at),
                    "name": name,
                    "body": body,
                }
            )
        return rows

    async def read(self, conversation_id: str, after: int = 0) -> tuple[Recorded, ...]:
        """Return the events behind position `after`."""

        def work(connection: Connection) -> tuple[Recorded, ...]:
            found = connection.execute(_READ, {"of": conversation_id, "after": after})
            return tuple(Recorded(row[0], moment(row[1]), self._codec.load(row[2], row[3])) for row in found)

        return await self._reader.run(work)

    async def find(self, conversation_id: str) -> Head | None:
        """Return the head of a conversation, or None."""
        query = select(*HEAD).where(conversations.c.id == conversation_id)
        heads = await self._reader.run(lambda connection: heads_of(connection.execute(query).mappings()))
        return heads[0] if heads else None

    async def children(self, parent_id: str) -> tuple[Head, ...]:
        """Return the heads of all that belongs to a conversation, in the order of their creation."""
        query = select(*HEAD).where(conversations.c.parent_id == parent_id).order_by(conversations.c.seq)
        return await self._reader.run(lambda connection: heads_of(connection.execute(query).mappings()))

    async def list(self, kind: str, *, owner: str | None, limit: int, after: str | None) -> Page:
        """Return a page of conversations of one kind, newest first."""
        query = select(conversations.c.seq, *HEAD).where(conversations.c.kind == kind)
        query = query.order_by(conversations.c.seq.desc()).limit(limit + 1)
        if owner is not None:
            query = query.where(conversations.c.owner == owner)
        if after is not None:
            query = query.where(conversations.c.seq < place_of(after))
        rows = await self._reader.run(lambda connection: connection.execute(query).mappings().all())
        more = str(rows[limit - 1]["seq"]) if len(rows) > limit else None
        return Page(heads_of(rows[:limit]), more)

    async def holdings(self, owner: str, under_way: Sequence[str], kept: Sequence[str] = ()) -> Holdings:
        """Return what an owner holds."""
        return await self._reader.run(lambda connection: read_holdings(connection, owner, under_way, kept))

    async def delete(self, conversation_ids: Sequence[str]) -> None:
        """Delete conversations, their events, and the keys sealed for them."""
        ids = list(conversation_ids)

        def work(connection: Connection) -> None:
            # The heads first: that waits for an append under way, whose events the second statement then sees.
            connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
            connection.execute(delete(events).where(events.c.conversation_id.in_(ids)))
            connection.execute(delete(session_keys).where(session_keys.c.session_id.in_(ids)))
            forget_chats(connection, ids)

        await self._writer.run(work, erases=True)

    async def acquire(self, conversation_id: str, holder: str, until: datetime, now: datetime) -> int | None:
        """Take the lease of a conversation and return the new epoch, or None."""
        free = or_(
            conversations.c.lease_holder.is_(None),
            conversations.c.lease_holder == holder,
            conversations.c.lease_until < stamp(now),
        )
        statement = (
            update(conversations)
            .where(conversations.c.id == conversation_id, free)
            .values(epoch=conversations.c.epoch + 1, lease_holder=holder, lease_until=stamp(until))
            .returning(conversations.c.epoch)
        )

        def work(connection: Connection) -> int | None:
            epoch: int | None = connection.scalar(statement)
            return epoch

        return await self._writer.run(work)

    async def renew(self, holder: str, until: datetime) -> None:
        """Prolong all leases that a holder still has."""
        mine = conversations.c.lease_holder == holder
        statement = update(conversations).where(mine).values(lease_until=stamp(until))
        await self._writer.run(lambda connection: _ignore(connection.execute(statement)))

    async def release(self, conversation_id: str, holder: str) -> None:
        """Give a lease back."""
        mine = (conversations.c.id == conversation_id) & (conversations.c.lease_holder == holder)
        statement = update(conversations).where(mine).values(lease_holder=None, lease_until=None)
        await self._writer.run(lambda connection: _ignore(connection.execute(statement)))

    async def held(self, holder: str) -> tuple[Head, ...]:
        """Return the conversations that the holder took the lease of, oldest first."""
        query = select(*HEAD).where(conversations.c.lease_holder == holder).order_by(conversations.c.seq)
        return await self._reader.run(lambda connection: heads_of(connection.execute(query).mappings()))

    async def held_elsewhere(self, holder: str, now: datetime) -> int:
        """Return how many conversations are held by others than the holder."""
        theirs = (conversations.c.lease_holder != holder, conversations.c.lease_until >= stamp(now))
        query = select(func.count()).select_from(conversations).where(*theirs)
        return await self._reader.run(lambda connection: connection.execute(query).scalar_one())

    async def abandoned(self, statuses: Sequence[str], now: datetime) -> tuple[Head, ...]:
        """Return the conversations in one of the statuses that nobody holds, oldest first."""
        free = or_(conversations.c.lease_until.is_(None), conversations.c.lease_until < stamp(now))
        query = select(*HEAD).where(conversations.c.status.in_(statuses), free).order_by(conversations.c.seq)
        return await self._reader.run(lambda connection: heads_of(connection.execute(query).mappings()))

    async def find_answer(self, owner: str, key: str) -> tuple[str, Answer] | None:
        """Return the digest and the answer kept under (owner, key), or None."""
        query = select(answers.c.digest, answers.c.status, answers.c.body).where(
            answers.c.owner == owner, answers.c.key == key
        )
        row = await self._reader.run(lambda connection: connection.execute(query).first())
        return None if row is None else (row[0], Answer(row[1], row[2]))

    async def find_sealed_key(self, session_id: str, slot: str, provider: str) -> bytes | None:
        """Return what is kept of a key, or None."""
        query = select(session_keys.c.ciphertext).where(
            session_keys.c.session_id == session_id,
            session_keys.c.slot == slot,
            session_keys.c.provider == provider,
        )

        def work(connection: Connection) -> bytes | None:
            ciphertext: bytes | None = connection.scalar(query)
            return ciphertext

        return await self._reader.run(work)

    async def forget_answers(self, before: datetime) -> None:
        """Drop the answers that were kept before that time."""
        statement = delete(answers).where(answers.c.kept_at < stamp(before))
        await self._writer.run(lambda connection: _ignore(connection.execute(statement)))

    async def used(self, scopes: Sequence[str]) -> Mapping[str, Used]:
        """Return what models used in each of the scopes."""
        return await self._reader.run(lambda connection: read_used(connection, scopes))

    async def add_used(self, uses: Mapping[str, Used], at: datetime) -> Mapping[str, Used]:
        """Add what models used, and return the sums."""
        return await self._writer.run(lambda connection: add_used(connection, uses, at))

    async def forget_used(self, before: datetime) -> None:
        """Drop the scopes to which nothing was added since that time."""
        await self._writer.run(lambda connection: forget_used(connection, before))

    async def keep_login(self, login: Login, most: int) -> None:
        """Keep a new login, and of its owner's others those that expire last, so that there are `most`."""
        await self._writer.run(lambda connection: keep_login(connection, login, most))

    async def find_login(self, digest: bytes) -> Login | None:
        """Return a login, or None."""
        return await self._reader.run(lambda connection: find_login(connection, digest))

    async def forget_login(self, digest: bytes) -> None:
        """Drop a login."""
        await self._writer.run(lambda connection: forget_login(connection, digest))

    async def forget_logins(self, before: datetime) -> None:
        """Drop the logins that expired before that time."""
        await self._writer.run(lambda connection: forget_logins(connection, before))

    async def preferences(self, owner: str) -> Preferences:
        """Return what is known of a person's taste."""
        return await self._reader.run(lambda connection: read_preferences(connection, owner))

    async def change_preferences(self, owner: str, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Put what `change` makes of them in their place, and return it."""
        return await self._writer.run(lambda connection: change_preferences(connection, owner, change))

    async def forget_preferences(self, owner: str) -> None:
        """Forget all of them."""
        await self._writer.run(lambda connection: forget_preferences(connection, owner), erases=True)


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(_INSERT[table], rows)


def _why_not(connection: Connection, append: Append) -> Exception:
    """Return why an append found no conversation at its position and epoch."""
    query = select(conversations.c.position, conversations.c.epoch).where(conversations.c.id == append.conversation_id)
    row = connection.execute(query).first()
    if row is None:
        return ConversationGoneError(append.conversation_id)
    if append.epoch is not None and row[1] != append.epoch:
        return ForeignEpochError(append.conversation_id)
    return PositionConflictError(f"{append.conversation_id} is at {row[0]}, not at {append.expected}")


def _weight(rows: Iterable[Mapping[str, Any]]) -> int:
    """Return the bytes that the bodies of events take."""
    return sum(len(row["body"].encode()) for row in rows)


def _ignore(_: object) -> None:
    """Drop a result that tells nothing."""
