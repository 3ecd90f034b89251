"""The providers, made for tests: each at an address of the test, with a key that is found nowhere else."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpx

from chaffer.errors import Code
from chaffer.llm.around import Around
from chaffer.llm.chat_models import ChatModel, init_chat_model
from chaffer.llm.faults import ModelFaultError
from chaffer.llm.provider import Provider, Timeouts
from chaffer.llm.providers.langchain import Bridge
from chaffer.llm.requests import Item, ModelRequest
from chaffer.llm.vendor import VendorConfig, VendorModule
from chaffer.vendors import VENDORS
from tests.support.model_servers.faults import Fault
from tests.support.standin_scripts import Answer, always

CANARY_KEY: Final = "sk-KEY-CANARY-51f0"


_TOLD_NOTHING: Final = Fault(always(Answer()), Code.LLM_BAD_GATEWAY, is_transient=True, told="reported an error while")
_BROKE_OFF: Final = replace(_TOLD_NOTHING, told="before its end")
_NO_CONNECTION: Final = replace(_TOLD_NOTHING, code=Code.LLM_PROVIDER_UNAVAILABLE, told="cannot be reached")
_NO_WORD_IN_TIME: Final = replace(_TOLD_NOTHING, code=Code.LLM_TIMEOUT, told="begin its reply")

_OPENAI_OVER_LANGCHAIN: Final[Mapping[str, Fault | None]] = {
    # The package fails in its own way at these, and keeps to itself what it was.
    "a redirect": _TOLD_NOTHING,
    "an empty reply": _TOLD_NOTHING,
    "a malformed chunk": _TOLD_NOTHING,
    "a limit in the stream": _TOLD_NOTHING,
    "a page of HTML": _TOLD_NOTHING,
    "a reply in one piece": _TOLD_NOTHING,
    "a lying encoding": _NO_CONNECTION,
    "a spoilt encoding": _NO_CONNECTION,
    # It leaves a line out that does not end, and a refusal: what came before that one passes for a reply.
    "a chunk without end": _BROKE_OFF,
    "a refusal": None,
    # Its time-out for connecting is its own, and so the one for the first token comes before.
    "never accepted": _NO_WORD_IN_TIME,
    "a handshake that does not end": _NO_WORD_IN_TIME,
}


@dataclass(frozen=True)
class Kept:
    """Where a stand-in speaks a provider's wire, and what of the contract that provider cannot keep.

    `lists` tells whether it asks anybody for its models; `is_untidy` whether its package drops what it reads
    unclosed, so that the loop closes it, a moment after the call. `differs` has, by the name of a fault, what comes
    of it instead; None where the provider does not hear of it.
    """

    path: str
    lists: bool = True
    is_untidy: bool = False
    differs: Mapping[str, Fault | None] = field(default_factory=dict)

    def comes_of(self, what: str, fault: Fault) -> Fault | None:
        """Return what comes of a fault of that name."""
        return self.differs.get(what, fault)


PROVIDERS: Final[dict[str, Kept]] = {
    "lm_studio": Kept("/v1"),
    "openrouter": Kept("/v1"),
    "openai": Kept("/v1"),
    "anthropic": Kept(""),
    "bedrock": Kept(""),
    "langchain": Kept("/v1", lists=False, is_untidy=True, differs=_OPENAI_OVER_LANGCHAIN),
}
"""Every provider that keeps the contract, a line each."""

WIRES: Final = ("openai", "anthropic", "bedrock")
"""Providers that speak all the wires there are: for what depends on the wire alone."""

_EXTRAS: Final = {"region": "eu-central-1"}


def provider_of(name: str, root: str, timeouts: Timeouts, key: str = CANARY_KEY) -> Provider:
    """Return a provider that calls the server whose root is that address."""
    config = VendorConfig(name, timeouts, root + PROVIDERS[name].path, key, extras=_EXTRAS)
    if name == "langchain":
        return _openai_over_langchain(config)
    return cast("VendorModule", import_module(VENDORS[name])).provider(config)


def _openai_over_langchain(config: VendorConfig) -> Provider:
    """Return the bridge over LangChain's package for OpenAI, with a client of the test's.

    The package itself shares one among all its models, event loops too, and never closes it.
    """
    client = httpx.AsyncClient()

    def initialize(model: str, **given: Any) -> ChatModel:
        return init_chat_model()(model, http_async_client=client, **given)

    return _Bridged(Bridge(config, lambda: initialize), client)


@dataclass(frozen=True, slots=True)
class _Bridged(Around):
    """A bridge whose models are OpenAI's; itself a provider."""

    client: httpx.AsyncClient
    given_up: list[ModelFaultError] = field(default_factory=list)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        """Yield the reply of OpenAI's model of that name."""
        try:
            async with aclosing(self.provider.stream(replace(request, model=f"openai:{request.model}"))) as items:
                async for item in items:
                    yield item
        except ModelFaultError as fault:
            if fault.code is Code.LLM_TIMEOUT:
                self.given_up.append(fault)
            raise

    async def aclose(self) -> None:
        """Close the test's client too, and what it forgets: a connection that was given up during its handshake."""
        await self.provider.aclose()
        await self.client.aclose()
        if not self.given_up:
            return
        port = urlsplit(self.base_url).port
        for transport in [one for one in gc.get_objects() if isinstance(one, asyncio.Transport)]:
            try:
                peer = transport.get_extra_info("peername")
            except AttributeError:  # of a TLS connection that is closed already, and knows nothing of itself
                continue
            if peer is not None and peer[1] == port:
                transport.abort()
