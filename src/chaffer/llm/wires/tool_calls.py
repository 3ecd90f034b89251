"""Tool calls on their way: pieces of a model's arguments in, whole calls out; and arguments back as objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chaffer.llm.halves import without_halves
from chaffer.llm.requests import ToolCall


@dataclass(slots=True)
class _Call:
    call_id: str
    name: str
    pieces: list[str] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        return without_halves("".join(self.pieces))


class PendingCalls:
    """The calls of one reply, told apart by their index."""

    def __init__(self) -> None:
        """Begin without any."""
        self._calls: dict[int, _Call] = {}

    def begin(self, index: int, call_id: str, name: str) -> None:
        """Take a call's head in; without an id it is given one, and what repeats a head changes nothing."""
        self._calls.setdefault(index, _Call(call_id or f"call_{index}", name))

    def add(self, index: int, piece: str) -> None:
        """Take a piece of a call's arguments in; pieces of anything but a call are none of ours."""
        if index in self._calls:
            self._calls[index].pieces.append(piece)

    def taken(self, *, is_cut: bool) -> tuple[ToolCall, ...]:
        """Return the calls, once. Of a reply that was cut off, those whose arguments were not cut with it."""
        calls, self._calls = self._calls, {}
        whole = [(call, call.arguments) for _, call in sorted(calls.items())]
        return tuple(
            ToolCall(call.call_id, call.name, arguments or "{}")
            for call, arguments in whole
            if not is_cut or _object_or_none(arguments) is not None
        )


def arguments_of(call: ToolCall) -> Mapping[str, Any]:
    """Return a call's arguments as the object that they are; an empty one where they are none."""
    return _object_or_none(call.arguments) or {}


def _object_or_none(text: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
