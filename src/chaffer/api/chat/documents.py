"""From conversations to their documents. A turn's documents are made of its own records, so they never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from chaffer.api.chat.schemas import (
    ChatReply,
    ConversationState,
    ConversationSummary,
    MessageDocument,
    MessageList,
    OpenNegotiationDocument,
    PendingApproval,
    ToolCallDocument,
    ToolDocument,
    Usage,
)
from chaffer.assistant.calls import Called, calls_in
from chaffer.assistant.chat import Chat, speaker_of
from chaffer.assistant.documents import arguments_of, document_of, schema_of
from chaffer.assistant.events import (
    ApprovalAsked,
    Call,
    ChatAnswered,
    ChatOpened,
    ChatStatus,
    ChatStopped,
    HandedOver,
    Made,
    PersonAsked,
    Role,
)
from chaffer.assistant.indexing import Indexed, Message, MessagePage
from chaffer.assistant.results import NegotiationStarted
from chaffer.assistant.tools import ToolSpec, name_of, spec_of
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.exports.making import usage_export
from chaffer.money import number_from_minor

_MICROS: Final = 1_000_000
_HOW: Final[Mapping[type, Literal["answered", "stopped", "needs_approval"]]] = {
    ChatAnswered: "answered",
    ChatStopped: "stopped",
    ApprovalAsked: "needs_approval",
}


def turn_until(records: Sequence[Recorded], position: int) -> Sequence[Recorded]:
    """Return the records of the turn that a position belongs to, from what the person said to that position."""
    begins = next(place for place in range(position, 0, -1) if isinstance(records[place - 1].event, PersonAsked))
    return records[begins - 1 : position]


def usage_of(turn: Sequence[Recorded]) -> Usage:
    """Return what the replies of models used that a turn is made of."""
    used = usage_export(record.event.making for record in turn if isinstance(record.event, Made))
    return Usage(
        prompt_tokens=used.prompt_tokens,
        completion_tokens=used.completion_tokens,
        cost_usd=None if used.cost_micros is None else used.cost_micros / _MICROS,
    )


def agent_of(turn: Sequence[Recorded]) -> str:
    """Return who speaks in a turn."""
    handed = (record.event.handovers for record in turn if isinstance(record.event, HandedOver))
    return speaker_of(next(handed, ()))


def tool_call(called: Called) -> ToolCallDocument:
    """Return a tool that was called, or waits for an approval."""
    call = called.call
    return ToolCallDocument(
        id=call.call_id,
        name=name_of(call.wish),
        arguments=arguments_of(call.wish),
        status=called.status,
        result=None if called.result is None else document_of(called.result),
        agent_type=spec_of(call.wish).specialist,
    )


def _pending(asked: ApprovalAsked, call: Call) -> PendingApproval:
    return PendingApproval(
        tool_call_id=asked.call_id,
        name=name_of(call.wish),
        arguments=arguments_of(call.wish),
        text=asked.text,
        expires_at=asked.expires_at,
        agent_type=spec_of(call.wish).specialist,
    )


def chat_reply(live: LiveConversation, recorded: Recorded) -> ChatReply:
    """Return how a turn ended, or what it waits for."""
    event: ChatAnswered | ChatStopped | ApprovalAsked = recorded.event
    turn = turn_until(live.feed.records, recorded.position)
    calls = calls_in(turn)
    pending = _pending(event, calls[event.call_id].call) if isinstance(event, ApprovalAsked) else None
    return ChatReply(
        conversation_id=live.conversation_id,
        turn=event.turn,
        status=_HOW[type(event)],
        message_id=event.message_id,
        message=event.text,
        agent_type=agent_of(turn) if isinstance(event, ApprovalAsked) else event.agent,
        tool_calls=[tool_call(called) for called in calls.values()],
        pending_approval=pending,
        usage=usage_of(turn),
    )


def conversation_begun(opened: ChatOpened) -> ConversationSummary:
    """Return a conversation in which nothing was said yet."""
    return ConversationSummary(
        id=opened.conversation_id,
        user_id=opened.owner,
        title=opened.title,
        pinned=False,
        message_count=len(opened.history),
        preview="",
        created_at=opened.opened_at,
        updated_at=opened.opened_at,
    )


def conversation_summary(found: Indexed) -> ConversationSummary:
    """Return a conversation as a list shows it."""
    return ConversationSummary(
        id=found.conversation_id,
        user_id=found.owner,
        title=found.title,
        pinned=found.pinned,
        message_count=found.messages,
        preview=found.preview,
        created_at=found.created_at,
        updated_at=found.updated_at,
    )


def conversation_state(
    found: Indexed, page: MessagePage, position: int, chat: Chat | None, now: datetime
) -> ConversationState:
    """Return a conversation with its last messages; `chat` is None where nothing waits and nothing goes on.

    What has expired waits no more.
    """
    approval = None if chat is None else _approval(chat, now)
    return ConversationState(
        **dict(conversation_summary(found)),
        status=_status(chat, approval),
        messages=[_message(one) for one in page.messages],
        next_before=page.before,
        pending_approval=approval,
        negotiations=[] if chat is None else [_negotiation(one) for one in chat.negotiations],
        position=f"{position}.0",
    )


def _status(chat: Chat | None, approval: PendingApproval | None) -> ChatStatus:
    if chat is None:
        return ChatStatus.IDLE
    if chat.status is ChatStatus.WAITING and approval is None:
        return ChatStatus.HAGGLING if chat.negotiations else ChatStatus.IDLE
    return chat.status


def _approval(chat: Chat, now: datetime) -> PendingApproval | None:
    asked = chat.approval
    if chat.turn is None or asked is None or (asked.expires_at is not None and now >= asked.expires_at):
        return None
    return _pending(asked, chat.turn.calls[0])


def message_list(page: MessagePage) -> MessageList:
    """Return a page of messages."""
    return MessageList(messages=[_message(one) for one in page.messages], next_before=page.before)


def _message(said: Message) -> MessageDocument:
    return MessageDocument(
        id=said.message_id,
        number=said.number,
        role=said.role.value,
        content=said.text,
        agent_type=None if said.role is Role.PERSON else said.agent,
        timestamp=said.said_at,
    )


def _negotiation(started: NegotiationStarted) -> OpenNegotiationDocument:
    return OpenNegotiationDocument(
        room_id=started.room_id,
        product_name=started.product_name,
        quantity=started.quantity,
        budget=number_from_minor(started.budget_minor),
        stream_url=f"/api/v1/negotiation/{started.room_id}/stream",
    )


def tool_document(spec: ToolSpec) -> ToolDocument:
    """Return a tool as clients are told of it."""
    return ToolDocument(
        name=spec.name,
        description=spec.description,
        agent_type=spec.specialist,
        needs_approval=spec.commits_money,
        parameters=dict(schema_of(spec.wish)),
    )
