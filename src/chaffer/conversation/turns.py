"""Turns of a conversation in which one person is answered: as they are begun, and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaffer.conversation.journal import Recorded, RememberAnswer
from chaffer.conversation.live import LiveConversation


@dataclass(frozen=True, slots=True)
class AskedTurn:
    """A turn that was begun by what a person said."""

    conversation_id: str
    turn: int


Remember = Callable[[AskedTurn], RememberAnswer]
"""How the answer to a request that begins a turn is kept with it."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn that was begun, or gone on with: the conversation, the turn's number, and the position of that."""

    live: LiveConversation
    turn: int
    position: int

    @classmethod
    def by(cls, live: LiveConversation, record: Recorded) -> Begun:
        """Return the turn that an event of it begins, or goes on with."""
        return cls(live, record.event.turn, record.position)
