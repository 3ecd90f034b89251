"""How much one owner may hold at one time: conversations, those under way, open streams, stored bytes.

Whoever holds too much is refused with CONFLICT and not with RATE_LIMIT_EXCEEDED: no waiting time can be promised, as
only the owner can free what is held.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from chaffer.conversation.journal import Journal
from chaffer.doors.caller import Caller
from chaffer.errors import Advice, ChafferError, Code


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that one owner may hold."""

    under_way: int
    streams: int
    stored_bytes: int
    conversations: int


@dataclass(frozen=True, slots=True)
class Possessions:
    """Keeps owners within their bounds. Without bounds, and for callers who are nobody, there is no limit.

    What is stored and under way the journal knows, `under_way` being the statuses under which a flow runs, and `kept`
    the kinds of conversation that stay until their owner deletes them; streams end with this process and are counted
    here.
    """

    journal: Journal
    under_way: Sequence[str]
    bounds: Bounds | None = None
    kept: Sequence[str] = ()
    _streams: Counter[str] = field(default_factory=Counter)
    _beginning: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def storing(self, caller: Caller) -> AsyncIterator[None]:
        """Store something within the context. Raises CONFLICT where the caller has as much stored as may be."""
        if self.bounds is not None and caller.scope is not None:
            held = await self.journal.holdings(caller.scope, self.under_way)
            _check_stored(held.stored_bytes, self.bounds.stored_bytes)
        yield

    @asynccontextmanager
    async def beginning(self, caller: Caller, more: int = 1, *, kept: int = 0) -> AsyncIterator[None]:
        """Begin so many conversations within the context; the same owner begins no others in this process meanwhile.

        `kept` new ones will stay. Raises CONFLICT where that would be too many under way or kept, or too much is stored
        already.
        """
        if self.bounds is None or caller.scope is None:
            yield
            return
        # Held by those who wait for it and by nobody else: an owner who begins nothing has none.
        lock = self._beginning.setdefault(caller.scope, asyncio.Lock())
        async with lock:
            held = await self.journal.holdings(caller.scope, self.under_way, self.kept)
            _check_stored(held.stored_bytes, self.bounds.stored_bytes)
            if kept and held.conversations + kept > self.bounds.conversations:
                raise _too_many_kept(held.conversations, self.bounds.conversations)
            if held.under_way + more > self.bounds.under_way:
                raise _too_many_under_way(held.under_way, more, self.bounds.under_way)
            yield

    @contextmanager
    def streaming(self, caller: Caller) -> Iterator[None]:
        """Have a stream open within the context. Raises CONFLICT where the caller has too many."""
        owner = caller.scope
        if self.bounds is None or owner is None:
            yield
            return
        if self._streams[owner] >= self.bounds.streams:
            raise _too_many_streams(self._streams[owner], self.bounds.streams)
        self._streams[owner] += 1
        try:
            yield
        finally:
            self._streams[owner] -= 1
            if not self._streams[owner]:
                del self._streams[owner]

    def open_streams(self, owner: str) -> int:
        """Return how many streams an owner follows in this process."""
        return self._streams.get(owner, 0)


def _check_stored(stored: int, most: int) -> None:
    if stored >= most:
        raise ChafferError(
            Code.CONFLICT,
            f"Nothing new was stored: your conversations and the answers kept for you take {stored} bytes, and {most} "
            "are the most (MAX_STORED_BYTES_PER_OWNER). Delete sessions or runs that you no longer need; answers under "
            "an Idempotency-Key go after a day.",
            advice=Advice("There is no room left for more of yours.", ("Delete what you no longer need.",)),
        )


def _too_many_under_way(held: int, more: int, most: int) -> ChafferError:
    return ChafferError(
        Code.CONFLICT,
        f"Not begun: {held} of your rooms and runs are under way, {more} more were asked for, and {most} at one time "
        "are the most (MAX_UNDER_WAY_PER_OWNER). Stop one, wait until one ends, or begin them one by one.",
        advice=Advice("Too much of yours is under way.", ("Wait until something ends.", "Stop something.")),
    )


def _too_many_kept(held: int, most: int) -> ChafferError:
    return ChafferError(
        Code.CONFLICT,
        f"Not opened: you have {held} conversations with the assistant, and {most} are the most "
        "(MAX_CONVERSATIONS_PER_OWNER). Delete one that you no longer need, or go on with one.",
        advice=Advice(
            "You have as many conversations as you may.", ("Delete one that you no longer need.", "Go on with one.")
        ),
    )


def _too_many_streams(held: int, most: int) -> ChafferError:
    return ChafferError(
        Code.CONFLICT,
        f"The stream was not opened: you follow {held} already, and {most} at one time are the most "
        "(MAX_STREAMS_PER_OWNER). Close one; a session's stream shows all its rooms on one connection.",
        advice=Advice("You follow too much at once.", ("Close a page that you no longer look at.",)),
    )
