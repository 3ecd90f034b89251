"""Readers that come back over whatever happens to the server."""

from __future__ import annotations

import asyncio

import httpx2

from tests.support.server import Server
from tests.support.streams import NO_CONTENT, Reader, Stop


async def follow(reader: Reader, server: Server, is_up: asyncio.Event, stop: Stop) -> None:
    """Read over whatever happens to the server, as a browser does, until it says that everything was seen."""
    while True:
        await is_up.wait()
        async with server.client() as client:
            reader.client = client
            try:
                if await reader.read(stop) == NO_CONTENT:
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0)
