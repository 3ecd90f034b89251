"""Server-Sent Events: one renderer for all streams."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import anyio
import structlog
from sse_starlette.event import JSONServerSentEvent, ServerSentEvent
from sse_starlette.sse import EventSourceResponse, SendTimeoutError
from starlette.types import Receive, Scope, Send

from chaffer.api.admission import entrance_of, possessions_of
from chaffer.doors.caller import Caller

_log = structlog.get_logger("chaffer.streams")

_FAREWELL_SECONDS: Final = 1.0

HEADERS: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


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


class Comment(ServerSentEvent):
    """A line that no reader heeds and every proxy sees, without the space that sse-starlette puts before its text."""

    def encode(self) -> bytes:
        """Return it as it goes over the wire."""
        return f":{self.data}\n\n".encode()


class EventStream(EventSourceResponse):
    """A stream that drops a reader who does not read, quietly: it may come back and finds all it missed.

    It ends, too, when the reader is no longer let in: expired, logged out, or its key withdrawn.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the end, the reader's leaving, its not reading, or its no longer being let in.

        Raises CONFLICT, before anything is sent, where the reader follows too many already.
        """
        caller: Caller = scope["state"]["caller"]
        with (
            possessions_of(scope).streaming(caller),
            anyio.CancelScope() as streaming,
            entrance_of(scope).watched(caller, streaming.cancel),
        ):
            try:
                await super().__call__(scope, receive, send)
            except SendTimeoutError:
                _log.info("stream.reader_dropped", hint="it did not read; it may come back with its last id")
        if streaming.cancelled_caught:
            _log.info("stream.reader_sent_away", hint="what let it in holds no longer")
            with anyio.move_on_after(_FAREWELL_SECONDS):
                await send({"type": "http.response.body", "body": b"", "more_body": False})


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
