"""The one thread that writes: it takes all that waits, runs it in one transaction, and commits once.

A commit waits for the disk; sharing it among all who wait is what makes many rooms cheap. A job that is refused leaves
no trace of its own, while the others of its batch go through.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from chaffer.conversation.journal import ConversationGoneError, ForeignEpochError, PositionConflictError
from chaffer.errors import ChafferError, Code

T = TypeVar("T")

_BATCH: Final = 256
_TRIES: Final = 3
_PAUSE_SECONDS: Final = 0.1

REFUSALS: Final = (PositionConflictError, ForeignEpochError, ConversationGoneError, ChafferError)
"""What a job may raise after it has seen to it that nothing of its own was written."""

_log = structlog.get_logger("chaffer.storage")


@dataclass(slots=True)
class _Job:
    work: Callable[[Connection], Any]
    savepoint: bool
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = field(default=None)


class Writer:
    """Runs jobs on a connection, in the order in which they were given, many to a transaction."""

    def __init__(self, engine: Engine) -> None:
        """Start the thread; it ends with `close`."""
        self._engine = engine
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="chaffer writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Connection], T], *, savepoint: bool = True) -> T:
        """Run a job in a transaction and return its result once it is committed.

        With no `savepoint` the job promises to raise before its first write. Raises what the job raises of REFUSALS,
        and INTERNAL_ERROR when the database cannot be written. A caller who is cancelled does not cancel the job.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, savepoint, loop, loop.create_future())
        self._jobs.put(job)
        result: T = await asyncio.shield(job.answer)
        return result

    def close(self) -> None:
        """Write what waits and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch, last = [first], False
            while len(batch) < _BATCH and not self._jobs.empty():
                job = self._jobs.get()
                if job is None:
                    last = True
                    break
                batch.append(job)
            self._commit(batch)
            _answer(batch)
            if last:
                return

    def _commit(self, batch: list[_Job]) -> None:
        try:
            self._transact(batch)
        except DBAPIError as failure:
            if len(batch) > 1:  # somebody's failure must not be everybody's
                for job in batch:
                    self._commit_alone(job)
            else:
                self._commit_alone(batch[0], failure)

    def _commit_alone(self, job: _Job, failure: DBAPIError | None = None) -> None:
        for attempt in range(_TRIES):
            try:
                self._transact([job])
            except DBAPIError as again:
                failure = again
                time.sleep(_PAUSE_SECONDS * 4**attempt)
            else:
                return
        # The driver's words may hold a URL or a value: they go to the log's traceback filter, not to a caller.
        _log.error("storage.write_failed", kind=type(failure.orig).__name__ if failure is not None else "")
        job.error = ChafferError(
            Code.INTERNAL_ERROR, "The database could not be written. Check that it is up and has room, then try again."
        )

    def _transact(self, batch: list[_Job]) -> None:
        with self._engine.begin() as connection:
            for job in batch:
                job.result = job.error = None
                try:
                    if job.savepoint:
                        with connection.begin_nested():
                            job.result = job.work(connection)
                    else:
                        job.result = job.work(connection)
                except REFUSALS as refusal:
                    job.error = refusal


def _answer(batch: list[_Job]) -> None:
    """Wake every event loop once for all its jobs."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, jobs)


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.answer.done():
            continue
        if job.error is not None:
            job.answer.set_exception(job.error)
        else:
            job.answer.set_result(job.result)
