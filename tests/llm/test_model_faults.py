"""Every way in which a provider can fail becomes one of the codes, is retried when it may pass, and tells no secret."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import aclosing
from typing import Any

import pytest

from chaffer.errors import Code
from chaffer.llm import http_provider
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.provider import Provider
from chaffer.llm.requests import Ending, ModelRequest
from chaffer.llm.retry import Patience, Retries, persistently
from tests.support.model_calls import REQUEST, called
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer, Asked, Script, always, first

SECRET = "the prompt, quoted by a provider"


async def attempt(provider: Provider, request: ModelRequest = REQUEST) -> tuple[str, Ending]:
    """Return the text and the ending of one attempt."""
    async with aclosing(provider.stream(request)) as items:
        got = [item async for item in items]
    ending = got.pop()
    assert isinstance(ending, Ending)
    return "".join(str(delta) for delta in got), ending


def fault_of(script: Script, **patience: Any) -> ModelFaultError:
    with standing_in(script) as server, pytest.raises(ModelFaultError) as raised:
        called(server.url, attempt, **patience)
    assert SECRET not in raised.value.message
    assert "lm_studio" in raised.value.message
    return raised.value


def test_a_reply_comes_with_all_that_is_told_of_it() -> None:
    with standing_in(always(Answer("Grüße, 你好 👋", letters=1, delay=0.05))) as server:
        text, ending = called(server.url, attempt)
    assert text == "Grüße, 你好 👋"
    assert (ending.finish, ending.model, ending.usage.prompt_tokens, ending.usage.completion_tokens) == (
        "stop",
        MODEL,
        100,
        len(text) // 4,
    )
    assert ending.first_token_seconds is not None
    assert 0.04 < ending.first_token_seconds <= ending.latency_seconds < 2


@pytest.mark.parametrize(
    ("status", "body", "code", "is_transient"),
    [
        (400, {"error": {"message": SECRET}}, Code.LLM_BAD_GATEWAY, False),
        (401, {"error": SECRET}, Code.INVALID_API_KEY, False),
        (403, {}, Code.INVALID_API_KEY, False),
        (404, {"error": {"message": SECRET}}, Code.VALIDATION_ERROR, False),
        (400, {"error": {"code": "model_not_found"}}, Code.VALIDATION_ERROR, False),
        (400, {"error": f"No models loaded. {SECRET}"}, Code.VALIDATION_ERROR, False),
        (408, {}, Code.LLM_TIMEOUT, True),
        (422, {}, Code.LLM_BAD_GATEWAY, False),
        (429, {}, Code.LLM_PROVIDER_UNAVAILABLE, True),
        (500, {"error": SECRET}, Code.LLM_PROVIDER_UNAVAILABLE, True),
        (502, {}, Code.LLM_PROVIDER_UNAVAILABLE, True),
        (503, {}, Code.LLM_PROVIDER_UNAVAILABLE, True),
        (504, {}, Code.LLM_TIMEOUT, True),
        (529, {}, Code.LLM_PROVIDER_UNAVAILABLE, True),
        (302, {}, Code.LLM_BAD_GATEWAY, False),
    ],
)
def test_a_status_becomes_its_code(status: int, body: dict[str, Any], code: Code, is_transient: bool) -> None:  # noqa: FBT001  A column of the table.
    fault = fault_of(always(Answer(status=status, body=json.dumps(body).encode())))
    assert (fault.code, fault.is_transient) == (code, is_transient)
    assert str(status) in fault.message


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", Code.LLM_BAD_GATEWAY),
        (b"data: [DONE]\n\n", Code.LLM_BAD_GATEWAY),
        (b"<html>Hello</html>", Code.LLM_BAD_GATEWAY),
        (b"data: {nonsense\n\n", Code.LLM_BAD_GATEWAY),
        (b"data: [1]\n\n", Code.LLM_BAD_GATEWAY),
        (b'data: {"choices": {"a": 1}}\n\n', Code.LLM_BAD_GATEWAY),
        (b"data: " + b"[" * 100_000 + b"\n\n", Code.LLM_BAD_GATEWAY),
        (b"data: " + b"x" * 300_000, Code.LLM_BAD_GATEWAY),
        (b'data: {"error": {"message": "crashed"}}\n\n', Code.LLM_BAD_GATEWAY),
        (b'data: {"error": {"code": 429}}\n\n', Code.LLM_PROVIDER_UNAVAILABLE),
        (b'data: {"error": "The model has crashed"}\n\n', Code.LLM_BAD_GATEWAY),
        (b'data: {"choices": [{"finish_reason": "content_filter"}]}\n\n', Code.LLM_BAD_GATEWAY),
        (b'data: {"choices": [{"delta": {"refusal": "No."}}]}\n\n', Code.LLM_BAD_GATEWAY),
        (b'data: {"choices": [{"delta": {"content": "half"}}]}\n\n', Code.LLM_BAD_GATEWAY),
    ],
)
def test_a_stream_that_is_none_becomes_its_code(raw: bytes, code: Code) -> None:
    assert fault_of(always(Answer(raw=raw))).code is code


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=400, body=b'{"error": "n_keep: 13055>= n_ctx: 4096. Provide a shorter input."}'),
        Answer(status=400, body=b'{"error": {"code": "context_length_exceeded"}}'),
        Answer(status=413),
        Answer(status=500, body=b'{"error": "Context size has been exceeded"}'),
        Answer(raw=b'data: {"error": {"message": "loaded with context length of only 4096 tokens"}}\n\n'),
    ],
)
def test_a_prompt_that_is_too_long_is_known_as_such(answer: Answer) -> None:
    fault = fault_of(always(answer))
    assert isinstance(fault, PromptTooLongError)
    assert (fault.code, fault.is_transient) == (Code.LLM_BAD_GATEWAY, False)


def test_a_broken_connection_is_a_fault_that_may_pass() -> None:
    fault = fault_of(always(Answer("Good morning", disconnects=True, finish_reason=None)))
    assert (fault.code, fault.is_transient) == (Code.LLM_BAD_GATEWAY, True)


def test_what_breaks_after_the_finish_reason_breaks_nothing() -> None:
    finished = b'data: {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}\n\n'
    with standing_in(always(Answer(raw=finished, disconnects=True))) as server:
        assert called(server.url, attempt)[0] == "Hi"


def test_nobody_there_says_what_to_do() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        with pytest.raises(ModelFaultError, match=r"cannot be reached\. Is LM Studio running\?") as raised:
            called(url, attempt)
    assert (raised.value.code, raised.value.is_transient) == (Code.LLM_PROVIDER_UNAVAILABLE, True)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(hangs="at once"),
        Answer("A word and then nothing", hangs="after"),
        Answer("Always another word. " * 50, pace=0.05),
    ],
)
def test_a_slow_reply_ends_in_time(answer: Answer) -> None:
    begun = time.monotonic()
    fault = fault_of(always(answer), timeout_seconds=0.2)
    assert (fault.code, fault.is_transient) == (Code.LLM_TIMEOUT, True)
    assert time.monotonic() - begun > 0.15


def test_endless_bytes_end_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_provider, "_BYTES", 50_000)
    monkeypatch.setattr(http_provider, "_BYTES_A_TOKEN", 0)
    fault = fault_of(always(Answer(endless="x" * 1000)))
    assert (fault.code, fault.is_transient) == (Code.LLM_BAD_GATEWAY, False)


def test_cancelling_closes_the_connection_at_once() -> None:
    async def case(provider: Provider) -> float:
        task = asyncio.ensure_future(attempt(provider))
        await asyncio.to_thread(server.wait_until, lambda: bool(server.asked))
        begun = time.monotonic()
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.cancelled()
        return time.monotonic() - begun

    with standing_in(always(Answer("Good ", hangs="after"))) as server:
        assert called(server.url, case, timeout_seconds=30) < 0.5
        assert server.wait_until(lambda: server.broken_off == 1 and server.connections == 0)


def test_breaking_off_closes_the_connection() -> None:
    async def case(provider: Provider) -> None:
        async with aclosing(provider.stream(REQUEST)) as items:
            assert await anext(items)
        assert server.wait_until(lambda: server.broken_off == 1)

    with standing_in(always(Answer(endless="word "))) as server:
        called(server.url, case, timeout_seconds=30)


def test_a_connection_is_used_again() -> None:
    async def case(provider: Provider) -> None:
        for _ in range(5):
            await attempt(provider)
        assert server.connections == 1

    with standing_in(always(Answer("Hi"))) as server:
        called(server.url, case)


def test_300_calls_at_once_wait_for_none_of_the_others() -> None:
    async def case(provider: Provider) -> None:
        await asyncio.gather(*(attempt(provider) for _ in range(300)))

    with standing_in(always(Answer("Hi", delay=1.0))) as server:
        called(server.url, case, timeout_seconds=30)
        assert server.most_connections > 200, "no pool holds them back"


@pytest.mark.parametrize("complaint", ["'response_format.type' must be 'text'", "json_schema is not supported"])
def test_a_server_that_knows_no_schema_is_asked_without_it_from_then_on(complaint: str) -> None:
    def script(asked: Asked) -> Answer:
        refusal = json.dumps({"error": complaint}).encode()
        return Answer(status=400, body=refusal) if "response_format" in asked.body else Answer("Hi")

    async def case(provider: Provider) -> None:
        assert (await attempt(provider))[0] == "Hi"
        assert (await attempt(provider))[0] == "Hi"

    with standing_in(script) as server:
        called(server.url, case)
        assert ["response_format" in asked.body for asked in server.asked] == [True, False, False]
        schema = server.asked[0].body["response_format"]["json_schema"]
        assert (schema["name"], schema["strict"]) == ("test", True)


def test_a_server_that_refuses_everything_is_not_asked_for_ever() -> None:
    with standing_in(always(Answer(status=400, body=b'{"error": "response_format"}'))) as server:
        with pytest.raises(ModelFaultError):
            called(server.url, attempt)
        assert len(server.asked) == 2


def test_transient_faults_are_tried_again_and_others_are_not() -> None:
    async def case(provider: Provider) -> str:
        return (await persistently(lambda: attempt(provider), Retries(Patience(3, 0.01)), lambda: None))[0]

    with standing_in(first(2, always(Answer(status=500)), then=always(Answer("Hi")))) as server:
        assert called(server.url, case) == "Hi"
        assert len(server.asked) == 3
    for status, calls in ((500, 4), (401, 1), (404, 1)):
        with standing_in(always(Answer(status=status))) as server:
            with pytest.raises(ModelFaultError):
                called(server.url, case)
            assert len(server.asked) == calls


def test_a_provider_that_asks_for_time_gets_it() -> None:
    async def case(provider: Provider) -> float:
        begun = time.monotonic()
        await persistently(lambda: attempt(provider), Retries(Patience(3, 0.01)), lambda: None)
        return time.monotonic() - begun

    limited = Answer(status=429, headers={"Retry-After": "0.3"})
    with standing_in(first(1, always(limited), then=always(Answer("Hi")))) as server:
        assert 0.3 <= called(server.url, case) < 2


def test_no_proxy_and_no_credentials_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with standing_in(always(Answer("Hi"))) as server:
        assert called(server.url, attempt)[0] == "Hi"


def test_a_password_in_the_address_is_not_shown() -> None:
    async def case(provider: Provider) -> str:
        return provider.base_url

    assert called("http://me:hidden@127.0.0.1:9/v1", case) == "http://127.0.0.1:9/v1"


def test_models_are_listed_and_faults_of_the_list_are_told() -> None:
    async def case(provider: Provider) -> list[str]:
        return list(await provider.models())

    with standing_in() as server:
        assert called(server.url, case) == [MODEL, "other"]
        with pytest.raises(ModelFaultError, match="Check its address") as raised:
            called(server.url.removesuffix("/v1"), case)
    assert raised.value.code is Code.LLM_BAD_GATEWAY
