"""When to accept: by comparing what is offered with what one would propose oneself.

Source: T. Baarslag, K. Hindriks, C. Jonker, "Effective acceptance conditions in real-time automated negotiation",
Decision Support Systems 60 (2014) 68–77: AC_next in section 4.1, AC_combi in section 6.
"""

from __future__ import annotations

from typing import Final

from chaffer.negotiation.strategies.situation import Side, Situation

NEAR_DEADLINE: Final = 0.8
"""From this part of the time on AC_combi weighs what may still come."""


def is_at_least_as_good(side: Side, price_minor: int, than_minor: int) -> bool:
    """Tell whether a price is as good for that side as another, or better."""
    return price_minor <= than_minor if side is Side.BUYER else price_minor >= than_minor


def ac_next(situation: Situation, offered_minor: int, own_next_minor: int) -> bool:
    """Accept what is at least as good as one's own next proposal."""
    return is_at_least_as_good(situation.side, offered_minor, own_next_minor)


def ac_combi(situation: Situation, offered_minor: int, own_next_minor: int) -> bool:
    """Accept by AC_next; near the deadline also what is as good as the best seen in as many turns as remain.

    AC_combi(T, MAX_W): W is a window of the length of the time that remains, because one cannot expect to see in it
    more than was seen in the same time before. Never beyond one's reservation.
    """
    if ac_next(situation, offered_minor, own_next_minor):
        return True
    if situation.time < NEAR_DEADLINE:
        return False
    if not is_at_least_as_good(situation.side, offered_minor, situation.reservation_minor):
        return False
    remaining = max(situation.turns - situation.turn - 1, 1)
    window = situation.theirs[-remaining:]
    best = min(window) if situation.side is Side.BUYER else max(window)
    return is_at_least_as_good(situation.side, offered_minor, best)
