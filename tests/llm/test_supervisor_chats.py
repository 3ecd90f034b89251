"""A conversation whose assistant is a model, whole: over every wire, with approvals, caps, and a model that is away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chaffer.assistant.flow import SIMPLE
from chaffer.errors import Code
from tests.support.books import bought
from tests.support.chatting import CHATTING, approval_of, streamed, told
from tests.support.server import Surface, got, play
from tests.support.shop import furnish, refused
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer, Asked
from tests.support.supervisor_scripts import Put, assists

CANARY_KEY = "sk-KEY-CANARY-90c2"
WIRES = ("lm_studio", "openai", "anthropic", "bedrock")
RAVEN: dict[str, Any] = {
    "seller_name": "TechHarbor",
    "item_name": "Raven 15",
    "price": 81_250,
    "list_price_minor": 90_000,
}


def models_at(server: StandIn, **changes: Any) -> dict[str, Any]:
    """Return the settings of a program whose models are all at that server."""
    given: dict[str, Any] = {f"{name}_base_url": server.url for name in ("lm_studio", "openai", "openrouter")}
    given |= {f"{name}_base_url": server.root for name in ("anthropic", "bedrock")}
    given |= {f"{name}_api_key": "sk-configured" for name in ("openai", "anthropic")}
    given |= {"aws_region": "eu-central-1", "aws_bearer_token_bedrock": "token", "llm_retry_delay": 0.001}
    return given | changes


async def says(at: Surface, message: str, conversation_id: str | None = None, **config: Any) -> dict[str, Any]:
    """Say something; a conversation that is begun has that model."""
    if conversation_id is not None:
        return await told(at.client, message, conversation_id=conversation_id)
    return await told(at.client, message, llm_config={"provider": "lm_studio", "model": MODEL, **config}, seed=7)


@pytest.mark.parametrize("wire", WIRES)
def test_every_wire_carries_a_conversation_with_tools_and_an_approval(wire: str, tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await bought(at, **RAVEN)
        first = await says(at, "What invoices do I have?", provider=wire)
        assert first["message"] == "Here is what I found. It comes to $812.50."
        number = (await got(at.client, "/api/v1/invoices"))["invoices"][0]["number"]
        waiting = await says(at, f"Please pay {number}", first["conversation_id"])
        assert number in waiting["pending_approval"]["text"]
        assert (await got(at.client, "/api/v1/invoices"))["invoices"][0]["status"] == "issued"
        outcome = await streamed(at.client, f"{CHATTING}/approve", approval_of(waiting))
        assert outcome.types == ["start", "tool_call started", "tool_call completed", "token", "complete"]
        assert list(outcome.messages.values()) == ["Here is what I found. It comes to $812.50."]
        assert (await got(at.client, "/api/v1/invoices"))["invoices"][0]["status"] == "paid"

    with standing_in(assists) as server:
        play(tmp_path, case, **models_at(server))
        questions = [Put(asked).question for asked in server.asked]
    assert questions[:3] == ["route", "work", "work"]


def test_a_model_that_is_away_is_stood_in_for_with_simple_lookups_alone(tmp_path: Path) -> None:
    away: list[bool] = []

    def script(asked: Asked) -> Answer:
        return Answer(status=503) if away else assists(asked)

    async def case(at: Surface) -> None:
        await bought(at, **RAVEN)
        await furnish(at)
        chat = (await says(at, "Hello!"))["conversation_id"]
        away.append(True)
        for question, fact in (
            ("What invoices do I have?", "812.50"),
            ("How much did I spend?", "812.50"),
            ("How do my negotiations stand?", ""),
        ):
            answer = (await says(at, question, chat))["message"]
            assert answer.startswith(SIMPLE)
            assert fact in answer
        for wish in ("Tell me a joke", "Remember that I like Sony"):
            answer = await at.client.post(CHATTING, json={"message": wish, "conversation_id": chat})
            refused(answer, Code.LLM_PROVIDER_UNAVAILABLE)

    with standing_in(script) as server:
        play(tmp_path, case, **models_at(server, lm_studio_base_url=server.url))


def test_a_conversation_begins_while_the_model_is_away_and_has_it_once_it_is_back(tmp_path: Path) -> None:
    away = [True]

    def script(asked: Asked) -> Answer:
        return Answer(status=503) if away else assists(asked)

    async def case(at: Surface) -> None:
        await bought(at, **RAVEN)
        begun = await says(at, "What invoices do I have?")
        assert begun["message"].startswith(SIMPLE)
        assert "812.50" in begun["message"]
        away.clear()
        assert (await says(at, "Hello!", begun["conversation_id"]))["message"] == "Hello! How can I help?"

    with standing_in(script) as server:
        play(tmp_path, case, **models_at(server, lm_studio_base_url=server.url))
    with standing_in(script) as gone:
        pass
    away.append(True)

    async def nobody_there(at: Surface) -> None:
        await bought(at, **RAVEN)
        assert "812.50" in (await says(at, "What invoices do I have?"))["message"]

    play(tmp_path / "gone", nobody_there, **models_at(gone, lm_studio_base_url=gone.url))


def test_caps_of_a_room_bound_a_turn_and_not_the_conversation(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        chat = ""
        for _ in range(3):
            answered = await says(at, "Hello!", chat or None)
            chat = answered["conversation_id"]
            assert answered["message"] == "Hello! How can I help?"

    with standing_in(assists) as server:
        # A call uses over 100 tokens: two of a turn are let in, a third would not be.
        play(tmp_path, case, **models_at(server, llm_max_tokens_per_room=150))
        assert len(server.asked) == 6


def test_neither_prompts_nor_keys_are_logged_or_told(tmp_path: Path) -> None:
    logs: list[str] = []

    async def case(at: Surface) -> None:
        await bought(at, **RAVEN)
        config = {"provider": "openai", "api_key": CANARY_KEY}
        first = await says(at, "What invoices do I have? WORDS-CANARY", **config)
        kept = await got(at.client, f"/api/conversations/{first['conversation_id']}")
        logs.append(at.log.getvalue())
        logs.append(json.dumps(kept).replace("WORDS-CANARY", ""))

    with standing_in(assists) as server:
        play(tmp_path, case, **models_at(server))
        assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {CANARY_KEY}"}
        assert all(CANARY_KEY not in Put(asked).everything for asked in server.asked)
    for text in logs:
        assert CANARY_KEY not in text
        assert "WORDS-CANARY" not in text
        assert "specialist in the assistant of a marketplace" not in text
