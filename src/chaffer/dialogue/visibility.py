"""Who may see what of a run: its bots hear what is said, and nothing of each other's making; its owner sees all."""

from __future__ import annotations

from chaffer.conversation.views import Viewer
from chaffer.dialogue.events import PersonSpoke, RunEvent, TurnSpoken


def run_sight(viewer: Viewer, event: RunEvent) -> RunEvent | None:
    """Return the event as the viewer may see it, or None."""
    if viewer.agent_id is None or isinstance(event, TurnSpoken | PersonSpoke):
        return event
    return None
