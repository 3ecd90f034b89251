"""What OpenAI and OpenRouter want otherwise than others who speak chat completions."""

from __future__ import annotations

from chaffer.llm.provider import Provider
from tests.support.model_replies import REQUEST, called, replied
from tests.support.model_servers.dialect import sse
from tests.support.standin import MODEL, lists, standing_in
from tests.support.standin_scripts import Answer, Asked, always


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
