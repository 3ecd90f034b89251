"""Classic negotiation strategies: what to propose, when to accept, and what to reserve. Pure, prices in minor units."""

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

__all__ = ["STRATEGIES", "Side", "Situation", "Strategy"]
