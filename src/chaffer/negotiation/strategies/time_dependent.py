"""Time-dependent tactics: the price depends on how much time is gone, not on what the other side does.

Source: P. Faratin, C. Sierra, N. R. Jennings, "Negotiation decision functions for autonomous agents", Robotics and
Autonomous Systems 24 (1998) 159–182, section 4.1, the polynomial form with κ = 0 and e = 1/β.
"""

from __future__ import annotations

from typing import Final

from chaffer.negotiation.strategies.situation import Situation

BOULWARE: Final = 4.0
LINEAR: Final = 1.0
CONCEDER: Final = 0.25


def at_time(situation: Situation, exponent: float) -> int:
    """Return P₀ + (P_R − P₀)·r^e, which is P₀ − (P₀ − P_R)·r^e for a seller."""
    opening = situation.opening_minor
    return situation.conceded(opening + (situation.reservation_minor - opening) * situation.time**exponent)


def boulware(situation: Situation) -> int:
    """Hold firm until near the end: e = 4."""
    return at_time(situation, BOULWARE)


def linear(situation: Situation) -> int:
    """Concede the same every turn: e = 1."""
    return at_time(situation, LINEAR)


def conceder(situation: Situation) -> int:
    """Concede most at the beginning: e = 0.25."""
    return at_time(situation, CONCEDER)


def hardliner(situation: Situation) -> int:
    """Propose P₀ always, the take-it-or-leave-it strategy."""
    return situation.within(situation.opening_minor)
