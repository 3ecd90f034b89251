"""Housekeeping: what has been kept long enough is removed, and what is missing is made up for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from chaffer.conversation.journal import Head, Journal
from chaffer.conversation.retention import Age, Ages, heads_of

EVERY_SECONDS: Final = 60.0
ANSWERS_KEPT: Final = timedelta(hours=24)

_log = structlog.get_logger("chaffer.housekeeping")


@dataclass(frozen=True, slots=True)
class Retention:
    """How long conversations are kept that are completed, or that nobody touches; 0 means for ever."""

    completed_hours: float
    abandoned_hours: float = 0

    def is_due(self, age: Age, now: datetime) -> bool:
        """Tell whether a conversation was kept long enough."""
        if age.completed_at is not None:
            return bool(self.completed_hours) and now - age.completed_at > timedelta(hours=self.completed_hours)
        if age.untouched_since is not None:
            return bool(self.abandoned_hours) and now - age.untouched_since > timedelta(hours=self.abandoned_hours)
        return False


@dataclass(frozen=True, slots=True)
class Aging:
    """Conversations of one feature, and how long they are kept."""

    ages: Ages
    retention: Retention


class Housekeeping:
    """A task that looks around now and then. A fault of its own is logged, and the next look is taken all the same."""

    def __init__(
        self,
        aging: Sequence[Aging],
        journal: Journal,
        now: Callable[[], datetime],
        *,
        forget_answers: Callable[[datetime], Awaitable[None]],
        sweep_logs: Callable[[], Awaitable[int]],
        keep_missing_logs: Callable[[], Awaitable[None]],
        sweep_usage: Callable[[], Awaitable[None]],
        sweep_logins: Callable[[], Awaitable[None]],
    ) -> None:
        """Take what to look after; nothing happens before `start`."""
        self._aging = aging
        self._journal = journal
        self._now = now
        self._forget_answers = forget_answers
        self._sweep_logs = sweep_logs
        self._keep_missing_logs = keep_missing_logs
        self._sweep_usage = sweep_usage
        self._sweep_logins = sweep_logins
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
        await self._keep_missing_logs()
        for aging in self._aging:
            await self._remove_the_old(aging)
        await self._forget_answers(self._now() - ANSWERS_KEPT)
        await self._sweep_usage()
        await self._sweep_logins()
        await self._sweep_logs()

    async def _remove_the_old(self, aging: Aging) -> None:
        if not aging.retention.completed_hours and not aging.retention.abandoned_hours:
            return
        async for head in heads_of(self._journal, aging.ages.kind):
            if await self._is_due(aging, head) and await self._is_still_due(aging, head.conversation_id):
                await aging.ages.remove(head.conversation_id)
                _log.info("conversation.removed", conversation_id=head.conversation_id)

    async def _is_due(self, aging: Aging, head: Head) -> bool:
        age = await aging.ages.age(head)
        return age is not None and aging.retention.is_due(age, self._now())

    async def _is_still_due(self, aging: Aging, conversation_id: str) -> bool:
        """Tell whether one was not begun anew since its page was read: others were removed meanwhile."""
        head = await self._journal.find(conversation_id)
        return head is not None and await self._is_due(aging, head)
