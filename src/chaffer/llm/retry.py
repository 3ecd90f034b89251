"""Trying again: transient faults of a provider are waited out, longer each time, and then told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from chaffer.llm.faults import ModelFaultError
from chaffer.llm.provider import Patience

_SPREAD: Final = 0.25
"""Agents that failed together do not come back together: a delay is longer by up to this share."""

T = TypeVar("T")

_log = structlog.get_logger("chaffer.llm")


async def persistently(attempt: Callable[[], Awaitable[T]], patience: Patience, before_retry: Callable[[], None]) -> T:
    """Return what the attempt returns, made again after transient faults as often as patience lasts.

    `before_retry` is called before each further attempt. Raises the last ModelFaultError, and at once what is no
    transient fault.
    """
    tried = 0
    while True:
        try:
            return await attempt()
        except ModelFaultError as fault:
            if not fault.is_transient or tried >= patience.retries:
                raise
            delay = delay_seconds(patience, tried, fault.retry_after_seconds)
            _log.warning("model.tried_again", code=fault.code.value, reason=fault.message, delay_seconds=delay)
        tried += 1
        await asyncio.sleep(delay * (1 + _SPREAD * random.random()))  # noqa: S311  Spreads load, guards nothing.
        before_retry()


def delay_seconds(patience: Patience, tried: int, retry_after_seconds: float | None) -> float:
    """Return how long to wait before retry number `tried` (from 0): never shorter than the provider asked for."""
    delay: float = min(patience.first_delay_seconds * 2**tried, patience.longest_delay_seconds)
    return max(delay, retry_after_seconds or 0.0)
