"""What can be asked of a thread; `rules.decide` answers with events or a refusal.

What its flow found out comes as the event itself: the rules tell whether it may stand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from chaffer.conversation.journal import Effect
from chaffer.shopping.events import (
    AdviceGiven,
    FeedbackTaken,
    NegotiationConcluded,
    NegotiationOpened,
    ProductsCollected,
    QuestionAsked,
    SearchPlanned,
    ShopperSpoke,
    TurnRouted,
)


class Speak(Struct, frozen=True):
    """The shopper says something: a turn begins."""

    message_id: str
    text: str
    effects: tuple[Effect, ...] = ()
    kept: Callable[[ShopperSpoke], Effect] | None = None


class AnswerQuestion(Struct, frozen=True):
    """The shopper answers the question that is open; `at` must be before it expires."""

    thread_id: str
    message_id: str
    text: str
    at: datetime


StepEvent = TurnRouted | FeedbackTaken | SearchPlanned | QuestionAsked | ProductsCollected | AdviceGiven


class Record(Struct, frozen=True):
    """The flow of the turn has come so far."""

    event: StepEvent


class FailTurn(Struct, frozen=True):
    """End the turn that is under way without an answer."""

    code: str
    message: str


class OpenNegotiation(Struct, frozen=True):
    """Record that a buyer was sent to haggle. The brand of what was chosen is liked from then on."""

    opened: NegotiationOpened
    brand: str
    effects: tuple[Effect, ...] = ()


class ConcludeNegotiation(Struct, frozen=True):
    """Record how a negotiation of this thread ended; once."""

    concluded: NegotiationConcluded


ThreadCommand = Speak | AnswerQuestion | Record | FailTurn | OpenNegotiation | ConcludeNegotiation
