"""Tactics that answer the other side's behaviour, and the zero-intelligence baseline.

x is one's own price, y the counterpart's; yₙ is its last. The tit-for-tats are those of P. Faratin, C. Sierra,
N. R. Jennings, "Negotiation decision functions for autonomous agents", Robotics and Autonomous Systems 24 (1998)
159–182, section on behaviour-dependent tactics. They need two prices of the counterpart to see a move. With none to
see yet, the opening is proposed, and after that the linear tactic's price: two tit-for-tats that both waited for the
other would wait for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chaffer.negotiation.strategies.situation import Situation
from chaffer.negotiation.strategies.time_dependent import linear

WINDOW: Final = 3
"""Over how many of the counterpart's last moves the averaged tit-for-tat looks: Faratin's γ."""

_PRICES_OF_A_MOVE: Final = 2


def tit_for_tat_relative(situation: Situation) -> int:
    """Move by the same ratio as the counterpart's last move: xₙ₊₁ = xₙ · yₙ₋₁ / yₙ.

    Source: Faratin, Sierra, Jennings 1998, relative tit-for-tat with δ = 1.
    """
    return _answered(situation, lambda x, y: x * y[-2] / y[-1])


def tit_for_tat_absolute(situation: Situation) -> int:
    """Concede the same amount as the counterpart's last move: xₙ₊₁ = xₙ + (yₙ₋₁ − yₙ).

    Source: Faratin, Sierra, Jennings 1998, random absolute tit-for-tat with δ = 1 and no random part, M = 0.
    """
    return _answered(situation, lambda x, y: x + y[-2] - y[-1])


def tit_for_tat_averaged(situation: Situation) -> int:
    """Move by the mean ratio of the counterpart's last γ moves: xₙ₊₁ = xₙ · (yₙ₋γ / yₙ)^(1/γ).

    Source: Faratin, Sierra, Jennings 1998, averaged tit-for-tat. They describe the average of the changes in the
    window and print the change over the whole of it, yₙ₋γ / yₙ; here the description holds, with the geometric mean,
    so that one large move is not answered γ times. γ is 3, or as many moves as there were.
    """
    return _answered(situation, _by_mean_ratio)


def _by_mean_ratio(x: int, y: list[int]) -> float:
    moves = min(WINDOW, len(y) - 1)
    return float(x * (y[-1 - moves] / y[-1]) ** (1 / moves))


def _answered(situation: Situation, answer: Callable[[int, list[int]], float]) -> int:
    """Return the answer to the counterpart's positive prices, or the opening, or the linear price; see above."""
    if not situation.own:
        return situation.within(situation.opening_minor)
    theirs = [price for price in situation.theirs if price > 0]
    if len(theirs) < _PRICES_OF_A_MOVE:
        return linear(situation)
    return situation.conceded(answer(situation.own[-1], theirs))


def micro(situation: Situation) -> int:
    """Make a new proposal only if it has made no more different ones than it has received; else repeat its last.

    Source: D. de Jonge, "An analysis of the linear bilateral ANAC domains using the MiCRO benchmark strategy", IJCAI
    2022, the section that defines MiCRO. Its list of proposals, best first, is here a grid of T prices from P₀ to P_R,
    fewer where minor units do not suffice, so that a counterpart who keeps pace is met at the end. It repeats its last
    proposal where MiCRO repeats any earlier one, because an offer of this market may not be taken back.
    """
    opening, way = situation.opening_minor, situation.reservation_minor - situation.opening_minor
    if not situation.own:
        return situation.within(opening)
    made, received = len(set(situation.own)), len(set(situation.theirs))
    if made > received:
        return situation.conceded(situation.own[-1])
    steps = max(min(situation.turns - 1, abs(way)), 1)
    return situation.conceded(opening + way * min(made, steps) / steps)


def zi_c(situation: Situation) -> int:
    """Propose a price drawn uniformly from those between opening and reservation, both included.

    By definition it pays no heed to what was said before, so that it may retreat from its own last price.

    Source: D. K. Gode, S. Sunder, "Allocative efficiency of markets with zero-intelligence traders: market as a
    partial substitute for individual rationality", Journal of Political Economy 101 (1993) 119–137, the constrained
    traders.
    """
    low, high = sorted((situation.opening_minor, situation.reservation_minor))
    return situation.within(low + int(situation.draw() * (high - low + 1)))


def split_the_difference(situation: Situation) -> int:
    """Propose the middle between both sides' last prices: xₙ₊₁ = (xₙ + yₙ) / 2, the opening to begin with.

    Source: the midpoint custom of H. Raiffa, "The Art and Science of Negotiation", 1982, part II on two parties and
    one issue; there it foretells where a haggle ends, here it is the rule of every turn.
    """
    if not situation.own:
        return situation.within(situation.opening_minor)
    last = situation.own[-1]
    return situation.conceded((last + situation.theirs[-1]) / 2 if situation.theirs else last)
