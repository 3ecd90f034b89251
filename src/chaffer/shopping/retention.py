"""Threads as housekeeping sees them: how long nobody has said anything, and how they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chaffer.conversation.journal import Journal
from chaffer.conversation.retention import Age
from chaffer.shopping.events import THREAD, ThreadStatus
from chaffer.shopping.threads import Threads

_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class ThreadAges:
    """The ages of everybody's threads in a journal: one is never completed, and untouched since its last event."""

    threads: Threads
    journal: Journal

    async def ages(self) -> list[Age]:
        """Return the age of every thread in which no answer is being made."""
        ages = []
        after = None
        while True:
            page = await self.journal.list(THREAD, owner=None, limit=_PAGE, after=after)
            quiet = [head for head in page.heads if head.status != ThreadStatus.ANSWERING]
            ages += [Age(head.conversation_id, completed_at=None, untouched_since=head.updated_at) for head in quiet]
            if (after := page.next_after) is None:
                return ages

    async def remove(self, conversation_id: str) -> None:
        """Delete a thread."""
        await self.threads.delete(conversation_id)
