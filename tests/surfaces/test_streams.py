"""The streams as a client meets them: their heads, their beginning and end, what lost readers are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chaffer.api.app import create_app
from chaffer.api.v1.stream_events import Fault
from chaffer.api.v1.streams import Positions, RoomStream
from chaffer.cli.in_process import InProcessTransport
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import OPERATOR
from chaffer.ledger.books import Account, Ledger
from tests.support.markets import inventory, scenario
from tests.support.server import Surface, got, opened, play, posted, until
from tests.support.streams import NO_CONTENT, Event, Reader, heard, told


def many_rooms(number: int) -> dict[str, Any]:
    """Return a market with that many lines on its shopping list, all of one item."""
    body = scenario(negotiation={"max_rounds": 2})
    line = {"item_id": "item_001", "item_name": "Laptop", "quantity_needed": 1}
    body["buyer"]["shopping_list"] = [line] * number
    body["sellers"] = body["sellers"][:2]
    for seller in body["sellers"]:
        seller["inventory"] = [inventory("item_001", "Laptop", 10, 20, pieces=100)]
    return body


def test_a_stream_begins_at_the_beginning_and_is_the_journal(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: a connection with no position starts at the beginning; every durable event has an `id`."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        early, late = (Reader(at.client, f"{market.room}/stream") for _ in range(2))
        await early.read()
        await late.read()
        records = await at.chaffer.journal.read(market.rooms[0])
        assert heard(early.events) == heard(late.events) == told(records)
        assert early.events[-1].name == "negotiation_complete"
        assert await early.read() == await late.read() == NO_CONTENT

    play(tmp_path, case, builtin_chars_per_second=5000)


def test_the_head_of_a_stream_keeps_proxies_from_holding_it_back(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: `X-Accel-Buffering: no`, `Cache-Control: no-cache`, `retry: 5000`."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        for path in (market.room, market.session):
            reader = Reader(at.client, f"{path}/stream")
            await reader.read(lambda event: event.name == "connected")
            assert reader.headers["content-type"].startswith("text/event-stream")
            assert reader.headers["cache-control"] == "no-cache"
            assert reader.headers["x-accel-buffering"] == "no"
            assert reader.headers["x-request-id"]
            assert reader.events[0].retry == 5000
            assert reader.events[0].id is None

    play(tmp_path, case)


def test_between_events_the_stream_beats(tmp_path: Path) -> None:
    """Specification §5.3: `heartbeat` with status and current round; CONTRACT §1."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        for path in (market.room, market.session):
            reader = Reader(at.client, f"{path}/stream")
            await reader.read(partial(_has, reader, "heartbeat", 2))
            beat = reader.events[-1]
            assert beat.id is None
            assert beat.data["status"] == "active"
            rooms = beat.data.get("rooms", {market.rooms[0]: beat.data})
            assert rooms[market.rooms[0]]["current_round"] == 1

    play(tmp_path, case, builtin_chars_per_second=5, sse_heartbeat_interval=0.05)


def _has(reader: Reader, name: str, number: int, _: Event) -> bool:
    return len(reader.named(name)) == number


def test_text_comes_as_it_is_said_and_ends_as_the_message(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: text is streamed as it is generated; a reader ends with exactly the message's text."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, scenario(negotiation={"max_rounds": 3}))
        await posted(at.client, f"{market.room}/start")
        reader = Reader(at.client, f"{market.room}/stream")
        await reader.read()
        pieces = reader.named("message_delta")
        spoken = [e.data for e in [*reader.named("seller_response"), *reader.named("buyer_message")[1:]]]
        assert len(pieces) > 5 * len(spoken)
        assert all(piece.id is None for piece in pieces)
        assert [reader.drafts[message["message_id"]][1] for message in spoken] == [m["message"] for m in spoken]
        for message in spoken:
            names = [e.name for e in reader.events if e.data.get("message_id") == message["message_id"]]
            said = names[1:] if names[0] == "agent_typing" else names
            assert said[:-1] == ["message_delta"] * (len(said) - 1)
        assert {"buyer", "seller_001"} & {event.data["sender"] for event in reader.named("agent_typing")}

    play(tmp_path, case, builtin_chars_per_second=1500)


def test_two_sellers_speak_at_the_same_time(tmp_path: Path) -> None:
    """CONTRACT §2: sellers of a round answer at the same time; their texts come interleaved."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        reader = Reader(at.client, f"{market.room}/stream")
        await reader.read(lambda event: event.name == "seller_response")
        senders = [event.data["sender_id"] for event in reader.named("message_delta")]
        turns = sum(one != other for one, other in pairwise(senders))
        assert turns > 3

    play(tmp_path, case, builtin_chars_per_second=400)


LOST = ["nonsense", "-1", "99999", "1.2", "0x3", "9" * 300, "null"]


@pytest.mark.parametrize(
    ("lost", "where"), [("٣", "parameter"), *((lost, by) for lost in LOST for by in ("parameter", "header"))]
)
def test_a_lost_history_is_told_with_a_snapshot(tmp_path: Path, lost: str, where: str) -> None:
    """CONTRACT §1, Streams: a lost history is told (`event: reset` with a snapshot), never skipped in silence."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        reader = Reader(at.client, f"{market.room}/stream", by_parameter=where == "parameter", last_id=lost)
        await reader.read()
        assert [event.name for event in reader.events[:2]] == ["connected", "reset"]
        reset = reader.events[1]
        assert reset.id == reset.data["position"]
        records = await at.chaffer.journal.read(market.rooms[0])
        behind = [event for event in told(records) if int(event[0]) > int(reset.id or 0)]
        assert heard(reader.events[2:]) == behind
        spoken = [e.data["message_id"] for e in reader.events if e.name in {"buyer_message", "seller_response"}]
        known = [message["message_id"] for message in reset.data["conversation_history"]]
        assert len(known) + len(spoken) == len({*known, *spoken})
        assert await reader.read() == NO_CONTENT

    play(tmp_path, case, builtin_chars_per_second=20_000)


class SlowLedger:
    """A ledger that answers when the room has gone on."""

    def __init__(self, ledger: Ledger, live: LiveConversation) -> None:
        self._ledger = ledger
        self._live = live

    async def account(self, session_id: str) -> Account:
        """Return the account, five events later."""
        later = self._live.feed.position + 5
        await until(lambda: self._live.feed.position >= later)
        return await self._ledger.account(session_id)


class BrokenLedger:
    """A ledger that breaks, with something in its complaint that nobody may see."""

    async def account(self, session_id: str) -> Account:
        """Break."""
        msg = f"canary of {session_id}"
        raise RuntimeError(msg)


def test_a_stream_that_breaks_says_so_and_asks_to_come_back(tmp_path: Path) -> None:
    """Specification §5.3: an `error` event with `retry_in_seconds`; a fault in the middle is no silent end."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        broken = create_app(at.chaffer.settings, replace(at.chaffer, ledger=BrokenLedger()))  # type: ignore[arg-type]  # half a ledger
        async with httpx2.AsyncClient(transport=InProcessTransport(broken), base_url="http://127.0.0.1") as client:
            reader = Reader(client, f"{market.room}/stream", last_id="nonsense")
            await reader.read()
        fault = reader.events[-1]
        assert fault.name == "error"
        assert fault.id is None
        assert fault.data["code"] == "INTERNAL_ERROR"
        assert fault.data["retry_in_seconds"] == 5
        Fault.model_validate(fault.data)
        assert b"canary" not in reader.raw
        assert "stream.broke" in at.log.getvalue()
        assert "canary" in at.log.getvalue()

    play(tmp_path, case)


def test_what_happens_while_a_snapshot_is_taken_is_not_told_twice(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: all it missed, once: what follows a snapshot is what comes after it."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        ledger = SlowLedger(at.chaffer.ledger, await at.chaffer.market.room(market.rooms[0]))
        slow = create_app(at.chaffer.settings, replace(at.chaffer, ledger=ledger))  # type: ignore[arg-type]  # half a ledger
        async with httpx2.AsyncClient(transport=InProcessTransport(slow), base_url="http://127.0.0.1") as client:
            reader = Reader(client, f"{market.room}/stream", last_id="nonsense")
            await reader.read()
        known = {message["message_id"] for message in reader.named("reset")[0].data["conversation_history"]}
        assert len(known) > 2
        spoken = [*reader.named("buyer_message"), *reader.named("seller_response")]
        assert known.isdisjoint(event.data["message_id"] for event in spoken)

    play(tmp_path, case, builtin_chars_per_second=2000)


def test_a_lost_history_of_a_session_and_of_an_ended_room_is_told_too(tmp_path: Path) -> None:
    """CONTRACT §1, Streams."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.session}/start")
        reader = Reader(at.client, f"{market.session}/stream", last_id="7")
        await reader.read()
        reset = reader.named("reset")[0]
        assert [room["room_id"] for room in reset.data["rooms"]] == list(market.rooms)
        assert reset.id == ".".join(room["position"] for room in reset.data["rooms"])
        assert await reader.read() == NO_CONTENT
        ended = Reader(at.client, f"{market.room}/stream", last_id="nonsense")
        await ended.read()
        assert [event.name for event in ended.events] == ["connected", "reset"]
        assert ended.events[1].data["outcome"]["status"] == "completed"
        assert await ended.read() == NO_CONTENT

    play(tmp_path, case)


def test_where_nothing_can_ever_come_a_browser_is_told_to_stay_away(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: `204`, so that `EventSource` stops."""

    async def case(at: Surface) -> None:
        body = scenario()
        body["buyer"]["shopping_list"][1]["item_id"] = "unicorn"
        market = await opened(at.client, body)
        empty = market.document["negotiation_rooms"][1]["room_id"]
        assert await Reader(at.client, f"/api/v1/negotiation/{empty}/stream").read() == NO_CONTENT
        await posted(at.client, f"{market.session}/start")
        reader = Reader(at.client, f"{market.session}/stream")
        assert await reader.read_to_the_end() == 1
        body["buyer"]["shopping_list"].pop(0)
        nothing = await opened(at.client, body)
        assert await Reader(at.client, f"{nothing.session}/stream").read() == NO_CONTENT

    play(tmp_path, case)


def test_an_agent_that_has_seen_its_last_event_is_told_so(tmp_path: Path) -> None:
    """CONTRACT §1, Streams; §2: the same parameters work on `/stream`."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        for agent in ("seller_001", "seller_002", market.document["buyer_id"]):
            reader = Reader(at.client, f"{market.room}/stream", parameters={"agent_id": agent})
            assert await reader.read_to_the_end() == 1
            assert reader.events[-1].name == "negotiation_complete"

    play(tmp_path, case)


def test_all_rooms_come_on_one_connection_each_event_with_its_room(tmp_path: Path) -> None:
    """CONTRACT §1–2: `GET /simulation/{id}/stream`; the id holds one position per room."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, scenario(seed=None))
        await posted(at.client, f"{market.session}/start")
        reader = Reader(at.client, f"{market.session}/stream")
        await reader.read(lambda event: event.id is not None)
        await reader.read_to_the_end(lambda event: event.id is not None)
        for number, room in enumerate(market.rooms):
            mine = [event for event in reader.durable if event.data["room_id"] == room]
            heard_here = [(e.id.split(".")[number] if e.id else "", e.name, without_room(e)) for e in mine]
            assert heard_here == told(await at.chaffer.journal.read(room))
        assert all("room_id" in event.data for event in reader.events if event.name != "connected")

    play(tmp_path, case, builtin_chars_per_second=5000)


def without_room(event: Event) -> dict[str, Any]:
    """Return an event's data as the room's own stream has it."""
    return {name: value for name, value in event.data.items() if name != "room_id"}


def test_a_session_of_fifty_rooms_goes_on_by_parameter_too(tmp_path: Path) -> None:
    """CONTRACT §1: `?after=` does what `Last-Event-ID` does, however long the id is."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, many_rooms(50))
        await posted(at.client, f"{market.session}/start")
        reader = Reader(at.client, f"{market.session}/stream", by_parameter=True)
        seen = 0

        def after_two_hundred(event: Event) -> bool:
            nonlocal seen
            seen += event.id is not None
            return event.id is not None and seen % 200 == 0

        assert await reader.read_to_the_end(after_two_hundred) > 2
        for number, room in enumerate(market.rooms):
            ids = [int((e.id or "").split(".")[number]) for e in reader.durable if e.data["room_id"] == room]
            expected = [int(position) for position, _, _ in told(await at.chaffer.journal.read(room))]
            assert ids == expected

    play(tmp_path, case)


def test_a_client_that_leaves_cancels_nothing(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: a run of agents lives apart from any connection."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        live = await at.chaffer.market.room(market.rooms[0])
        for _ in range(5):
            await Reader(at.client, f"{market.room}/stream").read(lambda event: event.name == "message_delta")
        assert live.feed.readers == 0, "who leaves is counted no longer"
        stays = Reader(at.client, f"{market.room}/stream")
        await stays.read_to_the_end()
        assert stays.events[-1].data["status"] == "completed"

    play(tmp_path, case, builtin_chars_per_second=3000)


def test_an_unknown_room_is_refused_before_its_stream_begins(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: a refused subscription is refused with its status, not inside a 200."""

    async def case(at: Surface) -> None:
        for path in ("/api/v1/negotiation/room_x_1/stream", "/api/v1/simulation/none/stream"):
            answer = await at.client.get(path, headers={"Accept": "text/event-stream"})
            assert answer.status_code == httpx2.codes.NOT_FOUND
            assert answer.headers["content-type"] == "application/json"

    play(tmp_path, case)


def test_the_state_names_the_position_up_to_which_it_tells_all(tmp_path: Path) -> None:
    """A front end that loads the state and then follows from its position misses nothing and sees nothing twice."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.room}/start")
        await Reader(at.client, f"{market.room}/stream").read(lambda event: event.data.get("round") == 2)
        state = await got(at.client, f"{market.room}/state")
        rest = Reader(at.client, f"{market.room}/stream", last_id=state["position"])
        await rest.read_to_the_end()
        records = await at.chaffer.journal.read(market.rooms[0])
        assert heard(rest.events) == [event for event in told(records) if int(event[0]) > int(state["position"])]

    play(tmp_path, case, builtin_chars_per_second=3000)


class BreaksWhenLeft(RoomStream):
    """A stream of rooms that break when their reader leaves."""

    __slots__ = ()

    async def _one(self, room: int, after: int) -> AsyncGenerator[list[Any], None]:
        try:
            while True:
                yield [room, after]
                await asyncio.sleep(0)
        finally:
            msg = "broken"
            raise RuntimeError(msg)


def test_a_reader_that_leaves_is_let_go_even_when_the_rooms_break() -> None:
    """CONTRACT §1: a client that leaves cancels nothing, and nothing waits for it."""

    async def case() -> None:
        rooms: Any = (object(), object())
        events = BreaksWhenLeft(rooms, OPERATOR, 5.0, labelled=True)._merged(Positions((0, 0)))  # noqa: SLF001
        await anext(events)
        async with asyncio.timeout(5):
            await events.aclose()

    asyncio.run(case())
