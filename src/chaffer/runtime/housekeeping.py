"""Housekeeping: what has been kept long enough is removed, and what is missing is made up for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from chaffer.conversation.retention import Age, Ages

EVERY_SECONDS: Final = 60.0
ANSWERS_KEPT: Final = timedelta(hours=24)

_log = structlog.get_logger("chaffer.housekeeping")


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept; 0 means for ever."""

    completed_hours: float
    abandoned_hours: float
    log_days: float


class Housekeeping:
    """A task that looks around now and then. A fault of its own is logged, and the next look is taken all the same."""

    def __init__(
        self,
        sessions: Ages,
        retention: Retention,
        now: Callable[[], datetime],
        *,
        forget_answers: Callable[[datetime], Awaitable[None]],
        sweep_logs: Callable[[datetime], Awaitable[int]],
        keep_missing_logs: Callable[[datetime | None], Awaitable[None]],
        sweep_spending: Callable[[], Awaitable[None]],
    ) -> None:
        """Take what to look after; nothing happens before `start`."""
        self._sessions = sessions
        self._retention = retention
        self._now = now
        self._forget_answers = forget_answers
        self._sweep_logs = sweep_logs
        self._keep_missing_logs = keep_missing_logs
        self._sweep_spending = sweep_spending
        self._task: asyncio.Task[None] | None = None

    def start(self, every_seconds: float = EVERY_SECONDS) -> None:
        """Begin to look around."""
        self._task = asyncio.create_task(self._look_now_and_then(every_seconds), name="housekeeping")

    async def stop(self) -> None:
        """Stop, also in the middle of a look."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look_now_and_then(self, every_seconds: float) -> None:
        while True:
            try:
                await self.look()
            except Exception:  # noqa: BLE001  One look that fails is told and must not be the last one.
                _log.exception("housekeeping.failed", hint="tried again later")
            await asyncio.sleep(every_seconds)

    async def look(self) -> None:
        """Write the logs that a crash or a full disk kept from being written, and remove what was kept long enough."""
        now = self._now()
        logs_since = now - timedelta(days=self._retention.log_days) if self._retention.log_days else None
        await self._keep_missing_logs(logs_since)
        for age in await self._sessions.ages():
            if self._is_due(age, now):
                await self._sessions.remove(age.conversation_id)
                _log.info("conversation.removed", conversation_id=age.conversation_id)
        await self._forget_answers(now - ANSWERS_KEPT)
        await self._sweep_spending()
        if logs_since is not None:
            await self._sweep_logs(logs_since)

    def _is_due(self, age: Age, now: datetime) -> bool:
        kept = self._retention
        if age.completed_at is not None:
            return bool(kept.completed_hours) and now - age.completed_at > timedelta(hours=kept.completed_hours)
        if age.untouched_since is not None:
            return bool(kept.abandoned_hours) and now - age.untouched_since > timedelta(hours=kept.abandoned_hours)
        return False
