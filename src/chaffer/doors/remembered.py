"""What was found out a moment ago, so that it need not be found out again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Findings by a key, each for some seconds, and never more than a number of them: the oldest goes first."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin empty; `clock` gives seconds that never go back."""
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._found: dict[bytes, tuple[float, T]] = {}

    def find(self, key: bytes) -> T | None:
        """Return what is remembered under a key, or None."""
        found = self._found.get(key)
        if found is None:
            return None
        ends_at, finding = found
        if self._clock() >= ends_at:
            del self._found[key]
            return None
        return finding

    def keep(self, key: bytes, finding: T) -> None:
        """Remember a finding from now on."""
        self._found.pop(key, None)
        while len(self._found) >= self._most:
            del self._found[next(iter(self._found))]
        self._found[key] = (self._clock() + self._seconds, finding)

    def forget(self, key: bytes) -> None:
        """Remember nothing of it any more."""
        self._found.pop(key, None)
