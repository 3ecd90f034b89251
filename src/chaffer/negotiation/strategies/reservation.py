"""What a buyer who haggles with several sellers reserves towards each of them."""

from __future__ import annotations

from typing import Final

EPSILON_MINOR: Final = 1


def against_rivals(ceiling_minor: int, best_other_minor: int | None) -> int:
    """Return min(ceiling, best other standing offer − ε), ε being one minor unit; the ceiling when no other stands.

    More than another seller would take is never paid. It may be 0 or less: then no price is left to name.

    Source: the outside option in concurrent haggles, after T. D. Nguyen, N. R. Jennings, "Coordinating multiple
    concurrent negotiations", AAMAS 2004; in everyday words R. Fisher and W. Ury's BATNA, "Getting to Yes", 1981.
    """
    if best_other_minor is None:
        return ceiling_minor
    return min(ceiling_minor, best_other_minor - EPSILON_MINOR)
