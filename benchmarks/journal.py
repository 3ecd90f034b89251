"""How many appends a second the journal takes on SQLite with `synchronous=FULL`, beside what the disk allows.

The bare bound is a file of a page's size written and synced over and over: no journal that keeps what it acknowledges
can append alone faster than that. Writers at once share a commit, so together they may.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.disk import synced_writes
from benchmarks.figure import Figure, median, spread
from chaffer.bootstrap import EVENT_TYPES
from chaffer.conversation.codec import Codec
from chaffer.conversation.journal import Append, Journal, Opening
from chaffer.negotiation.events import BudgetUpdated
from chaffer.storage.opening import open_store

MANY: Final = 50


def measure(*, quick: bool) -> list[Figure]:
    """Return synced writes a second, and appends a second of one writer and of many."""
    runs, seconds = (3, 0.3) if quick else (5, 1.0)
    synced, alone, many = [], [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
            synced.append(synced_writes(Path(name) / "bare", seconds))
            alone.append(asyncio.run(_appends(Path(name) / "alone.db", 1, seconds)))
            many.append(asyncio.run(_appends(Path(name) / "many.db", MANY, seconds)))
    return [
        Figure("disk, bare synced writes of 4 kB", median(synced), "/s", note=spread(synced)),
        Figure("journal, appends of one writer", median(alone), "/s", note=spread(alone)),
        Figure(f"journal, appends of {MANY} writers", median(many), "/s", note=spread(many)),
    ]


async def _appends(path: Path, writers: int, seconds: float) -> float:
    """Return how many appends of one event are acknowledged a second, each writer in a conversation of its own."""
    store = await open_store(f"sqlite:///{path.as_posix()}", Codec(EVENT_TYPES))
    try:
        names = [f"room_{number}" for number in range(writers)]
        await store.create([Opening(name, "room", "local", (), "active") for name in names], datetime.now(UTC))
        began = time.perf_counter()
        counts = await asyncio.gather(*(_write(store, name, began + seconds) for name in names))
        return sum(counts) / (time.perf_counter() - began)
    finally:
        await store.close()


async def _write(journal: Journal, conversation_id: str, until: float) -> int:
    done = 0
    while time.perf_counter() < until:
        await journal.append(Append(conversation_id, (BudgetUpdated(done),), datetime.now(UTC), done, "active"))
        done += 1
    return done
