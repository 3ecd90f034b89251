"""What the assistant's mind is asked, typed, and what it replies: a question for every node of the flow.

A question holds exactly what may be known to answer it. Products in it are as every shopper sees them: nothing here can
hold a seller's private number. Texts of products are data: what a description says to its reader is no instruction.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Voice
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Vocabulary
from chaffer.shopping.events import Choice, Intent, Match, NegotiationConcluded, NegotiationOpened, Relaxation
from chaffer.shopping.preferences import PreferenceChange, Preferences

RULES: Final = "rules"
"""The name of the one built-in assistant, where a model is named."""


class Part(StrEnum):
    """Whose words they are."""

    SHOPPER = "user"
    ASSISTANT = "ai"


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said in the thread."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """What every question comes with: what was said now and before (oldest first), and what was shown last.

    `shown` are the last matches in the order in which they were shown, `recommended_id` the one of them that was
    recommended. `constraints` are those of the last search, None before the first. `haggled` are the negotiations that
    go on, `news` tells how the last one ended that did.
    """

    session_id: str
    turn: int
    seed: int
    text: str
    history: tuple[Line, ...]
    shown: tuple[Match, ...]
    recommended_id: str | None
    constraints: Constraints | None
    vocabulary: Vocabulary
    preferences: Preferences
    currency: str
    haggled: tuple[NegotiationOpened, ...] = ()
    news: NegotiationConcluded | None = None


@dataclass(frozen=True, slots=True)
class RoutingQuestion:
    """What does the shopper want?"""

    context: Context


@dataclass(frozen=True, slots=True)
class FeedbackQuestion:
    """What is to be learned from what the shopper said of what was shown?"""

    context: Context


@dataclass(frozen=True, slots=True)
class PlanningQuestion:
    """What is to be searched? `intent` tells whether anew or from the last search on.

    After a question `answered` is what was asked, and `context.text` holds the answer: the constraints of the context
    are then those of this very turn.
    """

    context: Context
    intent: Intent
    answered: Choice | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """The reply to it: the constraints whole, and sentences for the shopper about how they were understood.

    `at_once` tells that the shopper wants to see products now, and not to be asked. `bare_words` are the words of a
    sentence that goes on from the last search and says nothing else that is known, or names a thing: perhaps products
    of the category do not have it. `anew` is what to search where the thing is another product. `more` tells how many
    more of what was found are wanted, 0 for no number, None where none are.
    """

    constraints: Constraints
    noted: tuple[str, ...] = ()
    at_once: bool = False
    bare_words: str = ""
    anew: Constraints | None = None
    more: int | None = None


@dataclass(frozen=True, slots=True)
class ClarificationQuestion:
    """How is the shopper to be asked? The choice is made by code, the mind words it."""

    context: Context
    choice: Choice
    constraints: Constraints


@dataclass(frozen=True, slots=True)
class Clarification:
    """The reply: the sentence, and a label for each value of the choice, in their order."""

    message: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CollectionQuestion:
    """By which other words could what is searched be found? Asked where too little is."""

    context: Context
    constraints: Constraints


@dataclass(frozen=True, slots=True)
class AdvisoryQuestion:
    """What is the shopper to be told?

    `matches` are best value first: those of this turn's search, or of the last one where nothing was searched; so with
    `constraints`, which are None before the first search. `behind` is how many better ones were shown before.
    `asked_about` are the products that the shopper named, in that order (`the first two`), found by code. `outcome` are
    code's sentences about what came of the negotiations, where the shopper asks for that.
    """

    context: Context
    intent: Intent
    constraints: Constraints | None
    matches: tuple[Match, ...]
    total: int
    asked_about: tuple[Match, ...] = ()
    noted: tuple[str, ...] = ()
    corrected: str | None = None
    relaxations: tuple[Relaxation, ...] = ()
    outcome: tuple[str, ...] = ()
    behind: int = 0


@dataclass(frozen=True, slots=True)
class Advice:
    """The reply: its prose exactly as it was said, and the recommended product, one of the matches or None."""

    text: str
    product_id: str | None
    reasoning: str
    making: Making
    struck: int = 0


class AssistantMind(Protocol):
    """The mind of a thread's assistant. Every method raises ChafferError on a fault of its model."""

    async def route(self, question: RoutingQuestion) -> Intent:
        """Return what the shopper wants."""
        ...

    async def learn(self, question: FeedbackQuestion) -> PreferenceChange:
        """Return what is to be learned; an empty change for nothing."""
        ...

    async def plan(self, question: PlanningQuestion) -> Planned:
        """Return what is to be searched."""
        ...

    async def clarify(self, question: ClarificationQuestion) -> Clarification:
        """Return how the shopper is asked."""
        ...

    async def reword(self, question: CollectionQuestion) -> tuple[str, ...]:
        """Return other texts to search by, best first; none where there are none."""
        ...

    async def advise(self, question: AdvisoryQuestion, voice: Voice) -> Advice:
        """Say the answer as message 0 and return it."""
        ...


def product_of(matches: tuple[Match, ...], product_id: str | None) -> Product | None:
    """Return the matched product with that id, or None."""
    return next((match.product for match in matches if match.product.product_id == product_id), None)
