"""Classic negotiation strategies: what to propose, when to accept, and what to reserve. Pure, prices in minor units.

A strategy is a function from a `Situation` to the next price, and the same one serves buyers and sellers.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from chaffer.negotiation.strategies.behaviour import (
    micro,
    split_the_difference,
    tit_for_tat_absolute,
    tit_for_tat_averaged,
    tit_for_tat_relative,
    zi_c,
)
from chaffer.negotiation.strategies.situation import Side, Situation, Strategy
from chaffer.negotiation.strategies.time_dependent import boulware, conceder, hardliner, linear

__all__ = ["STRATEGIES", "Side", "Situation", "Strategy", "UnknownStrategyError", "strategy_named"]

STRATEGIES: Final[Mapping[str, Strategy]] = MappingProxyType(
    {
        "boulware": boulware,
        "linear": linear,
        "conceder": conceder,
        "hardliner": hardliner,
        "tit_for_tat_relative": tit_for_tat_relative,
        "tit_for_tat_absolute": tit_for_tat_absolute,
        "tit_for_tat_averaged": tit_for_tat_averaged,
        "micro": micro,
        "zi_c": zi_c,
        "split_the_difference": split_the_difference,
    }
)


class UnknownStrategyError(LookupError):
    """No strategy has that name; the message lists those there are."""


def strategy_named(name: str) -> Strategy:
    """Return a strategy by name. Raises UnknownStrategyError."""
    strategy = STRATEGIES.get(name)
    if strategy is None:
        msg = f"There is no strategy of that name; there are {', '.join(STRATEGIES)}."
        raise UnknownStrategyError(msg)
    return strategy
