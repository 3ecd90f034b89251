"""The bridge to LangChain, over the real wire with langchain-openai, and with models that behave as others do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import pytest

from chaffer.errors import ChafferError, Code
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.provider import Provider, Timeouts
from chaffer.llm.providers import langchain
from chaffer.llm.requests import (
    Ending,
    Finish,
    Item,
    ModelRequest,
    ReplyFormat,
    Said,
    Tool,
    ToolCall,
    ToolResult,
    ToolsCalled,
)
from chaffer.llm.vendor import VendorConfig
from tests.support.standin import StandIn, standing_in
from tests.support.standin_scripts import Answer, Asked, Script, always, first

KEY: Final = "sk-KEY-CANARY-51f0"
PROMPT: Final = "PROMPT-CANARY-77"
UNKNOWN: Final = "openai:stand-in"
WITH_PROFILE: Final = "openai:gpt-4.1-mini"
REQUEST: Final = ModelRequest(
    model=UNKNOWN,
    messages=(Said("user", f'{{"round": 1}} {PROMPT}'),),
    max_tokens=300,
    system="You are a test.",
    temperature=0.25,
)
SHAPE: Final = ReplyFormat("offer", {"type": "object", "properties": {"price": {"type": "number"}}})
TOOL: Final = Tool("look_up", "Looks something up.", {"type": "object", "properties": {"q": {"type": "string"}}})
FAST: Final = Timeouts(1.0, 1.0, 1.0, 2.0)


@pytest.fixture(autouse=True, scope="module")
def _imported() -> None:
    """Import the packages beforehand: on a busy machine that alone may take the time that these tests allow a call."""
    import langchain_openai  # noqa: F401, PLC0415
    from langchain.chat_models import init_chat_model  # noqa: F401, PLC0415


def bridge(url: str | None, timeouts: Timeouts = FAST, key: str | None = KEY) -> Provider:
    return langchain.provider(VendorConfig("langchain", timeouts, url, key))


async def read(provider: Provider, request: ModelRequest = REQUEST) -> list[Item]:
    async with asyncio.timeout(20), aclosing(provider.stream(request)) as items:
        return [item async for item in items]


def asked(script: Script, *requests: ModelRequest, **options: Any) -> tuple[list[list[Item]], StandIn]:
    """Return the replies to these requests, and the stand-in that gave them."""

    async def case(url: str) -> list[list[Item]]:
        provider = bridge(url, **options)
        return [await read(provider, request) for request in requests or (REQUEST,)]

    with standing_in(script) as server:
        return asyncio.run(case(server.url)), server


def refused(script: Script, request: ModelRequest = REQUEST, **options: Any) -> ModelFaultError:
    with pytest.raises(ModelFaultError) as raised:
        asked(script, request, **options)
    for canary in (KEY, PROMPT, "SECRET"):
        assert canary not in raised.value.message
    return raised.value


def text_of(items: Sequence[Item]) -> str:
    return "".join(item for item in items if isinstance(item, str))


def ending_of(items: Sequence[Item]) -> Ending:
    assert isinstance(items[-1], Ending)
    return items[-1]


def test_a_reply_streams_with_usage_and_finish() -> None:
    [items], server = asked(always(Answer("Grüße 😀, " * 20, letters=3, pace=0.002)))
    assert text_of(items) == "Grüße 😀, " * 20
    assert len(items) > 10, "it came in deltas"
    ending = ending_of(items)
    assert (ending.finish, ending.model, ending.usage.prompt_tokens) == (Finish.COMPLETE, "stand-in", 100)
    assert ending.usage.completion_tokens == 45
    assert ending.first_token_seconds is not None
    body = server.asked[0].body
    assert (body["model"], body["temperature"], body["max_completion_tokens"]) == ("stand-in", 0.25, 300)
    assert server.asked[0].system == "You are a test."
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_the_key_of_a_request_takes_the_configured_one_s_place() -> None:
    _, server = asked(always(Answer("Hi")), replace(REQUEST, key="sk-of-the-request"), REQUEST)
    assert [one.headers["authorization"] for one in server.asked] == ["Bearer sk-of-the-request", f"Bearer {KEY}"]


def test_a_schema_is_sent_to_models_that_are_known_to_take_one() -> None:
    known, unknown = (replace(REQUEST, model=model, reply_format=SHAPE) for model in (WITH_PROFILE, UNKNOWN))
    replies, server = asked(always(Answer('{"price": 1}')), known, unknown)
    shapes = [one.body.get("response_format", {}).get("json_schema") for one in server.asked]
    assert shapes == [{"name": "offer", "strict": True, "schema": SHAPE.schema}, None]
    assert [ending_of(items).usage.prompt_tokens for items in replies] == [100, 100]


@pytest.mark.parametrize("text", ["no JSON at all", '{"price": "none"}', '{"pr'])
def test_what_does_not_obey_the_schema_comes_all_the_same(text: str) -> None:
    [items], _ = asked(always(Answer(text)), replace(REQUEST, model=WITH_PROFILE, reply_format=SHAPE))
    assert text_of(items) == text
    assert ending_of(items).finish is Finish.COMPLETE


def test_a_schema_that_is_refused_is_left_out_from_then_on() -> None:
    def script(one: Asked) -> Answer:
        if "response_format" in one.body:
            return Answer(status=400, body=b'{"error": {"message": "response_format: SECRET is unknown"}}')
        return Answer("Hi")

    request = replace(REQUEST, model=WITH_PROFILE, reply_format=SHAPE)
    replies, server = asked(script, request, request)
    assert [text_of(items) for items in replies] == ["Hi", "Hi"]
    assert ["response_format" in one.body for one in server.asked] == [True, False, False]


def test_tools_are_offered_and_called() -> None:
    def script(one: Asked) -> Answer:
        calls = b"".join(one.dialect.calls(0, "look_up", ['{"q": ', '"Käse"}']))
        more = b"".join(one.dialect.calls(1, "look_up", ["{}"]))
        return Answer(raw=calls + more + b"".join(one.dialect.ends("tool_calls", 9)))

    earlier = ToolCall("call_9", "look_up", '{"q": "x"}')
    told = (*REQUEST.messages, ToolsCalled((earlier,), "Wait."), ToolResult("call_9", "nothing", failed=True))
    [items], server = asked(script, replace(REQUEST, tools=(TOOL,), messages=told))
    assert items[:-1] == [
        ToolCall("call_0_look_up", "look_up", '{"q": "Käse"}'),
        ToolCall("call_1_look_up", "look_up", "{}"),
    ]
    assert ending_of(items).finish is Finish.TOOLS
    body = server.asked[0].body
    assert body["tools"][0]["function"]["name"] == "look_up"
    _, _, called, result = body["messages"]
    assert called["tool_calls"][0]["function"] == {"name": "look_up", "arguments": '{"q": "x"}'}
    assert (result["role"], result["tool_call_id"], result["content"]) == ("tool", "call_9", "nothing")


def test_a_reply_that_ran_into_its_limit_says_so() -> None:
    [items], _ = asked(always(Answer("half a sen", finish_reason="length")))
    assert ending_of(items).finish is Finish.CUT


_ECHO: Final = f'{{"error": {{"message": "SECRET {KEY} {PROMPT}"}}}}'.encode()


@pytest.mark.parametrize(
    ("answer", "code", "is_transient"),
    [
        (Answer(status=401, body=_ECHO), Code.INVALID_API_KEY, False),
        (Answer(status=403, body=_ECHO), Code.INVALID_API_KEY, False),
        (Answer(status=404, body=_ECHO), Code.VALIDATION_ERROR, False),
        (Answer(status=429, body=_ECHO), Code.LLM_PROVIDER_UNAVAILABLE, True),
        (Answer(status=500, body=_ECHO), Code.LLM_PROVIDER_UNAVAILABLE, True),
        (Answer(status=502, body=b"<html>SECRET</html>"), Code.LLM_PROVIDER_UNAVAILABLE, True),
        (Answer(status=400, body=_ECHO), Code.LLM_BAD_GATEWAY, False),
        (Answer("Good ", finish_reason=None), Code.LLM_BAD_GATEWAY, True),
        (Answer("Good ", finish_reason=None, disconnects=True), Code.LLM_BAD_GATEWAY, True),
        (Answer("{", finish_reason="content_filter"), Code.LLM_BAD_GATEWAY, False),
        (Answer(""), Code.LLM_BAD_GATEWAY, True),
        (Answer(hangs="at once"), Code.LLM_TIMEOUT, True),
        (Answer("Good ", hangs="after"), Code.LLM_TIMEOUT, True),
        (Answer("", endless="and on and on " * 50), Code.LLM_BAD_GATEWAY, False),
    ],
    ids=lambda value: (
        f"{value.status} {value.text}{value.hangs}{value.finish_reason}" if isinstance(value, Answer) else ""
    ),
)
def test_every_fault_has_its_code_and_quotes_nothing(
    answer: Answer, code: Code, *, is_transient: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    fault = refused(always(answer))
    assert (fault.code, fault.is_transient) == (code, is_transient)
    printed = "".join(capfd.readouterr())
    for canary in (KEY, PROMPT, "SECRET"):
        assert canary not in printed


def test_an_error_in_the_stream_is_a_fault() -> None:
    fault = refused(lambda one: Answer(raw=one.dialect.crashes("SECRET")))
    assert (fault.code, fault.is_transient) == (Code.LLM_BAD_GATEWAY, True)


def test_a_refusal_that_the_package_drops_is_an_empty_reply() -> None:
    fault = refused(lambda one: Answer(raw=b"".join(one.dialect.refuses())))
    assert (fault.code, "empty reply" in fault.message) == (Code.LLM_BAD_GATEWAY, True)


def test_a_prompt_that_does_not_fit_is_known_as_such() -> None:
    body = b'{"error": {"message": "maximum context length is 8 tokens", "code": "context_length_exceeded"}}'
    assert isinstance(refused(always(Answer(status=400, body=body))), PromptTooLongError)


def test_a_package_s_own_retries_are_off_and_what_it_was_asked_to_wait_is_told() -> None:
    with standing_in(always(Answer(status=429, headers={"Retry-After": "7"}))) as server:
        with pytest.raises(ModelFaultError) as raised:
            asyncio.run(read(bridge(server.url)))
        assert len(server.asked) == 1
    assert raised.value.retry_after_seconds == 7


def test_a_host_that_is_down_is_unreachable() -> None:
    with standing_in() as server:
        url = server.url
    with pytest.raises(ModelFaultError) as raised:
        asyncio.run(read(bridge(url)))
    assert (raised.value.code, raised.value.is_of_host) == (Code.LLM_PROVIDER_UNAVAILABLE, True)


@pytest.mark.parametrize("how", ["left", "cancelled"])
def test_leaving_closes_the_connection(how: str) -> None:
    async def case() -> None:
        provider = bridge(server.url, Timeouts())
        began = asyncio.Event()

        async def listen() -> None:
            async with aclosing(provider.stream(REQUEST)) as items:
                async for _ in items:
                    began.set()
                    if how == "left":
                        return

        listening = asyncio.create_task(listen())
        await began.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        # Far within the timeouts of the provider: nothing but the leaving closes it.
        assert await asyncio.to_thread(server.wait_until, lambda: server.broken_off == 1)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with standing_in(always(Answer("Good ", hangs="after"))) as server:
        asyncio.run(case())


def disabled(request: ModelRequest = REQUEST, **options: Any) -> ChafferError:
    with pytest.raises(ChafferError) as raised:
        asyncio.run(read(bridge("http://127.0.0.1:9", **options), request))
    assert KEY not in raised.value.message
    return raised.value


def test_a_package_that_is_missing_is_named_with_its_command() -> None:
    fault = disabled(replace(REQUEST, model="groq:llama-3"))
    assert fault.code is Code.LLM_PROVIDER_DISABLED
    assert "pip install langchain langchain-groq" in fault.message


def test_langchain_that_is_missing_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain", None)
    with pytest.raises(ChafferError, match=r"pip install langchain\.") as raised:
        bridge(None)
    assert raised.value.code is Code.LLM_PROVIDER_DISABLED


@pytest.mark.parametrize("model", ["gpt-4.1-mini", "OpenAI:x", "openai:", ":x", "openai: x"])
def test_an_id_without_its_package_is_refused(model: str) -> None:
    fault = disabled(replace(REQUEST, model=model))
    assert (fault.code, fault.details[0].field) == (Code.VALIDATION_ERROR, "llm_config.model")


def test_a_package_that_langchain_does_not_know_is_told() -> None:
    fault = disabled(replace(REQUEST, model="nonsense:x"))
    assert fault.code is Code.LLM_PROVIDER_DISABLED
    assert "'nonsense:x'" in fault.message


def test_a_model_without_any_key_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    fault = disabled(key=None)
    assert fault.code is Code.LLM_PROVIDER_DISABLED
    assert "environment variable or by `api_key`" in fault.message


def test_a_key_that_no_header_takes_is_refused() -> None:
    assert disabled(replace(REQUEST, key="sk-\n")).code is Code.INVALID_API_KEY


def test_nothing_is_imported_before_the_first_question() -> None:
    program = (
        "import sys; from chaffer.llm.providers import langchain; from chaffer.llm.vendor import VendorConfig\n"
        "langchain.provider(VendorConfig('langchain'))\n"
        "sys.exit(any(name.partition('.')[0] in ('langchain', 'langchain_core', 'openai') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_passing_fault_leaves_nothing_behind() -> None:
    async def case() -> None:
        provider = bridge(server.url)
        for _ in range(3):
            with pytest.raises(ModelFaultError):
                await read(provider)
        assert text_of(await read(provider)) == "Hi"
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with standing_in(first(3, always(Answer(status=503)), always(Answer("Hi")))) as server:
        asyncio.run(case())
