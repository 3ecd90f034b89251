"""Anthropic over a real connection: the key stands where the vendor reads it, and refused options are left out."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing

import pytest

from chaffer.errors import ChafferError, Code
from chaffer.llm.provider import Provider
from chaffer.llm.providers import anthropic
from chaffer.llm.requests import Ending, Finish, Item, ModelRequest, ReplyFormat, Said
from chaffer.llm.vendor import VendorConfig
from tests.support.loopback import Loopback, Reply, Request, answering

KEY = "sk-ant-canary-0451"
REQUEST = ModelRequest("claude-x", (Said("user", "Hi"),), 50, reply_format=ReplyFormat("offer", {"type": "object"}))
STREAM = b"".join(
    b"data: " + json.dumps(event).encode() + b"\n\n"
    for event in (
        {"type": "message_start", "message": {"model": "claude-x-1", "usage": {"input_tokens": 3}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello."}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    )
)
WHOLE = Reply(STREAM, headers={"content-type": "text/event-stream; charset=utf-8"})


def provider_at(there: Loopback, key: str | None = KEY) -> Provider:
    return anthropic.provider(VendorConfig("anthropic", base_url=there.url, key=key))


async def items_of(provider: Provider, request: ModelRequest = REQUEST) -> list[Item]:
    async with aclosing(provider.stream(request)) as items:
        return [item async for item in items]


def test_a_reply_comes_whole_and_the_key_stands_where_the_vendor_reads_it() -> None:
    async def case() -> tuple[list[Item], Request]:
        async with answering(lambda _: WHOLE) as there:
            provider = provider_at(there)
            items = await items_of(provider)
            await provider.aclose()
            return items, there.asked[0]

    (text, ending), asked = asyncio.run(case())
    assert text == "Hello."
    assert isinstance(ending, Ending)
    assert (ending.finish, ending.model) == (Finish.COMPLETE, "claude-x-1")
    assert (ending.usage.prompt_tokens, ending.usage.completion_tokens) == (3, 2)
    assert (asked.method, asked.target) == ("POST", "/v1/messages")
    assert asked.headers["x-api-key"] == KEY
    assert asked.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in asked.headers


def test_a_format_that_is_refused_is_not_sent_again() -> None:
    told = {"type": "error", "error": {"type": "invalid_request_error", "message": "output_config.format: no"}}

    def answer(request: Request) -> Reply:
        return Reply(json.dumps(told).encode(), status=400) if b"output_config" in request.body else WHOLE

    async def case() -> list[bool]:
        async with answering(answer) as there:
            provider = provider_at(there)
            for _ in range(2):
                assert (await items_of(provider))[0] == "Hello."
            await provider.aclose()
            return [b"output_config" in asked.body for asked in there.asked]

    assert asyncio.run(case()) == [True, False, False]


def test_the_models_are_listed_with_the_calls_own_key() -> None:
    async def case() -> tuple[object, Request]:
        async with answering(lambda _: Reply(b'{"data": [{"id": "claude-x"}]}')) as there:
            provider = provider_at(there, None)
            models = await provider.models("sk-ant-other")
            await provider.aclose()
            return models, there.asked[0]

    models, asked = asyncio.run(case())
    assert models == ("claude-x",)
    assert (asked.target, asked.headers["x-api-key"]) == ("/v1/models?limit=1000", "sk-ant-other")


def test_without_a_key_nothing_is_sent() -> None:
    async def case() -> ChafferError:
        async with answering(lambda _: WHOLE) as there:
            provider = provider_at(there, None)
            with pytest.raises(ChafferError) as raised:
                await items_of(provider)
            await provider.aclose()
            assert not there.asked
            return raised.value

    error = asyncio.run(case())
    assert error.code is Code.LLM_PROVIDER_DISABLED
    assert "ANTHROPIC_API_KEY" in error.message
