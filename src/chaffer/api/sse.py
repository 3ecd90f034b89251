"""Server-Sent Events: one renderer for all streams."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from sse_starlette.event import JSONServerSentEvent
from sse_starlette.sse import EventSourceResponse, SendTimeoutError
from starlette.types import Receive, Scope, Send

_log = structlog.get_logger("chaffer.streams")

HEADERS: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """Seconds: between heartbeats, before a browser comes back, before a reader that does not read is dropped."""

    heartbeat: float
    retry: float
    send: float


def encoded(name: str, data: object, *, id_: str | None = None, retry: float | None = None) -> bytes:
    """Return an event as it goes over the wire."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    head = f"id: {id_}\n" if id_ is not None else ""
    tail = f"retry: {int(retry * 1000)}\n" if retry is not None else ""
    return f"{head}event: {name}\ndata: {text}\n{tail}\n".encode()


class EventStream(EventSourceResponse):
    """A stream that drops a reader who does not read, quietly: it may come back and finds all it missed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the end, the reader's leaving, or its not reading."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            _log.info("stream.reader_dropped", hint="it did not read; it may come back with its last id")


def event_stream(
    events: AsyncIterator[bytes], times: StreamTimes, heartbeat: Callable[[], Mapping[str, object]]
) -> EventStream:
    """Return the response that streams encoded events, and between them what `heartbeat` gives, now and then."""
    return EventStream(
        events,
        headers=HEADERS,
        ping=times.heartbeat,
        ping_message_factory=lambda: JSONServerSentEvent(heartbeat(), event="heartbeat", sep="\n"),
        sep="\n",
        send_timeout=times.send,
    )
