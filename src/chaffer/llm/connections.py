"""The connections to one host: kept for the next call, and let go when there is none for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import httpx2

from chaffer.llm.idle_first import IdleFirst

POOLS: Final = 32
"""A pool looks through all its connections at every call; many small ones keep 300 calls at once cheap."""

KEPT_SECONDS: Final = 30.0


class Connections:
    """Clients of one host, each a pool of connections; one that nobody has used for KEPT_SECONDS is closed."""

    def __init__(self, make: Callable[[], httpx2.AsyncClient], kept_seconds: float = KEPT_SECONDS) -> None:
        """Connect to nobody yet."""
        self._closing: set[asyncio.Task[None]] = set()
        self._pools = tuple(_Pool(make, kept_seconds, self._closing) for _ in range(POOLS))
        self._idle_first = IdleFirst(self._pools)

    @contextmanager
    def lent(self) -> Iterator[httpx2.AsyncClient]:
        """Yield a client for one call."""
        with self._idle_first.lent() as pool, pool.used() as client:
            yield client

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools:
            pool.let_go()
        await asyncio.gather(*self._closing)


class _Pool:
    """A client while it is needed."""

    def __init__(
        self, make: Callable[[], httpx2.AsyncClient], kept_seconds: float, closing: set[asyncio.Task[None]]
    ) -> None:
        self._make = make
        self._kept_seconds = kept_seconds
        self._closing = closing
        self._client: httpx2.AsyncClient | None = None
        self._users = 0
        self._leaving: asyncio.TimerHandle | None = None

    @contextmanager
    def used(self) -> Iterator[httpx2.AsyncClient]:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        if self._client is None:
            self._client = self._make()
        self._users += 1
        try:
            yield self._client
        finally:
            self._users -= 1
            if not self._users:
                self._leaving = asyncio.get_running_loop().call_later(self._kept_seconds, self.let_go)

    def let_go(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        client, self._client = self._client, None
        if client is not None:
            closing = asyncio.get_running_loop().create_task(client.aclose(), name="let connections go")
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
