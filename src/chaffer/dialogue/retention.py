"""Runs as housekeeping sees them: how long they have been over, and how they go."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaffer.conversation.journal import Head
from chaffer.conversation.retention import Age
from chaffer.dialogue.events import RUN, RunStatus
from chaffer.dialogue.runs import Runs


@dataclass(frozen=True, slots=True)
class RunAges:
    """The ages of everybody's runs. A run begins when it is made, so that none is ever abandoned."""

    runs: Runs
    kind: str = field(default=RUN, init=False)

    async def age(self, head: Head) -> Age | None:
        """Return the age of a run that is over: nothing happens to it any more."""
        return None if head.status == RunStatus.RUNNING else Age(completed_at=head.updated_at, untouched_since=None)

    async def remove(self, conversation_id: str) -> None:
        """Delete a run."""
        await self.runs.delete(conversation_id)
