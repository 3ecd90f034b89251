"""What signals do while a command runs: SIGTERM to a server, at any moment of its life, and Ctrl-C to a turn."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """End at once with exit code 0 at SIGTERM while the context lasts, and pass over the signal afterwards.

    For what has nothing open: without a handler it would end with the signal's code; and process 1, which a server in a
    container is, would go on. An exception would not do: in the midst of an import it may be printed and passed over.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # It ends by now, with the exit code that it has.


@contextmanager
def called_at(number: int, do: Callable[[], object]) -> Iterator[None]:
    """Have a signal do that in the running event loop, and nothing else, while the context lasts."""
    loop = asyncio.get_running_loop()
    before = signal.signal(number, lambda *_: loop.call_soon_threadsafe(do))
    try:
        yield
    finally:
        signal.signal(number, before)
