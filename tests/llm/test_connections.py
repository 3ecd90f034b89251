"""Connections to a host: a request leaves at once, and only who asked gets what comes."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import aiohttp
import pytest

from chaffer.llm.connections import Connections
from chaffer.llm.http_client import Client
from chaffer.llm.provider import Timeouts

ANSWER: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
OTHER: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nother"
BODY: Final = b'{"model":"qwen"}'
SECONDS: Final = 10.0


class Peer:
    """A server on plain sockets in a thread of its own: it goes on while the loop of the test stands still."""

    def __init__(self, *then: Callable[[socket.socket], None]) -> None:
        self.came: list[bytes] = []
        self.connections = 0
        self.ready = threading.Semaphore(0)
        self._then = [*then]
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/v1"

    def stand_still_until_ready(self) -> None:
        """Hold the loop up until one more request was answered."""
        assert self.ready.acquire(timeout=SECONDS), "it did not come"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
            while came := connection.recv(1_000_000):
                self.came.append(came)
                connection.sendall(ANSWER)
                if self._then:
                    self._then.pop(0)(connection)
                self.ready.release()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@contextmanager
def serving(*then: Callable[[socket.socket], None]) -> Iterator[Peer]:
    """Yield a server that answers every request, and does one thing more after each of the first."""
    peer = Peer(*then)
    thread = threading.Thread(target=peer.serve)
    thread.start()
    try:
        yield peer
    finally:
        peer.close()
        thread.join()


async def asked(client: Client) -> bytes:
    response = await client.send(client.call("POST", "chat", BODY))
    try:
        return await response.read()
    finally:
        response.close()


def played(peer: Peer, case: Callable[[Client], Awaitable[None]]) -> None:
    async def main() -> None:
        client = Client(peer.url, Timeouts(connect=5), {})
        try:
            async with asyncio.timeout(SECONDS):
                await case(client)
        finally:
            await client.aclose()

    asyncio.run(main())


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def say_more(connection: socket.socket) -> None:
    connection.sendall(OTHER)


def begin_to_say_more(connection: socket.socket) -> None:
    time.sleep(0.02)  # Not in one piece with the answer: such a beginning is dropped with it.
    connection.sendall(OTHER[:20])


def test_head_and_body_leave_in_one_write_as_soon_as_they_are_prepared() -> None:
    """What another call takes to be prepared holds up no call before it."""

    async def case(client: Client) -> None:
        assert await asked(client) == b"ok"  # So that the next one has a connection.
        peer.stand_still_until_ready()

        async def prepared_slowly() -> None:
            peer.stand_still_until_ready()

        came, _ = await asyncio.gather(asked(client), prepared_slowly())
        assert came == b"ok"

    with serving() as peer:
        played(peer, case)
    assert peer.connections == 1
    for request in peer.came:
        assert request.startswith(b"POST /v1/chat HTTP/1.1\r\n")
        assert request.endswith(b"\r\n\r\n" + BODY)


@pytest.mark.parametrize("then", [hang_up, say_more, begin_to_say_more])
@pytest.mark.parametrize("is_seen", [False, True])
def test_a_connection_on_which_something_came_meanwhile_serves_no_more(
    then: Callable[[socket.socket], None], *, is_seen: bool
) -> None:
    async def case(client: Client) -> None:
        assert await asked(client) == b"ok"
        peer.stand_still_until_ready()
        if is_seen:
            await asyncio.sleep(0.05)
        for _ in range(3):
            assert await asked(client) == b"ok"

    with serving(then) as peer:
        played(peer, case)
    assert peer.connections == 2


def test_a_connection_that_nobody_uses_is_let_go() -> None:
    left = threading.Event()

    def until_left(connection: socket.socket) -> None:
        left.clear() if connection.recv(1) else left.set()

    async def case() -> None:
        connector = Connections(ssl.create_default_context(), kept_seconds=0.05)
        async with aiohttp.ClientSession(connector=connector) as session:
            async with session.post(peer.url, data=BODY) as response:
                assert await response.read() == b"ok"
            assert await asyncio.to_thread(left.wait, SECONDS)

    with serving(until_left) as peer:
        asyncio.run(case())


def test_giving_up_closes_a_connection_that_takes_no_more() -> None:
    """Also with most of the request not sent yet."""

    async def case() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            client = Client(f"http://127.0.0.1:{listening.getsockname()[1]}", Timeouts(), {})
            call = asyncio.create_task(client.send(client.call("POST", "chat", b"x" * 20_000_000)))
            connection, _ = await asyncio.to_thread(listening.accept)
            with connection:
                await asyncio.sleep(0.05)
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)
                connection.settimeout(1.0)
                await asyncio.to_thread(_read_to_the_end, connection)
            await client.aclose()

    asyncio.run(case())


def _read_to_the_end(connection: socket.socket) -> None:
    size = 0
    while came := connection.recv(1_000_000):
        size += len(came)
    assert size < 20_000_000
