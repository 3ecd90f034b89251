"""What runs and readers leave behind when they are gone: no task, no file, no connection."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from chaffer.bootstrap import open_chaffer
from chaffer.dialogue.plan import RunCreate
from tests.support.leftovers import is_settled, open_files, readers
from tests.support.server import Server, settings_for
from tests.support.standin import standing_in
from tests.support.standin_scripts import Answer

pytestmark = pytest.mark.soak

RUNS = 100
TURNS = 20
DROPS = 10_000
AT_ONCE = 100
SETTLED_SECONDS = 45.0
"""Connections to models are kept for the next call for 30 seconds."""

WORDS = "I see it another way, and time will tell which of us is right. " * 4


def plan(**changes: Any) -> dict[str, Any]:
    """Return a run of two models."""
    bots = [{"name": name, "provider": "lm_studio", "prompt": f"You are {name}."} for name in ("Ada", "Ben")]
    return {"topic": "early or late", "max_turns": TURNS, "bots": bots, **changes}


@pytest.mark.timeout(300)
def test_a_hundred_runs_in_one_process_leave_no_task_and_no_file_behind(tmp_path: Path) -> None:
    """Issue 4: 100 concurrent runs with 1 s replies for 20 turns, no task or file descriptor left behind."""

    async def main(url: str) -> None:
        settings = settings_for(tmp_path, lm_studio_base_url=url)
        async with open_chaffer(settings) as chaffer:
            await _all_over(chaffer, 2, 1)
            tasks, files = len(asyncio.all_tasks()), open_files(psutil.Process())
            await _all_over(chaffer, RUNS, TURNS)
            until = time.monotonic() + SETTLED_SECONDS
            while len(asyncio.all_tasks()) > tasks or open_files(psutil.Process()) > files:
                assert time.monotonic() < until, (
                    [task.get_name() for task in asyncio.all_tasks()],
                    open_files(psutil.Process()) - files,
                )
                await asyncio.sleep(0.5)

    async def _all_over(chaffer: Any, runs: int, turns: int) -> None:
        plans = [RunCreate.model_validate(plan(max_turns=turns)) for _ in range(runs)]
        started = [await chaffer.runs.start(one, owner="local") for one in plans]
        lives = [await chaffer.runs.run(one.run_id) for one in started]
        await asyncio.gather(*(live.wait_until_over() for live in lives))
        assert {live.state.status.value for live in lives} == {"completed"}

    with standing_in(lambda _: Answer(WORDS), delay=1.0) as model:
        asyncio.run(main(model.url))


@pytest.mark.timeout(600)
def test_ten_thousand_streams_that_are_dropped_leave_the_server_as_it_was(tmp_path: Path) -> None:
    """Issue 4: 10,000 connects and drops of streams, back at the baseline within 5 s."""
    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="5") as server:
        process = psutil.Process(server.pid)
        with httpx2.Client(base_url=server.url, trust_env=False) as client:
            bots = [{"name": name, "provider": "builtin"} for name in ("Ada", "Ben")]
            run = client.post("/api/run", json={"topic": "early or late", "max_turns": 50, "bots": bots}).json()
            path = f"/api/stream/{run['id']}"
            asyncio.run(_read_at_once(server))  # so that the database has all the connections that it will have
            asyncio.run(_connect_and_drop(server.url, path, 200))
            assert is_settled(client, process, None, 5.0)
            files = open_files(process)
            memory = process.memory_info().rss
            asyncio.run(_connect_and_drop(server.url, path, DROPS))
            assert is_settled(client, process, files, 5.0), (open_files(process) - files, readers(client))
            assert process.memory_info().rss - memory < 30_000_000
            assert client.get(f"/api/run/{run['id']}").json()["status"] == "running"


async def _read_at_once(server: Server) -> None:
    async with server.client() as client:
        answers = await asyncio.gather(*(client.get("/api/runs") for _ in range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {200}


async def _connect_and_drop(url: str, path: str, drops: int) -> None:
    """Open a stream, read a little of it or nothing, and drop it without a word, so often."""
    host, port = url.removeprefix("http://").split(":")
    left = iter(range(drops))

    async def drop() -> None:
        for number in left:
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            await writer.drain()
            if number % 3:
                await reader.readuntil(b"\n\n")
            if number % 2:
                writer.transport.abort()
            else:
                writer.close()

    await asyncio.gather(*(drop() for _ in range(AT_ONCE)))
