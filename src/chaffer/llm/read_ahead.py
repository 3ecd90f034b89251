"""A source read in a task of its own: one can wait for it with a deadline, and take together what came together.

Giving up a wait harms nothing: what is being read goes on being read. And leaving stops the source where it waits, at
whatever depth, which closing a suspended generator does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

FARTHEST_AHEAD: Final = 4_096
"""So many items may wait to be taken; then the source waits, and whoever writes to it in turn."""

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """Reads one source while the context lasts."""

    def __init__(self, source: AsyncGenerator[T, None], farthest_ahead: int = FARTHEST_AHEAD) -> None:
        """Read from that source, which nobody else reads."""
        self._source = source
        self._farthest_ahead = farthest_ahead
        self._came: list[T] = []
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()
        self._is_left = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to read."""
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop reading, close the source, and wait until nothing reads any more."""
        try:
            if self._task is not None:
                await self._stop(self._task)
        finally:
            await self._source.aclose()  # A task that was cancelled before its first step has not closed it.

    async def _stop(self, task: asyncio.Task[None]) -> None:
        self._is_left = True
        self._taken.set()
        try:
            await asyncio.sleep(0)  # One that is held back goes on to where its source waits, and is stopped there.
        finally:  # Also where this itself is cancelled.
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def is_over(self) -> bool:
        """Tell whether the source ended and all it gave was taken."""
        return not self._came and self._task is not None and self._task.done()

    async def wait(self, until: float | None = None) -> bool:
        """Return once there is something to take, or the source ended; False when the loop's time comes first."""
        if self._changed.is_set() or until is None:
            await self._changed.wait()
            return True
        deadline = asyncio.timeout_at(until)
        try:
            async with deadline:
                await self._changed.wait()
        except TimeoutError:
            return self._changed.is_set()
        return True

    def take(self) -> list[T]:
        """Return what came since the last time. Raises what reading raised, once all that came before was taken."""
        came, self._came = self._came, []
        if self._task is not None and self._task.done():
            if not came:
                self._task.result()
        else:
            self._changed.clear()
            self._taken.set()
        return came

    async def next(self) -> list[T] | None:
        """Return what came, waiting for something to come; None at the end. Raises what reading raised."""
        await self.wait()
        return self.take() or None

    async def _read(self) -> None:
        try:
            async with aclosing(self._source) as items:
                async for item in items:
                    self._came.append(item)
                    self._changed.set()
                    if self._is_left:
                        return  # A source may swallow that it is cancelled: asyncio.wait_for did, up to Python 3.11.
                    if len(self._came) >= self._farthest_ahead:
                        self._taken.clear()
                        await self._taken.wait()
        finally:
            # Whoever waits looks after this task is done.
            asyncio.get_running_loop().call_soon(self._changed.set)
