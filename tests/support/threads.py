"""Threads for tests of their rules: opened, spoken to, and walked step by step without a flow."""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

from chaffer.conversation.minds import Making, ModelChoice
from chaffer.shopping.catalogue.products import Offer, Product
from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.commands import AnswerQuestion, Record, Speak, ThreadCommand
from chaffer.shopping.events import (
    AdviceGiven,
    Choice,
    FeedbackTaken,
    Intent,
    Match,
    Node,
    ProductsCollected,
    QuestionAsked,
    SearchPlanned,
    ThreadEvent,
    ThreadOpened,
    TurnRouted,
    Worth,
)
from chaffer.shopping.preferences import PreferenceChange, Preferences
from chaffer.shopping.rules import decide
from chaffer.shopping.thread import Thread, evolve
from tests.support.markets import START

OPENED: Final = ThreadOpened(
    session_id="thread",
    owner="user",
    currency="USD",
    mind=ModelChoice("builtin", None, 0.7, 500),
    seed=7,
    opened_at=START,
)
MAKING: Final = Making("builtin", "rules", 1, 0.0)
CHOICE: Final = Choice("screen size", ("15 in", "17 in"))


def match(product_id: str = "p1", price: int = 100_00, pieces: int = 3) -> Match:
    """Return a product that was found."""
    offers = (Offer("Shop", price, pieces),)
    product = Product(product_id, product_id.upper(), "Brand", "Laptops", "", "USD", {}, offers)
    return Match(product, 0.5, Worth(0.5, 0.5, 0.5))


def opened() -> Thread:
    """Return a thread in which nobody has spoken."""
    return evolve(None, OPENED)


class Walk:
    """A thread that is walked by commands; keeps all its events."""

    def __init__(self) -> None:
        self.thread = opened()
        self.events: list[ThreadEvent] = []

    def do(self, command: ThreadCommand) -> tuple[ThreadEvent, ...]:
        """Decide a command, and go on from its events."""
        verdict = decide(self.thread, command)
        self.thread = reduce(evolve, verdict.events, self.thread)
        self.events += verdict.events
        return verdict.events

    @property
    def number(self) -> int:
        """Return the number of the turn that is under way."""
        assert self.thread.turn is not None
        return self.thread.turn.number

    def speak(self, text: str = "a laptop") -> tuple[ThreadEvent, ...]:
        """Have the shopper say something."""
        return self.do(Speak("m", text))

    def route(self, intent: Intent = Intent.SEARCH) -> tuple[ThreadEvent, ...]:
        """Have it routed."""
        return self.do(Record(TurnRouted(self.number, intent)))

    def learn(self, change: PreferenceChange | None = None) -> tuple[ThreadEvent, ...]:
        """Take feedback in."""
        return self.do(Record(FeedbackTaken(self.number, change or PreferenceChange())))

    def plan(self, asks: Choice | None = None, **constraints: Any) -> tuple[ThreadEvent, ...]:
        """Plan a search."""
        return self.do(Record(SearchPlanned(self.number, Constraints(**constraints), Preferences(), (), asks)))

    def ask(self, thread_id: str = "q1", expires_at: Any = None) -> tuple[ThreadEvent, ...]:
        """Ask the shopper."""
        options = ("15-inch", "17-inch")
        asked = QuestionAsked(
            self.number, thread_id, "m", Node.CLARIFICATION, "Which size?", CHOICE, options, expires_at
        )
        return self.do(Record(asked))

    def answer(self, thread_id: str = "q1", text: str = "15", at: Any = START) -> tuple[ThreadEvent, ...]:
        """Answer a question."""
        return self.do(AnswerQuestion(thread_id, "m", text, at))

    def collect(self, *matches: Match) -> tuple[ThreadEvent, ...]:
        """Find products."""
        return self.do(Record(ProductsCollected(self.number, matches, len(matches))))

    def advise(self, product_id: str | None = None) -> tuple[ThreadEvent, ...]:
        """Answer the shopper."""
        return self.do(Record(AdviceGiven(self.number, "m", 1000, "Take it.", product_id, "why", MAKING)))
