"""What models have used so far: tokens and money, by room, session and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Used:
    """What was used. The cost is in millionths of a dollar."""

    tokens: int = 0
    cost_micros: int = 0

    def __add__(self, other: Used) -> Used:
        """Return both together."""
        return Used(self.tokens + other.tokens, self.cost_micros + other.cost_micros)


class ModelUsage(Protocol):
    """Where is kept what models have used. A scope is a room, a session or a day, by a name of the caller's choice.

    Uses are added, never set, so that several processes on one database count together.
    """

    async def used(self, scopes: Sequence[str]) -> Mapping[str, Used]:
        """Return what was used in each of the scopes, nothing where none was."""
        ...

    async def add_used(self, uses: Mapping[str, Used], at: datetime) -> Mapping[str, Used]:
        """Add uses to their scopes, all or none, and return what was used in each since its beginning."""
        ...

    async def forget_used(self, before: datetime) -> None:
        """Drop the scopes to which nothing was added since that time."""
        ...
