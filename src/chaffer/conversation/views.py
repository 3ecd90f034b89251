"""Views: the only gate from the journal to eyes. Prompts, streams, states, logs and exports take what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec import Struct

from chaffer.conversation.feed import Piece
from chaffer.conversation.journal import Event, Recorded


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an agent by its id, or the operator, whose id is None and who sees everything."""

    agent_id: str | None


OPERATOR: Final = Viewer(None)


class Seen(Struct, frozen=True):
    """A recorded event as one viewer may see it."""

    position: int
    at: datetime
    event: Event


Sight = Callable[[Viewer, Event], Event | None]
"""A feature's rule of visibility: the event as the viewer may see it, or None when it may not see it at all."""


def seen_by(viewer: Viewer, record: Recorded, sight: Sight) -> Seen | None:
    """Return the record as the viewer may see it, or None."""
    event = sight(viewer, record.event)
    return None if event is None else Seen(record.position, record.at, event)


def view_for(viewer: Viewer, records: Iterable[Recorded], sight: Sight) -> tuple[Seen, ...]:
    """Return what the viewer may see of the records, in order."""
    looks = (seen_by(viewer, record, sight) for record in records)
    return tuple(look for look in looks if look is not None)


def may_hear(viewer: Viewer, piece: Piece) -> bool:
    """Tell whether the viewer may read a draft: the operator, its speaker, and those it is addressed to."""
    return viewer.agent_id is None or viewer.agent_id == piece.sender_id or viewer.agent_id in piece.hearers
