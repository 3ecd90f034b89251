"""What a call costs by the dated table beside this module, and how much a model reads at once. Never a guess."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from chaffer.llm.requests import Usage
from chaffer.vendors import BUILTIN

LOCAL: Final = frozenset({BUILTIN, "lm_studio"})
"""Providers on one's own machine: nobody sends a bill for their tokens."""

TELLING: Final = frozenset({"openrouter"})
"""Providers that tell what each call cost."""

MOST_MICROS: Final = 1_000_000_000_000
"""What one call may cost at most, a million dollars: counts that amount to more were not counted but made up."""

_DATED: Final[Mapping[str, re.Pattern[str]]] = {
    "openai": re.compile(r"(.+)-\d{4}-\d{2}-\d{2}"),
    "anthropic": re.compile(r"(.+)-\d{8}"),
}
_BRIDGED: Final = {"openai": "openai", "anthropic": "anthropic", "bedrock": "bedrock", "bedrock_converse": "bedrock"}


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars for a million tokens, which are millionths of a dollar for one."""

    input: Decimal
    cached_input: Decimal
    output: Decimal

    def cost_micros(self, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> int:
        """Return the cost, rounded up to a whole millionth of a dollar."""
        cached = min(cached_tokens, prompt_tokens)
        cost = (prompt_tokens - cached) * self.input + cached * self.cached_input + completion_tokens * self.output
        return int(cost.to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Price:
    """A model's row: its rates, and those of a call whose prompt has more tokens than `above_tokens`."""

    rates: Rates
    above_tokens: int | None
    above: Rates
    context_tokens: int | None
    looked_up: date
    source: str

    def rates_of(self, prompt_tokens: int) -> Rates:
        """Return the rates of a call with such a prompt."""
        is_long = self.above_tokens is not None and prompt_tokens > self.above_tokens
        return self.above if is_long else self.rates


def cost_micros(provider: str, model: str, usage: Usage) -> int | None:
    """Return what a call cost in millionths of a dollar, rounded up, or None where that is not known.

    What the provider told itself holds. Else it takes a model of the table and both counts of tokens. Never below 0 nor
    above MOST_MICROS, whatever was told: sums of it are shown as numbers with a point, and kept in 64 bits.
    """
    cost = _cost_micros(provider, model, usage)
    return None if cost is None else min(max(cost, 0), MOST_MICROS)


def _cost_micros(provider: str, model: str, usage: Usage) -> int | None:
    if usage.cost_micros is not None:
        return usage.cost_micros
    price = find_price(provider, model)
    if price is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    rates = price.rates_of(usage.prompt_tokens)
    return rates.cost_micros(usage.prompt_tokens, usage.cached_tokens or 0, usage.completion_tokens)


def context_tokens(provider: str, model: str) -> int | None:
    """Return how many tokens of prompt and reply the model takes together, or None where that is not known."""
    price = find_price(provider, model)
    return None if price is None else price.context_tokens


def find_price(provider: str, model: str) -> Price | None:
    """Return the row that stands for a model, or None.

    The LangChain bridge's `openai:gpt-5-nano` is OpenAI's model, and so with the other vendors of the table.
    """
    if provider == "langchain":
        maker, _, model = model.partition(":")
        provider = _BRIDGED.get(maker, "")
    table = price_table()
    dated = _DATED[provider].fullmatch(model) if provider in _DATED else None
    return table.get((provider, model)) or (table.get((provider, dated[1])) if dated is not None else None)


@cache
def price_table() -> Mapping[tuple[str, str], Price]:
    """Return every row by provider and id, read from the package when first asked for."""
    text = files("chaffer.llm").joinpath("prices.toml").read_text("utf-8")
    rows = tomllib.loads(text, parse_float=Decimal)["models"]
    return {(row["provider"], name): _price(row) for row in rows for name in (row["id"], *row.get("also", ()))}


def _price(row: Mapping[str, Any]) -> Price:
    above = row.get("above", {})
    return Price(
        rates=_rates(row),
        above_tokens=above.get("prompt_tokens"),
        above=_rates({**row, **above}),
        context_tokens=row.get("context_tokens"),
        looked_up=row["looked_up"],
        source=row["source"],
    )


def _rates(row: Mapping[str, Any]) -> Rates:
    return Rates(Decimal(row["input"]), Decimal(row.get("cached_input", row["input"])), Decimal(row["output"]))
