"""What a crowd of shoppers leaves behind when it is gone: no reader, no file, no memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from benchmarks.shoppers import Shop
from benchmarks.wishes import wishes
from tests.support.leftovers import is_settled, open_files, readers
from tests.support.server import Server

pytestmark = pytest.mark.soak

SHOPPERS = 200
SECONDS = 60.0
TURNS_A_VISIT = 5
GROWTH_BYTES = 30_000_000
HURRY_SECONDS = 0.05


@pytest.mark.timeout(600)
def test_two_hundred_shoppers_at_once_leave_the_server_as_it_was(tmp_path: Path) -> None:
    """Issue 5: 200 shoppers at once in one process; some leave in the middle of an answer, all delete what was said."""
    with Server(tmp_path, DEMO_CATALOG="true") as server:
        process = psutil.Process(server.pid)
        with httpx2.Client(base_url=server.url, trust_env=False) as client:
            asyncio.run(_shop(server.url, SECONDS / 3))  # so that the database has all the connections it will have
            assert is_settled(client, process, None, 10.0)
            files, memory = open_files(process), process.memory_info().rss
            turns = asyncio.run(_shop(server.url, SECONDS))
            assert turns > SHOPPERS
            assert is_settled(client, process, files, 10.0), (open_files(process) - files, readers(client))
            assert process.memory_info().rss - memory < GROWTH_BYTES
            assert client.get("/api/sessions").json()["sessions"] == []
            assert client.get("/health").json()["status"] == "healthy"


async def _shop(url: str, seconds: float) -> int:
    """Let the shoppers come, again and again for so long; return how many turns were answered."""
    until = time.monotonic() + seconds
    shop, sayings = Shop(urlsplit(url).hostname or "", urlsplit(url).port or 0), cycle(wishes(300))
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        visits = (_visits(shop, client, sayings, until, is_hasty=number % 4 == 0) for number in range(SHOPPERS))
        return sum(await asyncio.gather(*visits))


async def _visits(
    shop: Shop, client: httpx2.AsyncClient, sayings: Iterator[str], until: float, *, is_hasty: bool
) -> int:
    turns = 0
    while time.monotonic() < until:
        session = (await client.post("/api/shopping", json={"query": next(sayings)})).json()["session_id"]
        for _ in range(TURNS_A_VISIT - 1):
            words = {"query": next(sayings), "session_id": session}
            if is_hasty:
                await _leave_early(shop, words)
                break
            await shop.turn(words)
            turns += 1
        await client.delete(f"/api/sessions/{session}")
    return turns


async def _leave_early(shop: Shop, words: dict[str, str]) -> None:
    try:
        async with asyncio.timeout(HURRY_SECONDS):
            await shop.turn(words)
    except TimeoutError:
        return
