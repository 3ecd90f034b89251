"""The tools that a model called, read: whom it hands over to, what it wishes for. What is unfit is told why."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from chaffer.assistant.documents import wish_of
from chaffer.assistant.events import Handover
from chaffer.assistant.tools import Specialist, Wish, tools_of
from chaffer.errors import ChafferError, Code
from chaffer.llm.prose import clean
from chaffer.llm.requests import ToolCall
from chaffer.llm.supervisor_requests import HANDOVERS

_LONGEST_REQUEST = 2_000
_NOT_MADE = "It was not called, because another call beside it could not be. Call both again, as they must be."

ReadT = TypeVar("ReadT")


class UnfitCallsError(Exception):
    """Calls cannot be made; `complaints` tell the model why, one for each call. They may quote it: no log has them."""

    def __init__(self, calls: Sequence[ToolCall], complaints: Sequence[str]) -> None:
        """Bear them."""
        super().__init__("the model called tools as they cannot be called")
        self.calls = calls
        self.complaints = complaints


def handovers_of(calls: Sequence[ToolCall], text: str) -> tuple[Handover, ...]:
    """Return to whom is handed over; without a request all that was said is one. Raises UnfitCallsError."""

    def handover(call: ToolCall) -> Handover:
        specialist = HANDOVERS.get(call.name)
        if specialist is None:
            raise _no_tool(call, tuple(HANDOVERS))
        request = _arguments(call).get("request")
        words = clean(request, _LONGEST_REQUEST) if isinstance(request, str) else ""
        return Handover(specialist, words or text)

    return _all_read(calls, handover)


def wishes_of(calls: Sequence[ToolCall], specialist: Specialist) -> tuple[Wish, ...]:
    """Return what a specialist wishes for, of its own tools. Raises UnfitCallsError."""
    own = tuple(spec.name for spec in tools_of(specialist))

    def wish(call: ToolCall) -> Wish:
        if call.name not in own:
            raise _no_tool(call, own)
        # Many models leave a field empty instead of out.
        return wish_of(call.name, {name: value for name, value in _arguments(call).items() if value not in (None, "")})

    return _all_read(calls, wish)


def unfit(calls: Sequence[ToolCall], number: int, complaint: str) -> UnfitCallsError:
    """Return that one of the calls cannot be made, so that none is."""
    return UnfitCallsError(calls, [complaint if place == number else _NOT_MADE for place in range(len(calls))])


def _all_read(calls: Sequence[ToolCall], read: Callable[[ToolCall], ReadT]) -> tuple[ReadT, ...]:
    found: list[ReadT] = []
    for number, call in enumerate(calls):
        try:
            found.append(read(call))
        except ChafferError as refusal:
            raise unfit(calls, number, refusal.message) from None
    return tuple(found)


def _no_tool(call: ToolCall, known: Sequence[str]) -> ChafferError:
    return ChafferError(Code.VALIDATION_ERROR, f"You have no tool {call.name[:60]!r}. Yours are {', '.join(known)}.")


def _arguments(call: ToolCall) -> Mapping[str, Any]:
    """Return the arguments of a call. Raises VALIDATION_ERROR where they are no object."""
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        raise ChafferError(Code.VALIDATION_ERROR, f"The arguments of {call.name} were not one JSON object.")
    return arguments
