"""Two servers on one data folder: the second is told at its start that it is not alone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.support.markets import scenario
from tests.support.server import Server, opened, posted
from tests.support.streams import Reader

TOLD = "Another process holds 2 conversations here, and keeps them until 0.5 s after its end."


def told_of_others(server: Server) -> list[str]:
    """Return what a server said of other processes: on the console, and in its log."""
    logged = [json.loads(line)["event"] for line in server.log if line.startswith("{")]
    console = [line.rstrip() for line in server.log if line.startswith("Another process")]
    return [event for event in logged if event == "leases.elsewhere"] + console


async def _started(server: Server) -> str:
    async with server.client() as client:
        market = await opened(client, scenario(negotiation={"max_rounds": 50}))
        await posted(client, f"{market.session}/start")
        await Reader(client, f"{market.session}/stream").read(lambda event: event.name == "seller_response")
        return market.session


async def _ended(server: Server, session: str) -> None:
    async with server.client() as client:
        await Reader(client, f"{session}/stream").read_to_the_end()


def test_a_second_process_is_told_at_its_start_that_rooms_are_held(tmp_path: Path) -> None:
    """Issue 2, Crash: two processes on one data folder: one owner, the other is told."""
    settings = {"LEASE_SECONDS": "0.5", "BUILTIN_CHARS_PER_SECOND": "300"}
    with Server(tmp_path, **settings) as one:
        session = asyncio.run(_started(one))
        with Server(tmp_path, **settings) as other:
            other.stop()
        assert told_of_others(other) == ["leases.elsewhere", TOLD]
        assert told_of_others(one) == []
        one.stop()
    with Server(tmp_path, **settings | {"BUILTIN_CHARS_PER_SECOND": "0"}) as alone:
        asyncio.run(_ended(alone, session))
        alone.stop()
    assert told_of_others(alone) == []
