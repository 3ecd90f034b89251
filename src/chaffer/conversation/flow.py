"""The graph of a turn: nodes that work, and behind each the ways on which a conversation may stand then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypedDict, TypeVar

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

NodeT = TypeVar("NodeT", bound=StrEnum)

Graph = CompiledStateGraph[Any, Any, Any, Any]


class Steps(TypedDict, total=False):
    """What travels along the edges: nothing, since the turn is in its journal; LangGraph wants a channel."""

    step: int


def graph_of(
    context: type,
    nodes: Mapping[NodeT, Callable[..., Awaitable[None]]],
    ways: Mapping[NodeT, Sequence[NodeT]],
    next_node: Callable[..., Awaitable[str]],
) -> Graph:
    """Return the compiled graph whose nodes get a `context`; a walk may begin at any node, and end behind any.

    `next_node` tells where a turn stands; behind a node without ways the walk ends, wherever that is.
    """
    graph = StateGraph(Steps, context_schema=context)
    for node, work in nodes.items():
        graph.add_node(node.value, work)
        if node in ways:
            graph.add_conditional_edges(node.value, next_node, [*(way.value for way in ways[node]), END])
        else:
            graph.add_edge(node.value, END)
    graph.add_conditional_edges(START, next_node, [*(node.value for node in nodes), END])
    return graph.compile()
