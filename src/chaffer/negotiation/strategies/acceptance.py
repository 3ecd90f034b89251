"""When to accept: by comparing what is offered with what one would propose oneself, and with what was seen.

Source: T. Baarslag, K. Hindriks, C. Jonker, "Effective acceptance conditions in real-time automated negotiation",
Decision Support Systems 60 (2014) 68–77: the basic condition AC_next and the combined condition AC_combi(T, MAX^W).
"""

from __future__ import annotations

from typing import Final

from chaffer.negotiation.strategies.situation import Side, Situation

NEAR_DEADLINE: Final = 0.99
"""T, from which part of the time on AC_combi weighs what may still come; below 102 turns this is the last turn."""


def is_at_least_as_good(side: Side, price_minor: int, than_minor: int) -> bool:
    """Tell whether a price is as good for that side as another, or better."""
    return price_minor <= than_minor if side is Side.BUYER else price_minor >= than_minor


def ac_next(situation: Situation, offered_minor: int, own_next_minor: int) -> bool:
    """Accept what is at least as good as one's own next proposal: AC_next with α = 1, β = 0."""
    return is_at_least_as_good(situation.side, offered_minor, own_next_minor)


def ac_combi(
    situation: Situation, offered_minor: int, own_next_minor: int, near_deadline: float = NEAR_DEADLINE
) -> bool:
    """Accept by AC_next; near the deadline also what is as good as the best seen in as many turns as remain.

    The window has the length of the time that remains, because no more can be expected of that time than was seen in
    the same time before; in the last turn nothing remains to be expected. Never beyond one's reservation.
    """
    if ac_next(situation, offered_minor, own_next_minor):
        return True
    side = situation.side
    if situation.time < near_deadline or not is_at_least_as_good(side, offered_minor, situation.reservation_minor):
        return False
    remaining = max(situation.turns - 1 - situation.turn, 0)
    window = situation.theirs[-1 - remaining :]
    return not remaining or all(is_at_least_as_good(side, offered_minor, seen_minor) for seen_minor in window)
