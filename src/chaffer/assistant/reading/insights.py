"""What a person wants to know of spending and saving."""

from __future__ import annotations

import re
from typing import Final, Literal

from chaffer.assistant.reading.memory import Memory
from chaffer.assistant.reading.periods import period_in
from chaffer.assistant.reading.steps import Step
from chaffer.assistant.reading.wording import phrases
from chaffer.assistant.tools import SpendingSummary

SPENDING: Final = phrases(
    r"spen[dt]s?", r"spending", r"expenses?", r"expenditures?", r"expend\w*", r"outlays?", r"outgoings", r"saved",
    r"savings?", r"save", r"cost me", r"how much (?:did|have|had) (?:i|we) pa(?:y|id)",
    r"(?:my|the|of my|much|our) (?:money|cash)", r"overview", r"statistics", r"stats", r"break ?down", r"summary",
    r"(?:my|the) total", r"(?<!\d )in total", r"pa(?:id|y) off", r"worth it", r"list prices?",
)  # fmt: skip
_SELLER: Final = phrases(
    r"sellers?", r"shops?", r"stores?", r"vendors?", r"merchants?", r"dealers?", r"suppliers?", r"who", r"whom",
    r"where",
)  # fmt: skip
_CATEGORY: Final = phrases(
    r"categor(?:y|ies)", r"kinds?", r"types?", r"sorts? of", r"product groups?", r"(?:on|for) what",
    r"what .{0,100}\bon", r"products?", r"did (?:\w+ ){1,3}cost me",
)  # fmt: skip

_AT_ONE: Final = re.compile(r"\b(?:at|with|from) [A-Z]")
_ON_KIND: Final = re.compile(r"\bon (?!average\b|the\b|a\b)[a-z]", re.IGNORECASE)
"""A summary is of all sellers or categories: that of the one that was named is a row of it."""

By = Literal["month", "seller", "category"]


def read_insights(text: str, memory: Memory) -> Step:
    """Return which summary of spending is wanted."""
    period = period_in(text, memory.context.today)
    return SpendingSummary(_by(period.rest), period.since, period.until)


def _by(text: str) -> By:
    if _SELLER.search(text) or _AT_ONE.search(text):
        return "seller"
    return "category" if _CATEGORY.search(text) or _ON_KIND.search(text) else "month"
