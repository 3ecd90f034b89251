"""Readers of conversations that are cut off and come back, also over restarts and crashes of the server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx2
import pytest

from chaffer.assistant.tools import ListInvoices
from tests.support.chats import ScriptedMind, says, wishes
from tests.support.chatting import (
    CHATTING,
    CONVERSATIONS,
    ChatReader,
    approval_of,
    chat,
    overheard,
    paying,
    stream_of,
    streamed,
    told,
)
from tests.support.returning import End, after_each, cut_anywhere, follow_over, further_in_an_answer
from tests.support.server import Server, Surface, got
from tests.support.streams import NO_CONTENT, never

LISTING: Final = ScriptedMind(work_=lambda at: says("You have none.") if at.done else wishes(ListInvoices()))
WISH: Final = "Find me a quiet keyboard under 120"


@pytest.mark.parametrize("by_parameter", [False, True], ids=["header", "parameter"])
def test_cut_after_every_frame_nothing_is_lost_or_twice(tmp_path: Path, *, by_parameter: bool) -> None:
    """CONTRACT §1: `Last-Event-ID` or `?after=` gets all it missed, once, in order; then 204."""

    async def case(at: Surface) -> None:
        asked = await streamed(at.client, f"{CHATTING}/stream", {"message": "Pay it"})
        path = stream_of(asked.frames[0]["conversation_id"])
        reader = ChatReader(at.client, path, by_parameter=by_parameter)
        assert await reader.read_to_the_end(after_each) == len(asked.frames)
        assert reader.told.frames == asked.frames
        body = {"conversation_id": asked.frames[0]["conversation_id"], "tool_call_id": asked.frames[-1]["id"]}
        outcome = await streamed(at.client, f"{CHATTING}/approve", {**body, "approve": True})
        await reader.read_to_the_end(after_each)
        assert reader.told.frames == asked.frames + outcome.frames
        await at.client.patch(f"{CONVERSATIONS}/{body['conversation_id']}", json={"title": "Another"})
        assert await reader.read() == NO_CONTENT, "a title is told nowhere in the stream"

    chat(tmp_path, paying(), case)


def test_cut_at_any_byte_a_frame_that_is_not_whole_comes_again(tmp_path: Path) -> None:
    """A connection breaks inside a frame, inside a character, inside an id."""

    async def case(at: Surface) -> None:
        turn = await told(at.client, "What invoices do I have?")
        whole = ChatReader(at.client, stream_of(turn["conversation_id"]))
        await whole.read_to_the_end()
        for reader in cut_anywhere(whole, len(whole.raw) // 40):
            await reader.read_to_the_end()
            assert reader.told.messages == {turn["message_id"]: "You have none."}

    chat(tmp_path, LISTING, case)


@pytest.mark.parametrize("seed", range(2))
def test_cut_anywhere_every_reader_has_the_text(tmp_path: Path, seed: int) -> None:
    """CONTRACT §1: text is streamed as it is generated; in every case a reader ends with exactly the message's text."""
    random = Random(seed)

    class Wordy(ScriptedMind):
        async def work(self, question: Any, voice: Any) -> Any:
            del question
            words = [f"word{number} " for number in range(60)]
            for word in words:
                voice.say(0, word)
                await asyncio.sleep(0)
            return says("".join(words))

    async def case(at: Surface) -> None:
        conversation_id = await overheard(at.client, "Hello")
        readers = [ChatReader(at.client, stream_of(conversation_id), by_parameter=bool(one % 2)) for one in range(6)]
        await asyncio.gather(*(reader.read_to_the_end(lambda _: random.random() < 0.5) for reader in readers))
        said = (await got(at.client, f"{CONVERSATIONS}/{conversation_id}"))["messages"][-1]
        for reader in readers:
            assert reader.told.messages == {said["id"]: said["content"]}

    chat(tmp_path, Wordy(), case)


def test_an_id_that_means_nothing_is_told(tmp_path: Path) -> None:
    """CONTRACT §1: a lost history is told (`reset` with a snapshot), never skipped in silence."""

    async def case(at: Surface) -> None:
        conversation_id = (await told(at.client, "Pay it"))["conversation_id"]
        state = await got(at.client, f"{CONVERSATIONS}/{conversation_id}")
        for position in ("999.0", "nonsense", "-1", "3.x"):
            reader = ChatReader(at.client, stream_of(conversation_id), last_id=position)
            await reader.read()
            (reset,) = reader.told.frames
            assert (reset["type"], reset["conversation"]) == ("reset", state)
            assert await reader.read() == NO_CONTENT, "behind it there is nothing"
        for after in (None, "0.0", "1.0"):
            opened = (await at.client.post(CONVERSATIONS, json={"title": "Empty"})).json()["id"]
            assert await ChatReader(at.client, stream_of(opened), last_id=after).read() == NO_CONTENT

    chat(tmp_path, paying(), case)


async def _over(server: Server, ends: list[End]) -> None:
    """End the server in these ways in the middle of an answer, while an approval waits in another conversation."""
    async with server.client() as client:
        asked = await told(client, f"{WISH} and haggle for two.")
        assert asked["status"] == "needs_approval"
        conversation_id = await overheard(client, WISH)
        readers = [ChatReader(client, stream_of(conversation_id), by_parameter=each) for each in (False, True)]
    stops = (never, after_each)
    watched = readers[0].told
    await follow_over(server, list(zip(readers, stops, strict=True)), ends, further_in_an_answer(watched))
    async with server.client() as client:
        await _assert_still_asked(client, asked)
        messages = (await got(client, f"{CONVERSATIONS}/{conversation_id}"))["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant"]
    for reader in readers:
        assert reader.told.messages == {messages[-1]["id"]: messages[-1]["content"]}
        assert [call["status"] for call in reader.told.of("tool_call")] == ["started", "completed"]
    assert 1 <= watched.types.count("restart") <= len(ends), "what a process that is gone had said is void"


async def _assert_still_asked(client: httpx2.AsyncClient, asked: dict[str, Any]) -> None:
    state = await got(client, f"{CONVERSATIONS}/{asked['conversation_id']}")
    assert state["pending_approval"] == asked["pending_approval"]
    outcome = await streamed(client, f"{CHATTING}/approve", approval_of(asked))
    assert outcome.types[:3] == ["start", "tool_call started", "tool_call completed"]
    reader = ChatReader(client, stream_of(asked["conversation_id"]))
    await reader.read_to_the_end()
    (news,) = reader.told.news
    assert news["invoice"].startswith("INV-")


def test_over_a_crash_and_a_restart_answers_go_on_and_approvals_wait(tmp_path: Path) -> None:
    """CONTRACT §1: also after a restart, by SIGTERM and by SIGKILL; issue 6: an approval survives a restart."""
    exit_codes: list[int] = []
    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="300", LEASE_SECONDS="0.5", DEMO_CATALOG="true") as server:
        asyncio.run(_over(server, [Server.kill, lambda server: exit_codes.append(server.stop())]))
    assert exit_codes == [0]
