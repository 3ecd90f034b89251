"""A stand-in for an endpoint of vectors: texts that share words, or words of one concept, point the same way."""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from queue import Queue
from typing import Final

from tests.support.loopback import Loopback, Reply, Request, answering

SIZE: Final = 64
CONCEPTS: Final = {
    "sleep": "night",
    "darkness": "night",
    "lamp": "light",
    "bulb": "light",
    "notebook": "laptop",
    "laptops": "laptop",
    "rucksack": "backpack",
    "backpacks": "backpack",
}
"""Words that mean the same, although no letters tell so."""


@cache
def _of_word(word: str) -> tuple[float, ...]:
    chance = random.Random(CONCEPTS.get(word, word))
    return tuple(chance.gauss(0, 1) for _ in range(SIZE))


def meaning(text: str) -> list[float]:
    """Return the vector of a text: the sum of those of its words."""
    words = re.findall(r"[a-z]+", text.lower()) or ["nothing"]
    return [math.fsum(numbers) for numbers in zip(*map(_of_word, words), strict=True)]


def vectors_for(request: Request) -> Reply:
    """Answer a request for embeddings as OpenAI's wire does."""
    texts: Sequence[str] = json.loads(request.body)["input"]
    data = [{"object": "embedding", "index": number, "embedding": meaning(text)} for number, text in enumerate(texts)]
    return Reply(json.dumps({"object": "list", "data": data, "model": "tiny"}).encode())


@contextmanager
def endpoint(answer: Callable[[Request], Reply] = vectors_for) -> Iterator[Loopback]:
    """Yield the endpoint, running in a thread of its own."""
    up: Queue[Loopback] = Queue()
    done = asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with answering(answer) as there:
            up.put(there)
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        yield up.get(timeout=10)
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)
        loop.close()
