"""An iterator that blocks, read on a thread of its own; who leaves it closes the connection on which it waits.

No thread can be stopped from outside. But one that waits for a server waits on a socket, which stands in the frame
where it waits, and a socket that is shut down wakes it. So this reaches what waits in Python's own sockets, under
whatever package; what computes, or waits in a library of its own as gRPC does, runs on until it gives its next item.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from inspect import getattr_static
from typing import Final, Generic, TypeVar

from chaffer.llm.detached import detached

_PAUSE_SECONDS: Final = 0.05
_FARTHEST_AHEAD: Final = 64
"""So many items may wait to be taken; then the thread waits."""

T = TypeVar("T")


async def on_thread(items: Callable[[], Iterator[T]], name: str) -> AsyncGenerator[T, None]:
    """Yield what an iterator gives, which is made and read on a thread of that name. Raises what it raises."""
    loop = asyncio.get_running_loop()
    came: asyncio.Queue[tuple[T, ...]] = asyncio.Queue()
    reader = _Reader(items, lambda item: loop.call_soon_threadsafe(came.put_nowait, (item,)))
    end = detached(reader.run, name)
    end.add_done_callback(lambda _: came.put_nowait(()))
    try:
        while item := await came.get():
            reader.room.release()
            yield item[0]
        end.result()
    finally:
        if not end.done():
            reader.leave()


class _Reader(Generic[T]):
    """Reads an iterator to its end, or until it is left, as long as there is `room` for what it gives."""

    def __init__(self, items: Callable[[], Iterator[T]], hand_over: Callable[[T], object]) -> None:
        self._items = items
        self._hand_over = hand_over
        self._thread: threading.Thread | None = None
        self._is_left = False
        self.room = threading.Semaphore(_FARTHEST_AHEAD)

    def run(self) -> None:
        """Read, on the thread that calls this."""
        self._thread = threading.current_thread()
        if self._is_left:
            return
        for item in self._items():
            self.room.acquire()
            if self._is_left:
                return
            self._hand_over(item)

    def leave(self) -> None:
        """Have the thread woken wherever it waits until it has ended: before it gives up it may try again."""
        self._is_left = True
        self.room.release()
        if self._thread is not None:
            threading.Thread(
                target=_wake, args=(self._thread,), name=f"leaving {self._thread.name}", daemon=True
            ).start()


def _wake(thread: threading.Thread) -> None:
    while thread.is_alive():
        for one in _awaited_by(thread):
            with contextlib.suppress(OSError):  # It is not connected, or no more.
                socket.socket.shutdown(one, socket.SHUT_RDWR)  # TLS' own would take its state from under the reader.
        thread.join(_PAUSE_SECONDS)


def _awaited_by(thread: threading.Thread) -> list[socket.socket]:
    """Return the sockets in the innermost frame that has any."""
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001  The documented way to see where a thread is.
    while frame is not None:
        held = [
            one for value in tuple(frame.f_locals.values()) for one in (value, getattr_static(value, "_sock", None))
        ]
        if found := [one for one in held if isinstance(one, socket.socket)]:
            return found
        frame = frame.f_back
    return []
