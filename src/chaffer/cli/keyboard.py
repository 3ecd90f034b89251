"""Lines that a person types, read while everything else goes on."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from threading import Thread

from chaffer.cli.terminal import err


class Keyboard:
    """Reads standard input on a thread of its own, which nobody waits for when the program ends."""

    def __init__(self) -> None:
        """Begin to read."""
        self._loop = asyncio.get_running_loop()
        self._lines = asyncio.Queue[str | None]()
        Thread(target=self._read, name="keyboard", daemon=True).start()

    async def line(self, prompt: str) -> str | None:
        """Return the next line, without its end; None when there are no more."""
        err().print(prompt, end="", style="bold")
        return await self._lines.get()

    def _read(self) -> None:
        # Its own file: while a thread stands in a read, the interpreter cannot close standard input at its end.
        descriptor = os.dup(sys.stdin.fileno())
        with os.fdopen(descriptor, encoding=sys.stdin.encoding, errors="replace") as typed, suppress(RuntimeError):
            for line in typed:
                self._loop.call_soon_threadsafe(self._lines.put_nowait, line.rstrip("\r\n"))
            self._loop.call_soon_threadsafe(self._lines.put_nowait, None)
