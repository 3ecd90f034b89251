"""One call over HTTP: who is told what, and how an answer ends that does not end well."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
import time
import warnings
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import pytest

from chaffer.errors import Code
from chaffer.llm.faults import Callee, ModelFaultError
from chaffer.llm.http_call import Clock, answer_to, bursts_of
from chaffer.llm.http_client import Client
from chaffer.llm.provider import Timeouts
from tests.support.loopback import Loopback, Reply, answering

TIMEOUTS: Final = Timeouts(connect=5, first_token=5, between_tokens=5, total=10)
OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"
BARE_DEFLATE: Final = zlib.compressobj(wbits=-zlib.MAX_WBITS)

Came = tuple[bytes, ModelFaultError | None]


async def asked(client: Client, body: bytes = b"{}") -> Came:
    """Return the content that came, and what was wrong with it."""
    callee, clock, content = Callee("p", "m", "Start it.", TIMEOUTS), Clock(TIMEOUTS), b""
    try:
        async with answer_to(client, client.call("POST", "chat", body), callee, clock) as response:
            async for burst in bursts_of(response, callee, clock):
                content += burst
    except ModelFaultError as fault:
        return content, fault
    return content, None


def brought(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], body: bytes = b"{}"
) -> Came:
    """Ask a server that does this with each connection."""

    async def case() -> Came:
        is_over = asyncio.Event()

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                with suppress(ConnectionError):
                    await answer(reader, writer)
                    writer.close()
                    await writer.wait_closed()
            finally:
                is_over.set()

        server = await asyncio.start_server(converse, "127.0.0.1", 0)
        client = Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", TIMEOUTS, {})
        try:
            return await asked(client, body)
        finally:
            await client.aclose()
            await is_over.wait()
            server.close()

    return asyncio.run(case())


def saying(
    *parts: bytes, stays: bool = False
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0.02)
        if stays:
            await reader.read()

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        saying(CHUNKED, b"no length\r\n", stays=True),
        saying(CHUNKED, b"5\r\n"),
        saying(OK + b"content-length: 9\r\n\r\nhello"),
    ],
)
def test_a_body_that_breaks_off_is_told_at_once_and_after_all_that_came_of_it(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    begun = time.monotonic()
    content, fault = brought(answer)
    assert content == b"hello"
    assert fault is not None
    assert (fault.code, fault.is_transient) == (Code.LLM_BAD_GATEWAY, True)
    assert "before its end" in fault.message
    assert time.monotonic() - begun < 2


def test_a_body_without_a_length_ends_with_its_connection_and_not_where_that_is_reset() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await saying(OK + b"\r\nhello")(reader, writer)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert brought(saying(OK + b"\r\nhel", b"lo")) == (b"hello", None)
    content, fault = brought(reset)
    assert content == b"hello"
    assert fault is not None
    assert "before its end" in fault.message


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0 hello\r\n\r\n", b"", OK + b"x: " + b"y" * 100_000 + b"\r\n\r\n", OK + b"x: y\r\n" * 10_000]
)
def test_what_has_no_head_is_no_server_of_models(answer: bytes) -> None:
    content, fault = brought(saying(answer))
    assert content == b""
    assert fault is not None
    assert fault.code is Code.LLM_PROVIDER_UNAVAILABLE


def test_a_server_that_refuses_before_it_has_heard_all_is_understood() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1000)
        writer.write(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n")
        await asyncio.sleep(0.05)

    _, fault = brought(refuse, b"x" * 5_000_000)
    assert fault is not None
    assert fault.code is Code.INVALID_API_KEY


def test_deflate_without_its_head_is_read_too() -> None:
    packed = BARE_DEFLATE.compress(b"hello") + BARE_DEFLATE.flush()
    assert brought(saying(OK + b"content-encoding: deflate\r\n\r\n" + packed)) == (b"hello", None)


def test_a_coding_named_twice_is_refused_also_in_two_lines() -> None:
    _, fault = brought(saying(OK + b"content-encoding: gzip\r\ncontent-encoding: gzip\r\n\r\nhello"))
    assert fault is not None
    assert "encoding that cannot be read" in fault.message


def with_address(case: Callable[[Loopback], Awaitable[None]], reply: Reply) -> Loopback:
    async def main() -> Loopback:
        async with answering(lambda _: reply) as there, asyncio.timeout(10):
            await case(there)
            return there

    return asyncio.run(main())


def test_a_name_and_password_in_the_address_are_sent_and_the_path_is_as_it_was_given() -> None:
    async def case(there: Loopback) -> None:
        client = Client(there.url.replace("//", "//me:p%40ss@") + "/a b/v1/", TIMEOUTS, {})
        call = client.call("GET", "models/x%2Fy?a=b%20c")
        assert "ss" not in f"{call}{client.call('GET', 'x').url}"
        (await client.send(call)).close()
        await client.aclose()

    (request,) = with_address(case, Reply(b"ok")).asked
    assert request.target == "/a%20b/v1/models/x%2Fy?a=b%20c"
    assert request.headers["authorization"] == "Basic bWU6cEBzcw=="
    assert request.headers["user-agent"] == "chaffer"


@pytest.mark.parametrize("size", [0, 60_000, 3_000_000])
def test_a_body_is_sent_whole_whatever_its_length(size: int) -> None:
    async def case(there: Loopback) -> None:
        client = Client(there.url, TIMEOUTS, {})
        assert await asked(client, b"x" * size) == (b"ok", None)
        await client.aclose()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (request,) = with_address(case, Reply(b"ok")).asked
    assert request.body == b"x" * size


def test_a_redirect_is_not_followed_and_a_proxy_of_the_environment_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def case(there: Loopback) -> None:
        client = Client(there.url, TIMEOUTS, {})
        _, fault = await asked(client)
        assert fault is not None
        assert "status 302" in fault.message
        await client.aclose()

    assert len(with_address(case, Reply(b"", 302, {"location": "/elsewhere"})).asked) == 1


def test_closing_in_the_middle_of_an_answer_ends_it_at_once_and_leaves_nothing_behind() -> None:
    async def case(there: Loopback) -> None:
        client = Client(there.url, TIMEOUTS, {})
        before = asyncio.all_tasks()
        callee, clock = Callee("p", "m", "Start it.", TIMEOUTS), Clock(TIMEOUTS)
        async with answer_to(client, client.call("POST", "chat", b"{}"), callee, clock) as response:
            bursts = bursts_of(response, callee, clock)
            assert await anext(bursts) == b"hello"
            reading = asyncio.create_task(anext(bursts, None))
            await asyncio.sleep(0)
            await client.aclose()
            with pytest.raises(ModelFaultError, match="before its end"):
                await asyncio.wait_for(reading, 1)
        await asyncio.wait_for(there.left.wait(), 1)
        assert len(asyncio.all_tasks()) <= len(before) + 1, "the server's task for the connection may still end"

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with_address(case, Reply(b"hello", stays_open=True))
        gc.collect()


def test_a_name_that_no_host_can_have_is_not_reached() -> None:
    async def case() -> Came:
        client = Client(f"http://{'a' * 70}.example/v1", TIMEOUTS, {})
        try:
            return await asked(client)
        finally:
            await client.aclose()

    _, fault = asyncio.run(case())
    assert fault is not None
    assert fault.code is Code.LLM_PROVIDER_UNAVAILABLE
