"""What a strategy looks at, the same for both sides of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Side(Enum):
    """Whose price it is; the value is the direction in which it concedes."""

    BUYER = 1
    SELLER = -1


@dataclass(frozen=True, slots=True)
class Situation:
    """One side's view of a haggle over one price.

    `turn` is t = 0…T−1 of `turns` = T; `opening_minor` is P₀ and `reservation_minor` P_R, the last price this side may
    name; `own` and `theirs` are the prices named so far, oldest first; `draw` gives numbers uniform in [0, 1).
    """

    side: Side
    turn: int
    turns: int
    opening_minor: int
    reservation_minor: int
    own: Sequence[int]
    theirs: Sequence[int]
    draw: Callable[[], float]

    @property
    def time(self) -> float:
        """Return r = t/(T−1), the part of the time that is gone; 1 when there is one turn only."""
        return 1.0 if self.turns <= 1 else min(self.turn / (self.turns - 1), 1.0)

    def within(self, price: float) -> int:
        """Return the price rounded to minor units, held between opening and reservation."""
        low, high = sorted((self.opening_minor, self.reservation_minor))
        return min(max(round(price), low), high)

    def conceded(self, price: float) -> int:
        """Return `within(price)`, but never less generous than one's own last price."""
        bounded = self.within(price)
        if not self.own:
            return bounded
        last = self.within(self.own[-1])
        return max(bounded, last) if self.side is Side.BUYER else min(bounded, last)


Strategy: TypeAlias = Callable[[Situation], int]
"""Returns the price to propose next, in minor units, between opening and reservation."""
