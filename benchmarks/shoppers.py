"""Shoppers at a running server, from one process of their own: each says one thing after another, and reads the answer.

As a program, `python -m benchmarks.shoppers HOST PORT COUNT TURNS PAUSE SURFACE` lets so many shoppers come, who say so
many things each and think for so many seconds between two of them; they come spread over such a pause. The surface is
`shopping` or `chat`. It prints, as a JSON list, the milliseconds that passed in each turn until its first sign, a
`progress` there and a `token` here, and until its end were read.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Final

from benchmarks.server import BenchmarkError, allow_files
from benchmarks.wishes import wishes

WISHES: Final = 300
TURNS_A_THREAD: Final = 10
"""Who has said so many things in a thread begins another."""

_LONGEST_FRAME: Final = 1 << 20
_LOOKUPS: Final = (
    "What invoices do I have?",
    "find me a quiet keyboard under 120",
    "compare the first two",
    "how much did I save this month?",
    "what did I buy last week?",
    "show me headphones with noise cancelling",
    "tell me more about the second one",
    "how do my negotiations stand?",
    "hello there",
    "a laptop for travelling, and what do I still owe?",
)


@dataclass(frozen=True, slots=True)
class Surface:
    """What shoppers speak to: its path, the names of its fields, the frames that begin and end an answer."""

    path: str
    words: str
    names: str
    first: str
    ends: tuple[str, ...]
    sayings: Sequence[str]


SURFACES: Final[Mapping[str, Surface]] = {
    "shopping": Surface(
        "/api/shopping/stream", "query", "session_id", "progress", ("complete", "interrupt"), tuple(wishes(WISHES))
    ),
    "chat": Surface("/api/chat/stream", "message", "conversation_id", "token", ("complete",), _LOOKUPS),
}


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the shoppers go."""

    host: str
    port: int
    surface: Surface = SURFACES["shopping"]

    async def turn(self, words: dict[str, str]) -> tuple[float, float, str]:
        """Say something; return the milliseconds to the first sign and to the end, and the session."""
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=_LONGEST_FRAME)
        try:
            began, first, session = time.perf_counter(), 0.0, ""
            writer.write(self._request(json.dumps(words).encode()))
            status = (await reader.readline()).decode().strip()
            frame: dict[str, Any] = {}
            async for frame in _frames(reader):
                session = session or frame.get(self.surface.names, "")
                if frame["type"] == self.surface.first and not first:
                    first = time.perf_counter() - began
                if frame["type"] in self.surface.ends:
                    return first * 1_000, (time.perf_counter() - began) * 1_000, session
        finally:
            writer.close()
        message = f"{words} was not answered: {status}; the last frame: {frame}"
        raise BenchmarkError(message)

    def _request(self, body: bytes) -> bytes:
        head = f"POST {self.surface.path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nConnection: close\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    async def visit(self, shopper: int, turns: int, pause: float) -> list[tuple[float, float]]:
        """Say so many things, each shopper others than the next one."""
        seen: list[tuple[float, float]] = []
        sayings, surface = self.surface.sayings, self.surface
        said = islice(cycle(sayings), shopper * turns % len(sayings), None)
        await asyncio.sleep(random.Random(shopper).uniform(0, pause))
        session = ""
        for number, query in enumerate(islice(said, turns)):
            begins = number % TURNS_A_THREAD == 0
            whose = {"user_id": f"shopper {shopper}"} if begins else {surface.names: session}
            first, last, session = await self.turn({surface.words: query, **whose})
            seen.append((first, last))
            await asyncio.sleep(pause)
        return seen


async def _frames(reader: asyncio.StreamReader) -> AsyncIterator[dict[str, Any]]:
    """Yield the frames of a stream, or the one document of a refusal."""
    while line := await reader.readline():
        if line.startswith((b"data: ", b"{")):
            yield {"type": "", **json.loads(line.removeprefix(b"data: "))}


async def _visits(shop: Shop, count: int, turns: int, pause: float) -> list[tuple[float, float]]:
    visits = await asyncio.gather(*(shop.visit(shopper, turns, pause) for shopper in range(count)))
    return [turn for visit in visits for turn in visit]


def main() -> None:
    """Let the shoppers come, and report."""
    host, port, count, turns, pause, surface = sys.argv[1:]
    allow_files(2 * int(count) + 100)
    print(
        json.dumps(asyncio.run(_visits(Shop(host, int(port), SURFACES[surface]), int(count), int(turns), float(pause))))
    )


if __name__ == "__main__":
    main()
