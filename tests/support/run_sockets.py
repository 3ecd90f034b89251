"""Sockets of runs, as a client opens them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.runs import Told
from tests.support.server import Server

LONGEST = 30.0


def address_of(server: Server, run: str, query: str = "") -> str:
    """Return the address of a run's socket."""
    return server.url.replace("http://", "ws://") + run.replace("/api/run/", "/api/ws/run/") + query


@asynccontextmanager
async def socket_of(server: Server, run: str, query: str = "", **options: Any) -> AsyncIterator[ClientConnection]:
    """Open the socket of a run."""
    async with connect(address_of(server, run, query), proxy=None, **options) as socket:
        yield socket


def play(server: Server, case: Callable[[httpx2.AsyncClient], Awaitable[None]]) -> None:
    """Run a case with a client of the server."""

    async def main() -> None:
        async with server.client() as client, asyncio.timeout(LONGEST):
            await case(client)

    asyncio.run(main())


async def heard(
    socket: ClientConnection, until: Callable[[Told], bool] = lambda _: False, told: Told | None = None
) -> Told:
    """Heed what comes until something is so, or to the end."""
    heeds = told or Told()
    try:
        while not until(heeds):
            heeds.take(json.loads(await socket.recv()))
    except ConnectionClosed:
        pass
    return heeds


async def answered(socket: ClientConnection, message: object, name: str = "refused") -> dict[str, Any]:
    """Send a message, and return the first frame of that name that comes then."""
    await socket.send(message if isinstance(message, str) else json.dumps(message))
    while True:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame["type"] == name:
            return frame
