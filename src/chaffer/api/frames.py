"""Streams of frames: data-only JSON, of conversations in which one speaks at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import Any, Final, Literal, TypeVar

import structlog
from pydantic import BaseModel, Field

from chaffer.api.sse import EventStream, StreamTimes, encoded
from chaffer.conversation.feed import Closed, Piece
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.settings import Settings

_KEEPALIVE: Final = b":keepalive\n\n"

_log = structlog.get_logger("chaffer.streams")


class StreamFrame(BaseModel):
    """What all frames have."""

    event_id: str | None = Field(
        None, description="The stream id: come back with it, as `Last-Event-ID` or `?after=`, and get only the rest."
    )

    def data(self) -> dict[str, object]:
        """Return the frame as JSON-able data; without an id where it has none."""
        return self.model_dump(mode="json", exclude={"event_id"} if self.event_id is None else None)


class StreamReconnect(StreamFrame):
    """The server stops, the stream broke, or the conversation was deleted: come back, and learn which."""

    type: Literal["reconnect"] = "reconnect"
    retry_in_seconds: float


FrameT = TypeVar("FrameT", bound=StreamFrame)


async def frames_told(
    live: LiveConversation, position: int, tell: Callable[[Recorded | Piece], Iterator[FrameT]], retry_seconds: float
) -> AsyncGenerator[FrameT | StreamReconnect, None]:
    """Yield what `tell` makes of everything behind a position, live, until the conversation is over or not here."""
    try:
        async with aclosing(live.follow(position)) as items:
            async for item in items:
                if not isinstance(item, Closed):
                    for frame in tell(item):
                        yield frame
                elif not item.ended:
                    yield StreamReconnect(retry_in_seconds=retry_seconds)
    except Exception:  # noqa: BLE001  The edge of a stream: its status is long sent, and an end in silence tells nothing.
        _log.exception("stream.broke")
        yield StreamReconnect(retry_in_seconds=retry_seconds)


def frame_stream(
    frames: AsyncGenerator[StreamFrame, None], settings: Settings, keepalive_seconds: float
) -> EventStream:
    """Return the response that streams frames, with a comment now and then in between."""
    times = StreamTimes(keepalive_seconds, settings.sse_retry_timeout, settings.sse_send_timeout)
    return EventStream(_encoded(frames, times.retry), times, lambda: _KEEPALIVE)


def stream_of(component: str) -> dict[int | str, dict[str, Any]]:
    """Return the documented answer of a stream whose frames are a component of the OpenAPI document."""
    told = f"Server-Sent Events without names, their data as in the component `{component}`."
    return {200: {"description": told, "content": {EventStream.media_type: {}}}}


async def _encoded(frames: AsyncGenerator[StreamFrame, None], retry_seconds: float) -> AsyncGenerator[bytes, None]:
    retry: float | None = retry_seconds
    async with aclosing(frames):
        async for frame in frames:
            yield encoded(None, frame.data(), id_=frame.event_id, retry=retry)
            retry = None
