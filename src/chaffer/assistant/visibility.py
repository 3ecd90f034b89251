"""Who may see what of a conversation: minds hear what was said, its owner sees all."""

from __future__ import annotations

from typing import Final

from chaffer.assistant.events import (
    SUPERVISOR,
    ApprovalAsked,
    ChatAnswered,
    ChatEvent,
    ChatStopped,
    HaggleConcluded,
    PersonAsked,
)
from chaffer.conversation.views import Viewer

MIND: Final = Viewer(SUPERVISOR)
"""The supervisor and its specialists, who hear the same."""

_SAID: Final = PersonAsked | ApprovalAsked | ChatAnswered | ChatStopped | HaggleConcluded


def chat_sight(viewer: Viewer, event: ChatEvent) -> ChatEvent | None:
    """Return the event as the viewer may see it, or None."""
    return event if viewer.agent_id is None or isinstance(event, _SAID) else None
