"""Server-Sent Events: one renderer and one response for all streams.

Not sse-starlette's, whose four tasks for each reader, with what they need, are a third of what a reader costs.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from chaffer.api.admission import entrance_of, possessions_of
from chaffer.api.requests import route_of
from chaffer.doors.caller import Caller

if TYPE_CHECKING:
    from chaffer.bootstrap import Chaffer

_log = structlog.get_logger("chaffer.streams")

_FAREWELL_SECONDS: Final = 1.0

_HEADERS: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """Seconds: between heartbeats, before a browser comes back, before a reader that does not read is dropped."""

    heartbeat: float
    retry: float
    send: float


def encoded(name: str | None, data: object, *, id_: str | None = None, retry: float | None = None) -> bytes:
    """Return an event as it goes over the wire; without a name its data tell what it is."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    head = f"id: {id_}\n" if id_ is not None else ""
    head += f"event: {name}\n" if name is not None else ""
    tail = f"retry: {int(retry * 1000)}\n" if retry is not None else ""
    return f"{head}data: {text}\n{tail}\n".encode()


@contextmanager
def lasting(scope: Scope) -> Iterator[None]:
    """Measure how long a stream or a socket lasts, by the route it came by."""
    began = time.perf_counter()
    try:
        yield
    finally:
        chaffer: Chaffer = scope["app"].state.chaffer
        chaffer.telemetry.streaming.observe(time.perf_counter() - began, route_of(scope))


class _DeafReaderError(Exception):
    """A reader that does not take what it is sent."""


class EventStream(StreamingResponse):
    """A stream that ends with its events, when its reader leaves or does not read, or is no longer let in.

    Who does not read may come back and finds all it missed. Who is no longer let in has expired, logged out, or its key
    was withdrawn.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None], times: StreamTimes, heartbeat: Callable[[], bytes]) -> None:
        """Stream encoded events, and between them what `heartbeat` gives, now and then."""
        super().__init__(events, headers=_HEADERS)
        self._events = events
        self._times = times
        self._heartbeat = heartbeat
        self._is_sent_away = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the end. Raises CONFLICT, before anything is sent, where the reader follows too many already."""
        caller: Caller = scope["state"]["caller"]
        stay = asyncio.timeout(None)
        with possessions_of(scope).streaming(caller), lasting(scope), suppress(_DeafReaderError):
            try:
                async with stay:
                    with entrance_of(scope).watched(caller, partial(self._send_away, stay)):
                        await self._tell(receive, send, stay)
            except TimeoutError:
                if not stay.expired():
                    raise
        if self._is_sent_away and stay.expired():
            _log.info("stream.reader_sent_away", hint="what let it in holds no longer")
            with suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL_SECONDS):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _send_away(self, stay: asyncio.Timeout) -> None:
        self._is_sent_away = True
        _end(stay)

    async def _tell(self, receive: Receive, send: Send, stay: asyncio.Timeout) -> None:
        """Send the events, and end the reader's stay when it leaves or does not take a heartbeat."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        beside = [asyncio.create_task(_left(receive)), asyncio.create_task(self._beat(send))]
        ends = partial(_end, stay)
        for task in beside:
            task.add_done_callback(ends)
        try:
            async with aclosing(self._events):
                async for chunk in self._events:
                    await self._give(send, chunk)
                    del chunk  # A reader that waits, and there may be thousands, keeps nothing that has gone.
        finally:
            for task in beside:
                task.remove_done_callback(ends)
                task.cancel()
        await self._give(send, b"", is_last=True)

    async def _beat(self, send: Send) -> None:
        with suppress(_DeafReaderError):
            while True:
                await asyncio.sleep(self._times.heartbeat)
                await self._give(send, self._heartbeat())

    async def _give(self, send: Send, body: bytes, *, is_last: bool = False) -> None:
        taking = asyncio.timeout(self._times.send)
        try:
            async with taking:
                await send({"type": "http.response.body", "body": body, "more_body": not is_last})
        except TimeoutError:
            if not taking.expired():
                raise
            _log.info("stream.reader_dropped", hint="it did not read; it may come back with its last id")
            raise _DeafReaderError from None


def _end(stay: asyncio.Timeout, _: object = None) -> None:
    """End a stay now."""
    stay.reschedule(0)


async def _left(receive: Receive) -> None:
    """Return when the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
