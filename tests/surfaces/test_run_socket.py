"""A run over WebSocket: the same frames as its stream has, and steering it by messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.callers import ASKS_FOR_TOKENS, bearer
from tests.support.run_sockets import LONGEST, answered, heard, play, socket_of
from tests.support.runs import RunReader, Told, begun, said_in, stream_of
from tests.support.server import Server, Surface, got, opened
from tests.support.server import play as play_here
from tests.support.streams import Stuck

FAST = "5000"
SLOW = "40"
NOWHERE = "/api/run/0190a0f0-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a server whose bots are soon done."""
    with Server(tmp_path_factory.mktemp("fast"), BUILTIN_CHARS_PER_SECOND=FAST, LOG_LEVEL="INFO") as server:
        yield server


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a server whose bots speak so slowly that there is time to steer them."""
    with Server(tmp_path_factory.mktemp("slow"), BUILTIN_CHARS_PER_SECOND=SLOW, LOG_LEVEL="INFO") as server:
        yield server


def test_the_frames_are_those_of_the_stream_letter_for_letter(fast: Server) -> None:
    """Issue 4: WebSocket as an alternative, the same frames out. Closed with 1000 after `done`."""

    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client)
        reader = RunReader(client, stream_of(run))
        await reader.read()
        async with socket_of(fast, run) as socket:
            frames = [frame async for frame in socket]
            assert socket.close_code == 1000
        streamed = [line.removeprefix("data: ") for line in reader.raw.decode().split("\n") if line.startswith("data:")]
        told = [json.loads(frame) for frame in streamed if '"token"' not in frame]
        assert [json.loads(frame) for frame in frames if '"token"' not in str(frame)] == told
        async with socket_of(fast, run) as again:
            assert [frame async for frame in again] == frames
        over_again = RunReader(client, stream_of(run))
        await over_again.read()
        lines = [line for line in over_again.raw.decode().split("\n") if line.startswith("data: ")]
        assert ["data: " + str(frame) for frame in frames] == lines

    play(fast, case)


def test_who_comes_back_gets_the_rest_only(fast: Server) -> None:
    """CONTRACT §1: `?after=` gets all it missed, once, in order; also inside messages."""

    async def case(client: httpx2.AsyncClient) -> None:
        run, told, last_id, sockets = await begun(client), Told(), "", 0
        while told.status is None:
            async with socket_of(fast, run, f"?after={last_id}" if last_id else "") as socket:
                for _ in range(3):
                    if told.status is None:
                        frame = json.loads(await socket.recv())
                        told.take(frame)
                        last_id = frame.get("event_id") or last_id
            sockets += 1
        assert sockets > 3
        assert told.texts == await said_in(client, run)
        async with socket_of(fast, run, f"?after={last_id}") as socket:
            assert [frame async for frame in socket] == []
            assert socket.close_code == 1000
        async with socket_of(fast, run, "?after=nonsense") as socket:
            assert [json.loads(frame)["type"] async for frame in socket] == ["reset"]

    play(fast, case)


def test_a_stop_by_message_ends_it(slow: Server) -> None:
    """Issue 4: `stop` in; `done {status: "cancelled"}` within a second, and what was said is kept."""

    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client)
        async with socket_of(slow, run) as socket:
            told = await heard(socket, lambda told: len(told.texts.get(0, "")) > 10)
            async with asyncio.timeout(1):
                await socket.send('{"type":"stop"}')
                await heard(socket, lambda told: told.status is not None, told)
            assert told.status == "cancelled"
            await socket.wait_closed()
            assert socket.close_code == 1000
        assert told.texts == await said_in(client, run)

    play(slow, case)


def test_a_bot_is_changed_and_a_person_speaks_by_message(slow: Server) -> None:
    """Issue 4: `patch` and `say` in."""

    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client)
        async with socket_of(slow, run) as socket, socket_of(slow, run) as other:
            patch = {"type": "patch", "index": 1, "bot": {"name": "Cleo", "temperature": 0.1}}
            patched = await answered(socket, patch, "patched")
            assert (patched["index"], patched["revision"]) == (1, 1)
            said = await answered(socket, {"type": "say", "text": "Why?", "name": "Zoë"}, "said")
            assert (said["name"], said["text"]) == ("Zoë", "Why?")
            nameless = await answered(socket, {"type": "say", "text": "Really?"}, "said")
            assert nameless["name"] == "Someone"
            told = await heard(other, lambda told: len(told.named("said")) == 2)
            assert told.named("patched") == [patched]
        assert (await got(client, run))["bots"][1]["name"] == "Cleo"
        assert (await got(client, run))["status"] == "running", "a socket that closes cancels nothing"

    play(slow, case)


REFUSED: list[tuple[str, str]] = [
    ("", "body"),
    ("stop", "body"),
    ("[]", "body"),
    ("null", "body"),
    ('{"type":"stop"', "body"),
    ("[" * 100_000, "body"),
    ('{"type":"sing"}', "body"),
    ('{"type":7}', "body"),
    ("{}", "body"),
    ('{"type":"stop","now":true}', "now"),
    ('{"type":"say"}', "text"),
    ('{"type":"say","text":""}', "text"),
    (json.dumps({"type": "say", "text": "x" * 1_001}), "text"),
    ('{"type":"say","text":"a\\u0000"}', "text"),
    ('{"type":"say","text":"a\\ud800"}', "body"),
    ('{"type":"say","text":"a","name":""}', "name"),
    ('{"type":"patch","index":2,"bot":{"name":"Z"}}', "index"),
    ('{"type":"patch","index":"0","bot":{"name":"Z"}}', "index"),
    ('{"type":"patch","index":true,"bot":{"name":"Z"}}', "index"),
    ('{"type":"patch","index":0,"bot":{}}', "bot"),
    ('{"type":"patch","index":0,"bot":{"temperature":2}}', "bot.temperature"),
    ('{"type":"patch","index":0,"bot":{"temperature":NaN}}', "bot.temperature"),
    ('{"type":"patch","index":0,"bot":{"colour":"red"}}', "bot.colour"),
    ('{"type":"patch","index":0}', "bot"),
]


def test_what_is_no_good_is_refused_and_changes_nothing(slow: Server) -> None:
    """CONTRACT §1, Errors: malformed or refused input is VALIDATION_ERROR; a refused body is never echoed."""

    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client, max_turns=50)
        async with socket_of(slow, run) as socket:
            for message, field in REFUSED:
                error = (await answered(socket, message))["error"]
                assert error["code"] == "VALIDATION_ERROR", message[:80]
                assert [detail["field"] for detail in error["details"]] == [field], message[:80]
                assert error["request_id"]
            said = await answered(socket, {"type": "say", "text": "Still here."}, "said")
            assert said["text"] == "Still here."
        state = await got(client, run)
        assert (state["status"], [bot["revision"] for bot in state["bots"]]) == ("running", [0, 0])

    play(slow, case)


@pytest.mark.parametrize(
    ("message", "code"), [(b"\x00\x01", 1003), ('{"type":"say","text":"' + "x" * 1_100_000 + '"}', 1009)]
)
def test_what_is_no_text_or_too_long_closes_the_socket_and_nothing_else(
    slow: Server, message: str | bytes, code: int
) -> None:
    """RFC 6455, section 7.4: 1003 for a kind of data that is not taken, 1009 for a message that is too big."""

    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client)
        async with socket_of(slow, run) as socket:
            await socket.send(message)
            await heard(socket)
            assert socket.close_code == code
        assert (await got(client, run))["status"] == "running"

    play(slow, case)


LATE: list[object] = [
    {"type": "say", "text": "Wait!"},
    {"type": "patch", "index": 1, "bot": {"name": "Late"}},
    {"type": "stop"},
]


def test_what_was_sent_before_the_end_was_heard_of_is_refused_with_the_reason(fast: Server) -> None:
    """Whether the run ends while somebody listens, or had ended before: what comes late gets its answer, in order."""

    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client)
        for _ in ("at its end", "behind it"):
            async with socket_of(fast, run) as socket:
                await heard(socket, lambda told: told.status is not None)
                for message in LATE:
                    error = (await answered(socket, message))["error"]
                    assert (error["code"], "is over: it is completed" in error["message"]) == ("CONFLICT", True)
                await socket.wait_closed()
                assert socket.close_code == 1000
        state = await got(client, run)
        assert all(line["role"] != "person" for line in state["transcript"])
        assert [bot["revision"] for bot in state["bots"]] == [0, 0]

    play(fast, case)


def test_who_keeps_on_talking_is_closed_nevertheless(fast: Server) -> None:
    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client)
        async with socket_of(fast, run) as socket:
            with pytest.raises(ConnectionClosed):
                await _go_on_talking(socket)
            assert socket.close_code == 1000

    play(fast, case)


async def _go_on_talking(socket: ClientConnection) -> None:
    while True:
        await answered(socket, LATE[0])


def test_an_unknown_run_is_refused_before_the_handshake(slow: Server) -> None:
    """CONTRACT §1: a refused subscription is refused before the stream starts, with its status."""

    async def case(client: httpx2.AsyncClient) -> None:
        market = await opened(client)
        for name in (NOWHERE, "/api/run/x", f"/api/run/{market.session_id}", f"/api/run/{market.rooms[0]}"):
            with pytest.raises(InvalidStatus) as refused:
                async with socket_of(slow, name):
                    pass
            response = refused.value.response
            assert response.status_code == 404
            error = json.loads(response.body or b"{}")["error"]
            assert error["code"] == "RUN_NOT_FOUND"

    play(slow, case)


def test_the_page_of_another_site_is_refused(slow: Server) -> None:
    """Issue 4: Origin checked: a browser sends it along, and no preflight is made for a socket."""

    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client)
        for origin in ("https://evil.example", "http://127.0.0.1:1", "null"):
            with pytest.raises(InvalidStatus) as refused:
                async with socket_of(slow, run, origin=origin):
                    pass
            assert refused.value.response.status_code == 403
        for ours in (slow.url, "http://localhost:5173"):
            async with socket_of(slow, run, origin=ours) as socket:
                assert json.loads(await socket.recv())["type"] == "start"

    play(slow, case)


def test_two_sockets_and_a_stream_hear_the_same(fast: Server) -> None:
    """CONTRACT §1: a second client sees the same."""

    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client)
        reader = RunReader(client, stream_of(run))
        async with socket_of(fast, run) as one, socket_of(fast, run) as other:
            first, second, _ = await asyncio.gather(heard(one), heard(other), reader.read())
        said = await said_in(client, run)
        assert first.texts == second.texts == reader.told.texts == said
        assert first.status == second.status == "completed"

    play(fast, case)


def test_a_flood_of_messages_is_done_one_after_another_and_slows_no_other(slow: Server) -> None:
    """The next message is read when one is done; each has its effect or its refusal, in order."""

    async def case(client: httpx2.AsyncClient) -> None:
        run = await begun(client, max_turns=50)
        async with socket_of(slow, run) as socket, socket_of(slow, run) as other:
            sending = asyncio.create_task(_flood(socket, 400))
            told = await heard(socket, lambda told: len(told.named("refused")) == 200)
            await sending
            assert [frame["text"] for frame in told.named("said")] == [str(number) for number in range(200)]
            assert {frame["error"]["code"] for frame in told.named("refused")} == {"VALIDATION_ERROR"}
            await heard(other, lambda told: len(told.named("said")) == 200)
            await socket.send('{"type":"stop"}')
            assert (await heard(other)).status == "cancelled"

    play(slow, case)


async def _flood(socket: ClientConnection, number: int) -> None:
    for one in range(number):
        await socket.send(json.dumps({"type": "say", "text": str(one)}))


def test_a_server_that_stops_tells_its_sockets_to_come_back(tmp_path: Path) -> None:
    """CONTRACT §1: a client that comes back gets the rest; 1012, the service restarts."""

    async def case(server: Server) -> None:
        async with server.client() as client:
            run = await begun(client)
        async with socket_of(server, run) as socket:
            told = await heard(socket, lambda told: bool(told.texts))
            stopping = asyncio.create_task(asyncio.to_thread(server.stop))
            await heard(socket, told=told)
            assert told.types[-1] == "reconnect"
            assert socket.close_code == 1012
            assert await stopping == 0

    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND=SLOW) as server:
        asyncio.run(asyncio.wait_for(case(server), LONGEST))


def test_a_socket_asks_who_calls_and_shows_one_owners_runs(tmp_path: Path) -> None:
    """Issue 4: same authentication; what a user makes is theirs on every surface; rates count messages too."""

    async def case(server: Server) -> None:
        async with server.client() as client:
            client.headers.update(bearer("ann"))
            run = await begun(client, max_turns=50)
        for headers, status in (({}, 401), ({"Authorization": "Bearer x"}, 401), (bearer("bob"), 404)):
            with pytest.raises(InvalidStatus) as refused:
                async with socket_of(server, run, additional_headers=headers):
                    pass
            assert refused.value.response.status_code == status
        with pytest.raises(InvalidStatus) as foreign:
            async with socket_of(server, run, additional_headers=bearer("ann"), origin="https://evil.example"):
                pass
        assert foreign.value.response.status_code == 403
        async with socket_of(server, run, additional_headers=bearer("ann")) as socket:
            sending = asyncio.create_task(_flood(socket, 40))
            told = await heard(socket, lambda told: bool(told.named("refused")))
            await sending
            assert told.named("refused")[0]["error"]["code"] == "RATE_LIMIT_EXCEEDED"
            assert 0 < len(told.named("said")) < 20

    limits = {"SUPABASE_JWT_SECRET": ASKS_FOR_TOKENS["supabase_jwt_secret"], "RATE_LIMIT_PER_MINUTE": "20"}
    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND=SLOW, **limits) as server:
        asyncio.run(asyncio.wait_for(case(server), LONGEST))


class Deaf(Stuck):
    """A socket that takes the first frames and then no more."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.scope = {**self.scope, "type": "websocket", "scheme": "ws", "subprotocols": []}
        self._connects = True

    async def receive(self) -> dict[str, Any]:
        """Connect, say nothing more and stay."""
        if self._connects:
            self._connects = False
            return {"type": "websocket.connect"}
        return await super().receive()

    async def send(self, message: dict[str, Any]) -> None:
        """Take the handshake and the first frames, and no more."""
        if message["type"] != "websocket.accept":
            self.taken += 1
        if self.taken > 2:
            await asyncio.Event().wait()


def test_a_deaf_socket_is_dropped_and_slows_nobody(tmp_path: Path) -> None:
    """CONTRACT §1: a reader that does not read is dropped, and may come back."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        deaf = Deaf(run.replace("/api/run/", "/api/ws/run/"))
        dropped = asyncio.create_task(at.app(deaf.scope, deaf.receive, deaf.send))
        reader = RunReader(at.client, stream_of(run))
        await asyncio.wait_for(reader.read(), LONGEST)
        assert reader.told.texts == await said_in(at.client, run)
        await asyncio.wait_for(dropped, LONGEST)
        assert deaf.taken > 2
        assert "stream.reader_dropped" in at.log.getvalue()
        assert at.chaffer.engine.readers == 0

    play_here(tmp_path, case, sse_send_timeout=0.2, builtin_chars_per_second=4_000)
