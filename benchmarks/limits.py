"""What the rate limit costs a request: processor time of a call with it, beside the same call without it.

Both applications run in this process over memory and take turns, so that what else the machine does falls on both. The
calls come from as many addresses as a busy minute has, since what is remembered of callers must not slow the next one.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from starlette.types import ASGIApp, Message, Scope

from benchmarks.figure import Figure, median, spread
from chaffer.api.app import create_app
from chaffer.bootstrap import assemble, utc_now
from chaffer.doors.limits import Limiter, Rate, by_address
from chaffer.logbook import open_logbook
from chaffer.settings import Settings
from chaffer.storage.memory import MemoryStore

CALL_BOUND: Final = 100.0
"""Microseconds of processor time that a limited call may cost more; the call itself costs about a millisecond."""

_PATH: Final = "/api/v1/simulation"
_ADDRESSES: Final = 10_000
_CALLS: Final = 400


def measure(*, quick: bool) -> list[Figure]:
    """Return what the limit adds to a call, and what a count costs with many callers remembered."""
    runs = 3 if quick else 15
    open_logbook("ERROR", "json")  # A line about each call costs more than the limit.
    without, limited = asyncio.run(_calls(runs))
    added = median(limited) - median(without)
    counts = asyncio.run(_counts(runs))
    peer = f"the call without it: {median(without):.0f} µs, {spread(without)}"
    told = f"{_ADDRESSES} callers remembered"
    return [
        Figure("A rate limit adds to a call", added, "µs", CALL_BOUND, peer=peer, note=f"with it: {spread(limited)}"),
        Figure("One count in memory", median(counts), "µs", note=f"{told}; {spread(counts)}"),
    ]


async def _calls(runs: int) -> tuple[list[float], list[float]]:
    """Return the microseconds a call takes, run by run, without the limit and with it."""
    async with AsyncExitStack() as stack:
        apps = [await stack.enter_async_context(_app(is_limited=is_limited)) for is_limited in (False, True)]
        for app in apps:
            await _spent(app, _CALLS)
        gc.collect()
        gc.freeze()
        found = [[await _spent(app, _CALLS) for app in apps] for _ in range(runs)]
    return [run[0] for run in found], [run[1] for run in found]


@asynccontextmanager
async def _app(*, is_limited: bool) -> AsyncIterator[ASGIApp]:
    # What others have set in their environment or in a file must not count here.
    settings = Settings.model_construct(
        rate_limit_enabled=is_limited, unsafe_no_auth=True, rate_limit_per_minute=100_000
    )
    chaffer = assemble(settings, MemoryStore(), utc_now)
    await chaffer.engine.open_for_work()
    try:
        if is_limited:
            rate = Rate("usual", 100_000)
            for number in range(_ADDRESSES):
                await chaffer.limiter.count(rate, by_address(_address(number)))
        yield create_app(settings, chaffer)
    finally:
        await chaffer.engine.close()
        await chaffer.models.aclose()


async def _spent(app: ASGIApp, calls: int) -> float:
    """Return the microseconds of processor time that a call takes."""
    began = time.process_time()
    for number in range(calls):
        await app(_scope(number), _receive, _send)
    return (time.process_time() - began) / calls * 1e6


async def _counts(runs: int) -> list[float]:
    limiter, rate = Limiter(), Rate("usual", 100_000)
    keys = [by_address(_address(number)) for number in range(_ADDRESSES)]
    found = []
    for _ in range(runs + 1):
        began = time.process_time()
        for key in keys:
            await limiter.count(rate, key)
        found.append((time.process_time() - began) / len(keys) * 1e6)
    return found[1:]


def _address(number: int) -> str:
    return f"10.0.{number // 250 % 250}.{number % 250}"


def _scope(number: int) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": _PATH,
        "raw_path": _PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1")],
        "client": (_address(number), 1),
        "server": ("127.0.0.1", 80),
    }


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(message: Message) -> None:
    if message["type"] == "http.response.start" and message["status"] != 200:
        raise AssertionError(message)
