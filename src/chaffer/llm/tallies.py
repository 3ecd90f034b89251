"""Numbers that are counted while the program runs, by the values of their labels; whoever shows them knows the format.

Counting is an addition in a dictionary, and belongs to one event loop: no lock, nothing shared by two programs in one
process.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

LAST_BOUND: Final = "+Inf"


@dataclass(slots=True)
class Tally:
    """A number that only grows. It is counted in whole parts, so that sums stay exact; so many make one."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    parts: int = 1
    _counts: dict[tuple[str, ...], int] = field(default_factory=dict)

    def add(self, *values: str, parts: int = 1) -> None:
        """Count on, under these values of the labels."""
        self._counts[values] = self._counts.get(values, 0) + parts

    def samples(self) -> Iterator[tuple[Sequence[str], float]]:
        """Yield the values of the labels, and the number under them."""
        for values, parts in self._counts.items():
            yield values, parts / self.parts


@dataclass(slots=True)
class Spread:
    """How seconds are spread over buckets; a bucket holds what is at most its bound, the last one the rest."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]
    _buckets: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    _sums: dict[tuple[str, ...], float] = field(default_factory=dict)

    def observe(self, seconds: float, *values: str) -> None:
        """Count a duration, under these values of the labels."""
        buckets = self._buckets.get(values)
        if buckets is None:
            buckets = self._buckets[values] = [0] * (len(self.bounds) + 1)
        buckets[bisect_left(self.bounds, seconds)] += 1
        self._sums[values] = self._sums.get(values, 0.0) + seconds

    def samples(self) -> Iterator[tuple[Sequence[str], Sequence[tuple[str, float]], float]]:
        """Yield the values of the labels, how many lie within each bound (LAST_BOUND is all), and the sum."""
        names = [*map(str, self.bounds), LAST_BOUND]
        for values, buckets in self._buckets.items():
            yield values, list(zip(names, map(float, accumulate(buckets)), strict=True)), self._sums[values]
