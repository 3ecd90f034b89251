"""What chats leave behind while they are used: no memory that grows, no reader, no file."""

from __future__ import annotations

import asyncio
import random
import time
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from benchmarks.server import allow_files
from benchmarks.shoppers import SURFACES, Shop
from tests.support.leftovers import is_settled, open_files, readers
from tests.support.server import Server

GROWTH_BYTES = 30_000_000
TURNS_A_CHAT = 10
LATE_CONNECTIONS = 8
"""So many files a database's readers may open later than in the first quarter: two each."""
ARRIVING = 1 / 4
"""So much of the time passes before anything is measured: until then the caches fill."""


@pytest.mark.timeout(2_400)
@pytest.mark.parametrize(
    ("chats", "seconds", "pause"),
    [
        pytest.param(20, 120.0, 4.0, id="30 minutes, compressed to 2 by people who think fast"),
        pytest.param(500, 1_800.0, 15.0, id="30 minutes", marks=pytest.mark.soak),
    ],
)
def test_memory_is_flat_while_people_chat(chats: int, seconds: float, pause: float, tmp_path: Path) -> None:
    """Issue 6: 500 open chats in one process, memory flat over 30 minutes of use (compressed to 2 minutes in CI)."""
    allow_files(2 * chats + 100)
    with Server(tmp_path, DEMO_CATALOG="true") as server:
        process = psutil.Process(server.pid)
        with httpx2.Client(base_url=server.url, trust_env=False) as client:
            asyncio.run(_chat(server.url, chats, seconds * ARRIVING, pause))
            assert is_settled(client, process, None, 10.0)
            files, memory = open_files(process) + LATE_CONNECTIONS, process.memory_info().rss
            turns = asyncio.run(_chat(server.url, chats, seconds * (1 - ARRIVING), pause))
            assert turns > chats
            assert is_settled(client, process, files, 10.0), (open_files(process) - files, readers(client))
            assert process.memory_info().rss - memory < GROWTH_BYTES
            assert client.get("/api/conversations").json()["conversations"] == []


async def _chat(url: str, chats: int, seconds: float, pause: float) -> int:
    """Let so many people chat for so long, one conversation after another; return how many turns were answered."""
    until = time.monotonic() + seconds
    shop = Shop(urlsplit(url).hostname or "", urlsplit(url).port or 0, SURFACES["chat"])
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        talks = (_talks(shop, client, number, until, pause) for number in range(chats))
        return sum(await asyncio.gather(*talks))


async def _talks(shop: Shop, client: httpx2.AsyncClient, person: int, until: float, pause: float) -> int:
    """Chat until then; what was said is deleted with each conversation."""
    said = shop.surface.sayings
    turns, sayings = 0, islice(cycle(said), person % len(said), None)
    await asyncio.sleep(random.Random(person).uniform(0, pause))
    while time.monotonic() < until:
        whose, named = {"user_id": f"person {person}"}, ""
        for _ in range(TURNS_A_CHAT):
            _, _, named = await shop.turn({"message": next(sayings), **whose})
            whose, turns = {"conversation_id": named}, turns + 1
            if time.monotonic() >= until:
                break
            await asyncio.sleep(pause)
        await client.delete(f"/api/conversations/{named}")
    return turns
