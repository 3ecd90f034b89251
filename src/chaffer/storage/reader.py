"""The threads that read: each read sees one moment of the database and locks nobody out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from chaffer.storage.failures import FAULTS, closed, told

T = TypeVar("T")

READERS: Final = 4

Waited = Callable[[float, str], None]
"""Is told how many seconds somebody waited for the database, and whether for `read` or `write`."""


def untold(_seconds: float, _operation: str) -> None:
    """Take no note of how long it took."""


class Reader:
    """Runs reads on a few threads beside the one that writes."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; threads are started as they are needed and end with `close`."""
        options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        self._engine = engine.execution_options(reads_only=True, **options)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="chaffer reader")
        self._closed = False
        self.waited: Waited = untold

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Return what a read returns; all its statements see the same moment.

        Raises what the read raises of ChafferError, VALIDATION_ERROR for a value that no column can hold, and
        INTERNAL_ERROR when the database cannot be read.
        """
        if self._closed:
            raise closed()
        began = time.perf_counter()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, work)
        finally:
            self.waited(time.perf_counter() - began, "read")

    def close(self) -> None:
        """Finish the reads under way and end the threads. Whoever comes later is refused."""
        self._closed = True
        self._threads.shutdown()

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            try:
                return self._once(work)
            except DBAPIError as failure:
                if not failure.connection_invalidated:
                    raise
            return self._once(work)  # the server cut a connection that lay idle: the next one is new
        except FAULTS as fault:
            raise told(fault, "read") from None

    def _once(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)
