"""What is counted of conversations with the assistant: turns, tools, approvals; no word of what was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chaffer.assistant.calls import ended_so
from chaffer.assistant.chat import Chat
from chaffer.assistant.events import (
    SUPERVISOR,
    ApprovalAnswered,
    ApprovalAsked,
    ChatAnswered,
    ChatEvent,
    ChatFailed,
    ChatStopped,
    ModelLeft,
    ToolEnded,
)
from chaffer.assistant.tools import name_of
from chaffer.conversation.journal import Recorded
from chaffer.llm.tallies import Tally

ANSWERED: Final = "answered"
STOPPED: Final = "stopped"
ASKED: Final = "asked"
APPROVED: Final = "approved"
DECLINED: Final = "declined"
FAILED: Final = "failed"
"""How turns and approvals end; how tools do, `CallStatus` says."""


class ChatCounts:
    """The counts of the conversations that are answered in this process."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.turns = Tally("chaffer_chat_turns_total", "Turns of chats that have ended here.", ("outcome", "agent"))
        self.tools = Tally("chaffer_chat_tool_calls_total", "Calls of tools in chats.", ("tool", "status"))
        self.approvals = Tally("chaffer_chat_approvals_total", "Approvals, asked for and answered.", ("outcome",))
        left = "Turns of chats that were finished without the model."
        self.left = Tally("chaffer_chat_models_left_total", left, ("code",))

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """Return all that is counted."""
        return (self.turns, self.tools, self.approvals, self.left)

    def heard(self, chat: Chat, records: Sequence[Recorded]) -> None:
        """Count what was recorded of a conversation, which stands as `chat` behind it."""
        for record in records:
            self._count(chat, record.event)

    def _count(self, chat: Chat, event: ChatEvent) -> None:
        match event:
            case ChatAnswered():
                self.turns.add(ANSWERED, event.agent)
            case ChatStopped():
                self.turns.add(STOPPED, event.agent)
            case ChatFailed():
                self.turns.add(FAILED, SUPERVISOR)
            case ToolEnded():
                self.tools.add(_tool(chat, event.call_id), ended_so(event.result).value)
            case ApprovalAsked():
                self.approvals.add(ASKED)
            case ApprovalAnswered():
                self.approvals.add(APPROVED if event.approved else DECLINED)
            case ModelLeft():
                self.left.add(event.code)
            case _:
                pass


def _tool(chat: Chat, call_id: str) -> str:
    """Return the name of the tool of a call that has ended."""
    outcomes = chat.outcomes if chat.turn is None else (*chat.outcomes, *chat.turn.outcomes)
    return next((name_of(one.wish) for one in reversed(outcomes) if one.call_id == call_id), "")
