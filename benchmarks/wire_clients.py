"""Those who ask a model over a wire: Chaffer, the clients that others would take, and bare HTTP with JSON.

Each is a context that yields a function which asks a model, by its name, and returns how many letters it said.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any, Final

import httpx2
from pydantic import SecretStr

from chaffer.bootstrap import open_models
from chaffer.llm.requests import Account, ModelRequest, Said
from chaffer.settings import Settings

Ask = Callable[[str], Awaitable[int]]
Client = Callable[[str], AbstractAsyncContextManager[Ask]]
TextOf = Callable[[Mapping[str, Any]], str]

QUESTION: Final = "Are you ready?"
MAX_TOKENS: Final = 4096
_KEY: Final = "none"
_ACCOUNT: Final = Account("session", "room")


def _chaffer(vendor: str, path: str) -> Client:
    @asynccontextmanager
    async def client(root: str) -> AsyncIterator[Ask]:
        given: dict[str, Any] = {f"{vendor}_base_url": root + path, f"{vendor}_api_key": _KEY}
        async with open_models(Settings(_env_file=None, **given)) as models:
            provider = models.provider(vendor)

            async def ask(model: str) -> int:
                letters = 0
                request = ModelRequest(model, (Said("user", QUESTION),), MAX_TOKENS, account=_ACCOUNT)
                async with aclosing(provider.stream(request)) as items:
                    async for item in items:
                        letters += len(item) if isinstance(item, str) else 0
                return letters

            yield ask

    return client


def _bare(path: str, text_of: TextOf) -> Client:
    @asynccontextmanager
    async def client(root: str) -> AsyncIterator[Ask]:
        async with httpx2.AsyncClient(base_url=root, trust_env=False) as http:

            async def ask(model: str) -> int:
                async with http.stream("POST", path, json=_body(model)) as response:
                    return await _letters(response.aiter_bytes(), text_of)

            yield ask

    return client


async def _letters(pieces: AsyncIterator[bytes], text_of: TextOf) -> int:
    """Return how many letters came, the events split by hand."""
    letters, rest = 0, b""
    async for piece in pieces:
        *events, rest = (rest + piece).split(b"\n\n")
        for event in events:
            data = event.partition(b"data: ")[2]
            if data != b"[DONE]":
                letters += len(text_of(json.loads(data)))
    return letters


def _body(model: str) -> dict[str, Any]:
    return {
        "model": model,
        "max_tokens": MAX_TOKENS,
        "messages": [{"role": "user", "content": QUESTION}],
        "stream": True,
    }


def _openai_text(event: Mapping[str, Any]) -> str:
    return (event["choices"][0]["delta"].get("content") or "") if event["choices"] else ""


def _anthropic_text(event: Mapping[str, Any]) -> str:
    return str(event["delta"]["text"]) if event["type"] == "content_block_delta" else ""


@asynccontextmanager
async def _chat_openai(root: str) -> AsyncIterator[Ask]:
    from langchain_openai import ChatOpenAI  # noqa: PLC0415  Slow to import; only this needs it.

    # A name each, as its caller would have: making one takes longer than a call.
    known: dict[str, ChatOpenAI] = {}

    async def ask(model: str) -> int:
        if model not in known:
            known[model] = ChatOpenAI(
                model_name=model, openai_api_base=f"{root}/v1", openai_api_key=SecretStr(_KEY), max_tokens=MAX_TOKENS
            )
        return sum([len(chunk.text) async for chunk in known[model].astream(QUESTION)])

    yield ask


@asynccontextmanager
async def _anthropic_bytes(root: str) -> AsyncIterator[Ask]:
    from anthropic import AsyncAnthropic  # noqa: PLC0415  Slow to import; only this needs it.

    async with AsyncAnthropic(api_key=_KEY, base_url=root, max_retries=0) as sdk:

        async def ask(model: str) -> int:
            told = _body(model)
            async with sdk.messages.with_streaming_response.create(**told) as response:
                return await _letters(response.iter_bytes(), _anthropic_text)

        yield ask


@asynccontextmanager
async def _anthropic_events(root: str) -> AsyncIterator[Ask]:
    from anthropic import AsyncAnthropic  # noqa: PLC0415  Slow to import; only this needs it.

    async with AsyncAnthropic(api_key=_KEY, base_url=root, max_retries=0) as sdk:

        async def ask(model: str) -> int:
            told = _body(model)
            letters = 0
            async for event in await sdk.messages.create(**told):
                if event.type == "content_block_delta" and event.delta.type == "text_delta":
                    letters += len(event.delta.text)
            return letters

        yield ask


CHAFFER: Final = "Chaffer"
BARE: Final = "bare httpx2 and json"
CHAT_OPENAI: Final = "ChatOpenAI"
SDK_BYTES: Final = "SDK's bytes, split by hand"
SDK_EVENTS: Final = "SDK's events"

OPENAI: Final[Mapping[str, Client]] = {
    CHAFFER: _chaffer("openai", "/v1"),
    CHAT_OPENAI: _chat_openai,
    BARE: _bare("/v1/chat/completions", _openai_text),
}
ANTHROPIC: Final[Mapping[str, Client]] = {
    CHAFFER: _chaffer("anthropic", ""),
    SDK_BYTES: _anthropic_bytes,
    SDK_EVENTS: _anthropic_events,
    BARE: _bare("/v1/messages", _anthropic_text),
}
