"""Which of several things alike is taken next: the one used last of those that nobody uses, as it is still warm."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class IdleFirst(Generic[T]):
    """Lends them out; where all are lent, each in turn is lent once more. To lend one takes no search."""

    def __init__(self, all_of_them: Sequence[T]) -> None:
        """Begin with all of them idle."""
        self._all = all_of_them
        self._idle = [*range(len(all_of_them))]
        self._users = [0] * len(all_of_them)
        self._turns = itertools.cycle(range(len(all_of_them)))

    @contextmanager
    def lent(self) -> Iterator[T]:
        """Yield one of them."""
        number = self._idle.pop() if self._idle else next(self._turns)
        self._users[number] += 1
        try:
            yield self._all[number]
        finally:
            self._users[number] -= 1
            if not self._users[number]:
                self._idle.append(number)
