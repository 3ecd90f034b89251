"""The rules of a conversation, pure: what a command leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, assert_never

from chaffer.assistant.chat import Chat, Node, Turn, evolve, next_step
from chaffer.assistant.commands import (
    AnswerApproval,
    AskAssistant,
    AskStop,
    ChatCommand,
    ConcludeHaggle,
    PinChat,
    Record,
    RenameChat,
    StepEvent,
)
from chaffer.assistant.events import (
    CHAT,
    SUPERVISOR,
    ApprovalAnswered,
    ApprovalAsked,
    ChatAnswered,
    ChatEvent,
    ChatFailed,
    ChatPinned,
    ChatRenamed,
    ChatStatus,
    ChatStopAsked,
    ChatStopped,
    HandedOver,
    HistorySummarised,
    ModelLeft,
    PersonAsked,
    ReportMade,
    Role,
    ToolBegun,
    ToolEnded,
    ToolsChosen,
)
from chaffer.assistant.indexing import IndexMessage, PinIndexed, RetitleChat
from chaffer.assistant.results import ToolRefused
from chaffer.assistant.tools import spec_of, tools_of
from chaffer.conversation.journal import Effect, EffectRefusedError
from chaffer.conversation.live import Verdict
from chaffer.errors import Advice, ChafferError, Code

MOST_TOOL_CALLS: Final = 12
"""So many tools are called in one turn."""

MOST_HANDOVERS: Final = 4

_STILL_ANSWERING: Final = Advice(
    "Your last message is still being answered.", ("Wait for the answer.", "Stop it, and say it again.")
)
_ASKED_NO_MORE: Final = Advice(
    "That question is closed: it was answered, replaced by what was said since, or waited too long.",
    ("Look at the conversation.", "Say again what you want."),
)


def decide(chat: Chat, command: ChatCommand) -> Verdict:
    """Return what the command leads to.

    Raises CONFLICT for words while an answer is made, for an approval that is not open or has expired, and for a step
    that is not due.
    """
    return _DECIDE[type(command)](chat, command)


def _ask(chat: Chat, command: AskAssistant) -> Verdict:
    if chat.status is ChatStatus.ANSWERING:
        raise ChafferError(
            Code.CONFLICT,
            f"Conversation {chat.terms.conversation_id} is still answering what was said before. Wait for the answer, "
            "or stop it by POST /api/chat/stop.",
            advice=_STILL_ANSWERING,
        )
    asked = PersonAsked(chat.turns, command.message_id, command.text)
    title = None if chat.title else evolve(chat, asked).title
    shown = IndexMessage(
        chat.terms.conversation_id, chat.messages, asked.message_id, Role.PERSON, asked.text, title=title
    )
    kept = () if command.kept is None else (command.kept(asked),)
    return Verdict((asked,), (shown, *kept))


def _approve(chat: Chat, command: AnswerApproval) -> Verdict:
    asked = chat.approval
    if asked is None or asked.call_id != command.call_id:
        raise ChafferError(
            Code.CONFLICT,
            f"Call {command.call_id} waits for no approval any more: it was answered, or something else was said. "
            f"Look at GET /api/conversations/{chat.terms.conversation_id}.",
            advice=_ASKED_NO_MORE,
        )
    if command.approved and asked.expires_at is not None and command.at >= asked.expires_at:
        raise ChafferError(
            Code.CONFLICT,
            f"Call {command.call_id} could be approved until {asked.expires_at:%Y-%m-%d %H:%M} UTC. Say again what you "
            "want by POST /api/chat/stream.",
            advice=_ASKED_NO_MORE,
        )
    return Verdict((ApprovalAnswered(asked.turn, asked.call_id, command.approved),), command.effects)


def _stop(chat: Chat, _: AskStop) -> Verdict:
    turn = chat.turn
    if turn is None or turn.stop_asked:
        return Verdict()
    if turn.asked is not None:
        return Verdict((ChatStopped(turn.number, turn.asked.message_id, 0, "", turn.agent),))
    return Verdict((ChatStopAsked(turn.number),))


def _record(chat: Chat, command: Record) -> Verdict:
    """Return the event of a flow, if it may stand. Raises CONFLICT when it is not due."""
    turn, event = chat.turn, command.event
    if turn is None or turn.number != event.turn or turn.asked is not None or not _is_due(chat, turn, event):
        raise ChafferError(Code.CONFLICT, f"Turn {event.turn} is not at that step any more.")
    return Verdict((event,), _shown(chat, event))


def _is_due(chat: Chat, turn: Turn, event: StepEvent) -> bool:
    """Tell whether an event may stand now.

    The turn may end at any time but while a tool is called: what that did must be known. Once the person wants it
    stopped, nothing begins any more.
    """
    if isinstance(event, ChatStopped | ChatFailed):
        return not turn.begun and (turn.stop_asked or isinstance(event, ChatFailed))
    if turn.stop_asked and not isinstance(event, ToolEnded | ChatAnswered):
        return False
    return _is_next(chat, turn, event)


def _is_next(chat: Chat, turn: Turn, event: StepEvent) -> bool:
    """Tell whether an event is of the step that is due, and whole; that the model leaves, may be at any time, once."""
    step = next_step(chat)
    match event:
        case HistorySummarised():
            reaches = chat.told_from < event.before <= turn.number
            return step is Node.SUMMARY and reaches and _says(event)
        case HandedOver():
            return step is Node.SUPERVISOR and len(event.handovers) <= MOST_HANDOVERS
        case ApprovalAsked() | ToolBegun() | ToolEnded():
            return step is Node.TOOLS and _is_at(turn, event)
        case ToolsChosen() | ReportMade() | ChatAnswered():
            return _has_the_word(turn, event, step)
        case ModelLeft():
            return turn.left is None
        case ChatStopped() | ChatFailed():
            return True
        case _:
            assert_never(event)


def _has_the_word(turn: Turn, event: ToolsChosen | ReportMade | ChatAnswered, step: Node | None) -> bool:
    """Tell whether it is who speaks whose turn it is: one specialist alone answers, of several each reports."""
    is_seen_to = turn.handover is not None and step == Node(turn.handover.specialist.value)
    match event:
        case ToolsChosen():
            return is_seen_to and step == Node(event.specialist.value) and _may_choose(turn, event)
        case ReportMade():
            return is_seen_to and turn.agent == SUPERVISOR
        case ChatAnswered():
            return event.agent == turn.agent and (is_seen_to or step is Node.ANSWER) and _says(event)


def _says(event: ChatAnswered | HistorySummarised) -> bool:
    return bool(event.text.strip())


def _may_choose(turn: Turn, event: ToolsChosen) -> bool:
    """Tell whether a specialist chose tools of its own, and not too many."""
    own = {spec.wish for spec in tools_of(event.specialist)}
    number = len(turn.outcomes) + len(event.calls)
    return bool(event.calls) and number <= MOST_TOOL_CALLS and all(type(call.wish) in own for call in event.calls)


def _is_at(turn: Turn, event: ApprovalAsked | ToolBegun | ToolEnded) -> bool:
    """Tell whether an event is of the first call, and whether that may be begun, or asked for.

    What commits money is begun only where the person allowed it, whatever a mind says; what was not, ends refused.
    """
    call = turn.calls[0]
    if call.call_id != event.call_id:
        return False
    commits = spec_of(call.wish).commits_money
    match event:
        case ApprovalAsked():
            is_same = type(event.wish) is type(call.wish)
            return commits and is_same and turn.approved is None and not turn.begun
        case ToolBegun():
            return not turn.begun and (turn.approved is True or not commits)
        case ToolEnded():
            return turn.begun or isinstance(event.result, ToolRefused)


def _shown(chat: Chat, event: StepEvent) -> tuple[Effect, ...]:
    """Return how lists show what was said with an event."""
    match event:
        case ApprovalAsked():
            agent = chat.turn.agent if chat.turn is not None else ""
        case ChatAnswered() | ChatStopped() if event.text:
            agent = event.agent
        case _:
            return ()
    return (
        IndexMessage(chat.terms.conversation_id, chat.messages, event.message_id, Role.ASSISTANT, event.text, agent),
    )


def _conclude(chat: Chat, command: ConcludeHaggle) -> Verdict:
    concluded = command.concluded
    if all(one.room_id != concluded.room_id for one in chat.negotiations):
        return Verdict()
    shown = IndexMessage(
        chat.terms.conversation_id,
        chat.messages,
        concluded.message_id,
        Role.ASSISTANT,
        concluded.text,
        "negotiation",
    )
    return Verdict((concluded,), (shown,))


def _rename(chat: Chat, command: RenameChat) -> Verdict:
    return Verdict((ChatRenamed(command.title),), (RetitleChat(chat.terms.conversation_id, command.title),))


def _pin(chat: Chat, command: PinChat) -> Verdict:
    return Verdict((ChatPinned(command.pinned),), (PinIndexed(chat.terms.conversation_id, command.pinned),))


_DECIDE: Final[Mapping[type[ChatCommand], Callable[[Chat, Any], Verdict]]] = {
    AskAssistant: _ask,
    AnswerApproval: _approve,
    AskStop: _stop,
    Record: _record,
    ConcludeHaggle: _conclude,
    RenameChat: _rename,
    PinChat: _pin,
}


class ChatKind:
    """The rules of a conversation, as the kernel asks for them."""

    name = CHAT
    under_way = ChatStatus.ANSWERING.value

    def decide(self, state: Chat, command: ChatCommand) -> Verdict:
        """Return what the command leads to. Raises as `decide` does."""
        return decide(state, command)

    def evolve(self, state: Chat | None, event: ChatEvent) -> Chat:
        """Return the conversation after the event."""
        return evolve(state, event)

    def status(self, state: Chat) -> str:
        """Return the status that lists show."""
        return state.status.value

    def is_over(self, state: Chat) -> bool:
        """Return False: a conversation goes on until it is deleted."""
        del state
        return False

    def refused(self, command: Any, refusal: EffectRefusedError) -> None:  # noqa: ANN401  Of any command.
        """Return None: the caller sees the refusal of an effect."""
        del command, refusal
