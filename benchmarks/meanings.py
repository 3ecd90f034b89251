"""How long a search by meaning takes over a hundred thousand products, on SQLite and without the endpoint's own time.

Vectors of 384 numbers, as small models make them; here each is drawn by its signs, which is all that the search over
the whole catalogue looks at. First all codes are read, as the first search after a start does; then queries are asked:
the nearest by signs, and of those the best 200 weighed by their angles.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import tempfile
from array import array
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.figure import Figure, median, readable, spread
from chaffer.bootstrap import utc_now
from chaffer.conversation.codec import Codec
from chaffer.llm.caps import Caps, Limits
from chaffer.llm.embeddings import Embeddings, EmbeddingsConfig
from chaffer.llm.product_meanings import Meanings
from chaffer.shopping.catalogue.vectors import ProductVector, ProductVectors, code_of, unit_vector
from chaffer.storage.memory import MemoryStore
from chaffer.storage.opening import open_store

PRODUCTS: Final = 100_000
NUMBERS: Final = 384
SEARCH_BOUND: Final = 30.0
"""Milliseconds, as a query by words may take."""

_MODEL: Final = "drawn"
_BATCH: Final = 2_000
_LENGTH: Final = NUMBERS**-0.5
_NUMBERS_OF: Final = tuple(
    array("f", [_LENGTH if byte >> (7 - bit) & 1 else -_LENGTH for bit in range(8)]).tobytes() for byte in range(256)
)
"""Eight numbers for each byte of signs."""


class _Drawn(Embeddings):
    """An endpoint that answers at once, with a vector drawn from the text."""

    def __init__(self) -> None:
        super().__init__(EmbeddingsConfig("http://127.0.0.1:9", _MODEL), Caps(Limits(), MemoryStore(), utc_now))

    async def vector(self, text: str, seconds: float) -> array[float]:
        del seconds
        chance = random.Random(text)
        return unit_vector(chance.gauss(0, 1) for _ in range(NUMBERS))


def measure(*, quick: bool) -> list[Figure]:
    """Return how long a query and the first reading take, and what the codes take of memory."""
    return asyncio.run(_measured(20 if quick else 200))


async def _measured(queries: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(f"sqlite:///{(Path(folder) / 'vectors.db').as_posix()}", Codec(()))
        try:
            await _fill(store.vectors)
            return await _searched(store.vectors, queries)
        finally:
            await store.close()


async def _fill(vectors: ProductVectors) -> None:
    chance = random.Random(7)
    for start in range(0, PRODUCTS, _BATCH):
        batch = []
        for number in range(start, start + _BATCH):
            signs = chance.randbytes(NUMBERS // 8)
            content = b"".join(_NUMBERS_OF[byte] for byte in signs)
            batch.append(ProductVector(f"product-{number}", "digest", signs, content))
        await vectors.put_vectors(_MODEL, batch)


async def _searched(vectors: ProductVectors, queries: int) -> list[Figure]:
    meanings = Meanings(vectors, _Drawn())
    begun = perf_counter()
    await meanings.near("the first")
    first = perf_counter() - begun
    gc.collect()
    gc.freeze()
    taken = []
    for number in range(queries):
        begun = perf_counter()
        await meanings.near(f"query {number}")
        taken.append((perf_counter() - begun) * 1_000)
    taken.sort()
    late = taken[int(len(taken) * 0.95) - 1]
    told = f"{PRODUCTS:,} products, {NUMBERS} numbers each"
    code = sys.getsizeof(int.from_bytes(code_of(await _Drawn().vector("x", 0))))
    return [
        Figure("A search by meaning, p95", late, "ms", SEARCH_BOUND, note=f"{told}; {spread(taken)} ms"),
        Figure("A search by meaning, median", median(taken), "ms", note=told),
        Figure("Reading all codes at the first search", first, "s", note=f"{readable(code)} bytes each in memory"),
    ]
