"""The one thread that writes: it takes all that waits, runs it in one transaction, and commits once.

A commit waits for the disk; sharing it among all who wait is what makes many rooms cheap. A job that is refused leaves
no trace of its own, while the others of its batch go through.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from chaffer.conversation.journal import ConversationGoneError, ForeignEpochError, PositionConflictError
from chaffer.errors import ChafferError, Code
from chaffer.storage.erasing import erase_log
from chaffer.storage.failures import FAULTS, closed, told
from chaffer.storage.outcome import OutcomeUnknownError, transaction_mark, was_committed
from chaffer.storage.reader import Waited, untold

T = TypeVar("T")
_log = structlog.get_logger("chaffer.storage")

_BATCH: Final = 256
# The first without a pause: for a connection that the server cut while it lay idle, the next one is new.
_PAUSES_SECONDS: Final = (0.0, 0.1, 0.4, 1.6)

REFUSALS: Final = (PositionConflictError, ForeignEpochError, ConversationGoneError, ChafferError)
"""What a job may raise after it has seen to it that nothing of its own was written."""


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[Connection], Any]
    savepoint: bool
    erases: bool
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs jobs on a connection, in the order in which they were given, many to a transaction."""

    def __init__(self, engine: Engine) -> None:
        """Start the thread; it ends with `close`."""
        self._engine = engine
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._at_work: list[_Job] = []
        self.waited: Waited = untold
        self._thread = threading.Thread(target=self._write, name="chaffer writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Connection], T], *, savepoint: bool = True, erases: bool = False) -> T:
        """Run a job in a transaction and return its result once it is committed.

        With no `savepoint` the job promises to raise before its first write. What a job that `erases` deletes is no
        longer in the database's log when this returns. Raises what the job raises of REFUSALS, VALIDATION_ERROR for
        what no column can hold, and INTERNAL_ERROR when the database cannot be written. A caller who is cancelled does
        not cancel the job.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, savepoint, erases, loop, loop.create_future())
        with self._gate:
            if self._closed:
                raise closed()
            self._jobs.put(job)
        began = time.perf_counter()
        try:
            result: T = await asyncio.shield(job.answer)
        finally:
            self.waited(time.perf_counter() - began, "write")
        return result

    def close(self) -> None:
        """Write what waits and end the thread. Whoever comes later is refused."""
        self._shut()
        self._thread.join()

    def _shut(self) -> None:
        with self._gate:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)

    def _write(self) -> None:
        batch: list[_Job] = []
        try:
            while batch := self._next_batch():
                self._commit(batch)
                if any(job.erases for job in batch) and not erase_log(self._engine):
                    _log.warning(
                        "storage.not_erased", hint="chaffer.db-wal still holds what was deleted; tried again later"
                    )
                _answer(batch)
        finally:
            # Reached with a batch in hand only by a fault nobody foresaw: the thread dies, but nobody waits for ever.
            self._shut()
            while batch:
                for job in batch:
                    job.error = job.error or closed()
                _answer(batch)
                batch = self._next_batch()

    def _next_batch(self) -> list[_Job]:
        """Return what waits, at least one job; nothing at the end."""
        batch: list[_Job] = []
        while len(batch) < _BATCH and not (batch and self._jobs.empty()):
            job = self._jobs.get()
            if job is None:
                self._jobs.put(None)
                break
            batch.append(job)
        return batch

    def _commit(self, batch: Sequence[_Job]) -> None:
        """Commit a batch without the jobs that break, and try again where a failure may pass."""
        left, pauses = list(batch), iter(_PAUSES_SECONDS)
        while left:
            self._at_work = left
            try:
                self._transact(left)
            except OutcomeUnknownError as unknown:
                _fail(left, unknown)
                return
            except FAULTS as fault:
                pause = next(pauses, None) if isinstance(fault, OperationalError | InterfaceError) else None
                if pause is not None:
                    time.sleep(pause)
                    continue
                lost = isinstance(fault, DBAPIError) and fault.connection_invalidated
                broken = left if lost else self._at_work
                _fail(broken, fault)
                left = [job for job in left if job not in broken]
            else:
                return

    def _transact(self, jobs: Sequence[_Job]) -> None:
        with self._engine.connect() as connection:
            transaction = connection.begin()
            for job in jobs:
                self._at_work = [job]
                _run(job, connection)
            self._at_work = list(jobs)
            mark = transaction_mark(connection)
            try:
                transaction.commit()
            except DBAPIError:
                if mark is None or not was_committed(self._engine, mark, _PAUSES_SECONDS):
                    raise


def _run(job: _Job, connection: Connection) -> None:
    job.result = job.error = None
    try:
        if job.savepoint:
            with connection.begin_nested():
                job.result = job.work(connection)
        else:
            job.result = job.work(connection)
    except REFUSALS as refusal:
        job.error = refusal


def _fail(jobs: Sequence[_Job], fault: Exception) -> None:
    """Let every job bear an error of its own: a traceback grows with each caller that raises it."""
    for job in jobs:
        job.error = (
            ChafferError(
                Code.INTERNAL_ERROR,
                "The database went away while it was writing, so that it is not known whether this was kept. Look "
                "again, then decide anew.",
            )
            if isinstance(fault, OutcomeUnknownError)
            else told(fault, "written")
        )


def _answer(batch: Sequence[_Job]) -> None:
    """Wake every event loop once for all its jobs."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        with suppress(RuntimeError):  # a loop that was closed meanwhile has nobody left to be told
            loop.call_soon_threadsafe(_settle, jobs)


def _settle(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        if job.answer.done():
            continue
        if job.error is not None:
            job.answer.set_exception(job.error)
        else:
            job.answer.set_result(job.result)
