"""Calls under caps for tests: a desk at which they are made, books that count what is written, and a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chaffer.errors import ChafferError, Code
from chaffer.ledger.model_usage import Used
from chaffer.llm.caps import Caps, Limits
from chaffer.llm.context import estimated_tokens
from chaffer.llm.requests import Account, ModelRequest, Said, Usage
from chaffer.storage.memory import MemoryStore

START = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
DAY = "day:2026-03-01"
PROVIDER = "openai"
MODEL = "gpt-4"  # $30 for a million tokens in, $60 out.


@dataclass
class Watch:
    """A clock that stands still until it is set."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def goes_on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Books(MemoryStore):
    """A store that counts how often it is asked, and fails when it is told to."""

    reads: list[list[str]] = field(default_factory=list)
    writes: list[dict[str, Used]] = field(default_factory=list)
    is_down: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    async def used(self, scopes: Sequence[str]) -> Mapping[str, Used]:
        self.reads.append(list(scopes))
        await asyncio.sleep(0)
        self._check()
        return await super().used(scopes)

    async def add_used(self, uses: Mapping[str, Used], at: datetime) -> Mapping[str, Used]:
        self.writes.append(dict(uses))
        await asyncio.sleep(0)
        self._check()
        return await super().add_used(uses, at)

    def _check(self) -> None:
        if self.is_down:
            raise ChafferError(Code.INTERNAL_ERROR, "The database is down.")


def asking(room: str | None = "room_1", session: str = "session_1", **changes: object) -> ModelRequest:
    """Return a request of a room, or of nobody."""
    account = None if room is None else Account(session, room)
    request = ModelRequest(MODEL, (Said("user", "How much?"),), max_tokens=100, account=account)
    return replace(request, **changes)  # type: ignore[arg-type]  # Fields by name.


PROMPT = estimated_tokens(asking(), PROVIDER)


def uncapped() -> Caps:
    """Return caps of which none is set."""
    return Caps(Limits(), MemoryStore(), Watch().now)


@dataclass
class Desk:
    """Caps over a store, and calls to be made through them."""

    limits: Limits
    books: Books = field(default_factory=Books)
    watch: Watch = field(default_factory=Watch)
    provider: str = PROVIDER

    def __post_init__(self) -> None:
        self.caps = Caps(self.limits, self.books, self.watch.now)

    async def uses(self, usage: Usage, request: ModelRequest | None = None) -> None:
        async with self.caps.call(self.provider, request or asking()) as call:
            call.asked()
            call.told(usage)

    async def hangs(self, until: asyncio.Event, usage: Usage, request: ModelRequest | None = None) -> None:
        async with self.caps.call(self.provider, request or asking()) as call:
            call.asked()
            await until.wait()
            call.told(usage)

    async def stored(self, scope: str) -> Used:
        await self.caps.aclose()
        return (await MemoryStore.used(self.books, [scope]))[scope]


def run(case: Callable[[], Awaitable[None]]) -> None:
    """Run a case; one that waits for ever fails."""

    async def bounded() -> None:
        async with asyncio.timeout(20):
            await case()

    asyncio.run(bounded())


async def settle() -> None:
    """Let all tasks go on as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)
