"""How soon lists, searches and messages of kept conversations come, however many there are: on both servers.

Ann has a conversation of 10,000 messages and 1,000 others; then others say a hundred thousand things with the same
words, and what Ann sees is measured again.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.catalogue import late
from benchmarks.figure import Figure, load, median
from chaffer.assistant.events import CHAT, Role
from chaffer.assistant.indexing import ChatIndex, IndexChat, IndexMessage
from chaffer.bootstrap import EVENT_TYPES
from chaffer.conversation.codec import Codec
from chaffer.conversation.journal import Append, Opening
from chaffer.storage.opening import open_store
from chaffer.storage.sql import SqlStore
from tests.support.postgres import running_postgres

BOUND: Final = 50.0
LONG: Final = 10_000
SHORT: Final = 1_000
OTHERS: Final = 100_000

_PAGE: Final = 50
_START: Final = datetime(2026, 3, 1, tzinfo=UTC)
_SEARCHES: Final = ("quiet keyboard", "invoice", "haggl", "laptop under 900 wi")
# As many words as a person's talk has, some of them in every other message.
_TELLING: Final = ("keyboard", "quiet", "invoice", "laptop", "haggle", "budget", "seller", "wireless", "under", "900")
_WORDS: Final = (*_TELLING, *(f"{a}{b}{c}" for a in "bdfgkl" for b in "aeiou" for c in ("rn", "st", "nd", "ll")))


@dataclass(frozen=True, slots=True)
class _Seen:
    """Milliseconds of each look."""

    messages: Sequence[float]
    lists: Sequence[float]
    searches: Sequence[float]
    appends: Sequence[float]


def measure(*, quick: bool) -> list[Figure]:
    """Return what a page of messages, a list and a search take, and an append to a long conversation."""
    others = OTHERS // 10 if quick else OTHERS
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        figures = asyncio.run(_measured("SQLite", f"sqlite:///{(Path(name) / 'chaffer.db').as_posix()}", others))
    with running_postgres("bench") as server, server.empty_database() as url:
        return figures + asyncio.run(_measured("PostgreSQL", url, others))


async def _measured(where: str, url: str, others: int) -> list[Figure]:
    store = await open_store(url, Codec(EVENT_TYPES))
    try:
        await _said(store, "ann", [LONG, *(10 for _ in range(SHORT))])
        alone = await _seen(store)
        for number in range(others // 1_000):
            await _said(store, f"other_{number}", [100] * 10)
        beside = await _seen(store)
    finally:
        await store.close()
    told = f"beside {others:,} messages of others; {{:.2g}} ms without; load {load():.1f}"
    return [
        Figure(
            f"{where}, {what}, p95",
            late(after),
            "ms",
            BOUND,
            note=f"median {median(after):.2g}; " + told.format(late(before)),
        )
        for what, before, after in (
            (f"the last {_PAGE} of {LONG:,} messages", alone.messages, beside.messages),
            (f"a list of {_PAGE} of {SHORT:,} conversations", alone.lists, beside.lists),
            ("a search in them", alone.searches, beside.searches),
            ("an append of a message", alone.appends, beside.appends),
        )
    ]


async def _said(store: SqlStore, owner: str, lengths: Sequence[int]) -> None:
    """Have an owner hold conversations of these lengths."""
    for number, length in enumerate(lengths):
        name = f"{owner}_{number}"
        shown = (IndexChat(name, owner, f"Chat {number}"), *_messages(name, length))
        at = _START + timedelta(seconds=number)
        await store.create([Opening(name, CHAT, owner, (), "idle")], at, shown)


def _messages(name: str, count: int) -> Iterator[IndexMessage]:
    draw = random.Random(name)
    for number in range(count):
        role = Role.ASSISTANT if number % 2 else Role.PERSON
        yield IndexMessage(name, number, f"{name}_{number}", role, " ".join(draw.choices(_WORDS, k=40)))


async def _seen(store: SqlStore) -> _Seen:
    chats: ChatIndex = store.chats
    held = await chats.find_chat("ann_0")
    assert held is not None  # noqa: S101  It was written above.
    last = held.messages

    async def append(number: int) -> object:
        (said,) = _messages(f"draw_{number}", 1)
        shown = IndexMessage("ann_0", last + number, f"more_{last + number}", said.role, said.text)
        head = await store.find("ann_0")
        assert head is not None  # noqa: S101  As above.
        return await store.append(Append("ann_0", (), datetime.now(UTC), head.position, "idle", effects=(shown,)))

    return _Seen(
        await _timed(60, lambda _: chats.list_messages("ann_0", limit=_PAGE, before=None)),
        await _timed(60, lambda _: chats.list_chats("ann", query=None, limit=_PAGE, after=None)),
        await _timed(
            60, lambda n: chats.list_chats("ann", query=_SEARCHES[n % len(_SEARCHES)], limit=_PAGE, after=None)
        ),
        await _timed(60, append),
    )


async def _timed(times: int, look: Callable[[int], Awaitable[object]]) -> list[float]:
    """Return the milliseconds of each look, one after the other."""
    taken = []
    for number in range(times):
        began = perf_counter()
        await look(number)
        taken.append((perf_counter() - began) * 1000)
    return taken
