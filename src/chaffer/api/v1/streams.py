"""The streams of rooms: everything from a position on, then what is being said, live, as one viewer may see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from chaffer.api.sse import encoded
from chaffer.api.v1.wire import wire_event, wire_piece
from chaffer.conversation.feed import Closed, Feed, Item, Piece
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import Viewer, may_hear, seen_by
from chaffer.negotiation.room import Room
from chaffer.negotiation.visibility import RoomSight

Snapshot = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Positions:
    """Where a reader of several rooms stands, one position a room in the order of the list; as text `3.0.17`."""

    of: tuple[int, ...]

    def __str__(self) -> str:
        """Return the text of it, an event's id."""
        return ".".join(map(str, self.of))

    def moved(self, room: int, position: int) -> Positions:
        """Return the positions with one of them moved on."""
        return Positions((*self.of[:room], position, *self.of[room + 1 :]))


def positions_from(text: str | None, rooms: Sequence[LiveConversation]) -> Positions | None:
    """Return the positions that an id means, the beginning when there is none, and None when it means nothing here."""
    if not text:
        return Positions((0,) * len(rooms))
    parts = text.split(".")
    if len(parts) != len(rooms) or not all(part.isascii() and part.isdigit() and len(part) < 12 for part in parts):  # noqa: PLR2004
        return None
    found = Positions(tuple(int(part) for part in parts))
    beyond = any(at > live.feed.position for at, live in zip(found.of, rooms, strict=True))
    return None if beyond else found


def has_seen_all(positions: Positions | None, rooms: Sequence[LiveConversation], viewer: Viewer) -> bool:
    """Tell whether nothing can come any more for a viewer at these positions: all has ended, and been seen."""
    return positions is not None and all(
        live.feed.ended and not any(_is_shown(live, record, viewer) for record in live.feed.records[at:])
        for at, live in zip(positions.of, rooms, strict=True)
    )


def _is_shown(live: LiveConversation, record: Recorded, viewer: Viewer) -> bool:
    sight = RoomSight(live.state.terms)
    seen = seen_by(viewer, record, sight)
    return seen is not None and wire_event(seen, sight.terms) is not None


@dataclass(frozen=True, slots=True)
class RoomStream:
    """One or several rooms of a session on one connection, for one viewer. With `labelled` events name their room."""

    rooms: tuple[LiveConversation, ...]
    viewer: Viewer
    retry_seconds: float
    labelled: bool

    async def events(self, positions: Positions | None, snapshot: Snapshot) -> AsyncGenerator[bytes, None]:
        """Yield encoded events from the positions on, to the end of the rooms.

        Positions that mean nothing here are told as `reset`, with a snapshot; what follows it is what comes after it.
        """
        yield encoded("connected", self._greeting(), retry=self.retry_seconds)
        if positions is None:
            told = await snapshot()
            positions = Positions(tuple(live.feed.position for live in self.rooms))  # those of the snapshot: no pause
            yield encoded("reset", told, id_=str(positions))
        coming = self._one(0, positions.of[0]) if len(self.rooms) == 1 else self._merged(positions)
        async with aclosing(coming):
            async for batch in coming:
                chunk, positions = _joined(batch, positions)
                del batch  # A reader that waits, and there may be thousands, keeps nothing that has gone.
                if chunk:
                    yield chunk

    def _greeting(self) -> dict[str, Any]:
        first: Room = self.rooms[0].state
        if self.labelled:
            return {"session_id": first.terms.session_id, "rooms": [live.conversation_id for live in self.rooms]}
        return {"room_id": first.terms.room_id, "status": first.status.value}

    async def _one(self, room: int, after: int) -> AsyncGenerator[list[_Event], None]:
        """Yield what the viewer may see of one room."""
        live = self.rooms[room]
        sight = RoomSight(live.state.terms)
        async with aclosing(live.batches(after)) as batches:
            async for batch in batches:
                yield [event for item in batch if (event := self._event(room, live.feed, item, sight)) is not None]

    def _event(self, room: int, feed: Feed, item: Item, sight: RoomSight) -> _Event | None:
        """Return the event that tells of an item, or None where there is nothing to tell."""
        label = sight.terms.room_id if self.labelled else None
        if isinstance(item, Recorded):
            return _Event(room, item.position, _recorded(feed, item, self.viewer, sight, label))
        if isinstance(item, Closed):
            return None if item.ended else _Event(room, None, self._farewell(label))
        if may_hear(self.viewer, item):
            return _Event(room, None, _said(feed, item, sight.terms.buyer.buyer_id, label))
        return None

    def _farewell(self, label: str | None) -> bytes:
        """Return the event that asks a reader to come back; of a deleted room it then learns that there is none."""
        told: dict[str, Any] = {"retry_in_seconds": self.retry_seconds}
        return encoded("reconnect", told if label is None else {"room_id": label, **told})

    async def _merged(self, positions: Positions) -> AsyncGenerator[list[_Event], None]:
        """Yield what the viewer may see of all rooms as it comes; a reader that does not read holds up only itself."""
        queue: asyncio.Queue[list[_Event]] = asyncio.Queue(maxsize=1)
        news = asyncio.Event()

        async def pump(room: int, after: int) -> None:
            async with aclosing(self._one(room, after)) as batches:
                async for batch in batches:
                    await queue.put(batch)
                    news.set()

        async def pump_all() -> None:
            async with asyncio.TaskGroup() as pumps:
                for room, after in enumerate(positions.of):
                    pumps.create_task(pump(room, after))

        pumping = asyncio.create_task(pump_all())
        # The end is told by the task and not through the queue: where nobody reads any more, a full one would never
        # take it, and who leaves would wait for ever.
        pumping.add_done_callback(lambda _: news.set())
        try:
            while True:
                await news.wait()
                news.clear()
                while not queue.empty():
                    yield queue.get_nowait()
                if pumping.done():
                    break
            await pumping  # a fault of one room is a fault of the stream
        finally:
            pumping.cancel()
            await asyncio.gather(pumping, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Event:
    """An event's body without its id, and the position it moves a reader to; a body of None is nothing to see."""

    room: int
    position: int | None
    body: bytes | None

    def encoded(self, positions: Positions) -> bytes:
        body = self.body or b""
        return body if self.position is None else b"id: %s\n%s" % (str(positions).encode(), body)


def _joined(batch: Sequence[_Event], positions: Positions) -> tuple[bytes, Positions]:
    """Return the events as they go over the wire, and where the reader stands behind them."""
    bodies = []
    for event in batch:
        if event.position is not None:
            positions = positions.moved(event.room, event.position)
        if event.body is not None:
            bodies.append(event.encoded(positions))
    return b"".join(bodies), positions


def _recorded(feed: Feed, record: Recorded, viewer: Viewer, sight: RoomSight, label: str | None) -> bytes | None:
    """Return the encoded event, or None where the viewer sees nothing; readers of one view share the work."""
    return feed.shared((record.position, viewer, label), lambda: _encode(record, viewer, sight, label))


def _encode(record: Recorded, viewer: Viewer, sight: RoomSight, label: str | None) -> bytes | None:
    seen = seen_by(viewer, record, sight)
    event = wire_event(seen, sight.terms) if seen is not None else None
    if event is None:
        return None
    name, data = event
    return encoded(name, data if label is None else {"room_id": label, **data})


def _said(feed: Feed, piece: Piece, buyer_id: str, label: str | None) -> bytes:
    def encode() -> bytes:
        name, data = wire_piece(piece, buyer_id)
        return encoded(name, data if label is None else {"room_id": label, **data})

    return feed.shared((piece, label), encode)
