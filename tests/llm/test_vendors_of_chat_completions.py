"""What OpenAI and OpenRouter want otherwise than others who speak chat completions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from chaffer.llm.provider import Provider
from chaffer.llm.providers.openrouter import OpenRouterWire
from tests.support.model_markets import market_of_models, play_at
from tests.support.model_replies import REQUEST, called, replied
from tests.support.model_servers.dialect import sse
from tests.support.standin import MODEL, lists, standing_in
from tests.support.standin_scripts import Answer, Asked, always
from tests.support.wire_readings import CALLEE


def test_openai_is_told_the_longest_reply_by_the_name_that_all_its_models_know() -> None:
    with standing_in(always(Answer("Hi"))) as server:
        called("openai", server.root, replied)
    (asked,) = server.asked
    assert (asked.body["max_completion_tokens"], asked.body["temperature"]) == (REQUEST.max_tokens, REQUEST.temperature)
    assert "max_tokens" not in asked.body


def test_openrouter_tells_what_a_call_cost_as_it_is_asked_to() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 4, "cost": 0.00014}

    def script(asked: Asked) -> Answer:
        finish = sse({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage})
        return Answer(raw=asked.dialect.says("Hi") + finish + b"data: [DONE]\n\n")

    with standing_in(script) as server:
        reply = called("openrouter", server.root, replied)
    assert server.asked[0].body["usage"] == {"include": True}
    assert reply.ending is not None
    assert reply.ending.usage.cost_micros == 140


def test_openrouter_is_asked_about_the_key_before_its_models_which_it_shows_to_all() -> None:
    paths: list[str] = []

    def listing(path: str) -> Answer:
        paths.append(path)
        return lists(path)

    async def case(provider: Provider) -> list[str]:
        return list(await provider.models())

    with standing_in() as server:
        server.listing = listing
        assert called("openrouter", server.root, case) == [MODEL, "other"]
    assert paths == ["/v1/key", "/v1/models"]


def windows_in(models: Sequence[object]) -> dict[str, int]:
    """Return the windows that OpenRouter's list of models tells."""
    told: list[Mapping[str, int]] = []
    wire = OpenRouterWire(windowed=told.append)
    listed = wire.models_of(json.dumps({"data": models}).encode(), CALLEE)
    assert set(told[0]) <= set(listed)
    return dict(told[0])


def test_openrouter_s_list_tells_how_much_each_model_reads() -> None:
    models = [
        {"id": "vendor/wide", "context_length": 200_000},
        {"id": "vendor/behind", "context_length": 200_000, "top_provider": {"context_length": 32_768}},
        {"id": "vendor/top", "context_length": None, "top_provider": {"context_length": 8_192}},
        {"id": "vendor/untold"},
    ]
    assert windows_in(models) == {"vendor/wide": 200_000, "vendor/behind": 32_768, "vendor/top": 8_192}


@pytest.mark.parametrize("absurd", [0, -5, 999, 10**30, 1.5, True, "8192", [], {}, None])
def test_a_window_that_cannot_be_is_not_believed(absurd: object) -> None:
    assert windows_in([{"id": "m", "context_length": absurd, "top_provider": absurd}]) == {}
    assert windows_in([{"id": absurd, "context_length": 8_192}, {"id": "m\x00", "context_length": 8_192}]) in (
        {},
        {"8192": 8_192},
    )


def test_a_prompt_to_openrouter_is_cut_to_what_the_list_told_before_it_is_sent(tmp_path: Path) -> None:
    def listing(path: str) -> Answer:
        if path != "/v1/models":
            return lists(path)
        models = [{"id": "narrow", "context_length": window}, {"id": "wide"}]
        return Answer(body=json.dumps({"data": models}).encode())

    def longest(model: str) -> int:
        chosen = {"provider": "openrouter", "model": model, "max_tokens": 200}
        with standing_in() as server:
            server.listing = listing
            market = market_of_models(sellers=3, rounds=4, llm_config=chosen)
            played = play_at(server, tmp_path / model, market=market, openrouter_api_key="sk-or-1")
            assert played.room.ended is not None
            return max(len(asked.facts["conversation"]) for asked in played.asked if asked.is_buyer)

    window = 1_500
    assert longest("narrow") < longest("wide")
