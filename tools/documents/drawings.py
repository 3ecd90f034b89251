"""docs/architecture.md: the drawings of the flows, from the graphs that run them."""

from __future__ import annotations

from typing import Any

from langgraph.graph.state import CompiledStateGraph

from chaffer.assistant.flow import turn_graph as chat_graph
from chaffer.negotiation.flow import room_graph
from chaffer.shopping.flow import turn_graph as shopping_graph
from tools.documents.sections import page_with


def architecture_page() -> str:
    """Return docs/architecture.md with the drawings of the flows written anew."""
    graphs = {"flow": room_graph, "shopping flow": shopping_graph, "chat flow": chat_graph}
    return page_with("docs/architecture.md", {name: _drawn(graph()) for name, graph in graphs.items()})


def _drawn(graph: CompiledStateGraph[Any, Any, Any, Any]) -> str:
    drawing = graph.get_graph().draw_mermaid().strip().expandtabs(2)
    return f"```mermaid\n{drawing}\n```"
