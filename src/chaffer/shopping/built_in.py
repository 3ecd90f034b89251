"""The assistant without a model: it reads by rules, and speaks by templates from the facts of the products it has."""

from __future__ import annotations

from dataclasses import dataclass

from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Voice
from chaffer.conversation.voices import speak
from chaffer.shopping.events import Intent
from chaffer.shopping.preferences import PreferenceChange
from chaffer.shopping.questions import (
    RULES,
    Advice,
    AdvisoryQuestion,
    Clarification,
    ClarificationQuestion,
    CollectionQuestion,
    FeedbackQuestion,
    Planned,
    PlanningQuestion,
    RoutingQuestion,
)
from chaffer.shopping.reading import learn, plan, route
from chaffer.shopping.speech import advice_of, clarification_of, reasoning
from chaffer.vendors import BUILTIN


@dataclass(frozen=True, slots=True)
class BuiltInAssistant:
    """Answers by rules; `chars_per_second` is the pace at which it speaks, 0 for at once.

    The same seed, words and products give the same replies.
    """

    chars_per_second: float = 0

    async def route(self, question: RoutingQuestion) -> Intent:
        """Return what the shopper wants."""
        return route(question)

    async def learn(self, question: FeedbackQuestion) -> PreferenceChange:
        """Return what is to be learned."""
        return learn(question)

    async def plan(self, question: PlanningQuestion) -> Planned:
        """Return what is to be searched."""
        return plan(question)

    async def clarify(self, question: ClarificationQuestion) -> Clarification:
        """Return how the shopper is asked."""
        return clarification_of(question)

    async def reword(self, question: CollectionQuestion) -> tuple[str, ...]:  # noqa: ARG002  The protocol's.
        """Return no other words: those that rules know, they knew when the search was planned."""
        return ()

    async def advise(self, question: AdvisoryQuestion, voice: Voice) -> Advice:
        """Say the answer and return it."""
        said = advice_of(question)
        await speak(voice, 0, said.text, self.chars_per_second)
        making = Making(BUILTIN, RULES, attempts=1, latency_seconds=0.0)
        return Advice(said.text, said.product_id, reasoning(question, said.product_id), making)
