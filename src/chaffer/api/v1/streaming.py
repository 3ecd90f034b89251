"""From a request for a stream to the stream: where it begins, who looks, and what it beats with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from fastapi import Response

from chaffer.api.sse import EventStream, StreamTimes, encoded
from chaffer.api.v1.documents import room_state, session_reset
from chaffer.api.v1.streams import RoomStream, has_seen_all, positions_from
from chaffer.api.v1.wire import heartbeat, rfc3339
from chaffer.bootstrap import Chaffer
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import Viewer
from chaffer.errors import Code
from chaffer.negotiation.market import SessionState
from chaffer.negotiation.visibility import is_in

STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Server-Sent Events, as in the components `StreamEvents` and `SessionStreamEvents` (all rooms).",
        "content": {"text/event-stream": {}},
    },
    204: {"description": "Everything has been seen: do not come back."},
}

_BROKEN: Final = {
    "error": "Something broke on our side. Come back with the last id; the server's log tells what it was.",
    "code": Code.INTERNAL_ERROR.value,
    "sender": None,
    "seller_name": None,
    "round": None,
    "message_id": None,
    "fatal": False,
}

_log = structlog.get_logger("chaffer.streams")


def closed_for_good() -> Response:
    """Return the answer that makes an EventSource stop."""
    return Response(status_code=204)


def room_stream(chaffer: Chaffer, live: LiveConversation, viewer: Viewer, after: str | None) -> Response:
    """Return a room's stream for a viewer, or what tells it that it has seen everything."""
    positions = positions_from(after, [live])
    if has_seen_all(positions, [live], viewer):
        return closed_for_good()

    async def snapshot() -> dict[str, Any]:
        account = await chaffer.ledger.account(live.state.terms.session_id)
        return room_state(live, viewer, account).model_dump(mode="json")

    stream = RoomStream((live,), viewer, chaffer.settings.sse_retry_timeout, labelled=False)
    events = _with_faults_told(stream.events(positions, snapshot), stream.retry_seconds)
    return EventStream(events, _times(chaffer), lambda: encoded("heartbeat", heartbeat(live.state)))


def session_stream(chaffer: Chaffer, whole: SessionState, viewer: Viewer, after: str | None) -> Response:
    """Return the stream of a session's rooms that a viewer is in, or what tells it that it has seen everything."""
    state = replace(whole, rooms=tuple(live for live in whole.rooms if is_in(viewer, live.state.terms)))
    positions = positions_from(after, state.rooms)
    if has_seen_all(positions, state.rooms, viewer):
        return closed_for_good()

    async def snapshot() -> dict[str, Any]:
        return session_reset(state, viewer).model_dump(mode="json")

    def beat() -> bytes:
        rooms = {live.conversation_id: heartbeat(live.state) for live in state.rooms}
        return encoded("heartbeat", {"status": state.status, "rooms": rooms})

    stream = RoomStream(state.rooms, viewer, chaffer.settings.sse_retry_timeout, labelled=True)
    events = _with_faults_told(stream.events(positions, snapshot), stream.retry_seconds)
    return EventStream(events, _times(chaffer), beat)


async def _with_faults_told(events: AsyncGenerator[bytes, None], retry_seconds: float) -> AsyncGenerator[bytes, None]:
    """Yield the events; what breaks in the middle of them is told, as an event that asks to come back."""
    try:
        async with aclosing(events):
            async for chunk in events:
                yield chunk
                del chunk  # A reader that waits, and there may be thousands, keeps nothing that has gone.
    except Exception:  # noqa: BLE001  The edge of a stream: its status is long sent, and an end in silence tells nothing.
        _log.exception("stream.broke")
        told = {**_BROKEN, "retry_in_seconds": retry_seconds, "timestamp": rfc3339(datetime.now(UTC))}
        yield encoded("error", told)


def _times(chaffer: Chaffer) -> StreamTimes:
    settings = chaffer.settings
    return StreamTimes(settings.sse_heartbeat_interval, settings.sse_retry_timeout, settings.sse_send_timeout)
