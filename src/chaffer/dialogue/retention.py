"""Runs as housekeeping sees them: how long they have been over, and how they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chaffer.conversation.journal import Journal
from chaffer.conversation.retention import Age
from chaffer.dialogue.events import RUN, RunStatus
from chaffer.dialogue.runs import Runs

_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class RunAges:
    """The ages of everybody's runs in a journal. A run begins when it is made, so that none is ever abandoned."""

    runs: Runs
    journal: Journal

    async def ages(self) -> list[Age]:
        """Return the age of every run that is over: nothing happens to it any more."""
        ages = []
        after = None
        while True:
            page = await self.journal.list(RUN, owner=None, limit=_PAGE, after=after)
            over = [head for head in page.heads if head.status != RunStatus.RUNNING]
            ages += [Age(head.conversation_id, completed_at=head.updated_at, untouched_since=None) for head in over]
            if (after := page.next_after) is None:
                return ages

    async def remove(self, conversation_id: str) -> None:
        """Delete a run."""
        await self.runs.delete(conversation_id)
