"""How old conversations are, for whoever removes what has been kept long enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Age:
    """What can be removed, and since when it was completed or, if it never will be, untouched."""

    conversation_id: str
    completed_at: datetime | None
    untouched_since: datetime | None


class Ages(Protocol):
    """The conversations of one feature, as far as housekeeping is concerned."""

    async def ages(self) -> list[Age]:
        """Return the age of all in which nothing runs."""
        ...

    async def remove(self, conversation_id: str) -> None:
        """Remove a conversation and what belongs to it."""
        ...
