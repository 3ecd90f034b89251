"""A conversation as turns that alternate, which some wires demand: what one side says in a row is one turn."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from chaffer.llm.requests import Message, Said, ToolResult

Role = Literal["user", "assistant"]

_OPENING: Final = Said("user", "…")
"""Goes before a model's words where nobody has said anything yet: these wires want the user to begin."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says before the other does."""

    role: Role
    messages: tuple[Message, ...]


def turns_of(messages: Iterable[Message]) -> list[Turn]:
    """Return the turns, the user's first, without texts of nothing but space.

    A tool's results stand before anything else in their turn, as these wires demand.
    """
    said = [message for message in messages if not isinstance(message, Said) or message.text.strip()]
    if said and _role(said[0]) == "assistant":
        said.insert(0, _OPENING)
    return [
        Turn(role, tuple(sorted(turn, key=lambda message: not isinstance(message, ToolResult))))
        for role, turn in itertools.groupby(said, key=_role)
    ]


def _role(message: Message) -> Role:
    if isinstance(message, Said):
        return message.role
    return "user" if isinstance(message, ToolResult) else "assistant"
