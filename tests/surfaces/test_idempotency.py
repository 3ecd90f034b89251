"""Creating posts under an Idempotency-Key: the same answer, and one effect."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.markets import scenario
from tests.support.server import Surface, got, opened, play, posted

INITIALIZE = "/api/v1/simulation/initialize"
STORES = pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])


async def initialize(client: httpx2.AsyncClient, key: str, body: Any = None, **parameters: str) -> httpx2.Response:
    """Open a session under a key."""
    headers = {"Idempotency-Key": key}
    return await client.post(INITIALIZE, json=body or scenario(), headers=headers, params=parameters)


async def sessions(client: httpx2.AsyncClient) -> list[str]:
    """Return the ids of all sessions."""
    return [session["session_id"] for session in (await got(client, "/api/v1/simulation"))["sessions"]]


@STORES
def test_the_same_request_again_gets_the_same_answer_and_opens_nothing(tmp_path: Path, durable: object) -> None:
    """CONTRACT §1, Creating: same key and body, same answer, one effect."""

    async def case(at: Surface) -> None:
        first, second = await initialize(at.client, "one"), await initialize(at.client, "one")
        assert first.status_code == second.status_code == 201
        assert first.content == second.content
        assert len(await sessions(at.client)) == 1
        other = await initialize(at.client, "two")
        assert other.json()["session_id"] != first.json()["session_id"]

    play(tmp_path, case, durable=bool(durable))


@STORES
def test_twenty_at_once_have_one_effect(tmp_path: Path, durable: object) -> None:
    """CONTRACT §1, Creating; the clients of a bad network send again before the answer is there."""

    async def case(at: Surface) -> None:
        answers = await asyncio.gather(*(initialize(at.client, "same") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert len(await sessions(at.client)) == 1

    play(tmp_path, case, durable=bool(durable))


def test_another_body_or_path_under_a_used_key_is_a_conflict(tmp_path: Path) -> None:
    """CONTRACT §1: IDEMPOTENCY_KEY_REUSED 409, same key, other body."""

    async def case(at: Surface) -> None:
        made = (await initialize(at.client, "one")).json()
        again = await initialize(at.client, "one", scenario(seed=8))
        assert again.status_code == 409
        assert again.json()["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"
        assert len(await sessions(at.client)) == 1
        room = made["negotiation_rooms"][0]["room_id"]
        await posted(at.client, f"/api/v1/negotiation/{room}/start")
        path, headers = f"/api/v1/negotiation/{room}/message", {"Idempotency-Key": "one"}
        answer = await at.client.post(path, json={"message": "x"}, headers=headers)
        assert answer.json()["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"

    play(tmp_path, case, builtin_chars_per_second=10)


def test_a_key_belongs_to_its_owner(tmp_path: Path) -> None:
    """CONTRACT §1: the owner is the `user_id` given; two users may take the same key."""

    async def case(at: Surface) -> None:
        first = await initialize(at.client, "one", user_id="ada")
        second = await initialize(at.client, "one", user_id="bob")
        assert first.json()["session_id"] != second.json()["session_id"]

    play(tmp_path, case)


def test_a_refused_request_does_not_use_its_key_up(tmp_path: Path) -> None:
    """A client corrects its body and sends it again, as the refusal told it to."""

    async def case(at: Surface) -> None:
        assert (await initialize(at.client, "one", scenario(seed=-1))).status_code == 400
        assert (await initialize(at.client, "one")).status_code == 201

    play(tmp_path, case)


@STORES
def test_a_message_is_said_once(tmp_path: Path, durable: object) -> None:
    """CONTRACT §1: every creating POST takes the key, `/message` too."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")

        async def say(key: str) -> httpx2.Response:
            headers = {"Idempotency-Key": key}
            return await at.client.post(f"{market.room}/message", json={"message": "Once!"}, headers=headers)

        answers = [await say("m1"), *await asyncio.gather(*(say(key) for key in ("m1", "m2", "m2", "m2")))]
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["message_id"] for answer in answers}) == 2
        history = (await got(at.client, f"{market.room}/state"))["conversation_history"]
        assert sum(message["message"] == "Once!" for message in history) == 2

    play(tmp_path, case, durable=bool(durable), builtin_chars_per_second=10)


def test_the_answer_outlives_the_server(tmp_path: Path) -> None:
    """CONTRACT §1: kept 24 h."""
    answers: list[bytes] = []

    async def case(at: Surface) -> None:
        answers.append((await initialize(at.client, "one")).content)
        assert len(await sessions(at.client)) == 1

    for _ in range(2):
        play(tmp_path, case, durable=True)
    assert answers[0] == answers[1]


@pytest.mark.parametrize(("key", "status"), [("k" * 255, 201), ("k" * 256, 400), ("", 400), ("a\tb", 400), ("é", 201)])
def test_a_key_has_1_to_255_printable_characters(tmp_path: Path, key: str, status: int) -> None:
    """CONTRACT §1: `Idempotency-Key` (≤255 characters)."""

    async def case(at: Surface) -> None:
        headers = [(b"Idempotency-Key", key.encode("latin-1")), (b"Content-Type", b"application/json")]
        answer = await at.client.post(INITIALIZE, content=json.dumps(scenario()).encode(), headers=headers)
        assert answer.status_code == status
        if status == 400:
            assert [detail["field"].lower() for detail in answer.json()["error"]["details"]] == ["idempotency-key"]

    play(tmp_path, case)
