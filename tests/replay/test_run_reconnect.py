"""Readers of runs that are cut off and come back, also over restarts and crashes of the server."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.support.returning import End, after_each, cut_anywhere, follow_over
from tests.support.runs import Mouth, RunReader, begun, said_in, stream_of
from tests.support.server import Server, Surface, got, play, posted, until
from tests.support.streams import never

PACED: Final[dict[str, Any]] = {"builtin_chars_per_second": 4_000}


@pytest.mark.parametrize("by_parameter", [False, True], ids=["header", "parameter"])
def test_cut_after_every_frame_nothing_is_lost_or_twice(tmp_path: Path, *, by_parameter: bool) -> None:
    """CONTRACT §1: `Last-Event-ID` or `?after=` gets all it missed, once, in order."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        reader = RunReader(at.client, stream_of(run), by_parameter=by_parameter)
        assert await reader.read_to_the_end(lambda _: True) > 8
        assert reader.told.texts == await said_in(at.client, run)
        assert reader.told.status == "completed"
        assert reader.told.named("restart") == []

    play(tmp_path, case, **PACED)


@pytest.mark.parametrize("seed", range(4))
def test_cut_anywhere_every_reader_has_the_text(tmp_path: Path, seed: int) -> None:
    """CONTRACT §1: in every case a reader ends with exactly the message's text."""
    random = Random(seed)

    async def case(at: Surface) -> None:
        run = await begun(at.client, max_turns=3)
        readers = [RunReader(at.client, stream_of(run), by_parameter=bool(number % 2)) for number in range(12)]
        often = [random.uniform(0, 0.9) for _ in readers]

        def cut(number: int) -> bool:
            return random.random() < often[number]

        await asyncio.gather(
            *(reader.read_to_the_end(lambda _, number=number: cut(number)) for number, reader in enumerate(readers))  # type: ignore[misc]
        )
        said = await said_in(at.client, run)
        for reader in readers:
            assert reader.told.texts == said
            assert reader.told.whole == [0, 1, 2]

    play(tmp_path, case, **PACED)


def test_cut_at_any_byte_a_frame_that_is_not_whole_comes_again(tmp_path: Path) -> None:
    """A connection breaks inside a frame, inside a character, inside an id."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        mouth.say("Tée ☕ ", "😀 is ", "", "No 🫖", "")
        run = await begun(at.client, max_turns=2)
        whole = RunReader(at.client, stream_of(run))
        await whole.read_to_the_end()
        assert whole.told.texts == {0: "Tée ☕ 😀 is ", 1: "No 🫖"}
        for reader in cut_anywhere(whole, 17):
            await reader.read_to_the_end()
            assert reader.told.texts == whole.told.texts

    play(tmp_path, case)


def _in_a_message(reader: RunReader, turn: int) -> bool:
    frames = reader.told.frames
    return len(reader.told.whole) >= turn and bool(frames) and frames[-1]["type"] == "token"


async def _over_restarts(server: Server, ends: list[End]) -> tuple[list[RunReader], dict[int, str]]:
    """End the server in these ways in the middle of a message, and return readers and what was said in the end."""
    async with server.client() as client:
        run = await begun(client, max_turns=2 * len(ends) + 1)
        readers = [
            RunReader(client, stream_of(run), by_parameter=by_parameter) for by_parameter in (False, False, True)
        ]

    followers = list(zip(readers, (never, after_each, after_each), strict=True))
    await follow_over(server, followers, ends, lambda number: partial(_in_a_message, readers[0], 2 * number))
    async with server.client() as client:
        return readers, await said_in(client, run)


def test_over_restarts_and_crashes_every_reader_has_the_text(tmp_path: Path) -> None:
    """Issue 4: a killed server picks running runs up; CONTRACT §1: also after a restart, by SIGTERM and by SIGKILL."""
    stopped: list[int] = []
    ends: list[End] = [Server.kill, lambda server: stopped.append(server.stop()), Server.kill]
    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="400", LEASE_SECONDS="0.5") as server:
        readers, said = asyncio.run(_over_restarts(server, ends))
    assert stopped == [0]
    assert len(said) == 7
    for reader in readers:
        assert reader.told.texts == said
        assert reader.told.whole == list(range(7))
        assert reader.told.status == "completed"
    watched = readers[0].told
    assert 1 <= len(watched.named("restart")) <= len(ends), "what a process that is gone had said is void"
    assert len(watched.named("reconnect")) <= 1


def test_a_stop_of_the_server_takes_less_than_five_seconds(tmp_path: Path) -> None:
    """Specification §10, Graceful Shutdown: streams are told to come back, the run stays running."""

    async def case(server: Server) -> str:
        async with server.client() as client:
            run = await begun(client)
            reader = RunReader(client, stream_of(run))
            reading = asyncio.create_task(reader.read())
            await until(lambda: bool(reader.told.texts), [reading])
            async with asyncio.timeout(5):
                assert await asyncio.to_thread(server.stop) == 0
                await reading
            assert reader.told.types[-1] == "reconnect"
            return run

    async def afterwards(server: Server, run: str) -> None:
        async with server.client() as client:
            assert (await got(client, run))["status"] == "running"
            assert (await posted(client, f"{run}/stop"))["status"] == "cancelled"

    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="20") as server:
        run = asyncio.run(case(server))
        server.start()
        asyncio.run(afterwards(server, run))
