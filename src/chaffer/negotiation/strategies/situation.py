"""What a strategy looks at, the same for both sides of the table, and the limits that no proposal leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeAlias

from msgspec import Struct


class Side(Enum):
    """Whose price it is: a buyer's rises towards its reservation price, a seller's falls."""

    BUYER = "buyer"
    SELLER = "seller"


class Situation(Struct, frozen=True):
    """One side's view of a haggle over one price, in minor units.

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
        """Return r = t/(T−1), the part of the time that is gone; 1 in the last turn and when there is only one."""
        last = self.turns - 1
        return self.turn / last if self.turn < last else 1.0

    def within(self, price: float) -> int:
        """Return the price rounded half to even, no better than the opening and never beyond the reservation.

        A reservation that has come to lie on the near side of the opening is kept to all the same.
        """
        if self.side is Side.BUYER:
            return min(max(round(price), self.opening_minor), self.reservation_minor)
        return max(min(round(price), self.opening_minor), self.reservation_minor)

    def conceded(self, price: float) -> int:
        """Return `within(price)`, but no less generous than one's own last price.

        Only a reservation that was moved since then can make a proposal retreat.
        """
        if not self.own:
            return self.within(price)
        better = max if self.side is Side.BUYER else min
        return self.within(better(price, self.own[-1]))


Strategy: TypeAlias = Callable[[Situation], int]
"""Returns the price to propose next, in minor units, between opening and reservation."""
