"""How old conversations are, for whoever removes what has been kept long enough."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from chaffer.conversation.journal import Head, Journal

_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Age:
    """Since when a conversation that can be removed was completed or, if it never will be, untouched."""

    completed_at: datetime | None
    untouched_since: datetime | None


class Ages(Protocol):
    """The conversations of one feature, as far as housekeeping is concerned."""

    @property
    def kind(self) -> str:
        """Return their kind in the journal."""
        ...

    async def age(self, head: Head) -> Age | None:
        """Return the age of one; None while something runs in it, or may still."""
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
    delete: Callable[[str], Awaitable[None]]

    async def age(self, head: Head) -> Age | None:
        """Return since when a conversation in which nothing is under way was left alone."""
        return None if head.status == self.busy else Age(completed_at=None, untouched_since=head.updated_at)

    async def remove(self, conversation_id: str) -> None:
        """Delete one."""
        await self.delete(conversation_id)


async def heads_of(journal: Journal, kind: str) -> AsyncIterator[Head]:
    """Yield the heads of everybody's conversations of a kind, newest first."""
    after = None
    while True:
        page = await journal.list(kind, owner=None, limit=_PAGE, after=after)
        for head in page.heads:
            yield head
        if (after := page.next_after) is None:
            return
