"""Sessions as housekeeping sees them: how old they are, and how they go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chaffer.conversation.journal import Head, Journal
from chaffer.conversation.retention import Age
from chaffer.negotiation.market import Market
from chaffer.negotiation.session import SESSION
from chaffer.negotiation.terms import RoomStatus

_PAGE: Final = 100
_ENDED: Final = frozenset({RoomStatus.COMPLETED, RoomStatus.CANCELLED, RoomStatus.FAILED})


@dataclass(frozen=True, slots=True)
class SessionAges:
    """The ages of the sessions in a journal. Completed and abandoned ones go in time, so there are never many."""

    market: Market
    journal: Journal

    async def ages(self) -> list[Age]:
        """Return the age of every session in which no room runs."""
        ages = [self._age(head, await self.journal.children(head.conversation_id)) async for head in self.heads()]
        return [age for age in ages if age is not None]

    async def ended_rooms(self, since: datetime | None) -> AsyncIterator[tuple[str, tuple[str, ...]]]:
        """Yield each session with its rooms that have ended, since a time when one is given."""
        async for head in self.heads():
            rooms = [room for room in await self.journal.children(head.conversation_id) if room.status in _ENDED]
            recent = tuple(room.conversation_id for room in rooms if since is None or room.updated_at > since)
            if recent:
                yield head.conversation_id, recent

    async def heads(self) -> AsyncIterator[Head]:
        """Yield the heads of all sessions, newest first."""
        after = None
        while True:
            page = await self.journal.list(SESSION, owner=None, limit=_PAGE, after=after)
            for head in page.heads:
                yield head
            if (after := page.next_after) is None:
                return

    async def remove(self, session_id: str) -> None:
        """Delete a session."""
        await self.market.delete_session(session_id)

    def _age(self, session: Head, rooms: Sequence[Head]) -> Age | None:
        statuses = {room.status for room in rooms}
        if RoomStatus.ACTIVE in statuses:
            return None
        last_event_at = max((room.updated_at for room in rooms), default=session.created_at)
        if RoomStatus.PENDING not in statuses:
            return Age(session.conversation_id, completed_at=last_event_at, untouched_since=None)
        return Age(session.conversation_id, completed_at=None, untouched_since=self._touched(session, last_event_at))

    def _touched(self, session: Head, last_event_at: datetime) -> datetime:
        return max(self.market.called_at.get(session.conversation_id, last_event_at), last_event_at)
