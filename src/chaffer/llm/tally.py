"""Counters of what models use, kept here and exchanged with the database behind the calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from chaffer.errors import ChafferError
from chaffer.ledger.model_usage import ModelUsage, Used
from chaffer.llm.meter import Bound

FRESH_SECONDS: Final = 5.0
"""How long what was read of other processes' use holds."""

MOST_COUNTERS: Final = 1_000
"""How many are kept though nobody uses them."""

_log = structlog.get_logger("chaffer.llm")


@dataclass(slots=True)
class Counter:
    """What was used in one scope, and what the calls under way there may use at most."""

    stored: Used = field(default_factory=Used)
    unwritten: Used = field(default_factory=Used)
    read_at: datetime | None = None
    calls: int = 0
    calls_without_bound: int = 0
    bound: Used = field(default_factory=Used)

    @property
    def used(self) -> Used:
        """Return what was used, by this process and others."""
        return self.stored + self.unwritten

    def enter(self, bound: Bound, sign: int = 1) -> None:
        """Count a call under way, or with −1 count it out."""
        self.calls += sign
        self.calls_without_bound += sign * (bound.cost_micros is None)
        self.bound += Used(sign * bound.tokens, sign * (bound.cost_micros or 0))


class Tally:
    """All counters. One exchange with the database at a time writes what is new and reads what is old.

    While the database fails, what is known here goes on to count, and is written with the next exchange that succeeds.
    """

    def __init__(self, usage: ModelUsage, now: Callable[[], datetime], changed: Callable[[], None]) -> None:
        """Begin without knowing anything; `changed` is called after each exchange."""
        self._usage = usage
        self._now = now
        self._changed = changed
        self._counters: dict[str, Counter] = {}
        self._unread: set[str] = set()
        self._unwritten: set[str] = set()
        self._exchange: asyncio.Task[None] | None = None

    def counter(self, scope: str) -> Counter:
        """Return the counter of a scope."""
        return self._counters.setdefault(scope, Counter())

    def is_fresh(self, scope: str) -> bool:
        """Tell whether the scope was read lately; if it was not, it is read now."""
        read_at = self.counter(scope).read_at
        if read_at is not None and 0 <= (self._now() - read_at).total_seconds() < FRESH_SECONDS:
            return True
        self._unread.add(scope)
        self._begin_exchange()
        return False

    def count(self, scope: str, used: Used) -> None:
        """Add what was used; it is written now."""
        if used != Used():
            self.counter(scope).unwritten += used
            self._unwritten.add(scope)
            self._begin_exchange()

    async def flush(self) -> None:
        """Write all there is to write, or log that it could not be written."""
        if self._unwritten:
            self._begin_exchange()
        while self._exchange is not None:
            await asyncio.wait([self._exchange])

    def _begin_exchange(self) -> None:
        if self._exchange is None or self._exchange.done():
            self._exchange = asyncio.create_task(self._exchange_all(), name="what models used")
            self._exchange.add_done_callback(self._exchanged)

    async def _exchange_all(self) -> None:
        fails = False
        while self._unread or (self._unwritten and not fails):
            unread, self._unread = self._unread, set()
            try:
                await self._write()
                if unread:
                    self._take(await self._usage.used(sorted(unread)))
            except ChafferError as fault:
                fails = True
                _log.warning("llm.usage_not_kept", code=fault.code)
            finally:  # Also after a fault that nobody foresaw nobody waits for ever.
                self._go_on(unread)
        self._forget_idle()

    async def _write(self) -> None:
        written = {scope: self._counters[scope].unwritten for scope in self._unwritten}
        if not written:
            return
        sums = await self._usage.add_used(written, self._now())
        for scope, use in written.items():
            counter = self._counters[scope]
            counter.unwritten += Used(-use.tokens, -use.cost_micros)
            if counter.unwritten == Used():
                self._unwritten.discard(scope)
        self._take(sums)

    def _take(self, sums: Mapping[str, Used]) -> None:
        for scope, stored in sums.items():
            counter = self.counter(scope)
            counter.stored, counter.read_at = stored, self._now()

    def _go_on(self, scopes: set[str]) -> None:
        """Let those who wait be answered by what is known, read or not; in a while it is read again."""
        for scope in scopes:
            self.counter(scope).read_at = self._now()
        self._changed()

    def _exchanged(self, task: asyncio.Task[None]) -> None:
        if self._exchange is task:
            self._exchange = None

    def _forget_idle(self) -> None:
        """Drop the counters that nobody uses, where they have become many; they can be read again."""
        if len(self._counters) > MOST_COUNTERS:
            self._counters = {
                scope: counter for scope, counter in self._counters.items() if counter.calls or scope in self._unwritten
            }
