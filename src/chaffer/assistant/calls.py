"""What became of the tools that were chosen, gathered from the events of a conversation or of a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from chaffer.assistant.events import ApprovalAnswered, ApprovalAsked, Call, ToolBegun, ToolEnded, ToolsChosen
from chaffer.assistant.results import Result, ToolRefused
from chaffer.assistant.tools import DECLINED
from chaffer.conversation.journal import Recorded
from chaffer.conversation.views import Seen


class CallStatus(StrEnum):
    """Where a tool stands that was called, or would be."""

    STARTED = "started"
    NEEDS_APPROVAL = "needs_approval"
    COMPLETED = "completed"
    FAILED = "failed"
    DECLINED = "declined"


class Called(Struct, frozen=True):
    """A tool that was called, or waited for an approval, and what the last event of it was."""

    turn: int
    call: Call
    status: CallStatus
    position: int
    at: datetime
    approved: bool | None = None
    result: Result | None = None


def calls_in(records: Iterable[Recorded | Seen]) -> Mapping[str, Called]:
    """Return the calls by their ids, in their order; those that were never reached are not among them."""
    chosen: dict[str, Call] = {}
    called: dict[str, Called] = {}
    for record in records:
        event = record.event
        if isinstance(event, ToolsChosen):
            chosen |= {call.call_id: call for call in event.calls}
        elif isinstance(event, ToolBegun | ApprovalAsked | ApprovalAnswered | ToolEnded):
            new = Called(event.turn, chosen[event.call_id], CallStatus.STARTED, record.position, record.at)
            known = replace(called.get(event.call_id, new), position=record.position, at=record.at)
            called[event.call_id] = _gone_on(known, event)
    return called


def _gone_on(called: Called, event: ToolBegun | ApprovalAsked | ApprovalAnswered | ToolEnded) -> Called:
    match event:
        case ToolBegun():
            return replace(called, status=CallStatus.STARTED)
        case ApprovalAsked():
            call = Call(event.call_id, event.wish)
            return replace(called, status=CallStatus.NEEDS_APPROVAL, call=call)
        case ApprovalAnswered():
            return replace(called, approved=event.approved)
        case ToolEnded():
            return replace(called, status=ended_so(event.result), result=event.result)
        case _:
            assert_never(event)


def ended_so(result: Result) -> CallStatus:
    """Return how a call ended that returned this."""
    if not isinstance(result, ToolRefused):
        return CallStatus.COMPLETED
    return CallStatus.DECLINED if result.code == DECLINED else CallStatus.FAILED
