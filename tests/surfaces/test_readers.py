"""Many readers and deaf ones: each has all of it, and none slows a run or another reader."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from pathlib import Path

from tests.support.markets import scenario
from tests.support.server import Server, Surface, opened, play, posted, until
from tests.support.streams import Event, Parser, Reader, Stuck, heard, told

ENDS = 30.0


def _has(reader: Reader, name: str, number: int, _: Event) -> bool:
    return len(reader.named(name)) == number


def test_a_reader_that_does_not_read_is_dropped_and_slows_nobody(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: dropped after SSE_SEND_TIMEOUT, may come back; never slows a run or another reader."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        stuck = [Stuck(f"{path}/stream") for path in (market.room, market.session)]
        dropped = [asyncio.create_task(at.app(one.scope, one.receive, one.send)) for one in stuck]
        other = Reader(at.client, f"{market.room}/stream")
        reading = asyncio.create_task(other.read())
        await posted(at.client, f"{market.session}/start")
        await asyncio.wait_for(reading, ENDS)
        assert heard(other.events) == told(await at.chaffer.journal.read(market.rooms[0]))
        for one, task in zip(stuck, dropped, strict=True):
            await asyncio.wait_for(task, ENDS)
            assert one.taken > 2
        assert "stream.reader_dropped" in at.log.getvalue()
        assert "request.broke" not in at.log.getvalue()
        back = Reader(at.client, f"{market.room}/stream", last_id="2")
        await back.read_to_the_end()
        assert heard(back.events) == heard(other.events)[1:]
        live = await at.chaffer.market.room(market.rooms[0])
        assert live.feed.readers == 0

    play(tmp_path, case, sse_send_timeout=0.3)


def test_a_reader_that_takes_no_heartbeat_is_dropped(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: in a room where nothing is said, too."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        one = Stuck(f"{market.room}/stream")
        await asyncio.wait_for(at.app(one.scope, one.receive, one.send), ENDS)
        assert one.taken > 2
        assert "stream.reader_dropped" in at.log.getvalue()
        live = await at.chaffer.market.room(market.rooms[0])
        assert live.feed.readers == 0

    play(tmp_path, case, sse_heartbeat_interval=0.1, sse_send_timeout=0.3)


def test_a_deaf_reader_on_a_real_socket_is_cut_off_and_finds_the_rest_later(tmp_path: Path) -> None:
    """CONTRACT §1, Streams; issue 2: slow readers dropped."""
    words = "\N{GRINNING FACE}" * 1000

    async def case(server: Server) -> None:
        async with server.client() as client:
            market = await opened(client)
            await posted(client, f"{market.room}/start")
            host, port = server.url.removeprefix("http://").split(":")
            with socket.socket() as deaf:
                deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                deaf.settimeout(0)
                loop = asyncio.get_running_loop()
                await loop.sock_connect(deaf, (host, int(port)))
                head = f"GET {market.room}/stream HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                await loop.sock_sendall(deaf, head.encode())
                for _ in range(20):  # more than the buffers between two processes can hold
                    calls = [posted(client, f"{market.room}/message", {"message": words}) for _ in range(50)]
                    await asyncio.gather(*calls)
                await until(lambda: any("stream.reader_dropped" in line for line in server.log))
                read = bytearray()
                while chunk := await loop.sock_recv(deaf, 1_000_000):
                    read += chunk
            back = Reader(client, f"{market.room}/stream")
            for event in Parser().feed(_unchunked(bytes(read))):
                back.take(event)
            assert 0 < len(back.named("buyer_message")) < 1000
            everything = Reader(client, f"{market.room}/stream")
            for reader in (back, everything):
                await reader.read(partial(_has, reader, "buyer_message", 1001))
            assert heard(back.events) == heard(everything.events)

    with Server(tmp_path, SSE_SEND_TIMEOUT="0.5", BUILTIN_CHARS_PER_SECOND="0.1", LOG_LEVEL="INFO") as server:
        asyncio.run(case(server))


def _unchunked(answer: bytes) -> bytes:
    """Return the body of an answer in chunks, as far as it came."""
    body, rest = bytearray(), answer.partition(b"\r\n\r\n")[2]
    while b"\r\n" in rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body += rest[:length]
        rest = rest[length + 2 :]
    return bytes(body)


def test_a_hundred_readers_see_the_same(tmp_path: Path) -> None:
    """CONTRACT §1, Streams: a second client sees the same."""

    async def case(at: Surface) -> None:
        market = await opened(at.client, scenario(negotiation={"max_rounds": 3}))
        await posted(at.client, f"{market.room}/start")
        readers = [Reader(at.client, f"{market.room}/stream") for _ in range(100)]
        await asyncio.gather(*(reader.read() for reader in readers))
        records = told(await at.chaffer.journal.read(market.rooms[0]))
        for reader in readers:
            assert heard(reader.events) == records
            reader.assert_texts_agree()

    play(tmp_path, case, builtin_chars_per_second=2000)
