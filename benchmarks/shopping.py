"""The built-in assistant over HTTP on a catalogue of 100,000 products: one shopper, and two hundred at once.

The shoppers are in another process. The peer of an answer is the sum of its bare parts, measured in this process on the
same database: reading the same sentence, searching what it asks for, a commit of a synced page for each step, and a
call that does nothing.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.catalogue import PRODUCTS, fill, late
from benchmarks.disk import synced_writes, watched_disk
from benchmarks.figure import Figure, load, median
from benchmarks.server import ROOT, BenchmarkError, Server, serving
from benchmarks.shoppers import WISHES
from benchmarks.wishes import wishes
from chaffer.conversation.codec import Codec
from chaffer.shopping.catalogue.searching import PageWish, ProductCatalogue, Vocabulary
from chaffer.shopping.clarifying import can_be_asked, choice_worth_asking
from chaffer.shopping.collecting import CANDIDATES
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import Context, PlanningQuestion, RoutingQuestion
from chaffer.shopping.reading import plan, route
from chaffer.storage.opening import open_store

SHOPPERS: Final = 200
PROGRESS_BOUND: Final = 50.0
ANSWER_BOUND: Final = 150.0
CROWD_BOUND: Final = 1000.0
"""Milliseconds: up to a second a person stays with what they were doing (Nielsen, Usability Engineering, 1993)."""
SERVER_BOUND: Final = 300.0
MEMORY_BOUND: Final = 300.0
PAUSE: Final = 15.0

_COMMITS: Final = 7
"""A turn commits what was said, the intent, the plan, what was found and the answer; its lease is taken and given."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns as the shoppers saw them, in milliseconds to the first progress and to the end."""

    firsts: list[float]
    lasts: list[float]
    seconds: float

    @property
    def first_told(self) -> str:
        """Return how many there were, and the median and the latest first progress."""
        return _told(self.firsts)

    @property
    def last_told(self) -> str:
        """Return how many there were, and the median and the latest answer."""
        return _told(self.lasts)


def measure(*, quick: bool) -> list[Figure]:
    """Return how soon one shopper is answered and two hundred are, and what a shopper costs in memory."""
    turns, visits = (60, 2) if quick else (WISHES, 4)
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{(folder / 'data' / 'chaffer.db').as_posix()}"
        asyncio.run(fill(url))
        with serving(folder, DEMO_CATALOG="false") as server:
            shop(server, 1, 20)
            with watched_disk() as disk:
                alone = shop(server, 1, turns)
            calls = [_call(server) for _ in range(turns)]
            before, busy = server.memory()[0], server.cpu_seconds()
            thinking = shop(server, SHOPPERS, visits, PAUSE)
            each = (server.memory()[0] - before) * 1_000 / SHOPPERS
            crowd = shop(server, SHOPPERS, visits)
            whole = server.memory()[0]
            busy = (server.cpu_seconds() - busy) / (len(thinking.lasts) + len(crowd.lasts)) * 1_000
        searches = asyncio.run(_searches(url, turns))
        commits = _COMMITS * 1_000 / synced_writes(folder / "bare", 0.5)
    parts = [search + commits + median(calls) for search in searches]
    bare = f"its bare parts {late(parts):.0f} ms, median {median(parts):.0f} (same run)"
    rate = len(crowd.lasts) / crowd.seconds
    return [
        Figure("shopping, first progress, p95", late(alone.firsts), "ms", PROGRESS_BOUND, note=alone.first_told),
        Figure(
            "shopping, answer to one shopper, p95",
            late(alone.lasts),
            "ms",
            ANSWER_BOUND,
            peer=bare,
            note=f"{alone.last_told}; {disk.told}",
        ),
        Figure(
            f"shopping, first progress for {SHOPPERS} who think {PAUSE:.0f} s, p95",
            late(thinking.firsts),
            "ms",
            note=thinking.first_told,
        ),
        Figure(
            f"shopping, answer to {SHOPPERS} who think {PAUSE:.0f} s, p95",
            late(thinking.lasts),
            "ms",
            CROWD_BOUND,
            note=thinking.last_told,
        ),
        Figure(
            f"shopping, {SHOPPERS} who do not think",
            rate,
            "turns/s",
            peer=f"the bare parts, one after another: {1_000 / (sum(parts) / len(parts)):.0f} turns/s (same run)",
            note=f"{busy:.0f} ms of processor a turn; {crowd.last_told}",
        ),
        Figure("shopping, memory of the server", whole, "MB", SERVER_BOUND, note=f"{PRODUCTS:,} products"),
        Figure("shopping, memory of a shopper", each, "kB", MEMORY_BOUND, note=f"{visits} turns; growth of the server"),
    ]


def _told(times: Sequence[float]) -> str:
    return f"{len(times)} turns, median {median(times):.0f} ms, last {max(times):.0f} ms; load {load():.1f}"


def shop(server: Server, count: int, turns: int, pause: float = 0.0, surface: str = "shopping") -> Turns:
    """Let so many shoppers say so many things each, with a pause in between."""
    arguments = (server.host, str(server.port), str(count), str(turns), str(pause), surface)
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.shoppers", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        message = "the shoppers were not answered"
        raise BenchmarkError(message)
    seen = json.loads(done.stdout)
    return Turns([first for first, _ in seen], [last for _, last in seen], seconds)


def _call(server: Server) -> float:
    began = time.perf_counter()
    server.call("GET", "/health")
    return (time.perf_counter() - began) * 1_000


async def _searches(url: str, count: int) -> list[float]:
    """Return the milliseconds that reading a sentence and searching for it take, bare."""
    store = await open_store(url, Codec(()))
    try:
        vocabulary = await store.products.vocabulary()
        taken = []
        for words in wishes(count):
            began = time.perf_counter()
            await _search(store.products, vocabulary, words)
            taken.append((time.perf_counter() - began) * 1_000)
        return taken
    finally:
        await store.close()


async def _search(products: ProductCatalogue, vocabulary: Vocabulary, words: str) -> None:
    """Read and search as a first turn does: facets where a question could be worth it, products unless one is."""
    context = Context("", 0, 0, words, (), (), None, None, vocabulary, Preferences(), vocabulary.currency)
    intent = route(RoutingQuestion(context))
    wanted = plan(PlanningQuestion(context, intent)).constraints
    if can_be_asked(wanted):
        found = await products.search(wanted, PageWish(1, with_facets=True))
        if choice_worth_asking(found.facets, wanted, ()) is not None:
            return
    await products.search(wanted, PageWish(CANDIDATES))
