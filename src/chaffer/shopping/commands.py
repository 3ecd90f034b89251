"""What can be asked of a thread; `rules.decide` answers with events or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from chaffer.conversation.journal import Effect
from chaffer.conversation.minds import Making
from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.events import (
    Choice,
    Intent,
    Match,
    NegotiationConcluded,
    NegotiationOpened,
    Relaxation,
    ShopperSpoke,
)
from chaffer.shopping.preferences import PreferenceChange, Preferences


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


class RouteTurn(Struct, frozen=True):
    """Record what the shopper wants."""

    turn: int
    intent: Intent


class TakeFeedback(Struct, frozen=True):
    """Record what was learned, and learn it."""

    turn: int
    change: PreferenceChange


class PlanSearch(Struct, frozen=True):
    """Record what to look for, and what to ask before."""

    turn: int
    constraints: Constraints
    preferences: Preferences
    noted: tuple[str, ...]
    asks: Choice | None


class AskShopper(Struct, frozen=True):
    """Record a question to the shopper, who has until `expires_at`, None for ever."""

    turn: int
    thread_id: str
    message_id: str
    message: str
    options: tuple[str, ...]
    expires_at: datetime | None


class CollectProducts(Struct, frozen=True):
    """Record what was found."""

    turn: int
    matches: tuple[Match, ...]
    total: int
    corrected: str | None
    relaxations: tuple[Relaxation, ...]


class GiveAdvice(Struct, frozen=True):
    """Record the answer: the turn is over."""

    turn: int
    message_id: str
    attempt: int
    text: str
    product_id: str | None
    reasoning: str
    making: Making
    struck: int


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


ThreadCommand = (
    Speak
    | AnswerQuestion
    | RouteTurn
    | TakeFeedback
    | PlanSearch
    | AskShopper
    | CollectProducts
    | GiveAdvice
    | FailTurn
    | OpenNegotiation
    | ConcludeNegotiation
)
