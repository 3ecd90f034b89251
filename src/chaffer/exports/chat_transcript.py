"""A conversation's export as a transcript for people, and its messages as rows for a spreadsheet."""

from __future__ import annotations

from typing import Final

from chaffer.assistant.calls import CallStatus
from chaffer.exports.chat_export import PERSON, ChatExport, ChatFaultExport, ChatMessageExport, ToolCallExport
from chaffer.exports.csv_text import Row
from chaffer.exports.transcript import Entry, Participant, Transcript, facts, moment

CHAT_COLUMNS: Final = (
    "turn",
    "at",
    "role",
    "agent",
    "content",
    "provider",
    "model",
    "prompt_tokens",
    "completion_tokens",
    "cost_micros",
    "cut",
    "message_id",
    "conversation_id",
)

_UNTITLED: Final = "Conversation"
_STOPPED: Final = "What had been said when the answer was stopped."
_WENT: Final = {
    CallStatus.STARTED: "is under way",
    CallStatus.NEEDS_APPROVAL: "waited for an approval",
    CallStatus.COMPLETED: "was called",
    CallStatus.FAILED: "was called in vain",
    CallStatus.DECLINED: "was declined",
}


def chat_transcript(export: ChatExport) -> Transcript:
    """Return the conversation's transcript; of tools it has the names, and no results."""
    agents = dict.fromkeys(one.agent for one in export.transcript if one.agent is not None)
    entries = [(one.position, _entry(one)) for one in export.transcript]
    entries += [(one.position, _call_remark(one)) for one in export.tool_calls]
    entries += [(one.position, _fault_remark(one)) for one in export.faults]
    return Transcript(
        title=export.title or _UNTITLED,
        subtitle=f"Conversation {export.id} with the assistant",
        is_partial=export.is_partial,
        as_of=export.as_of,
        facts=facts(
            ("Turns", str(export.turns)),
            ("Messages", str(len(export.transcript))),
            ("Tools called", str(len(export.tool_calls))),
            ("Answered by", f"{export.provider} {export.model or ''}"),
            ("Started", moment(export.started_at)),
            ("Tokens", export.usage.tokens_told),
            ("Cost", export.usage.cost_told),
        ),
        participants=(
            Participant(PERSON, "You", "Person"),
            *(Participant(agent, agent.capitalize(), "Assistant") for agent in agents),
        ),
        entries=tuple(entry for _, entry in sorted(entries, key=lambda placed: placed[0])),
    )


def chat_rows(export: ChatExport) -> list[Row]:
    """Return a row for every message, in the order in which they were said."""
    return [_message_row(export, message) for message in export.transcript]


def _message_row(export: ChatExport, message: ChatMessageExport) -> Row:
    usage = message.usage
    made: Row = (None,) * 5
    if usage is not None:
        made = (usage.provider, usage.model, usage.prompt_tokens, usage.completion_tokens, usage.cost_micros)
    said = (message.turn, message.at, message.role, message.agent, message.content)
    return (*said, *made, message.cut, message.message_id, export.id)


def _entry(message: ChatMessageExport) -> Entry:
    return Entry(
        at=message.at,
        text=message.content,
        speaker_id=PERSON if message.agent is None else message.agent,
        note=_STOPPED if message.cut is not None else "",
    )


def _call_remark(call: ToolCallExport) -> Entry:
    return Entry(at=call.at, text=f"{call.name} {_WENT[call.status]}.")


def _fault_remark(fault: ChatFaultExport) -> Entry:
    what = "The simple assistant answered" if fault.answered else "There was no answer"
    return Entry(at=fault.at, text=f"{what}: {fault.message}")
