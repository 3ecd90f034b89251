"""Questions to an assistant's mind for tests: of laptops of the sample, with a plain mind that says what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Voice
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.events import Intent, Match, Worth
from chaffer.shopping.preferences import PreferenceChange, Preferences
from chaffer.shopping.questions import (
    Advice,
    AdvisoryQuestion,
    Clarification,
    ClarificationQuestion,
    CollectionQuestion,
    Context,
    FeedbackQuestion,
    Planned,
    PlanningQuestion,
    RoutingQuestion,
)
from tests.support.sample_catalogue import of, vocabulary

LAPTOPS: Final = of("Laptops")
PLAIN_WORDS: Final = "Here is what I found."


def matched(*products: Product) -> tuple[Match, ...]:
    """Return products as they were matched, best value first."""
    worth = Worth(0.5, 0.5, 0.5)
    return tuple(Match(product, round(0.9 - number / 10, 2), worth) for number, product in enumerate(products))


def context(text: str = "a gaming laptop under $1500", **changes: Any) -> Context:
    """Return a context in which nothing was searched yet."""
    given: dict[str, Any] = {
        "session_id": "session",
        "turn": 0,
        "seed": 7,
        "text": text,
        "history": (),
        "shown": (),
        "recommended_id": None,
        "constraints": None,
        "vocabulary": vocabulary(),
        "preferences": Preferences(),
        "currency": "USD",
        **changes,
    }
    return Context(**given)


def shown_context(text: str, *products: Product, **changes: Any) -> Context:
    """Return a context in which laptops were shown, and the first of them recommended."""
    made = products or LAPTOPS[:3]
    given: dict[str, Any] = {
        "shown": matched(*made),
        "recommended_id": made[0].product_id,
        "constraints": Constraints(category="Laptops"),
        "turn": 1,
        **changes,
    }
    return context(text, **given)


def advisory(*products: Product, text: str = "a laptop", **changes: Any) -> AdvisoryQuestion:
    """Return the question what to say of products that a search found."""
    given: dict[str, Any] = {
        "context": context(text),
        "intent": Intent.SEARCH,
        "constraints": Constraints(category="Laptops"),
        "matches": matched(*products),
        "total": len(products),
        **changes,
    }
    return AdvisoryQuestion(**given)


@dataclass
class PlainMind:
    """A mind without a model that answers what it was made with; `asked` are the questions it heard, by their names."""

    intent: Intent = Intent.SEARCH
    change: PreferenceChange = field(default_factory=PreferenceChange)
    planned: Planned = field(default_factory=lambda: Planned(Constraints(category="Laptops", max_price_minor=150_000)))
    texts: tuple[str, ...] = ("plain text",)
    asked: list[str] = field(default_factory=list)

    async def route(self, question: RoutingQuestion) -> Intent:
        del question
        self.asked.append("route")
        return self.intent

    async def learn(self, question: FeedbackQuestion) -> PreferenceChange:
        del question
        self.asked.append("learn")
        return self.change

    async def plan(self, question: PlanningQuestion) -> Planned:
        del question
        self.asked.append("plan")
        return self.planned

    async def clarify(self, question: ClarificationQuestion) -> Clarification:
        self.asked.append("clarify")
        return Clarification("Which one, please?", tuple(f"{value}, please" for value in question.choice.values))

    async def reword(self, question: CollectionQuestion) -> tuple[str, ...]:
        del question
        self.asked.append("reword")
        return self.texts

    async def advise(self, question: AdvisoryQuestion, voice: Voice) -> Advice:
        self.asked.append("advise")
        voice.say(0, PLAIN_WORDS)
        best = question.matches[0].product.product_id if question.matches else None
        return Advice(PLAIN_WORDS, best, "plain reasoning", Making("builtin", "rules", 1, 0.0))
