"""What happens in a conversation with the assistant: the closed set of its events. The journal holds nothing else."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from chaffer.assistant.results import Result
from chaffer.assistant.tools import Specialist, Wish
from chaffer.conversation.minds import Making, ModelChoice

CHAT: Final = "chat"
"""The kind of conversation."""

SUPERVISOR: Final = "supervisor"
"""The `agent_type` of what no one specialist says."""

Instant = Annotated[datetime, Meta(tz=True)]


class ChatStatus(StrEnum):
    """Where a conversation stands: nothing is due, an answer is being made, or a person is asked to approve.

    One in which nothing is due but buyers that were sent from it haggle on, is `haggling`: news will come.
    """

    IDLE = "idle"
    HAGGLING = "haggling"
    ANSWERING = "answering"
    WAITING = "waiting"


class Role(StrEnum):
    """Whose words they are."""

    PERSON = "user"
    ASSISTANT = "assistant"


class Line(Struct, frozen=True):
    """Something that was said."""

    role: Role
    text: str


class ChatOpened(Struct, frozen=True):
    """A conversation was opened by its owner; `history` is what was said before, elsewhere. The title may be empty."""

    conversation_id: str
    owner: str
    title: str
    currency: str
    mind: ModelChoice
    seed: int
    opened_at: Instant
    history: tuple[Line, ...] = ()

    def line_id(self, number: int) -> str:
        """Return the message id of a line of the history, counted from 0."""
        return f"{self.conversation_id}-{number}"


class PersonAsked(Struct, frozen=True):
    """The person said something; a turn begins. Turns count from 0. An approval that was open is open no more."""

    turn: int
    message_id: str
    text: str


class HistorySummarised(Struct, frozen=True):
    """What was said before turn `before` is told to minds as this text from now on; what was said stays stored.

    Turns below 0 are pairs of lines of the history that the conversation began with, counted backwards.
    """

    turn: int
    before: int
    text: str
    making: Making


class Handover(Struct, frozen=True):
    """A part of what the person wants, in words, and who sees to it."""

    specialist: Specialist
    request: str


class HandedOver(Struct, frozen=True):
    """It is known who sees to it, in that order; nobody, where the supervisor itself answers."""

    turn: int
    handovers: tuple[Handover, ...]
    making: Making


class Call(Struct, frozen=True):
    """A tool that is to be called."""

    call_id: str
    wish: Wish


class ToolsChosen(Struct, frozen=True):
    """A specialist wants tools to be called, one after another."""

    turn: int
    specialist: Specialist
    calls: tuple[Call, ...]
    making: Making


class ApprovalAsked(Struct, frozen=True):
    """The person is asked whether a tool may be called; the turn waits. `text` is code's and says what it would do.

    `wish` is what the call does from now on: what the mind wished for, with nothing left open that costs money.
    """

    turn: int
    call_id: str
    message_id: str
    text: str
    wish: Wish
    expires_at: Instant | None


class ApprovalAnswered(Struct, frozen=True):
    """The person allowed or refused it; the turn goes on."""

    turn: int
    call_id: str
    approved: bool


class ToolBegun(Struct, frozen=True):
    """A tool is being called."""

    turn: int
    call_id: str


class ToolEnded(Struct, frozen=True):
    """A tool returned."""

    turn: int
    call_id: str
    result: Result


class ReportMade(Struct, frozen=True):
    """A specialist of several is done, and this is what it has to tell; the supervisor will."""

    turn: int
    specialist: Specialist
    text: str
    making: Making


class ModelLeft(Struct, frozen=True):
    """The model could not be asked: the built-in mind, which knows simple lookups, finishes the turn."""

    turn: int
    code: str
    message: str


class ChatAnswered(Struct, frozen=True):
    """The person was answered, and the turn is over. `agent` is a specialist or the supervisor.

    `struck` counts the sentences of a model that code took out.
    """

    turn: int
    message_id: str
    attempt: int
    text: str
    agent: str
    making: Making
    struck: int = 0


class ChatStopAsked(Struct, frozen=True):
    """A person wants the answer to be left off."""

    turn: int


class ChatStopped(Struct, frozen=True):
    """The turn is over because it was stopped; `text` is what had been said, which may be nothing."""

    turn: int
    message_id: str
    attempt: int
    text: str
    agent: str


class ChatFailed(Struct, frozen=True):
    """The turn is over without an answer: a model could not be asked, or something broke."""

    turn: int
    code: str
    message: str


class HaggleConcluded(Struct, frozen=True):
    """A negotiation that was opened from here ended, and the person is told."""

    room_id: str
    message_id: str
    text: str
    status: str
    invoice: str | None = None


class ChatRenamed(Struct, frozen=True):
    """The conversation was given a title."""

    title: str


class ChatPinned(Struct, frozen=True):
    """The conversation was pinned above the others, or is no more."""

    pinned: bool


ChatEvent = (
    ChatOpened
    | PersonAsked
    | HistorySummarised
    | HandedOver
    | ToolsChosen
    | ApprovalAsked
    | ApprovalAnswered
    | ToolBegun
    | ToolEnded
    | ReportMade
    | ModelLeft
    | ChatAnswered
    | ChatStopAsked
    | ChatStopped
    | ChatFailed
    | HaggleConcluded
    | ChatRenamed
    | ChatPinned
)
Made = HistorySummarised | HandedOver | ToolsChosen | ReportMade | ChatAnswered
"""What a mind made: each tells by its `making` what that took."""
