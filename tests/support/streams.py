"""A client of event streams: it parses what comes, can be cut anywhere, comes back, and puts texts together."""

from __future__ import annotations

import asyncio
import codecs
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import httpx2

from chaffer.api.v1.wire import wire_event
from chaffer.conversation.journal import Recorded
from chaffer.conversation.views import OPERATOR, Viewer, view_for
from chaffer.negotiation.visibility import RoomSight

NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it came; `id` is None where it bore none."""

    name: str
    data: dict[str, Any]
    id: str | None = None
    retry: int | None = None


@dataclass(slots=True)
class Parser:
    """Turns bytes, cut anywhere, into events, as the HTML standard says."""

    comments: list[str] = field(default_factory=list)
    _decoder: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))
    _rest: str = ""

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that are whole by now."""
        *blocks, self._rest = (self._rest + self._decoder.decode(chunk)).split("\n\n")
        return [event for block in blocks if (event := self._event(block)) is not None]

    def _event(self, block: str) -> Event | None:
        fields: dict[str, list[str]] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        self.comments += fields.pop("", [])
        if "data" not in fields:
            return None
        id_, retry = fields.get("id"), fields.get("retry")
        return Event(
            fields.get("event", ["message"])[0],
            json.loads("\n".join(fields["data"])),
            None if id_ is None else id_[0],
            None if retry is None else int(retry[0]),
        )


Stop = Callable[[Event], bool]


def never(_: Event) -> bool:
    """Return False: read to the end."""
    return False


@dataclass(slots=True)
class Reader:
    """A reader of one stream over any number of connections.

    `durable` are the events with an id; `drafts` the text of each message as its deltas tell it, by attempt.
    """

    client: httpx2.AsyncClient
    path: str
    by_parameter: bool = False
    parameters: dict[str, str] = field(default_factory=dict)
    last_id: str | None = None
    events: list[Event] = field(default_factory=list)
    drafts: dict[str, tuple[int, str]] = field(default_factory=dict)
    headers: httpx2.Headers = field(default_factory=httpx2.Headers)
    raw: bytearray = field(default_factory=bytearray)

    async def read(self, stop: Stop = never) -> int:
        """Connect where the last connection ended, read until `stop` says so or the server closes; return the status.

        A connection that breaks off counts as closed.
        """
        parser = Parser()
        async with self.client.stream("GET", self.path, **self._position()) as response:
            self.headers = response.headers
            if response.status_code != httpx2.codes.OK:
                self.raw += await response.aread()
                return response.status_code
            try:
                async with aclosing(response.aiter_raw()) as chunks:
                    async for chunk in chunks:
                        self.raw += chunk
                        for event in parser.feed(chunk):
                            self.take(event)
                            if stop(event):
                                return response.status_code
            except (httpx2.RemoteProtocolError, httpx2.ReadError):
                pass
            return response.status_code

    async def read_to_the_end(self, stop: Stop = never, *, most: int = 1000) -> int:
        """Connect again and again until the server says that everything was seen; return how many times."""
        for connections in range(most):
            status = await self.read(stop)
            if status == NO_CONTENT:
                return connections
            assert status == httpx2.codes.OK, bytes(self.raw)
        msg = "the stream has no end"
        raise AssertionError(msg)

    def _position(self) -> dict[str, Any]:
        parameters, headers = dict(self.parameters), {}
        if self.last_id is not None and self.by_parameter:
            parameters["after"] = self.last_id
        elif self.last_id is not None:
            headers["Last-Event-ID"] = self.last_id
        return {"params": parameters, "headers": headers}

    def take(self, event: Event) -> None:
        """Note an event as a client does."""
        self.events.append(event)
        if event.id is not None:
            self.last_id = event.id
        if event.name == "message_delta":
            self._add(event.data)

    def _add(self, piece: dict[str, Any]) -> None:
        attempt, text = self.drafts.get(piece["message_id"], (-1, ""))
        assert piece["attempt"] >= attempt, "text of an attempt that is void"
        if piece["attempt"] > attempt:
            text = ""
        assert piece["offset"] <= len(text), "a gap in the text"
        text = text[: piece["offset"]] + piece["delta"]
        self.drafts[piece["message_id"]] = (piece["attempt"], text)

    @property
    def durable(self) -> list[Event]:
        """Return the events that the journal holds, as they came."""
        return [event for event in self.events if event.id is not None]

    def named(self, name: str) -> list[Event]:
        """Return the events of that name."""
        return [event for event in self.events if event.name == name]

    def assert_texts_agree(self) -> None:
        """Check that what was said of a message is how the message begins."""
        for message in [*self.named("buyer_message"), *self.named("seller_response")]:
            _, text = self.drafts.get(message.data["message_id"], (0, ""))
            assert message.data["message"].startswith(text), (message, text)


class Stuck:
    """A peer of the application that takes the first bytes of an answer and then reads no more."""

    def __init__(self, path: str) -> None:
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"127.0.0.1")],
            "server": ("chaffer.test", 80),
            "client": ("127.0.0.1", 1),
            "state": {},
        }
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        """Say nothing more and stay."""
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: dict[str, Any]) -> None:
        """Take the head and the first events, and no more."""
        if message["type"] == "http.response.body":
            self.taken += 1
            if self.taken > 2:
                await asyncio.Event().wait()


def told(records: Sequence[Recorded], viewer: Viewer = OPERATOR) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what a stream of a room has to tell a viewer of its journal: id, name and data of every event."""
    sight = RoomSight(records[0].event.terms)
    wired = [(str(seen.position), wire_event(seen, sight.terms)) for seen in view_for(viewer, records, sight)]
    return [(position, *event) for position, event in wired if event is not None]


def heard(events: Iterable[Event]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what a reader of a room's stream was told of its journal, in the same shape."""
    return [(event.id, event.name, event.data) for event in events if event.id is not None]
