"""SIGTERM to a server: at any moment from its start to its end it leaves in order, which is no fault."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chaffer.bootstrap import EVENT_TYPES, utc_now
from chaffer.conversation.codec import Codec
from chaffer.storage.opening import open_store
from tests.cli.conftest import environment
from tests.support.forked import start_chaffer
from tests.support.server import LONGEST_SECONDS, Server, opened, posted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is no signal that a program there can heed")

_NOTHING_OPEN = """
import signal
import sys
from chaffer.cli.signals import ended_by_sigterm
try:
    with ended_by_sigterm():
        if sys.argv[1] == "before":
            signal.raise_signal(signal.SIGTERM)
except BaseException as fault:
    print("could be passed over:", fault)
signal.raise_signal(signal.SIGTERM)
print("ends")
"""


@pytest.mark.parametrize(("moment", "told"), [("before", ""), ("after", "ends\n")])
def test_while_nothing_is_open(moment: str, told: str) -> None:
    """A signal may come in the midst of an import, where what is raised may be printed and passed over."""
    line = [sys.executable, "-c", _NOTHING_OPEN, moment]
    ran = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, told, "")


def test_while_it_waits_for_its_database(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LONGEST_SECONDS)
        database = f"postgresql://chaffer@127.0.0.1:{silent.getsockname()[1]}/chaffer"
        variables = environment(tmp_path, DATABASE_URL=database)
        starting = start_chaffer(["serve", "--port", "0"], tmp_path, variables)
        assert starting.stdout is not None
        with starting.stdout as told, silent.accept()[0]:
            starting.send_signal(signal.SIGTERM)
            assert (starting.wait(LONGEST_SECONDS), told.read()) == (0, "")


def test_as_soon_as_it_tells_its_address_and_what_it_took_up_is_left_to_others(tmp_path: Path) -> None:
    async def begun(server: Server) -> str:
        async with server.client() as client:
            market = await opened(client)
            await posted(client, f"{market.room}/start")
        return market.rooms[0]

    async def abandoned() -> list[str]:
        store = await open_store(f"sqlite:///{(tmp_path / 'data' / 'chaffer.db').as_posix()}", Codec(EVENT_TYPES))
        try:
            return [head.conversation_id for head in await store.abandoned(["active"], utc_now())]
        finally:
            await store.close()

    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="1", LEASE_SECONDS="300") as server:
        room_id = asyncio.run(begun(server))
        assert server.stop() == 0
        for _ in range(2):
            assert asyncio.run(abandoned()) == [room_id]
            server.start()
            assert server.stop() == 0
        assert asyncio.run(abandoned()) == [room_id]
