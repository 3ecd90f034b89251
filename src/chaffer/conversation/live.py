"""A live conversation: the fold of its journal in this process, and the one place where its commands are decided.

Commands that arrive while an append is under way are decided together and appended together: ten sellers who answer
at once cost one transaction. A command is always decided on the state that results from all events before it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any, Final, Protocol

from msgspec import Struct

from chaffer.conversation.feed import Feed, Item
from chaffer.conversation.journal import (
    Append,
    ConversationGoneError,
    Effect,
    EffectRefusedError,
    Event,
    ForeignEpochError,
    Journal,
    PositionConflictError,
    Recorded,
)
from chaffer.errors import ChafferError

FRESH_SECONDS: Final = 0.2

State = Any
Command = Any

Heard = Callable[[State, Sequence[Recorded]], None]
"""Is told what was recorded of a conversation here, and the state that it led to; it must not fail."""


class Verdict(Struct, frozen=True):
    """What a command leads to: events, and effects that must commit with them."""

    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()


class Kind(Protocol):
    """The rules of one kind of conversation, all of them pure."""

    name: str

    @property
    def under_way(self) -> str | None:
        """Return the status under which a flow runs; None for a kind that has no flow."""
        ...

    def decide(self, state: State, command: Command) -> Verdict:
        """Return what the command leads to in this state. Raises ChafferError when it may not be given."""
        ...

    def evolve(self, state: State | None, event: Event) -> State:
        """Return the state after the event; the first event meets None."""
        ...

    def status(self, state: State) -> str:
        """Return the status that lists show."""
        ...

    def is_over(self, state: State) -> bool:
        """Tell whether no further event can come."""
        ...

    def refused(self, command: Command, refusal: EffectRefusedError) -> Command | None:
        """Return the command that records an effect's refusal; None lets the caller see the refusal instead."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    command: Command
    answer: asyncio.Future[tuple[Recorded, ...]]
    as_owner: bool


def unheard(_state: State, _records: Sequence[Recorded]) -> None:
    """Take no note of what was recorded."""


@dataclass(slots=True)
class LiveConversation:
    """One conversation as this process knows it. `epoch` is None until this process owns it.

    `halted` says that somebody asked this process to end it where it stands: see `halt`.
    """

    conversation_id: str
    kind: Kind
    journal: Journal
    now: Callable[[], datetime]
    heard: Heard = unheard
    state: State = None
    epoch: int | None = None
    halted: bool = False
    feed: Feed = field(default_factory=Feed)
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _deciding: asyncio.Task[None] | None = None
    _refreshed: float = 0.0

    async def load(self) -> None:
        """Fold what the journal has beyond what this process has seen. Raises ConversationGoneError."""
        records = await self.journal.read(self.conversation_id, after=self.feed.position)
        records = tuple(record for record in records if record.position > self.feed.position)
        if records:
            self.state = reduce(self.kind.evolve, (record.event for record in records), self.state)
            self.feed.publish(records, ended=self.kind.is_over(self.state))
        if self.state is None:
            raise ConversationGoneError(self.conversation_id)

    async def submit(self, command: Command, *, as_owner: bool = False) -> tuple[Recorded, ...]:
        """Decide a command and return its events as recorded; they are durable and on the feed by then.

        A flow speaks `as_owner`, a person's call does not. Raises ChafferError when the command may not be given,
        ForeignEpochError when an owner no longer is one, ConversationGoneError when the conversation was deleted.
        """
        if as_owner and self.epoch is None:
            raise ForeignEpochError(self.conversation_id)
        waiting = _Waiting(command, asyncio.get_running_loop().create_future(), as_owner)
        self._waiting.append(waiting)
        if self._deciding is None:
            self._deciding = asyncio.create_task(self._decide_all(), name=f"decide {self.conversation_id}")
        return await waiting.answer

    def halt(self) -> None:
        """Have the flow, if it runs in this process, drop what it does at once; how it then ends is recorded after."""
        self.halted = True
        self.feed.wake()

    async def wait_until_over(self) -> None:
        """Return when the conversation has ended."""
        async for _ in self.follow(self.feed.position):
            pass

    def follow(self, after: int) -> AsyncGenerator[Item]:
        """Yield what was recorded behind position `after` and what is being said; see `Feed.follow`."""
        return self.feed.follow(after, self.refresh)

    def batches(self, after: int) -> AsyncGenerator[list[Item]]:
        """Yield what `follow` does, in lists of what is there at the same time."""
        return self.feed.batches(after, self.refresh)

    async def refresh(self) -> None:
        """Fold what another process may have written, at most once in a while. Closes the feed of what is gone."""
        if self.epoch is not None or self.feed.closed or self._deciding is not None:
            return
        moment = time.monotonic()
        if moment - self._refreshed < FRESH_SECONDS:
            return
        self._refreshed = moment
        head = await self.journal.find(self.conversation_id)
        if head is None:
            self.feed.close()
        elif head.position > self.feed.position:
            await self.load()

    async def catch_up(self, position: int | None) -> None:
        """Fold what the journal has up to a position; None: it is no longer this process's own, or deleted.

        An owner does not look by itself: what others wrote, it learns with its next append.
        """
        if self._deciding is not None or self.feed.closed:
            return
        if position is None:
            if await self.journal.find(self.conversation_id) is None:
                self.feed.close()
        elif position > self.feed.position:
            await self.load()

    async def _decide_all(self) -> None:
        try:
            while self._waiting:
                batch = self._next_batch()
                try:
                    await self._decide(batch)
                except (ConversationGoneError, ChafferError) as lost:
                    _answer_all(batch, lost)
                finally:
                    _cancel_all(waiting for waiting in batch if waiting not in self._waiting)
        finally:
            self._deciding = None
            _cancel_all(self._waiting)
            self._waiting.clear()

    def _next_batch(self) -> list[_Waiting]:
        batch = [waiting for waiting in self._waiting if not waiting.answer.done()]
        self._waiting.clear()
        return batch

    async def _decide(self, batch: list[_Waiting]) -> None:
        """Decide a batch on the present state, append it whole, and answer each."""
        state, now = self.state, self.now()
        decided: list[tuple[_Waiting, Verdict]] = []
        refused: list[tuple[_Waiting, ChafferError]] = []
        for waiting in batch:
            try:
                verdict = self.kind.decide(state, waiting.command)
            except ChafferError as refusal:
                refused.append((waiting, refusal))
                continue
            state = reduce(self.kind.evolve, verdict.events, state)
            decided.append((waiting, verdict))
            if verdict.effects:
                break
        undecided = batch[batch.index(decided[-1][0]) + 1 :] if decided and decided[-1][1].effects else []
        self._waiting.extendleft(reversed(undecided))
        events = tuple(event for _, verdict in decided for event in verdict.events)
        try:
            records = await self._append(events, decided, state, now) if events else ()
        except PositionConflictError:
            self._waiting.extendleft(waiting for waiting, _ in reversed(decided))
            await self.load()
        except ForeignEpochError as lost:
            self.epoch = None
            _answer_all([waiting for waiting, _ in decided if waiting.as_owner], lost)
            self._waiting.extendleft(waiting for waiting, _ in reversed(decided) if not waiting.as_owner)
            await self.load()
        except EffectRefusedError as refusal:
            self._retry_without(decided, refusal)
        else:
            self._accept(decided, records, state)
        await self._refuse(refused)

    async def _refuse(self, refused: Sequence[tuple[_Waiting, ChafferError]]) -> None:
        """Answer refused commands, unless another process has moved the conversation on: then decide them again."""
        seen = self.feed.position
        if refused:
            await self.load()
        if self.feed.position > seen:
            self._waiting.extendleft(waiting for waiting, _ in reversed(refused))
            return
        for waiting, refusal in refused:
            _answer_all([waiting], refusal)

    async def _append(
        self, events: tuple[Event, ...], decided: Sequence[tuple[_Waiting, Verdict]], state: State, now: datetime
    ) -> tuple[Recorded, ...]:
        return await self.journal.append(
            Append(
                conversation_id=self.conversation_id,
                events=events,
                at=now,
                expected=self.feed.position,
                status=self.kind.status(state),
                epoch=self.epoch if any(waiting.as_owner for waiting, _ in decided) else None,
                effects=tuple(effect for _, verdict in decided for effect in verdict.effects),
            )
        )

    def _retry_without(self, decided: list[tuple[_Waiting, Verdict]], refusal: EffectRefusedError) -> None:
        """Queue the batch again, with the command whose effect was refused (the last) replaced by its refusal."""
        refused = decided[-1][0]
        instead = self.kind.refused(refused.command, refusal)
        if instead is None:
            _answer_all([refused], refusal)
            decided = decided[:-1]
        else:
            refused.command = instead
        self._waiting.extendleft(waiting for waiting, _ in reversed(decided))

    def _accept(self, decided: Sequence[tuple[_Waiting, Verdict]], records: tuple[Recorded, ...], state: State) -> None:
        if records and records[-1].position > self.feed.position:  # else a load has seen them in the journal first
            self.state = state
            self.feed.publish(records, ended=self.kind.is_over(state))
        if records:
            self.heard(state, records)
        start = 0
        for waiting, verdict in decided:
            end = start + len(verdict.events)
            if not waiting.answer.done():
                waiting.answer.set_result(records[start:end])
            start = end


def _cancel_all(batch: Iterable[_Waiting]) -> None:
    for waiting in batch:
        waiting.answer.cancel()


def _answer_all(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
