"""What comes of single calls to a provider, whichever it is, and what has to hold of a fault."""

from __future__ import annotations

import asyncio
import re
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from chaffer.llm.faults import ModelFaultError
from chaffer.llm.provider import Provider, Timeouts
from chaffer.llm.requests import Ending, ModelRequest, Said, ToolCall
from tests.support.model_providers import CANARY_KEY, PROVIDERS, provider_of
from tests.support.model_servers.faults import PATIENT, Fault
from tests.support.standin import MODEL

REQUEST: Final = ModelRequest(
    model=MODEL,
    messages=(Said("user", "USER-CANARY-77c1, what do you say?"),),
    max_tokens=500,
    system="SYSTEM-CANARY-a90b: be brief.",
    temperature=0.7,
)
CANARIES: Final = (CANARY_KEY, "USER-CANARY", "SYSTEM-CANARY", "REPLY-CANARY")

_ADVICE: Final = re.compile(r"\b(?:Check|Choose|Load|Look|See|Start|Try|allow|try)\b")

T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """What came of a call. Without an ending, nothing of it may be used."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    ending: Ending | None = None
    fault: ModelFaultError | None = None
    seconds: float = 0.0


async def replied(provider: Provider, request: ModelRequest = REQUEST) -> Reply:
    """Return what a call came to."""
    begun = time.monotonic()
    reply = Reply()
    try:
        async with aclosing(provider.stream(request)) as items:
            async for item in items:
                assert reply.ending is None, "nothing follows the ending"
                if isinstance(item, str):
                    reply = replace(reply, text=reply.text + item)
                elif isinstance(item, ToolCall):
                    reply = replace(reply, calls=(*reply.calls, item))
                else:
                    reply = replace(reply, ending=item)
    except ModelFaultError as fault:
        reply = replace(reply, fault=fault)
    return replace(reply, seconds=time.monotonic() - begun)


@asynccontextmanager
async def opened(name: str, root: str, timeouts: Timeouts) -> AsyncIterator[Provider]:
    """Yield a provider, and see to it that it leaves no task behind."""
    before = asyncio.all_tasks()
    provider = provider_of(name, root, timeouts)
    try:
        yield provider
        left = asyncio.all_tasks() - before
        if left and PROVIDERS[name].is_untidy:
            await asyncio.wait(left, timeout=1)
        assert asyncio.all_tasks() == before, "no task outlives its call"
    finally:
        await provider.aclose()


def called(name: str, root: str, case: Callable[[Provider], Awaitable[T]], timeouts: Timeouts = PATIENT) -> T:
    """Return what a case with a provider returns."""

    async def run() -> T:
        async with asyncio.timeout(60), opened(name, root, timeouts) as provider:
            return await case(provider)

    return asyncio.run(run())


async def asked_with_all(provider: Provider, prompts: Iterable[object]) -> list[Reply]:
    """Return the replies to all these prompts, asked at the same time."""
    requests = [replace(REQUEST, messages=(Said("user", str(prompt)),)) for prompt in prompts]
    return await asyncio.gather(*(replied(provider, request) for request in requests))


def assert_silent(reply: Reply, logs: str) -> None:
    """Assert that nothing private is told, wherever one may look."""
    fault = reply.fault
    assert fault is not None
    shown = [fault.message, str(fault), repr(fault), repr(fault.details), *traceback.format_exception(fault), logs]
    assert [(canary, text) for text in shown for canary in CANARIES if canary in text] == []


def assert_kept(fault: Fault, name: str, reply: Reply) -> None:
    """Assert that a call came to what the contract says of this fault."""
    assert reply.ending is None, "no ending: what came is not accepted"
    error = reply.fault
    assert error is not None
    assert error.code in {fault.code, fault.or_code}, error.message
    assert error.is_transient == fault.is_transient, error.message
    assert name in error.message
    assert MODEL in error.message
    assert fault.told in error.message
    assert _ADVICE.search(error.message), "it says what to do"
    wait = error.retry_after_seconds
    if fault.wait is None:
        assert wait is None
    else:
        assert wait is not None
        assert fault.wait[0] <= wait <= fault.wait[1]
