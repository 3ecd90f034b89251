"""Trying again: transient faults of a provider are waited out, longer each time, and then told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog

from chaffer.llm.breaker import LeftAloneError
from chaffer.llm.faults import ModelFaultError

LONGEST_WAIT_SECONDS: Final = 120.0
"""A provider that asks for more time is not waited for: a room would seem dead."""

_SPREAD: Final = 0.25
"""Agents that failed together do not come back together: a delay is longer by up to this share."""

T = TypeVar("T")

_log = structlog.get_logger("chaffer.llm")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a failed call is made again, and how long to wait before: doubled each time, from the first delay."""

    retries: int
    first_delay_seconds: float
    longest_delay_seconds: float = 60.0

    def delay_seconds(self, before: int) -> float:
        """Return how long to wait before a retry when so many were made before."""
        delay: float = min(self.first_delay_seconds * 2**before, self.longest_delay_seconds)
        return delay

    @property
    def whole_seconds(self) -> float:
        """Return how long all retries of a turn wait together."""
        return sum(self.delay_seconds(before) for before in range(self.retries))

    @property
    def left_alone_seconds(self) -> float:
        """Return how long a turn waits for a host that is left alone: as long, but a second at least if it may retry.

        A refusal speaks of whole seconds.
        """
        return max(self.whole_seconds, 1.0) if self.retries else 0.0


class Retries:
    """How often calls may still be made again in one turn, whichever of its calls it is that fails."""

    def __init__(
        self,
        patience: Patience,
        draw: Callable[[], float] = random.random,
        told: Callable[[ModelFaultError], None] | None = None,
    ) -> None:
        """Begin with all of them; `draw` returns numbers from 0 to 1, by which delays are spread.

        `told` is told the fault of each call that is made again.
        """
        self._told = told
        self._patience = patience
        self._draw = draw
        self._spent = 0
        self._left_alone_seconds = 0.0

    def renew(self) -> None:
        """Begin another turn."""
        self._spent = 0
        self._left_alone_seconds = 0.0

    def spend(self, fault: ModelFaultError) -> float | None:
        """Return the seconds to wait before the next retry, which is spent; None when the fault is to be told.

        Never shorter than the provider asked for, and told at once when it asked for more than LONGEST_WAIT_SECONDS.
        A call that was not made, because its host is left alone, spends none; such waits take a turn together no longer
        than all its retries would.
        """
        asked = fault.retry_after_seconds or 0.0
        if isinstance(fault, LeftAloneError):
            return self._wait_for_host(asked)
        if not fault.is_transient or self._spent >= self._patience.retries or asked > LONGEST_WAIT_SECONDS:
            return None
        backed_off = self._patience.delay_seconds(self._spent)
        self._spent += 1
        if self._told is not None:
            self._told(fault)
        return self._spread(max(backed_off, asked))

    def _wait_for_host(self, seconds: float) -> float | None:
        if self._left_alone_seconds + seconds > self._patience.left_alone_seconds:
            return None
        self._left_alone_seconds += seconds
        return self._spread(seconds)

    def _spread(self, seconds: float) -> float:
        return min(seconds * (1 + _SPREAD * self._draw()), LONGEST_WAIT_SECONDS)


async def persistently(attempt: Callable[[], Awaitable[T]], retries: Retries, before_retry: Callable[[], None]) -> T:
    """Return what the attempt returns, made again after transient faults as long as there are retries.

    `before_retry` is called before each further attempt. Raises the last ModelFaultError, and at once what is no
    transient fault or asks for too long a wait.
    """
    while True:
        try:
            return await attempt()
        except ModelFaultError as fault:
            delay = retries.spend(fault)
            if delay is None:
                raise
            _log.warning(
                "model.tried_again", code=fault.code.value, reason=fault.message, delay_seconds=round(delay, 3)
            )
        await asyncio.sleep(delay)
        before_retry()
