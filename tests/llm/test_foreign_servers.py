"""The wires against servers that others wrote: what we say is understood, what they say is, and how they fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import pytest

from chaffer.errors import Code
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.provider import Timeouts
from chaffer.llm.requests import Ending, Finish, Item, ModelRequest, Said, Tool, ToolCall, ToolResult, ToolsCalled
from tests.support.foreign_servers import KATAN_MODEL, Foreign, llm_katan, llmock
from tests.support.model_providers import provider_of

MODELS: Final = {"openai": "gpt-4o", "anthropic": "claude-opus-4-6"}
WEATHER: Final = Tool(
    "weather",
    "Tells the weather.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
TIMEOUTS: Final = Timeouts(connect=5, first_token=10, between_tokens=10, total=20)
SHORT: Final = replace(TIMEOUTS, first_token=0.25, between_tokens=0.25)


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    with llmock(tmp_path_factory.mktemp("llmock")) as server:
        yield server


@pytest.fixture(scope="module")
def katan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    with llm_katan(tmp_path_factory.mktemp("llm-katan")) as server:
        yield server


@pytest.fixture(params=MODELS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def asking(model: str, **changes: Any) -> ModelRequest:
    said = (Said("user", "Grüße, 你好 👋: what is the weather in Zürich?"),)
    return replace(ModelRequest(model, said, 300, system="Be brief, naïve reader.", temperature=0.5), **changes)


def answered(name: str, root: str, request: ModelRequest, timeouts: Timeouts = TIMEOUTS) -> list[Item]:
    """Return all that came of a call."""

    async def case() -> list[Item]:
        provider = provider_of(name, root, timeouts)
        try:
            async with asyncio.timeout(30), aclosing(provider.stream(request)) as items:
                return [item async for item in items]
        finally:
            await provider.aclose()

    return asyncio.run(case())


def mocked(name: str, mock: Foreign) -> str:
    """Return where llmock speaks this provider's wire."""
    return mock.root + ("/anthropic" if name == "anthropic" else "")


def ending_of(items: list[Item]) -> Ending:
    assert isinstance(items[-1], Ending)
    return items[-1]


def text_of(items: list[Item]) -> str:
    return "".join(item for item in items if isinstance(item, str))


def test_llmock_streams_a_reply(mock: Foreign, name: str) -> None:
    mock.behave({"type": "reply", "text": "Es ist schön – 晴れ 👋."})
    items = answered(name, mocked(name, mock), asking(MODELS[name]))
    ending = ending_of(items)
    assert (text_of(items), ending.finish, ending.model) == ("Es ist schön – 晴れ 👋.", Finish.COMPLETE, MODELS[name])
    assert ending.usage.prompt_tokens
    assert ending.usage.completion_tokens
    assert [(asked["status"], asked["model"]) for asked in mock.requests()] == [(200, MODELS[name])]


def test_llmock_calls_tools_and_takes_what_they_returned(mock: Foreign, name: str) -> None:
    mock.behave({"type": "reply", "tool_calls": [{"name": "weather", "arguments": {"city": "Zürich"}}]})
    request = asking(MODELS[name], tools=(WEATHER,))
    items = answered(name, mocked(name, mock), request)
    (call,) = (item for item in items if isinstance(item, ToolCall))
    assert (call.name, json.loads(call.arguments)) == ("weather", {"city": "Zürich"})
    assert ending_of(items).finish is Finish.TOOLS

    mock.behave({"type": "reply", "text": "Sunny."})
    history = (*request.messages, ToolsCalled((call,)), ToolResult(call.call_id, "sunny, 20 °C"))
    assert text_of(answered(name, mocked(name, mock), replace(request, messages=history))) == "Sunny."


def test_llmock_lists_its_models(mock: Foreign, name: str) -> None:
    async def case() -> list[str]:
        provider = provider_of(name, mocked(name, mock), TIMEOUTS)
        try:
            return list(await provider.models())
        finally:
            await provider.aclose()

    mock.behave()
    assert MODELS[name] in asyncio.run(case())


MOCKED_FAULTS: Final[dict[str, tuple[Mapping[str, Any], Code, bool]]] = {
    "429": ({"type": "fail", "status": 429, "retry_after": 7}, Code.LLM_PROVIDER_UNAVAILABLE, True),
    "401": ({"type": "fail", "status": 401}, Code.INVALID_API_KEY, False),
    "403": ({"type": "fail", "status": 403}, Code.INVALID_API_KEY, False),
    "404": ({"type": "fail", "status": 404}, Code.VALIDATION_ERROR, False),
    "400": ({"type": "fail", "status": 400}, Code.LLM_BAD_GATEWAY, False),
    "500": ({"type": "fail", "status": 500}, Code.LLM_PROVIDER_UNAVAILABLE, True),
    "529": ({"type": "fail", "status": 529, "retry_after": 1}, Code.LLM_PROVIDER_UNAVAILABLE, True),
    "disconnect": ({"type": "stream_fault", "kind": "disconnect", "after_chunks": 4}, Code.LLM_BAD_GATEWAY, True),
    "truncate": ({"type": "stream_fault", "kind": "truncate", "after_chunks": 4}, Code.LLM_BAD_GATEWAY, True),
    "malformed": ({"type": "stream_fault", "kind": "malformed", "after_chunks": 4}, Code.LLM_BAD_GATEWAY, False),
    "stall": (
        {"type": "stream_fault", "kind": "stall", "after_chunks": 4, "stall_seconds": 5},
        Code.LLM_TIMEOUT,
        True,
    ),
    "slow": ({"type": "slow_first_token", "seconds": 5}, Code.LLM_TIMEOUT, True),
    "delay": ({"type": "delay", "seconds": 5}, Code.LLM_TIMEOUT, True),
    "filter": ({"type": "reply", "text": "No.", "finish_reason": "content_filter"}, Code.LLM_BAD_GATEWAY, False),
}


@pytest.mark.parametrize("what", MOCKED_FAULTS)
def test_llmock_fails_and_its_faults_become_their_codes(mock: Foreign, name: str, what: str) -> None:
    behaviour, code, is_transient = MOCKED_FAULTS[what]
    mock.behave(behaviour)
    with pytest.raises(ModelFaultError, match=name) as raised:
        answered(name, mocked(name, mock), asking(MODELS[name]), SHORT if code is Code.LLM_TIMEOUT else TIMEOUTS)
    assert (raised.value.code, raised.value.is_transient) == (code, is_transient)
    assert raised.value.retry_after_seconds == behaviour.get("retry_after")


def test_llmock_knows_prompts_that_are_too_long(mock: Foreign, name: str) -> None:
    told = {"openai": "context_length_exceeded", "anthropic": "prompt is too long: 9 tokens > 8 maximum"}[name]
    mock.behave({"type": "fail", "status": 400, "message": told})
    with pytest.raises(PromptTooLongError):
        answered(name, mocked(name, mock), asking(MODELS[name]))


@pytest.mark.parametrize("name", MODELS)
def test_llm_katan_echoes_what_it_was_asked(katan: Foreign, name: str) -> None:
    items = answered(name, katan.root, asking(KATAN_MODEL))
    assert "Grüße, 你好 👋: what is the weather in Zürich?" in text_of(items)
    assert "messages=2 " in text_of(items), "with the system's, which it does not echo"
    assert "temperature=0.5" in text_of(items)
    ending = ending_of(items)
    assert (ending.finish, ending.model) == (Finish.COMPLETE, KATAN_MODEL)
    assert ending.usage.prompt_tokens
    assert ending.usage.completion_tokens


def test_llm_katan_calls_tools_over_the_wire_of_anthropic(katan: Foreign) -> None:
    items = answered("anthropic", katan.root, asking(KATAN_MODEL, tools=(WEATHER,)))
    (call,) = (item for item in items if isinstance(item, ToolCall))
    assert call.name == "weather"
    assert "city" in json.loads(call.arguments)
    assert ending_of(items).finish is Finish.TOOLS


def test_llm_katan_calls_tools_in_one_piece_over_the_wire_of_openai_which_is_no_stream(katan: Foreign) -> None:
    with pytest.raises(ModelFaultError, match="something else than a stream") as raised:
        answered("openai", katan.root, asking(KATAN_MODEL, tools=(WEATHER,)))
    assert raised.value.code is Code.LLM_BAD_GATEWAY


def test_llm_katan_frames_bedrock_as_bedrock_does_not_and_no_word_of_it_is_taken(katan: Foreign) -> None:
    """It sends lines of server-sent events and calls them an event stream; botocore cannot read them either."""
    with pytest.raises(ModelFaultError, match="cannot be taken apart") as raised:
        answered("bedrock", katan.root, asking(KATAN_MODEL))
    assert raised.value.code is Code.LLM_BAD_GATEWAY


def test_llm_katan_wants_a_key(katan: Foreign) -> None:
    with pytest.raises(ModelFaultError, match=r"lm_studio \(model '.+'\) refused the key") as raised:
        answered("lm_studio", katan.root, asking(KATAN_MODEL))
    assert raised.value.code is Code.INVALID_API_KEY
