"""The mind of an agent: which one it has, and how a reply of it came about."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which mind an agent has. For `builtin`, `model` names a strategy, or None for the agent's own.

    `key_slot` names the key of the request to ask it with; None: the configured one, if any.
    """

    provider: str
    model: str | None
    temperature: float
    max_tokens: int
    key_slot: str | None = None


class Making(Struct, frozen=True):
    """How a reply came about; the operator's record alone. Costs are in millionths of a dollar, None if unknown.

    `attempts` counts the calls to the model, `first_token_seconds` runs to its first text.
    """

    provider: str
    model: str
    attempts: int
    latency_seconds: float
    first_token_seconds: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_micros: int | None = None
