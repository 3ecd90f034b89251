"""Readers that are cut off and come back: what they have in the end is the journal, once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx2
import pytest

from chaffer.bootstrap import EVENT_TYPES
from chaffer.conversation.codec import Codec
from chaffer.conversation.journal import Recorded
from chaffer.conversation.views import Viewer
from chaffer.storage.opening import open_store
from tests.support.markets import scenario
from tests.support.returning import End, cut_anywhere, follow_over
from tests.support.server import Opened, Server, Surface, opened, play, posted, until
from tests.support.streams import Event, Reader, Stop, heard, never, told


async def journal_of(folder: Path, room_id: str) -> tuple[Recorded, ...]:
    """Return what the database in a folder holds of a room."""
    store = await open_store(f"sqlite:///{(folder / 'data' / 'chaffer.db').as_posix()}", Codec(EVENT_TYPES))
    try:
        return await store.read(room_id)
    finally:
        await store.close()


@pytest.mark.parametrize("by_parameter", [False, True], ids=["header", "parameter"])
@pytest.mark.parametrize("agent", [None, "buyer", "seller_002"])
def test_cut_after_every_event_nothing_is_lost_or_twice(
    tmp_path: Path, agent: str | None, *, by_parameter: bool
) -> None:
    """Issue 2, Reconnect; CONTRACT §1, Streams: `Last-Event-ID` or `?after=` gets all it missed, once, in order."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        viewer = market.document["buyer_id"] if agent == "buyer" else agent
        parameters = {} if viewer is None else {"agent_id": viewer}
        reader = Reader(at.client, f"{market.room}/stream", by_parameter=by_parameter, parameters=parameters)
        await posted(at.client, f"{market.room}/start")
        connections = await reader.read_to_the_end(lambda event: event.id is not None)
        assert connections > 15
        records = await at.chaffer.journal.read(market.rooms[0])
        assert heard(reader.events) == told(records, Viewer(viewer))
        reader.assert_texts_agree()

    play(tmp_path, case, builtin_chars_per_second=20_000)


def test_cut_inside_messages_the_text_goes_on_from_its_beginning(tmp_path: Path) -> None:
    """Issue 2, Reconnect; CONTRACT §1: who subscribes in the middle first gets the text so far at offset 0."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, scenario(negotiation={"max_rounds": 3}))
        await posted(at.client, f"{market.room}/start")
        reader = Reader(at.client, f"{market.room}/stream")
        cuts = 0

        def every_other_piece(event: Event) -> bool:
            nonlocal cuts
            if event.name == "message_delta":
                reader.assert_texts_agree()
                cuts += 1
            return event.name == "message_delta" and cuts % 2 == 0

        assert await reader.read_to_the_end(every_other_piece) > 20
        assert heard(reader.events) == told(await at.chaffer.journal.read(market.rooms[0]))
        reader.assert_texts_agree()
        begun: dict[tuple[str, int], int] = {}
        for event in reader.named("message_delta"):
            begun.setdefault((event.data["message_id"], event.data["attempt"]), event.data["offset"])
        assert set(begun.values()) == {0}

    play(tmp_path, case, builtin_chars_per_second=800)


def test_cut_at_any_byte_an_event_that_is_not_whole_comes_again(tmp_path: Path) -> None:
    """Issue 2, Reconnect: a connection breaks inside an event, inside a character, inside an id."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, scenario(negotiation={"max_rounds": 2}))
        await posted(at.client, f"{market.room}/start")
        whole = Reader(at.client, f"{market.room}/stream")
        await whole.read_to_the_end()
        assert heard(whole.events) == told(await at.chaffer.journal.read(market.rooms[0]))
        for reader in cut_anywhere(whole, 53):
            await reader.read_to_the_end()
            assert heard(reader.events) == heard(whole.events)

    play(tmp_path, case, builtin_chars_per_second=20_000)


def test_a_session_s_stream_cut_after_every_event_keeps_a_position_per_room(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: the id of a stream over several rooms holds one position per room."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, scenario(seed=None))
        await posted(at.client, f"{market.session}/start")
        reader = Reader(at.client, f"{market.session}/stream")
        assert await reader.read_to_the_end(lambda event: event.id is not None) > 30
        for number, room in enumerate(market.rooms):
            assert in_room(reader, number, room) == told(await at.chaffer.journal.read(room))
        reader.assert_texts_agree()

    play(tmp_path, case, builtin_chars_per_second=20_000)


def in_room(reader: Reader, number: int, room_id: str) -> list[object]:
    """Return what a reader of a session's stream was told of one room, as the room's own stream tells it."""
    found: list[object] = []
    for event in reader.durable:
        data = dict(event.data)
        if data.pop("room_id") == room_id:
            found.append(((event.id or "").split(".")[number], event.name, data))
    return found


Visit = Callable[[Opened, httpx2.AsyncClient], list[tuple[Reader, Stop]]]


async def _over_restarts(server: Server, ends: list[End], visit: Visit) -> Opened:
    """Play a market while the server is ended in these ways in the middle of a message, and return the market."""
    async with server.client() as client:
        market = await opened(client, scenario(seed=None, negotiation={"max_rounds": 6}))
        await posted(client, f"{market.session}/start")
        visitors = visit(market, client)
    watched, _ = visitors[0]
    await follow_over(server, visitors, ends, partial(_in_a_message, watched))
    return market


def _in_a_message(reader: Reader, number: int) -> Callable[[], bool]:
    """Return the moment at which a reader has heard more, two turns for each run of the server, and is in a message."""
    heard_before, turns = len(reader.events), 2 * number + 2
    return lambda: (
        len(reader.events) > heard_before
        and len(reader.named("seller_response")) >= turns
        and reader.events[-1].name == "message_delta"
    )


def test_over_restarts_readers_have_the_journal_and_nothing_twice(tmp_path: Path) -> None:
    """Issue 2, Reconnect: also across a server restart; rooms go on where they stood, by SIGTERM and by SIGKILL."""
    stopped: list[int] = []
    ends: list[End] = [lambda s: stopped.append(s.stop()), Server.kill, lambda s: stopped.append(s.stop())]
    readers: list[Reader] = []

    def visit(market: Opened, client: httpx2.AsyncClient) -> list[tuple[Reader, Stop]]:
        readers.extend(Reader(client, f"{path}/stream") for path in (market.room, market.room, market.session))
        return list(zip(readers, (never, lambda event: event.id is not None, never), strict=True))

    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="1000", LEASE_SECONDS="0.5") as server:
        market = asyncio.run(_over_restarts(server, ends, visit))
    one, cut, all_rooms = readers
    records = asyncio.run(journal_of(tmp_path, market.rooms[0]))
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    assert heard(one.events) == heard(cut.events) == told(records)
    for number, room in enumerate(market.rooms):
        assert in_room(all_rooms, number, room) == told(asyncio.run(journal_of(tmp_path, room)))
    for reader in (one, cut, all_rooms):
        reader.assert_texts_agree()
    assert stopped == [0, 0], "a stop that was asked for is no fault"
    assert len(one.named("reconnect")) >= 1, "who listens is told to come back"
    assert one.events[-1].data["status"] == "completed"


def test_a_stop_takes_less_than_five_seconds_with_readers_that_listen_and_one_that_does_not(tmp_path: Path) -> None:
    """Issue 2: graceful shutdown; running rooms stop at a step, open streams are told to come back, exit code 0."""

    async def case(server: Server) -> None:
        async with server.client() as client:
            market = await opened(client)
            await posted(client, f"{market.session}/start")
            host, port = server.url.removeprefix("http://").split(":")
            _, deaf = await asyncio.open_connection(host, int(port))
            deaf.write(f"GET {market.session}/stream HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            await deaf.drain()
            readers = [Reader(client, f"{path}/stream") for path in (market.room, market.session)]
            tasks = [asyncio.create_task(reader.read()) for reader in readers]
            await until(lambda: all(reader.named("message_delta") for reader in readers), tasks)
            async with asyncio.timeout(5):
                assert await asyncio.to_thread(server.stop) == 0
                await asyncio.gather(*tasks)
            for reader in readers:
                assert reader.events[-1].name == "reconnect"
                assert reader.events[-1].data["retry_in_seconds"] == 5
                assert reader.events[-1].id is None
            deaf.close()

    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="20") as server:
        asyncio.run(case(server))


def test_what_is_deleted_is_over_for_its_readers(tmp_path: Path) -> None:
    """CONTRACT §2: deleting a session ends its rooms and streams; who comes back finds nothing."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.session}/start")
        readers = [Reader(at.client, f"{path}/stream") for path in (market.room, market.session)]
        tasks = [asyncio.create_task(reader.read()) for reader in readers]
        await until(lambda: all(reader.named("message_delta") for reader in readers), tasks)
        assert (await at.client.delete(market.session)).is_success
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
        for reader in readers:
            assert reader.named("negotiation_complete")[0].data["status"] == "cancelled"
            assert await reader.read() == httpx2.codes.NOT_FOUND

    play(tmp_path, case, builtin_chars_per_second=20)
