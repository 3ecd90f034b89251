"""A server on loopback within the test's own loop: it keeps what it was asked, and answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire; the names of its headers are in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What is answered. `stays_open`: the body does not end, and the connection waits until its reader leaves."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stays_open: bool = False


@dataclass
class Loopback:
    """The server's address, all that it was asked, and whether somebody has left in the middle of an answer."""

    url: str = ""
    asked: list[Request] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def answering(answer: Callable[[Request], Reply]) -> AsyncIterator[Loopback]:
    """Yield a server that answers every request so."""
    there = Loopback()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _request(reader)) is not None:
                there.asked.append(request)
                reply = answer(request)
                writer.write(_head(reply) + reply.body)
                await writer.drain()
                if reply.stays_open:
                    await reader.read()
                    there.left.set()
        finally:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    there.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield there
    finally:
        server.close()


async def _request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def _head(reply: Reply) -> bytes:
    length = {} if reply.stays_open else {"content-length": str(len(reply.body))}
    lines = [f"{name}: {value}" for name, value in {**length, **reply.headers}.items()]
    return "\r\n".join([f"HTTP/1.1 {reply.status} Some", *lines, "", ""]).encode()
