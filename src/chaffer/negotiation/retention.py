"""Sessions as housekeeping sees them: how old they are, and how they go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from chaffer.conversation.journal import Head, Journal
from chaffer.conversation.retention import Age, heads_of
from chaffer.negotiation.market import Market
from chaffer.negotiation.session import SESSION
from chaffer.negotiation.terms import RoomStatus

_ENDED: Final = frozenset({RoomStatus.COMPLETED, RoomStatus.CANCELLED, RoomStatus.FAILED})
_OPENED_AND_ENDED: Final = 2


@dataclass(frozen=True, slots=True)
class SessionAges:
    """The ages of the sessions in a journal. All but those that were begun and not finished go in time.

    Calls before `watched_since` are not known, so no session counts as uncalled for longer.
    """

    market: Market
    journal: Journal
    watched_since: datetime
    kind: str = field(default=SESSION, init=False)

    async def ended_rooms(self, since: datetime | None) -> AsyncIterator[tuple[str, tuple[str, ...]]]:
        """Yield each session with its rooms that have ended, since a time when one is given."""
        async for head in heads_of(self.journal, self.kind):
            rooms = [room for room in await self.journal.children(head.conversation_id) if room.status in _ENDED]
            recent = tuple(room.conversation_id for room in rooms if since is None or room.updated_at > since)
            if recent:
                yield head.conversation_id, recent

    async def age(self, head: Head) -> Age | None:
        """Return the age of a session that is completed, or of which no room was ever started."""
        rooms = await self.journal.children(head.conversation_id)
        statuses = {room.status for room in rooms}
        if RoomStatus.ACTIVE in statuses:
            return None
        last_event_at = max((room.updated_at for room in rooms), default=head.created_at)
        if RoomStatus.PENDING not in statuses:
            return Age(completed_at=last_event_at, untouched_since=None)
        if any(_was_started(room) for room in rooms):
            return None
        touched_at = max(last_event_at, self._called_at(head.conversation_id, rooms))
        return Age(completed_at=None, untouched_since=touched_at)

    async def remove(self, session_id: str) -> None:
        """Delete a session."""
        await self.market.delete_session(session_id)

    def _called_at(self, session_id: str, rooms: Sequence[Head]) -> datetime:
        """Return when a session was last called, as far as is known; an open stream is a call that goes on."""
        if any(self.market.engine.is_followed(room.conversation_id) for room in rooms):
            self.market.called_at[session_id] = self.market.now()
        return self.market.called_at.get(session_id, self.watched_since)


def _was_started(room: Head) -> bool:
    """Tell whether a room was ever started; of one that was not, only the opening and perhaps the end is told."""
    return room.position > _OPENED_AND_ENDED
