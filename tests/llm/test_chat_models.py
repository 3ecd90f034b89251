"""The bridge to LangChain with models that behave as other integrations do: made for the tests, without a wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

from chaffer.errors import ChafferError, Code
from chaffer.llm.chat_models import MOST_KEPT
from chaffer.llm.faults import ModelFaultError
from chaffer.llm.provider import Provider
from chaffer.llm.providers.langchain import Bridge
from chaffer.llm.requests import (
    Finish,
    ReplyFormat,
    ToolCall,
    Usage,
)
from chaffer.llm.vendor import VendorConfig
from tests.support.langchain_models import (
    FAST,
    KEY,
    PROMPT,
    REQUEST,
    Scripted,
    chunk,
    ending_of,
    read,
    scripted,
    text_of,
)


def test_a_plain_fake_of_langchain_answers() -> None:
    def initialize(_: str, **__: Any) -> Any:
        return GenericFakeChatModel(messages=iter([AIMessage("Two words")]))

    provider: Provider = Bridge(VendorConfig("langchain", FAST), lambda: initialize)
    items = asyncio.run(read(provider, replace(REQUEST, model="strange:fake")))
    assert text_of(items) == "Two words"
    assert ending_of(items).finish is Finish.COMPLETE


@pytest.mark.parametrize(
    ("told", "finish"),
    [
        ({"finish_reason": "stop"}, Finish.COMPLETE),
        ({"stop_reason": "end_turn"}, Finish.COMPLETE),
        ({"finish_reason": "STOP"}, Finish.COMPLETE),
        ({"done_reason": "length"}, Finish.CUT),
        ({"stop_reason": "max_tokens"}, Finish.CUT),
        ({"finish_reason": "MAX_TOKENS"}, Finish.CUT),
        ({"messageStop": {"stopReason": "max_tokens"}}, Finish.CUT),
        ({"stopReason": "end_turn"}, Finish.COMPLETE),
        ({"status": "incomplete"}, Finish.CUT),
        ({"status": "completed"}, Finish.COMPLETE),
    ],
    ids=str,
)
def test_the_finish_is_known_however_an_integration_tells_it(told: dict[str, Any], finish: Finish) -> None:
    [items] = scripted([chunk("Hi"), chunk(**told)])
    assert isinstance(items, list)
    assert ending_of(items).finish is finish


@pytest.mark.parametrize("reason", ["SAFETY", "guardrail_intervened", "refusal", "content_filtered"])
def test_a_reply_that_was_withheld_is_a_fault(reason: str) -> None:
    [fault] = scripted([chunk("Hi"), chunk(finish_reason=reason)])
    assert isinstance(fault, ModelFaultError)
    assert "withheld" in fault.message


def test_who_once_told_a_finish_must_tell_it_always() -> None:
    before, told, after = scripted([chunk("Hi")], [chunk("Hi", finish_reason="stop")], [chunk("Hi")])
    assert isinstance(before, list)
    assert isinstance(told, list)
    assert isinstance(after, ModelFaultError)
    assert "cut the reply" in after.message


def test_what_goes_wrong_after_the_finish_is_the_end_too() -> None:
    [items] = scripted([chunk("Hi", finish_reason="stop"), ConnectionResetError("SECRET")])
    assert isinstance(items, list)
    assert ending_of(items).finish is Finish.COMPLETE


def test_a_prompt_of_no_tokens_is_one_that_was_not_counted() -> None:
    """So `langchain-anthropic` says it where the end of a stream tells the reply's tokens alone."""
    usage = UsageMetadata(input_tokens=0, output_tokens=3, total_tokens=3)
    [items] = scripted([chunk("Hi"), AIMessageChunk(content="", usage_metadata=usage)])
    assert isinstance(items, list)
    assert ending_of(items).usage == Usage(None, 3)


def test_usage_adds_up_over_the_chunks() -> None:
    def counted(text: str, into: int, out: int, cached: int) -> AIMessageChunk:
        details = InputTokenDetails(cache_read=cached)
        usage = UsageMetadata(
            input_tokens=into, output_tokens=out, total_tokens=into + out, input_token_details=details
        )
        return AIMessageChunk(content=text, usage_metadata=usage)

    [items] = scripted([counted("Hi", 10, 0, 4), counted("", 0, 5, 0), chunk(finish_reason="stop")])
    assert isinstance(items, list)
    usage = ending_of(items).usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == (10, 5, 4)


def test_whole_calls_without_an_index_are_told_apart() -> None:
    calls = [
        tool_call_chunk(name="a", args='{"x": 1}', id="1", index=None),
        tool_call_chunk(name="b", args="{}", id="2", index=None),
    ]
    chunks = [AIMessageChunk(content="", tool_call_chunks=[call]) for call in calls]
    [items] = scripted(chunks)
    assert isinstance(items, list)
    assert items[:-1] == [ToolCall("1", "a", '{"x": 1}'), ToolCall("2", "b", "{}")]


class Choosy(Scripted):
    """A model that says it takes schemas, and stumbles over ours."""

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        SHAPES_SENT.append("response_format" in kwargs)
        if SHAPES_SENT[-1]:
            raise AssertionError(PROMPT)
        async for each in super()._astream(messages, stop, run_manager):
            yield each


SHAPES_SENT: Final[list[bool]] = []


def test_a_schema_that_a_package_stumbles_over_is_left_out_from_then_on() -> None:
    """So `langchain-anthropic` does where a field has several types."""
    SHAPES_SENT.clear()

    def initialize(_: str, **__: Any) -> Any:
        return Choosy(steps=[chunk("Hi", finish_reason="stop")], profile={"structured_output": True})

    async def case() -> list[str]:
        provider = Bridge(VendorConfig("langchain", FAST), lambda: initialize)
        request = replace(REQUEST, reply_format=ReplyFormat("offer", {"type": "object"}))
        at_once = await asyncio.gather(*(read(provider, request) for _ in range(3)))
        return [text_of(items) for items in (*at_once, await read(provider, request))]

    assert asyncio.run(case()) == ["Hi"] * 4
    assert SHAPES_SENT == [True] * 3 + [False] * 4


def test_names_are_kept_without_what_no_name_has() -> None:
    called = tool_call_chunk(name="f\x00\n", args="{}", id="1\ud800", index=0)
    last = AIMessageChunk(content="", response_metadata={"model_name": "m\x1b" + "x" * 999, "finish_reason": "stop"})
    [items] = scripted([AIMessageChunk(content="", tool_call_chunks=[called]), last])
    assert isinstance(items, list)
    assert items[0] == ToolCall("1", "f", "{}")
    assert ending_of(items).model == "m" + "x" * 199


class _Answered:
    """An answer as integrations keep it with their exceptions."""

    def __init__(self, status: int, **headers: str) -> None:
        self.status_code = status
        self.headers = headers


def _error(name: str = "StrangeError", base: type[Exception] = Exception, **attributes: Any) -> Exception:
    error: Exception = type(name, (base,), {})(f"SECRET {PROMPT}")
    for attribute, value in attributes.items():
        setattr(error, attribute, value)
    return error


_OF_BOTOCORE: Final = {"ResponseMetadata": {"HTTPStatusCode": 429, "HTTPHeaders": {"retry-after": "3"}}}


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: _error(status_code=401), Code.INVALID_API_KEY),
        (lambda: _error(response=_Answered(429, **{"Retry-After": "3"})), Code.LLM_PROVIDER_UNAVAILABLE),
        (lambda: _error(response=_OF_BOTOCORE), Code.LLM_PROVIDER_UNAVAILABLE),
        (lambda: _error(code=503), Code.LLM_PROVIDER_UNAVAILABLE),
        (lambda: _error("AuthenticationError"), Code.INVALID_API_KEY),
        (lambda: _error("RateLimitError"), Code.LLM_PROVIDER_UNAVAILABLE),
        (lambda: _error("ResourceExhausted"), Code.LLM_PROVIDER_UNAVAILABLE),
        (lambda: _error("ReadTimeout"), Code.LLM_TIMEOUT),
        (lambda: _error("ConnectTimeout"), Code.LLM_PROVIDER_UNAVAILABLE),
        (lambda: _error("APIConnectionError"), Code.LLM_PROVIDER_UNAVAILABLE),
        (lambda: ConnectionRefusedError("SECRET"), Code.LLM_PROVIDER_UNAVAILABLE),
        (lambda: TimeoutError("SECRET"), Code.LLM_TIMEOUT),
        (lambda: _error("MyContextOverflowError"), Code.LLM_BAD_GATEWAY),
        (lambda: KeyError("SECRET"), Code.LLM_BAD_GATEWAY),
        (lambda: ValueError("SECRET"), Code.LLM_BAD_GATEWAY),
    ],
)
def test_the_exceptions_of_any_integration_become_faults(make: Callable[[], Exception], code: Code) -> None:
    error = make()
    [fault] = scripted([error])
    assert isinstance(fault, ModelFaultError)
    assert fault.code is code
    assert "SECRET" not in fault.message
    assert PROMPT not in fault.message
    if getattr(error, "response", None) is not None:
        assert fault.retry_after_seconds == 3


def test_an_exception_that_wraps_the_client_s_own_is_told_by_that_one() -> None:
    """So `langchain-google-genai` says a limit, and an invalid request."""
    wrapping = _error("GoogleRateLimitError")
    wrapping.__cause__ = _error(code=429, response=_Answered(429, **{"Retry-After": "3"}))
    unfit = _error("GoogleInvalidRequestError")
    unfit.__cause__ = _error(code=400)
    limited, invalid = scripted([wrapping], [unfit])
    assert isinstance(limited, ModelFaultError)
    assert (limited.code, limited.retry_after_seconds) == (Code.LLM_PROVIDER_UNAVAILABLE, 3)
    assert isinstance(invalid, ModelFaultError)
    assert (invalid.code, invalid.is_transient) == (Code.LLM_BAD_GATEWAY, False)


def test_a_connection_lost_in_the_middle_is_a_reply_cut_off() -> None:
    [fault] = scripted([chunk("Hi"), _error("ReadError")])
    assert isinstance(fault, ModelFaultError)
    assert (fault.code, fault.is_transient) == (Code.LLM_BAD_GATEWAY, True)


def test_models_are_kept_by_parameters_and_key_and_not_without_bound() -> None:
    made: list[dict[str, Any]] = []

    def initialize(_: str, **kwargs: Any) -> Any:
        made.append(kwargs)
        return Scripted(steps=[chunk("Hi", finish_reason="stop")])

    async def case() -> None:
        provider = Bridge(VendorConfig("langchain", FAST), lambda: initialize)
        request = replace(REQUEST, model="strange:model")
        await asyncio.gather(*(read(provider, request) for _ in range(5)))
        one = len(made)
        assert one == 2, "one to see which parameters it takes, and one to ask"
        for number in range(MOST_KEPT):
            await read(provider, replace(request, max_tokens=400 + number))
        await read(provider, request)
        assert len(made) == one * (MOST_KEPT + 2)

    asyncio.run(case())


def test_a_key_for_a_model_that_takes_none_is_refused_and_not_replaced_by_the_operator_s() -> None:
    def initialize(_: str, **__: Any) -> Any:
        return Scripted(steps=[chunk("Hi")])

    provider = Bridge(VendorConfig("langchain", FAST), lambda: initialize)
    with pytest.raises(ChafferError, match="takes no `api_key`") as raised:
        asyncio.run(read(provider, replace(REQUEST, model="strange:model", key=KEY)))
    assert raised.value.code is Code.LLM_PROVIDER_DISABLED
