"""A request to a model leaves in one write, so that it is whole before anybody else is prepared."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable

import httpcore2
import httpx2
import pytest

from chaffer.llm.one_write import OneWriteTransport

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
REFUSAL = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n"


class Wire(httpcore2.AsyncNetworkStream):
    """A connection that keeps what was written, and answers once; `breaks` when it is written to."""

    def __init__(self, answer: bytes = ANSWER, *, breaks: bool = False) -> None:
        self.written: list[bytes] = []
        self.name: str | None = None
        self._answer = answer
        self._breaks = breaks

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109
        self.written.append(buffer)
        await asyncio.sleep(0)
        if self._breaks:
            raise httpcore2.WriteError

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109
        answer, self._answer = self._answer, b""
        return answer

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        self.name = server_hostname
        return self

    async def aclose(self) -> None:
        """Leave."""


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Callable[[Wire], Wire]:
    """Return what has every connection be this one."""

    def be(wire: Wire) -> Wire:
        async def connect(*_: object) -> Wire:
            return wire

        monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect)
        return wire

    return be


def asked(content: bytes | AsyncIterator[bytes], url: str = "http://model.test/v1") -> int:
    """Ask with that body, and return the status of the answer."""

    async def main() -> int:
        transport = OneWriteTransport(ssl.create_default_context(), httpx2.Limits())
        async with httpx2.AsyncClient(transport=transport, trust_env=False) as client:
            return (await client.post(url, content=content)).status_code

    return asyncio.run(main())


def test_head_and_body_leave_in_one_write(wires: Callable[[Wire], Wire]) -> None:
    wire = wires(Wire())
    assert asked(b'{"model":"qwen"}') == 200
    (request,) = wire.written
    assert request.startswith(b"POST /v1 HTTP/1.1\r\n")
    assert request.endswith(b'\r\n\r\n{"model":"qwen"}')


def test_so_they_do_over_tls(wires: Callable[[Wire], Wire]) -> None:
    wire = wires(Wire())
    assert asked(b"{}", "https://model.test/v1") == 200
    assert (len(wire.written), wire.name) == (1, "model.test")


def test_a_long_body_is_not_kept_whole_in_memory(wires: Callable[[Wire], Wire]) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 40_000

    wire = wires(Wire())
    assert asked(pieces()) == 200
    assert max(map(len, wire.written)) < 120_000
    assert b"".join(wire.written).count(b"x" * 40_000) == 10


def test_a_server_that_refuses_before_it_has_heard_all_is_understood(wires: Callable[[Wire], Wire]) -> None:
    wires(Wire(REFUSAL, breaks=True))
    assert asked(b"{}") == 413
