"""Readers of shopping sessions that are cut off and come back, also over restarts and crashes of the server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx2
import pytest

from tests.support.returning import End, after_each, cut_anywhere, follow_over, further_in_an_answer
from tests.support.server import Server, Surface, got
from tests.support.shop import QUERY, ShopReader, haggled, overheard, resumed, said, shop, stream_of
from tests.support.streams import NO_CONTENT, never

PACED: Final[dict[str, Any]] = {"builtin_chars_per_second": 4_000}


@pytest.mark.parametrize("by_parameter", [False, True], ids=["header", "parameter"])
def test_cut_after_every_frame_nothing_is_lost_or_twice(tmp_path: Path, *, by_parameter: bool) -> None:
    """CONTRACT §1: `Last-Event-ID` or `?after=` gets all it missed, once, in order; then 204."""

    async def case(at: Surface) -> None:
        session_id = await overheard(at.client, QUERY)
        whole, cut = (ShopReader(at.client, stream_of(session_id), by_parameter=by_parameter) for _ in range(2))
        _, connections = await asyncio.gather(whole.read_to_the_end(), cut.read_to_the_end(after_each))
        assert connections > 8
        (result,) = whole.told.results
        assert cut.told.results == [result]
        assert cut.told.types == whole.told.types == ["start", *["progress"] * 4, "chunk", "complete"]

    shop(tmp_path, case, **PACED)


@pytest.mark.parametrize("seed", range(3))
def test_cut_anywhere_every_reader_has_the_text_and_the_news(tmp_path: Path, seed: int) -> None:
    """CONTRACT §1: in every case a reader ends with exactly the message's text; a question is asked of each."""
    random = Random(seed)

    async def case(at: Surface) -> None:
        turn = await said(at.client, "a laptop")
        session_id = turn["session_id"]
        readers = [ShopReader(at.client, stream_of(session_id), by_parameter=bool(number % 2)) for number in range(8)]
        often = [random.uniform(0, 0.9) for _ in readers]

        async def read_on() -> None:
            await asyncio.gather(
                *(
                    reader.read_to_the_end(lambda _, number=number: random.random() < often[number])  # type: ignore[misc]
                    for number, reader in enumerate(readers)
                )
            )

        await read_on()
        result = await resumed(at.client, turn, "gaming, 15-inch")
        await haggled(at.client, session_id, result["recommendation"]["recommended_product"]["id"])
        await read_on()
        for reader in readers:
            assert [question["thread_id"] for question in reader.told.questions] == [turn["interrupt"]["thread_id"]]
            assert reader.told.results == [result]
            (news,) = reader.told.news
            assert news["invoice_id"]

    shop(tmp_path, case, **PACED)


def test_cut_at_any_byte_a_frame_that_is_not_whole_comes_again(tmp_path: Path) -> None:
    """A connection breaks inside a frame, inside a character, inside an id."""

    async def case(at: Surface) -> None:
        session_id = await overheard(at.client, QUERY)
        whole = ShopReader(at.client, stream_of(session_id))
        await whole.read_to_the_end()
        assert len(whole.told.results) == 1
        for reader in cut_anywhere(whole, len(whole.raw) // 60):
            await reader.read_to_the_end()
            assert reader.told.results == whole.told.results

    shop(tmp_path, case, **PACED)


def test_an_id_that_means_nothing_is_told(tmp_path: Path) -> None:
    """CONTRACT §1: a lost history is told (`reset` with a snapshot), never skipped in silence."""

    async def case(at: Surface) -> None:
        session_id = (await said(at.client, QUERY))["session_id"]
        state = await got(at.client, f"/api/sessions/{session_id}")
        for position in ("999.0", "nonsense", "-1", "3.x"):
            reader = ShopReader(at.client, stream_of(session_id), last_id=position)
            await reader.read()
            (reset,) = reader.told.frames
            assert (reset["type"], reset["session"]) == ("reset", state)
            assert await reader.read() == NO_CONTENT, "behind it there is nothing"

    shop(tmp_path, case)


async def _over(server: Server, ends: list[End]) -> None:
    """End the server in these ways in the middle of an answer, while a question waits in another session."""
    async with server.client() as client:
        asked = await said(client, "a laptop")
        session_id = await overheard(client, QUERY)
        readers = [ShopReader(client, stream_of(session_id), by_parameter=each) for each in (False, False, True)]
    stops = (never, after_each, after_each)
    watched = readers[0].told
    await follow_over(server, list(zip(readers, stops, strict=True)), ends, further_in_an_answer(watched))
    async with server.client() as client:
        await _assert_still_asked(client, asked)
        history = (await got(client, f"/api/sessions/{session_id}"))["conversation_history"]
    assert [entry["role"] for entry in history] == ["user", "ai"]
    for reader in readers:
        assert [result["message"] for result in reader.told.results] == [history[-1]["content"]]
        assert reader.told.nodes == ["router", "planning", "collection", "advisory"], "no step is told twice"
    assert 1 <= watched.types.count("restart") <= len(ends), "what a process that is gone had said is void"


async def _assert_still_asked(client: httpx2.AsyncClient, asked: dict[str, Any]) -> None:
    state = await got(client, f"/api/sessions/{asked['session_id']}")
    assert state["interrupt"] == asked["interrupt"]
    answered = await resumed(client, asked, "gaming, 15-inch")
    assert (answered["status"], answered["turn"]) == ("completed", 0)


def test_over_a_crash_and_a_restart_answers_go_on_and_questions_wait(tmp_path: Path) -> None:
    """CONTRACT §1: also after a restart, by SIGTERM and by SIGKILL; §5: an interrupt waits through a restart."""
    exit_codes: list[int] = []
    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="300", LEASE_SECONDS="0.5", DEMO_CATALOG="true") as server:
        asyncio.run(_over(server, [Server.kill, lambda server: exit_codes.append(server.stop())]))
    assert exit_codes == [0]
