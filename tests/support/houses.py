"""A program with a clock of its own and its housekeeping, for tests of what is kept how long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from chaffer.api.app import create_app
from chaffer.bootstrap import Chaffer, assemble, housekeeping_of
from chaffer.cli.in_process import InProcessTransport
from chaffer.storage.memory import MemoryStore
from tests.support.server import settings_for


class Clock:
    """A clock that a test turns on. It stands at a whole second, which the times of files hold exactly."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.at


class House:
    """A program over memory, a client of it, and its housekeeping, which looks when the test says so."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self._settings = settings_for(folder, **settings)
        self._store = MemoryStore()
        self.clock = Clock()
        self._open()

    def _open(self) -> None:
        self.chaffer = assemble(self._settings, self._store, self.clock)
        self.keeping = housekeeping_of(self.chaffer)
        app = create_app(self._settings, self.chaffer)
        self.client = httpx2.AsyncClient(transport=InProcessTransport(app), base_url="http://127.0.0.1")

    async def close(self) -> None:
        """End the program; what it stored stays."""
        await self.client.aclose()
        await self.chaffer.engine.close()
        await self.chaffer.models.aclose()
        await self.chaffer.limiter.aclose()

    async def restart(self) -> None:
        """End the program and begin it anew, on the same store."""
        await self.close()
        self._open()

    async def after(self, **time: float) -> None:
        """Have so much time pass, and look around."""
        self.clock.at += timedelta(**time)
        await self.keeping.look()

    async def has(self, conversation_id: str) -> bool:
        """Tell whether a conversation is there, without calling it."""
        return await self.chaffer.journal.find(conversation_id) is not None

    async def over(self, room_id: str) -> None:
        """Wait for the end of a room, without calling it."""
        live = await self.chaffer.engine.open(room_id)
        await live.wait_until_over()
        await self.chaffer.engine.join(room_id)


def keep_house(folder: Path, case: Callable[[House, Chaffer], Awaitable[None]], **settings: Any) -> None:
    """Run a case in a house."""

    async def main() -> None:
        house = House(folder, **settings)
        async with asyncio.timeout(20):
            await case(house, house.chaffer)
        await house.close()

    asyncio.run(main())
