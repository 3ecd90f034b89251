"""How many calls a provider gets at once and in a minute, and whose turn it is: fair between rooms."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from chaffer.llm.allowance import exhausted_seconds

WINDOW_SECONDS: Final = 60.0
LONGEST_PAUSE_SECONDS: Final = 120.0
"""A provider that tells of a later reset is asked again all the same, and answers with its fault."""


class Turn:
    """A place inside, held by one call; `begun` is when its minute began, where minutes count."""

    __slots__ = ("_begun", "_turnstile")

    def __init__(self, turnstile: Turnstile, begun: float | None) -> None:
        """Hold the place."""
        self._turnstile = turnstile
        self._begun = begun

    def give_back(self) -> None:
        """Say that no call is made after all: it does not count in its minute."""
        if self._begun is not None:
            self._turnstile.forget_call(self._begun)
            self._begun = None


class Turnstile:
    """Lets calls through, rooms in rotation, within a room in the order of their coming.

    Whoever waits is woken once, when its turn has come. It belongs to one event loop and needs no lock.
    """

    def __init__(self, concurrent: int | None, per_minute: int | None, *, now: Callable[[], float] = time.time) -> None:
        """Begin empty; None is no limit. `now` returns the seconds since 1970, as providers tell of resets."""
        self._concurrent = concurrent
        self._per_minute = per_minute
        self._now = now
        self._inside = 0
        """Calls that were let in, also those whose task has not gone on yet."""
        self._called = 0
        """Of these, those whose task has not gone on yet: their minute has not begun."""
        self._begun: deque[float] = deque()
        """When the calls of the last minute began, by the event loop's clock."""
        self._rooms: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        """Who waits; the first room is the next."""
        self._paused_until = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, room: str) -> AsyncIterator[Turn]:
        """Wait until it is this room's turn, and hold the place until the context is left."""
        turn = Turn(self, await self._come_in(room))
        try:
            yield turn
        finally:
            self._inside -= 1
            self._let_in()

    def forget_call(self, begun: float) -> None:
        """Count one call less in the minute that began then."""
        if begun in self._begun:
            self._begun.remove(begun)

    def heard(self, headers: Mapping[str, str]) -> None:
        """Let nobody in until the reset when the head of an answer says that no call is left, for 120 s at most."""
        seconds = exhausted_seconds(headers, self._now())
        if seconds is not None:
            until = asyncio.get_running_loop().time() + min(seconds, LONGEST_PAUSE_SECONDS)
            self._paused_until = max(self._paused_until, until)

    async def _come_in(self, room: str) -> float | None:
        """Wait for the turn, and return when its minute began, None where minutes do not count."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rooms.setdefault(room, deque()).append(waiting)
        self._let_in()
        try:
            if not waiting.done():
                await waiting
        except BaseException:
            self._give_up(room, waiting)
            raise
        self._called -= 1
        if self._per_minute is None:
            return None
        begun = asyncio.get_running_loop().time()
        self._begun.append(begun)
        self._let_in()
        return begun

    def _give_up(self, room: str, waiting: asyncio.Future[None]) -> None:
        """Take back a turn that was given too late, or the wish for one."""
        if waiting.cancelled() or not waiting.done():
            self._forget(room, waiting)
            return
        self._inside -= 1
        self._called -= 1
        if room in self._rooms:  # Its turn was not used: it goes to the next of the same room.
            self._rooms.move_to_end(room, last=False)
        self._let_in()

    def _let_in(self) -> None:
        """Give turns to all who may come in now, and set the alarm for the next if only time keeps it back."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        while self._rooms and (self._concurrent is None or self._inside < self._concurrent):
            open_at = self._open_at()
            loop = asyncio.get_running_loop()
            if open_at is None:
                return
            if open_at > loop.time():
                self._alarm = loop.call_at(open_at, self._let_in)
                return
            self._call_next()

    def _open_at(self) -> float | None:
        """Return when the minute, and what the provider told, allow another call; None: those called must begin."""
        if self._per_minute is None:
            return self._paused_until
        now = asyncio.get_running_loop().time()
        while self._begun and self._begun[0] + WINDOW_SECONDS <= now:
            self._begun.popleft()
        if len(self._begun) + self._called < self._per_minute:
            return self._paused_until
        return max(self._begun[0] + WINDOW_SECONDS, self._paused_until) if self._begun else None

    def _call_next(self) -> None:
        room, waiting = next(iter(self._rooms.items()))
        first = waiting[0]
        self._forget(room, first)
        if first.cancelled():  # Its task has not gone on yet. It used no turn: its room stays the next.
            return
        if room in self._rooms:
            self._rooms.move_to_end(room)
        first.set_result(None)
        self._inside += 1
        self._called += 1

    def _forget(self, room: str, waiting: asyncio.Future[None]) -> None:
        """Let one who waits wait no longer; a room where nobody waits has no place in the rotation."""
        others = self._rooms.get(room, deque())
        if waiting in others:
            others.remove(waiting)
            if not others:
                del self._rooms[room]
