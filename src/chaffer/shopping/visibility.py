"""Who may see what of a thread: the assistant's mind hears what was said, its owner sees all."""

from __future__ import annotations

from typing import Final

from chaffer.conversation.views import Viewer
from chaffer.shopping.events import (
    AdviceGiven,
    NegotiationConcluded,
    QuestionAnswered,
    QuestionAsked,
    ShopperSpoke,
    ThreadEvent,
)

ASSISTANT: Final = "assistant"
"""The id of the one agent of a thread."""


def thread_sight(viewer: Viewer, event: ThreadEvent) -> ThreadEvent | None:
    """Return the event as the viewer may see it, or None."""
    heard = ShopperSpoke | QuestionAsked | QuestionAnswered | AdviceGiven | NegotiationConcluded
    return event if viewer.agent_id is None or isinstance(event, heard) else None
