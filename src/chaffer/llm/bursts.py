"""A response as it comes, in bursts: what arrived together is handed over together.

A server that writes a reply word by word, faster than it is read, would otherwise cost a walk through all layers, and a
deadline set and lifted, for each word.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from types import TracebackType
from typing import Self

import httpx2


class Bursts:
    """Reads one response in a task of its own, while the context lasts."""

    def __init__(self, response: httpx2.Response) -> None:
        """Read from that response, whose body has not been touched."""
        self._response = response
        self._pieces: list[bytes] = []
        self._came = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to read."""
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop reading, and wait until nothing reads any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def next(self) -> bytes | None:
        """Return what has come since the last call, waiting for something to come; None at the end.

        Raises what reading raised, once all that came before was returned.
        """
        await self._came.wait()
        if self._pieces:
            burst = b"".join(self._pieces)
            self._pieces.clear()
            if self._task is not None and not self._task.done():
                self._came.clear()
            return burst
        if self._task is not None:
            await self._task
        return None

    async def _read(self) -> None:
        try:
            async with aclosing(self._response.aiter_bytes()) as pieces:
                async for piece in pieces:
                    self._pieces.append(piece)
                    self._came.set()
        finally:
            self._came.set()
