"""The JSON export of a conversation with the assistant: all that was said, and every tool with what it returned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from chaffer.assistant.calls import CallStatus, calls_in
from chaffer.assistant.chat import Chat, evolve, speaker_of
from chaffer.assistant.documents import arguments_of, document_of
from chaffer.assistant.events import (
    SUPERVISOR,
    ApprovalAsked,
    ChatAnswered,
    ChatEvent,
    ChatFailed,
    ChatOpened,
    ChatStatus,
    ChatStopped,
    HaggleConcluded,
    HandedOver,
    HistorySummarised,
    Made,
    ModelLeft,
    PersonAsked,
    Role,
)
from chaffer.assistant.tools import Specialist, name_of, spec_of
from chaffer.conversation.views import Seen
from chaffer.exports.making import MakingExport, UsageExport, making_export, usage_export

SCHEMA_VERSION: Final = 1
PERSON: Final = Role.PERSON.value


@dataclass(frozen=True, slots=True)
class ChatMessageExport:
    """A message. `agent` is None for the person's words; `turn` for what was said elsewhere before, and for news.

    `usage` is of the call that wrote it; None where no model did, and where it was `cut` by a stop.
    """

    position: int
    turn: int | None
    role: Literal["user", "assistant"]
    agent: str | None
    content: str
    message_id: str
    at: datetime
    usage: MakingExport | None
    cut: Literal["stopped"] | None


@dataclass(frozen=True, slots=True)
class ToolCallExport:
    """A tool that was called, or waited for an approval: what it was asked, and what it returned, and when."""

    position: int
    turn: int
    id: str
    name: str
    agent: Specialist
    arguments: dict[str, Any]
    status: CallStatus
    approved: bool | None
    result: dict[str, Any] | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ChatFaultExport:
    """Why a turn was not answered; or, if it was `answered` all the same, why not by the model."""

    position: int
    turn: int
    code: str
    message: str
    answered: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class SummaryExport:
    """What minds were told, from then on, of all that was said before turn `before`."""

    before: int
    content: str
    at: datetime
    usage: MakingExport | None


@dataclass(frozen=True, slots=True)
class ChatExport:
    """A conversation as its owner sees it. It is partial while a turn is not over."""

    schema_version: int
    kind: Literal["conversation"]
    id: str
    user_id: str
    title: str
    pinned: bool
    status: ChatStatus
    is_partial: bool
    provider: str
    model: str | None
    currency: str
    seed: int
    turns: int
    started_at: datetime
    as_of: datetime
    transcript: tuple[ChatMessageExport, ...]
    tool_calls: tuple[ToolCallExport, ...]
    faults: tuple[ChatFaultExport, ...]
    summaries: tuple[SummaryExport, ...]
    usage: UsageExport


CHAT_EXPORT: Final = TypeAdapter(ChatExport)


def chat_export(seen: Sequence[Seen]) -> ChatExport:
    """Return the export of a conversation from its owner's view of all its events."""
    opened: ChatOpened = seen[0].event
    chat: Chat = reduce(evolve, (look.event for look in seen[1:]), evolve(None, opened))
    return ChatExport(
        schema_version=SCHEMA_VERSION,
        kind="conversation",
        id=opened.conversation_id,
        user_id=opened.owner,
        title=chat.title,
        pinned=chat.pinned,
        status=chat.status,
        is_partial=chat.turn is not None,
        provider=opened.mind.provider,
        model=opened.mind.model,
        currency=opened.currency,
        seed=opened.seed,
        turns=chat.turns,
        started_at=opened.opened_at,
        as_of=seen[-1].at,
        transcript=(*_history(opened, seen[0]), *_messages(seen)),
        tool_calls=_tool_calls(seen),
        faults=tuple(_fault(look, look.event) for look in seen if isinstance(look.event, ChatFailed | ModelLeft)),
        summaries=tuple(_summary(look, look.event) for look in seen if isinstance(look.event, HistorySummarised)),
        usage=usage_export(look.event.making for look in seen if isinstance(look.event, Made)),
    )


def _history(opened: ChatOpened, look: Seen) -> Iterator[ChatMessageExport]:
    for number, line in enumerate(opened.history):
        agent, message_id = None if line.role is Role.PERSON else SUPERVISOR, opened.line_id(number)
        yield ChatMessageExport(
            look.position, None, line.role.value, agent, line.text, message_id, look.at, usage=None, cut=None
        )


def _messages(seen: Sequence[Seen]) -> Iterator[ChatMessageExport]:
    speaker = SUPERVISOR
    for look in seen:
        event: ChatEvent = look.event
        if isinstance(event, HandedOver):
            speaker = speaker_of(event.handovers)
        match event:
            case PersonAsked():
                yield _message(look, event, None)
            case ApprovalAsked():
                yield _message(look, event, speaker)
            case ChatAnswered():
                yield _message(look, event, event.agent)
            case ChatStopped() if event.text:
                yield _message(look, event, event.agent)
            case HaggleConcluded():
                yield _message(look, event, Specialist.NEGOTIATION.value)
            case _:
                pass


def _message(
    look: Seen, event: PersonAsked | ApprovalAsked | ChatAnswered | ChatStopped | HaggleConcluded, agent: str | None
) -> ChatMessageExport:
    return ChatMessageExport(
        position=look.position,
        turn=None if isinstance(event, HaggleConcluded) else event.turn,
        role="user" if agent is None else "assistant",
        agent=agent,
        content=event.text,
        message_id=event.message_id,
        at=look.at,
        usage=making_export(event.making) if isinstance(event, ChatAnswered) else None,
        cut="stopped" if isinstance(event, ChatStopped) else None,
    )


def _tool_calls(seen: Sequence[Seen]) -> tuple[ToolCallExport, ...]:
    return tuple(
        ToolCallExport(
            position=called.position,
            turn=called.turn,
            id=called.call.call_id,
            name=name_of(called.call.wish),
            agent=spec_of(called.call.wish).specialist,
            arguments=arguments_of(called.call.wish),
            status=called.status,
            approved=called.approved,
            result=None if called.result is None else document_of(called.result),
            at=called.at,
        )
        for called in calls_in(seen).values()
    )


def _fault(look: Seen, event: ChatFailed | ModelLeft) -> ChatFaultExport:
    answered = isinstance(event, ModelLeft)
    return ChatFaultExport(look.position, event.turn, event.code, event.message, answered, look.at)


def _summary(look: Seen, event: HistorySummarised) -> SummaryExport:
    return SummaryExport(event.before, event.text, look.at, making_export(event.making))
