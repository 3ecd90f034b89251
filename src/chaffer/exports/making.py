"""How a message came about, as exports tell it."""

from __future__ import annotations

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


def making_export(making: Making | None) -> MakingExport | None:
    """Return it as exports tell it; None where it is not known."""
    if making is None:
        return None
    return MakingExport(
        provider=making.provider,
        model=making.model,
        attempts=making.attempts,
        latency_seconds=round(making.latency_seconds, 3),
        first_token_seconds=making.first_token_seconds,
        prompt_tokens=making.prompt_tokens,
        completion_tokens=making.completion_tokens,
        cost_micros=making.cost_micros,
    )
