"""Time-dependent tactics: the price depends on how much time is gone, not on what the other side does.

    price(t) = P₀ + (P_R − P₀)·r^e,  r = t/(T−1),  e = 1/β

which for a seller is P₀ − (P₀ − P_R)·r^e.

Source: P. Faratin, C. Sierra, N. R. Jennings, "Negotiation decision functions for autonomous agents", Robotics and
Autonomous Systems 24 (1998) 159–182, section on time-dependent tactics, the polynomial family with κ = 0.
"""

from __future__ import annotations

from math import sqrt

from chaffer.negotiation.strategies.situation import Situation

# The powers are products and square roots, which IEEE 754 rounds the same on every platform, unlike `**`.


def at_time(situation: Situation, conceded: float) -> int:
    """Return the price at which that part of the way from opening to reservation is conceded, 0 to 1."""
    opening = situation.opening_minor
    return situation.conceded(opening + (situation.reservation_minor - opening) * conceded)


def boulware(situation: Situation) -> int:
    """Hold firm until near the end: e = 4."""
    r = situation.time
    return at_time(situation, r * r * r * r)


def linear(situation: Situation) -> int:
    """Concede the same every turn: e = 1."""
    return at_time(situation, situation.time)


def conceder(situation: Situation) -> int:
    """Concede most at the beginning: e = 0.25."""
    return at_time(situation, sqrt(sqrt(situation.time)))


def hardliner(situation: Situation) -> int:
    """Propose P₀ always: e without bound, the take-it-or-leave-it strategy."""
    return situation.conceded(situation.opening_minor)
