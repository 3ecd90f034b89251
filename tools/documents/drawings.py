"""docs/architecture.md: the drawing of a room's flow, from the graph that runs it."""

from __future__ import annotations

from chaffer.negotiation.flow import room_graph
from tools.documents.sections import page_with


def architecture_page() -> str:
    """Return docs/architecture.md with the drawing of the flow written anew."""
    drawing = room_graph().get_graph().draw_mermaid().strip().expandtabs(2)
    return page_with("docs/architecture.md", {"flow": f"```mermaid\n{drawing}\n```"})
