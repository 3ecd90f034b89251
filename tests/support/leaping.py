"""An event loop whose clock leaps to the next timer instead of waiting, and on which waiting for ever is an error."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

BEGINS_AT: Final = 1_000.0

T = TypeVar("T")


class _LeapingSelector(selectors.DefaultSelector):
    """Tells how long nothing happened instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed_seconds = 0.0
        self.leaps = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            msg = "everybody waits for somebody else"
            raise RuntimeError(msg)
        if not ready and timeout is not None:
            self.elapsed_seconds += max(timeout, 0.0)
            self.leaps += timeout > 0
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """Without sockets of others, nothing but its timers moves it."""

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)

    def time(self) -> float:
        return BEGINS_AT + self._leaping.elapsed_seconds

    @property
    def leaps(self) -> int:
        return self._leaping.leaps


def leaping(main: Coroutine[Any, Any, T]) -> T:
    """Run it to its end in no time."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(main)
