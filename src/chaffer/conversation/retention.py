"""How old conversations are, for whoever removes what has been kept long enough."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from chaffer.conversation.journal import Journal

_PAGE: Final = 100


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


@dataclass(frozen=True, slots=True)
class QuietAges:
    """The ages of everybody's conversations of a kind that goes on for ever: untouched since their last event.

    One in the status `busy` has no age.
    """

    kind: str
    busy: str
    journal: Journal
    delete: Callable[[str], Awaitable[None]]

    async def ages(self) -> list[Age]:
        """Return the age of every conversation in which nothing is under way."""
        ages = []
        after = None
        while True:
            page = await self.journal.list(self.kind, owner=None, limit=_PAGE, after=after)
            quiet = [head for head in page.heads if head.status != self.busy]
            ages += [Age(head.conversation_id, completed_at=None, untouched_since=head.updated_at) for head in quiet]
            if (after := page.next_after) is None:
                return ages

    async def remove(self, conversation_id: str) -> None:
        """Delete one."""
        await self.delete(conversation_id)
