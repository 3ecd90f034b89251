"""What a buyer who haggles with several sellers reserves towards each of them."""

from __future__ import annotations

from typing import Final

EPSILON_MINOR: Final = 1


def against_rivals(ceiling_minor: int, best_other_minor: int | None) -> int:
    """Return min(ceiling, best other standing offer − ε), ε being one minor unit: no more than another would take.

    The threat that a standing alternative lends, R. Fisher and W. Ury's BATNA, in one formula.
    """
    if best_other_minor is None:
        return ceiling_minor
    return min(ceiling_minor, best_other_minor - EPSILON_MINOR)
