"""Blocking work on a thread of its own, which nobody has to wait for.

The threads of `asyncio.to_thread` are few, others need them, and a loop that is closed waits for them: work that may
hang for minutes takes none of these.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import TypeVar

T = TypeVar("T")


def detached(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Return the future of work that begins now; it goes on when the future is forgotten, or the loop is closed.

    It does not keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            end = partial(future.set_result, work())
        except BaseException as fault:  # noqa: BLE001  Whatever it is, it belongs to who awaits the future.
            end = partial(_fail, future, fault)
        with contextlib.suppress(RuntimeError):  # The loop was closed in the meantime.
            loop.call_soon_threadsafe(_end, future, end)

    threading.Thread(target=copy_context().run, args=(run,), name=name, daemon=True).start()
    return future


def _end(future: asyncio.Future[T], end: Callable[[], None]) -> None:
    if not future.done():
        end()


def _fail(future: asyncio.Future[T], fault: BaseException) -> None:
    future.set_exception(fault)
    future.exception()  # Nobody may be left to ask for it, which is no reason for a warning.
