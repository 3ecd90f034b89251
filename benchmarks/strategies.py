"""How fast the rules alone are: two Boulware agents, 101 prices, 20 rounds, beside NegMAS doing the same.

Run `python benchmarks/strategies.py`. NegMAS is in the `bench` dependency group.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from chaffer.negotiation.strategies import Side, Situation, strategy_named
from chaffer.negotiation.strategies.acceptance import ac_next

PRICES: Final = 101
ROUNDS: Final = 20
REPETITIONS: Final = 5
SECONDS_A_REPETITION: Final = 0.4

_LOWEST: Final = 1
_HIGHEST: Final = PRICES
_boulware = strategy_named("boulware")

Negotiate = Callable[[], int | None]
"""Runs one negotiation and returns the price agreed on, or None."""


def bare_loop() -> int | None:
    """Run the negotiation as a plain loop with the formula written out: the floor of what Python costs."""
    for turn in range(ROUNDS):
        conceded = (turn / (ROUNDS - 1)) ** 4
        bid = round(_LOWEST + (_HIGHEST - _LOWEST) * conceded)
        ask = round(_HIGHEST - (_HIGHEST - _LOWEST) * conceded)
        if bid >= ask:
            return bid
    return None


def by_strategies() -> int | None:
    """Run the negotiation by alternating offers of the Boulware strategy, accepted by AC_next."""
    bids: list[int] = []
    asks: list[int] = []
    for turn in range(ROUNDS):
        buyer = Situation(Side.BUYER, turn, ROUNDS, _LOWEST, _HIGHEST, bids, asks, _no_draw)
        bid = _boulware(buyer)
        if asks and ac_next(buyer, asks[-1], bid):
            return asks[-1]
        bids.append(bid)
        seller = Situation(Side.SELLER, turn, ROUNDS, _HIGHEST, _LOWEST, asks, bids, _no_draw)
        ask = _boulware(seller)
        if ac_next(seller, bid, ask):
            return bid
        asks.append(ask)
    return None


def _no_draw() -> float:
    return 0.0


def by_negmas() -> Negotiate:
    """Return the same negotiation as NegMAS runs it; its import and its issue are not counted."""
    from negmas import make_issue  # noqa: PLC0415  Takes seconds, and only this needs it.
    from negmas.preferences import LinearAdditiveUtilityFunction  # noqa: PLC0415
    from negmas.preferences.value_fun import AffineFun  # noqa: PLC0415
    from negmas.sao import BoulwareTBNegotiator, SAOMechanism  # noqa: PLC0415

    issues = [make_issue(list(range(_LOWEST, _HIGHEST + 1)), "price")]
    slope = 1 / (_HIGHEST - _LOWEST)

    def utility(slope: float, best_price: int) -> object:
        values = AffineFun(slope, 1 - slope * best_price)
        return LinearAdditiveUtilityFunction([values], weights=[1.0], issues=issues, reserved_value=0.0)

    def negotiate() -> int | None:
        mechanism: Any = SAOMechanism(issues=issues, n_steps=ROUNDS)
        mechanism.add(BoulwareTBNegotiator(name="buyer"), ufun=utility(-slope, _LOWEST))
        mechanism.add(BoulwareTBNegotiator(name="seller"), ufun=utility(slope, _HIGHEST))
        agreement = mechanism.run().agreement
        return None if agreement is None else int(agreement[0])

    return negotiate


def per_second(negotiate: Negotiate, seconds: float) -> float:
    """Return how many negotiations a second are run; the clock is looked at after each batch of about a hundredth."""
    started_at = perf_counter()
    negotiate()
    batch = max(int(0.01 / (perf_counter() - started_at)), 1)
    done, started_at = 0, perf_counter()
    while (elapsed := perf_counter() - started_at) < seconds or not done:
        for _ in range(batch):
            negotiate()
        done += batch
    return done / elapsed


def measure() -> dict[str, float]:
    """Return negotiations a second of each way, the best of repetitions that take turns, and ratios to NegMAS."""
    ways: dict[str, Negotiate] = {"bare_loop": bare_loop, "strategies": by_strategies, "negmas": by_negmas()}
    for way, negotiate in ways.items():
        if negotiate() is None:
            msg = f"{way}: two Boulware agents with a zone of agreement must agree"
            raise AssertionError(msg)
    best = dict.fromkeys(ways, 0.0)
    for _ in range(REPETITIONS):
        for way, negotiate in ways.items():
            gc.collect()
            best[way] = max(best[way], per_second(negotiate, SECONDS_A_REPETITION))
    figures = {f"{way}_per_second": rate for way, rate in best.items()}
    figures["bare_loop_over_negmas"] = best["bare_loop"] / best["negmas"]
    figures["strategies_over_negmas"] = best["strategies"] / best["negmas"]
    return figures


def main() -> None:
    """Print the figures."""
    for name, figure in measure().items():
        sys.stdout.write(f"{name:28} {figure:12,.1f}\n")


if __name__ == "__main__":
    main()
