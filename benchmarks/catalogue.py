"""A catalogue of a hundred thousand products: how long importing and searching them take, and how much memory.

Imported as users do, from a file by `chaffer catalog import`. Searched are sentences of shoppers as the assistant reads
them, and as they stand, as in a search box; each is asked for a page and for a page with facets. The peer is SQLite's
own full text on the same index: `MATCH … ORDER BY rank` for the words of the same sentences, all of them, else any.
"""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter, sleep
from typing import Final

import psutil
import psycopg

from benchmarks.figure import Figure, load, median
from benchmarks.many_products import many_products, sellers_of_many
from benchmarks.server import CHAFFER, BenchmarkError, environment
from benchmarks.wishes import wishes
from chaffer.conversation.codec import Codec
from chaffer.shopping.catalogue.feeds.formats import Format, feed_writer
from chaffer.shopping.catalogue.searching import Constraints, PageWish, ProductCatalogue
from chaffer.shopping.catalogue.words import words_of
from chaffer.shopping.context import context_of_sentence
from chaffer.shopping.events import Intent
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import PlanningQuestion
from chaffer.shopping.reading import plan
from chaffer.storage.opening import open_store
from tests.support.postgres import running_postgres

PRODUCTS: Final = 100_000
IMPORT_BOUND: Final = 60.0
SEARCH_BOUND: Final = 30.0
MEMORY_BOUND: Final = 300.0

_SENTENCES: Final = 200
_TEXTS: Final = 100
_AT_ONCE: Final = 1_000
_PAGE: Final = 24
_LOOKS_SECONDS: Final = 0.05


def measure(*, quick: bool) -> list[Figure]:
    """Return how long importing and searching take, the memory of the import, and SQLite's own figures."""
    rounds = 1 if quick else 3
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        folder = Path(name)
        seconds, megabytes = _import(folder)
        file = folder / "data" / "chaffer.db"
        own = _peer(file, rounds)
        figures = asyncio.run(_searched("SQLite", f"sqlite:///{file.as_posix()}", rounds, own))
    with running_postgres("bench") as server, server.empty_database() as url:
        asyncio.run(fill(url))
        _look_over(url)
        figures += asyncio.run(_searched("PostgreSQL", url, rounds, own))
    told = f"JSON Lines, by `chaffer catalog import`, on SQLite; load {load():.1f}"
    return [
        Figure("importing 100,000 products", seconds, "s", IMPORT_BOUND, note=told),
        Figure("memory of the import, at most", megabytes, "MB", MEMORY_BOUND),
        *figures,
    ]


def _import(folder: Path) -> tuple[float, float]:
    """Import a file of products in a process of its own; return the seconds, and its megabytes at most."""
    file = folder / "products.jsonl"
    writer = feed_writer(Format.JSON_LINES, sellers_of_many(), [], with_private=True)
    with file.open("wb") as out:
        out.write(writer.head)
        out.writelines(map(writer.product, many_products(PRODUCTS)))
        out.write(writer.tail)
    began, most = perf_counter(), 0
    command = [*CHAFFER, "catalog", "import", str(file)]
    process = subprocess.Popen(command, cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL)
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            most = max(most, watched.memory_info().rss)
        except psutil.Error:
            break  # It has just ended.
        sleep(_LOOKS_SECONDS)
    if process.wait():
        message = "the import failed"
        raise BenchmarkError(message)
    return perf_counter() - began, most / 1e6


async def fill(url: str) -> None:
    """Put the products into an empty database."""
    store = await open_store(url, Codec(()))
    try:
        await store.products.put([], sellers_of_many())
        products = many_products(PRODUCTS)
        while some := list(islice(products, _AT_ONCE)):
            await store.products.put(some)
    finally:
        await store.close()


def _look_over(url: str) -> None:
    """Have PostgreSQL look over what was put, as it does by itself within a minute."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


async def _searched(where: str, url: str, rounds: int, own: Sequence[float]) -> list[Figure]:
    """Return how long searches take in a database; `own` are the times of SQLite's full text for the plain texts."""
    store = await open_store(url, Codec(()))
    try:
        wanted = await _wanted(store.products)
        pages = await _timed(rounds, wanted, partial(store.products.search, page=PageWish(_PAGE)))
        divided = await _timed(rounds, wanted, partial(store.products.search, page=PageWish(_PAGE, with_facets=True)))
    finally:
        await store.close()
    texts = [taken for number, taken in enumerate(pages) if number % len(wanted) >= _SENTENCES]
    peer = f"plain texts {late(texts):.1f}, by bare FTS5 {late(own):.1f} (same run)"
    told = f"{len(wanted)} searches, {rounds} times; load {load():.1f}"
    return [
        Figure(f"{where}, a search, p95", late(pages), "ms", SEARCH_BOUND, peer=peer, note=told),
        Figure(f"{where}, a search, median", median(pages), "ms", note=told),
        Figure(f"{where}, a search with facets, p95", late(divided), "ms", SEARCH_BOUND, note=told),
        Figure(f"{where}, a search with facets, median", median(divided), "ms", note=told),
    ]


async def _wanted(products: ProductCatalogue) -> list[Constraints]:
    """Return what is searched: sentences as the assistant reads them, and as they stand."""
    vocabulary = await products.vocabulary()
    read = []
    for words in wishes(_SENTENCES):
        context = context_of_sentence(words, vocabulary, Preferences(), vocabulary.currency)
        read.append(plan(PlanningQuestion(context, Intent.SEARCH)).constraints)
    return read + [Constraints(text=words) for words in _texts()]


def _texts() -> list[str]:
    return list(islice(wishes(_SENTENCES + _TEXTS), _SENTENCES, None))


async def _timed(
    rounds: int, wanted: Sequence[Constraints], ask: Callable[[Constraints], Awaitable[object]]
) -> list[float]:
    """Return how many milliseconds each search took; a first round of them is not counted."""
    taken = []
    for number in range(rounds + 1):
        if number == 1:
            gc.collect()
            gc.freeze()  # As the server does when it has started.
        for one in wanted:
            began = perf_counter()
            await ask(one)
            taken.append((perf_counter() - began) * 1_000)
    return taken[len(wanted) :]


def _peer(file: Path, rounds: int) -> list[float]:
    """Return the milliseconds that SQLite's full text takes for the plain texts."""
    taken = []
    connection = sqlite3.connect(file)
    try:
        for number in range(rounds + 1):
            for text in _texts():
                words = [f'"{word}"' for word in words_of(text)]
                began = perf_counter()
                _ = _ranked(connection, " AND ".join(words)) or _ranked(connection, " OR ".join(words))
                if number:
                    taken.append((perf_counter() - began) * 1_000)
    finally:
        connection.close()
    return taken


def _ranked(connection: sqlite3.Connection, expression: str) -> list[tuple[int]]:
    query = "SELECT rowid FROM product_words WHERE product_words MATCH ? ORDER BY rank LIMIT ?"
    return connection.execute(query, (expression, _PAGE)).fetchall()


def late(taken: Iterable[float]) -> float:
    """Return the time that 95 in a hundred do not exceed."""
    ascending = sorted(taken)
    return ascending[int(len(ascending) * 0.95) - 1]
