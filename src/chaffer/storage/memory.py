"""The journal and the ledger in memory: for tests, experiments and whoever needs no tomorrow."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec.json import encode

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
from chaffer.storage.memory_chats import MemoryChats, forget_chats
from chaffer.storage.memory_ledger import MemoryLedger
from chaffer.storage.product_vectors import MemoryVectors
from chaffer.storage.products.memory import MemoryCatalogue
from chaffer.storage.refusals import place_of, taken


@dataclass(slots=True)
class _Kept:
    place: int
    head: Head
    records: list[Recorded]
    holder: str | None = None
    until: datetime | None = None
    measured: int = 0
    bytes: int = 0

    def weigh(self) -> int:
        """Return the bytes that the events take; those that were not asked about before are measured now."""
        self.bytes += sum(len(encode(record.event)) for record in self.records[self.measured :])
        self.measured = len(self.records)
        return self.bytes


class MemoryStore(MemoryLedger):
    """Journal and ledger in one process's memory; see the protocols for what each method promises."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._kept: dict[str, _Kept] = {}
        self._created = 0
        self._used: dict[str, tuple[Used, datetime]] = {}
        self._logins: dict[bytes, Login] = {}
        self.products = MemoryCatalogue(self._books.shelves)
        self.vectors = MemoryVectors()

    @property
    def chats(self) -> MemoryChats:
        """Return how conversations are found and read."""
        return MemoryChats(self._books.chats, self._books.messages)

    async def close(self) -> None:
        """Do nothing: there is nothing to let go."""

    async def create(self, openings: Sequence[Opening], at: datetime, effects: Sequence[Effect] = ()) -> None:
        """Create conversations with their first events, all or none, with the effects."""
        ids = [opening.conversation_id for opening in openings]
        if len(set(ids)) < len(ids) or not self._kept.keys().isdisjoint(ids):
            raise taken()
        self._books.apply(effects, at)
        for opening in openings:
            records = [Recorded(number, at, event) for number, event in enumerate(opening.events, start=1)]
            head = Head(
                conversation_id=opening.conversation_id,
                kind=opening.kind,
                owner=opening.owner,
                parent_id=opening.parent_id,
                status=opening.status,
                position=len(records),
                epoch=0,
                created_at=at,
                updated_at=at,
            )
            self._created += 1
            self._kept[opening.conversation_id] = _Kept(self._created, head, records)

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Add events behind the expected position."""
        kept = self._kept.get(append.conversation_id)
        if kept is None:
            raise ConversationGoneError(append.conversation_id)
        if append.epoch is not None and append.epoch != kept.head.epoch:
            raise ForeignEpochError(append.conversation_id)
        if append.expected != kept.head.position:
            raise PositionConflictError(append.conversation_id)
        self._books.apply(append.effects, append.at)
        new = tuple(
            Recorded(position, append.at, event)
            for position, event in enumerate(append.events, start=append.expected + 1)
        )
        kept.records.extend(new)
        kept.head = replace(kept.head, position=len(kept.records), status=append.status, updated_at=append.at)
        return new

    async def read(self, conversation_id: str, after: int = 0) -> tuple[Recorded, ...]:
        """Return the events behind position `after`."""
        kept = self._kept.get(conversation_id)
        return () if kept is None else tuple(kept.records[after:])

    async def find(self, conversation_id: str) -> Head | None:
        """Return the head of a conversation, or None."""
        kept = self._kept.get(conversation_id)
        return None if kept is None else kept.head

    async def children(self, parent_id: str) -> tuple[Head, ...]:
        """Return the heads of all that belongs to a conversation, in the order of their creation."""
        return tuple(kept.head for kept in self._kept.values() if kept.head.parent_id == parent_id)

    async def list(self, kind: str, *, owner: str | None, limit: int, after: str | None) -> Page:
        """Return a page of conversations of one kind, newest first."""
        before = self._created + 1 if after is None else place_of(after)
        found = [
            kept
            for kept in reversed(self._kept.values())
            if kept.place < before and kept.head.kind == kind and owner in {None, kept.head.owner}
        ]
        more = str(found[limit - 1].place) if len(found) > limit else None
        return Page(tuple(kept.head for kept in found[:limit]), more)

    async def holdings(self, owner: str, under_way: Sequence[str], kept: Sequence[str] = ()) -> Holdings:
        """Return what an owner holds."""
        own = [each for each in self._kept.values() if each.head.owner == owner]
        running = sum(each.head.status in under_way for each in own)
        of_kinds = sum(each.head.kind in kept for each in own)
        answers = (answer for (whose, _), (_, answer, _) in self._books.answers.items() if whose == owner)
        stored = sum(each.weigh() for each in own) + sum(len(each.body.encode()) for each in answers)
        return Holdings(running, stored, of_kinds)

    async def delete(self, conversation_ids: Sequence[str]) -> None:
        """Delete conversations, their events, and the keys sealed for them."""
        for conversation_id in conversation_ids:
            self._kept.pop(conversation_id, None)
        gone = set(conversation_ids)
        books = self._books
        books.keys = ChainMap({place: kept for place, kept in books.keys.items() if place[0] not in gone})
        forget_chats(books.chats, books.messages, conversation_ids)

    async def acquire(self, conversation_id: str, holder: str, until: datetime, now: datetime) -> int | None:
        """Take the lease of a conversation and return the new epoch, or None."""
        kept = self._kept.get(conversation_id)
        if kept is None or (kept.holder not in {None, holder} and kept.until is not None and kept.until >= now):
            return None
        kept.holder, kept.until = holder, until
        kept.head = replace(kept.head, epoch=kept.head.epoch + 1)
        return kept.head.epoch

    async def renew(self, holder: str, until: datetime) -> None:
        """Prolong all leases that a holder still has."""
        for kept in self._kept.values():
            if kept.holder == holder:
                kept.until = until

    async def release(self, conversation_id: str, holder: str) -> None:
        """Give a lease back."""
        kept = self._kept.get(conversation_id)
        if kept is not None and kept.holder == holder:
            kept.holder = kept.until = None

    async def held(self, holder: str) -> tuple[Head, ...]:
        """Return the conversations that the holder took the lease of, oldest first."""
        return tuple(kept.head for kept in self._kept.values() if kept.holder == holder)

    async def held_elsewhere(self, holder: str, now: datetime) -> int:
        """Return how many conversations are held by others than the holder."""
        return sum(
            kept.holder not in {None, holder} and kept.until is not None and kept.until >= now
            for kept in self._kept.values()
        )

    async def abandoned(self, statuses: Sequence[str], now: datetime) -> tuple[Head, ...]:
        """Return the conversations in one of the statuses that nobody holds, oldest first."""
        found = (kept for kept in self._kept.values() if kept.head.status in statuses)
        return tuple(kept.head for kept in found if kept.until is None or kept.until < now)

    async def find_answer(self, owner: str, key: str) -> tuple[str, Answer] | None:
        """Return the digest and the answer kept under (owner, key), or None."""
        found = self._books.answers.get((owner, key))
        return None if found is None else found[:2]

    async def find_sealed_key(self, session_id: str, slot: str, provider: str) -> bytes | None:
        """Return what is kept of a key, or None."""
        return self._books.keys.get((session_id, slot, provider))

    async def forget_answers(self, before: datetime) -> None:
        """Drop the answers that were kept before that time."""
        self._books.answers = ChainMap({key: kept for key, kept in self._books.answers.items() if kept[2] >= before})

    async def used(self, scopes: Sequence[str]) -> Mapping[str, Used]:
        """Return what models used in each of the scopes."""
        return {scope: self._used[scope][0] if scope in self._used else Used() for scope in scopes}

    async def add_used(self, uses: Mapping[str, Used], at: datetime) -> Mapping[str, Used]:
        """Add what models used, and return the sums."""
        for scope, use in uses.items():
            before, last_at = self._used.get(scope, (Used(), at))
            self._used[scope] = (before + use, max(last_at, at))
        return {scope: self._used[scope][0] for scope in uses}

    async def forget_used(self, before: datetime) -> None:
        """Drop the scopes to which nothing was added since that time."""
        self._used = {scope: kept for scope, kept in self._used.items() if kept[1] >= before}

    async def keep_login(self, login: Login, most: int) -> None:
        """Keep a new login, and of its owner's others those that expire last, so that there are `most`."""
        others = [held for held in self._logins.values() if held.owner == login.owner]
        others.sort(key=lambda held: held.expires_at, reverse=True)
        for held in others[most - 1 :]:
            del self._logins[held.digest]
        self._logins[login.digest] = login

    async def find_login(self, digest: bytes) -> Login | None:
        """Return a login, or None."""
        return self._logins.get(digest)

    async def forget_login(self, digest: bytes) -> None:
        """Drop a login."""
        self._logins.pop(digest, None)

    async def forget_logins(self, before: datetime) -> None:
        """Drop the logins that expired before that time."""
        self._logins = {digest: login for digest, login in self._logins.items() if login.expires_at >= before}

    async def preferences(self, owner: str) -> Preferences:
        """Return what is known of a person's taste."""
        return self._books.preferences.get(owner, Preferences())

    async def change_preferences(self, owner: str, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Put what `change` makes of them in their place, and return it."""
        self._books.preferences[owner] = change(self._books.preferences.get(owner, Preferences()))
        return self._books.preferences[owner]

    async def forget_preferences(self, owner: str) -> None:
        """Forget all of them."""
        self._books.preferences.pop(owner, None)
