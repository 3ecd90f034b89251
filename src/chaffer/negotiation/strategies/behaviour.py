"""Tactics that answer the other side's behaviour, and the zero-intelligence baseline."""

from __future__ import annotations

from typing import Final

from chaffer.negotiation.strategies.situation import Situation
from chaffer.negotiation.strategies.time_dependent import LINEAR, at_time

WINDOW: Final = 2
"""Over how many of the counterpart's moves the averaged tit-for-tat looks, Faratin's γ."""


def tit_for_tat_relative(situation: Situation) -> int:
    """Move by the same ratio as the counterpart's last move: xₙ₊₁ = xₙ · yₙ₋₁ / yₙ.

    Source: Faratin, Sierra, Jennings 1998, section 4.3, relative tit-for-tat with δ = 1. Until the counterpart has
    named two prices there is nothing to answer: the opening stands.
    """
    if not situation.own or len(situation.theirs) < WINDOW:
        return situation.conceded(situation.opening_minor)
    before, last = situation.theirs[-2], situation.theirs[-1]
    return situation.conceded(situation.own[-1] * before / last if last else situation.reservation_minor)


def tit_for_tat_absolute(situation: Situation) -> int:
    """Concede the same amount as the counterpart's last move: xₙ₊₁ = xₙ + (yₙ₋₁ − yₙ).

    Source: Faratin, Sierra, Jennings 1998, section 4.3, random absolute tit-for-tat with R(M) = 0 and δ = 1.
    """
    if not situation.own or len(situation.theirs) < WINDOW:
        return situation.conceded(situation.opening_minor)
    return situation.conceded(situation.own[-1] + situation.theirs[-2] - situation.theirs[-1])


def tit_for_tat_averaged(situation: Situation) -> int:
    """Move by the average ratio of the counterpart's last moves: xₙ₊₁ = xₙ · yₙ₋γ / yₙ, a γ-th of it each turn.

    Source: Faratin, Sierra, Jennings 1998, section 4.3, averaged tit-for-tat; the ratio over the window of γ moves is
    spread evenly over them, so that one large move is not answered γ times.
    """
    if not situation.own or len(situation.theirs) < WINDOW:
        return situation.conceded(situation.opening_minor)
    moves = min(WINDOW, len(situation.theirs) - 1)
    before, last = situation.theirs[-1 - moves], situation.theirs[-1]
    ratio = before / last if last else 1.0
    return situation.conceded(situation.own[-1] * ratio ** (1 / moves))


def micro(situation: Situation) -> int:
    """Make a new proposal only while it has made no more of them than it has received; else repeat the last.

    Source: D. de Jonge, "An analysis of the linear bilateral ANAC domains using the MiCRO benchmark strategy", IJCAI
    2022. The proposals are a grid of T prices from P₀ to P_R, so that a counterpart who keeps pace is met at the end.
    """
    steps = max(situation.turns - 1, 1)
    made, received = len(set(situation.own)), len(set(situation.theirs))
    rank = min(made if made <= received else made - 1, steps)
    opening = situation.opening_minor
    return situation.conceded(opening + (situation.reservation_minor - opening) * max(rank, 0) / steps)


def zi_c(situation: Situation) -> int:
    """Propose a price drawn uniformly from those within the limits; it does not have to improve on the last.

    Source: D. K. Gode, S. Sunder, "Allocative efficiency of markets with zero-intelligence traders", Journal of
    Political Economy 101 (1993) 119–137, the constrained traders.
    """
    opening = situation.opening_minor
    return situation.within(opening + (situation.reservation_minor - opening) * situation.draw())


def split_the_difference(situation: Situation) -> int:
    """Propose the middle between both sides' last prices, within the limits.

    A heuristic of practice, described in H. Raiffa, "The Art and Science of Negotiation", 1982, chapter 4. With
    nothing heard yet the opening stands; against a counterpart who no longer moves it turns to linear concession.
    """
    if not situation.own or not situation.theirs:
        return situation.conceded(situation.opening_minor)
    theirs = situation.theirs
    if len(theirs) >= WINDOW and theirs[-1] == theirs[-2]:
        return at_time(situation, LINEAR)
    return situation.conceded((situation.own[-1] + theirs[-1]) / 2)
