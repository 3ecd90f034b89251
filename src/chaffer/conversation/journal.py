"""The journal: the one durable truth about a conversation, an append-only sequence of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chaffer.errors import Advice, ChafferError, Code

Event = Any
"""An event is an immutable value of the feature that made it; the kernel never looks inside."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the journal: positions of a conversation count 1, 2, 3, … without a gap."""

    position: int
    at: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Effect:
    """A change outside of the journal that commits with an append or not at all; the ledger defines such changes."""


@dataclass(frozen=True, slots=True)
class Append:
    """Events to be added to one conversation behind position `expected`, with the status that results from them.

    `epoch` is the writer's lease on the conversation; None for a caller who owns no lease (a person's message).
    """

    conversation_id: str
    events: tuple[Event, ...]
    at: datetime
    expected: int
    status: str
    epoch: int | None = None
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """A conversation to be created: its kind, whose it is, what it belongs to, and its first events."""

    conversation_id: str
    kind: str
    owner: str
    events: tuple[Event, ...]
    status: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What a list shows of a conversation without reading its events. `epoch` counts its owners so far."""

    conversation_id: str
    kind: str
    owner: str
    parent_id: str | None
    status: str
    position: int
    epoch: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer given to a request that bore an Idempotency-Key, kept so that the same request gets it again."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class RememberAnswer(Effect):
    """Keep an answer under (owner, key) with the append whose outcome it tells. `digest` is that of the request."""

    owner: str
    key: str
    digest: str
    answer: Answer


class PositionConflictError(Exception):
    """Somebody else appended first: fold again, decide again."""


class ForeignEpochError(Exception):
    """Another process owns this conversation now: the flow that got this stops for good."""


class ConversationGoneError(Exception):
    """The conversation does not exist, or no longer does."""


class EffectRefusedError(ChafferError):
    """An effect broke a rule of the ledger; nothing of its append was written. `remaining_minor` when known."""

    def __init__(
        self, code: Code, message: str, *, remaining_minor: int | None = None, advice: Advice | None = None
    ) -> None:
        """Bear the ledger's code and sentence, the budget that is left, and the advice for a person."""
        super().__init__(code, message, advice=advice)
        self.remaining_minor = remaining_minor


@dataclass(frozen=True, slots=True)
class Page:
    """A page of heads, newest first. `next_after` continues it; None at the end."""

    heads: tuple[Head, ...]
    next_after: str | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an owner holds: conversations under way, UTF-8 bytes of all events and kept answers, and what is counted.

    What lists and searches look at is not weighed: it grows with the events alone.
    """

    under_way: int
    stored_bytes: int
    conversations: int = 0


class Journal(Protocol):
    """Where conversations are kept. Every method is atomic; what was returned is durable."""

    async def create(self, openings: Sequence[Opening], at: datetime, effects: Sequence[Effect] = ()) -> None:
        """Create conversations with their first events, all or none, in one transaction with the effects."""
        ...

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Add events behind `append.expected` and return them as recorded.

        Raises PositionConflictError when the conversation has moved on, ForeignEpochError when `append.epoch` is not
        the current one, ConversationGoneError, EffectRefusedError; then nothing was written.
        """
        ...

    async def read(self, conversation_id: str, after: int = 0) -> tuple[Recorded, ...]:
        """Return the events behind position `after`, in order; empty when there are none or no such conversation."""
        ...

    async def find(self, conversation_id: str) -> Head | None:
        """Return the head of a conversation, or None."""
        ...

    async def children(self, parent_id: str) -> tuple[Head, ...]:
        """Return the heads of all that belongs to `parent_id`, in the order of their creation."""
        ...

    async def list(self, kind: str, *, owner: str | None, limit: int, after: str | None) -> Page:
        """Return a page of conversations of one kind, newest first, of one owner when given."""
        ...

    async def holdings(self, owner: str, under_way: Sequence[str], kept: Sequence[str] = ()) -> Holdings:
        """Return what an owner holds; `under_way` are the statuses under which a flow runs, `kept` the kinds counted.

        Costs time in proportion to that owner's conversations, whatever others hold.
        """
        ...

    async def delete(self, conversation_ids: Sequence[str]) -> None:
        """Delete conversations, their events, and the keys sealed for them; unknown ids are passed over."""
        ...

    async def acquire(self, conversation_id: str, holder: str, until: datetime, now: datetime) -> int | None:
        """Take the lease of a conversation for `holder` and return the new epoch.

        Returns None when another holder's lease has not run out at `now`, or the conversation is gone.
        """
        ...

    async def renew(self, holder: str, until: datetime) -> None:
        """Prolong all leases that `holder` still has."""
        ...

    async def release(self, conversation_id: str, holder: str) -> None:
        """Give a lease back, so that any process may take it at once."""
        ...

    async def held(self, holder: str) -> tuple[Head, ...]:
        """Return the conversations that `holder` took the lease of and nobody after it, oldest first."""
        ...

    async def held_elsewhere(self, holder: str, now: datetime) -> int:
        """Return how many conversations others than `holder` have a lease on that has not run out at `now`."""
        ...

    async def abandoned(self, statuses: Sequence[str], now: datetime) -> tuple[Head, ...]:
        """Return the conversations in one of `statuses` that nobody holds a lease on at `now`, oldest first."""
        ...

    async def find_answer(self, owner: str, key: str) -> tuple[str, Answer] | None:
        """Return the digest of the request and the answer kept under (owner, key), or None."""
        ...

    async def forget_answers(self, before: datetime) -> None:
        """Drop the answers that were kept before that time."""
        ...
