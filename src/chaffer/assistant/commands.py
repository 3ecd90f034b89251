"""What can be asked of a conversation; `rules.decide` answers with events or a refusal.

What its flow found out comes as the event itself: the rules tell whether it may stand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from chaffer.assistant.events import (
    ApprovalAsked,
    ChatAnswered,
    ChatFailed,
    ChatStopped,
    HaggleConcluded,
    HandedOver,
    HistorySummarised,
    ModelLeft,
    PersonAsked,
    ReportMade,
    ToolBegun,
    ToolEnded,
    ToolsChosen,
)
from chaffer.conversation.journal import Effect


class AskAssistant(Struct, frozen=True):
    """The person says something: a turn begins."""

    message_id: str
    text: str
    kept: Callable[[PersonAsked], Effect] | None = None


class AnswerApproval(Struct, frozen=True):
    """The person allows or refuses what was asked; `at` must be before it expires."""

    call_id: str
    approved: bool
    at: datetime
    effects: tuple[Effect, ...] = ()


class AskStop(Struct, frozen=True):
    """The person wants the answer to be left off; where none is made, nothing happens."""


StepEvent = (
    HistorySummarised
    | HandedOver
    | ToolsChosen
    | ApprovalAsked
    | ToolBegun
    | ToolEnded
    | ReportMade
    | ModelLeft
    | ChatAnswered
    | ChatStopped
    | ChatFailed
)


class Record(Struct, frozen=True):
    """The flow of the turn has come so far."""

    event: StepEvent


class ConcludeHaggle(Struct, frozen=True):
    """Record how a negotiation that was opened here ended; once."""

    concluded: HaggleConcluded


class RenameChat(Struct, frozen=True):
    """Give the conversation a title."""

    title: str


class PinChat(Struct, frozen=True):
    """Pin the conversation above the others, or unpin it."""

    pinned: bool


ChatCommand = AskAssistant | AnswerApproval | AskStop | Record | ConcludeHaggle | RenameChat | PinChat
