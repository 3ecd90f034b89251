"""Calls to models that are measured: over a wire to a stand-in, or made up, and what was counted of them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chaffer.llm.faults import Callee, ModelFaultError
from chaffer.llm.provider import Provider, Timeouts
from chaffer.llm.requests import Account, Ending, Finish, ModelRequest, ReplyFormat, Said, Usage
from chaffer.llm.telemetry import Telemetry
from tests.support.exposition import Samples, samples, text_of
from tests.support.model_providers import CANARY_KEY, provider_of
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Script

PROMPT, SYSTEM, REPLY = "PROMPT-CANARY-7c1", "SYSTEM-CANARY-2b9", "REPLY-CANARY-e04 with 1234.56"
CANARIES = (PROMPT, SYSTEM, "REPLY-CANARY", "1234.56", CANARY_KEY)
REQUEST = ModelRequest(
    model=MODEL,
    messages=(Said("user", PROMPT),),
    max_tokens=77,
    system=SYSTEM,
    temperature=0.25,
    reply_format=ReplyFormat("test", {"type": "object"}),
    account=Account("session", "room_kettle_1"),
)
TIMEOUTS = Timeouts(5, 5, 5, 5)
CALLEE = Callee("openai", MODEL, "Look at its status.", TIMEOUTS)
DOWN = CALLEE.unreachable()


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Named:
    """A provider as far as telemetry looks at one."""

    lists_all, remedy = False, ""

    def __init__(self, name: str = "openai", base_url: str = "https://api.openai.com/v1") -> None:
        self.name, self.base_url = name, base_url

    async def models(self, key: str | None = None) -> list[str]:
        raise NotImplementedError

    def stream(self, request: ModelRequest) -> Any:
        raise NotImplementedError

    async def aclose(self) -> None:
        raise NotImplementedError


def exporting(spans: InMemorySpanExporter) -> Telemetry:
    """Return telemetry whose spans go there, and nowhere else."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return Telemetry(provider)


def counted(telemetry: Telemetry) -> Samples:
    return samples(text_of(telemetry))


async def measured(telemetry: Telemetry, provider: Provider, request: ModelRequest, *, most: int = 10_000) -> None:
    """Make a call as the gateway does, and listen to so many pieces of its reply."""
    with telemetry.call(provider, request) as call:
        async with aclosing(provider.stream(request)) as items:
            async for item in items:
                if isinstance(item, Ending):
                    call.ended(item)
                most -= 1
                if not most:
                    raise GeneratorExit


def call(telemetry: Telemetry, wire: str, script: Script, **options: Any) -> None:
    """Call a stand-in over a wire; how the call ended is telemetry's to tell."""

    async def case() -> None:
        provider = provider_of(wire, server.root, TIMEOUTS)
        try:
            with suppress(ModelFaultError, GeneratorExit):
                await measured(telemetry, provider, REQUEST, **options)
        finally:
            await provider.aclose()

    with standing_in(script) as server:
        asyncio.run(case())


def ended(telemetry: Telemetry, model: str = MODEL, **changes: Any) -> None:
    """Measure a call that ended well."""
    given = {"finish": Finish.COMPLETE, "model": model, "latency_seconds": 1.0, "first_token_seconds": 0.5}
    ending = Ending(**{**given, "usage": Usage(), **changes})
    with telemetry.call(Named(), replace(REQUEST, model=model)) as one:
        one.ended(ending)


def failed(telemetry: Telemetry, fault: BaseException, model: str = MODEL) -> None:
    with suppress(type(fault)), telemetry.call(Named(), replace(REQUEST, model=model)):
        raise fault
