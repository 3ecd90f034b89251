"""How a message came about, as exports tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaffer.conversation.minds import Making


@dataclass(frozen=True, slots=True)
class MakingExport:
    """Which model a message is of and what it took. Costs are in millionths of a dollar; None where nobody told."""

    provider: str
    model: str
    attempts: int
    latency_seconds: float
    first_token_seconds: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_micros: int | None


@dataclass(frozen=True, slots=True)
class UsageExport:
    """What several makings used in all. Tokens and cost (millionths of a dollar) are None where nobody told them."""

    prompt_tokens: int | None
    completion_tokens: int | None
    cost_micros: int | None

    @property
    def tokens_told(self) -> str | None:
        """Return the tokens as people read them."""
        if self.prompt_tokens is None and self.completion_tokens is None:
            return None
        return f"{self.prompt_tokens or 0:,} in, {self.completion_tokens or 0:,} out"

    @property
    def cost_told(self) -> str | None:
        """Return the cost as people read it."""
        return None if self.cost_micros is None else f"${self.cost_micros / 1_000_000:.4f}"


def usage_export(makings: Iterable[Making | MakingExport]) -> UsageExport:
    """Return what they used in all."""
    made = tuple(makings)
    return UsageExport(
        prompt_tokens=_sum(one.prompt_tokens for one in made),
        completion_tokens=_sum(one.completion_tokens for one in made),
        cost_micros=_sum(one.cost_micros for one in made),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    told = [value for value in values if value is not None]
    return sum(told) if told else None


def making_export(making: Making | None) -> MakingExport | None:
    """Return it as exports tell it; None where it is not known."""
    if making is None:
        return None
    first_token_seconds = making.first_token_seconds
    return MakingExport(
        provider=making.provider,
        model=making.model,
        attempts=making.attempts,
        latency_seconds=round(making.latency_seconds, 3),
        first_token_seconds=None if first_token_seconds is None else round(first_token_seconds, 3),
        prompt_tokens=making.prompt_tokens,
        completion_tokens=making.completion_tokens,
        cost_micros=making.cost_micros,
    )
