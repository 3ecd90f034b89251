"""What happens in a shopping thread: the closed set of its events. The journal holds nothing else."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from chaffer.conversation.minds import Making, ModelChoice
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.preferences import PreferenceChange, Preferences

THREAD: Final = "shopping"
"""The kind of conversation that a shopping thread is. Its id is the shopping surface's `session_id`."""

Instant = Annotated[datetime, Meta(tz=True)]


class ThreadStatus(StrEnum):
    """Where a thread stands: nothing is due, an answer is being made, or the shopper was asked something."""

    IDLE = "idle"
    ANSWERING = "answering"
    WAITING = "waiting"


class Node(StrEnum):
    """The nodes of the flow, as `progress` names them."""

    ROUTER = "router"
    FEEDBACK = "feedback"
    PLANNING = "planning"
    CLARIFICATION = "clarification"
    COLLECTION = "collection"
    ADVISORY = "advisory"


class Intent(StrEnum):
    """What a person wants with what they said."""

    SEARCH = "search"
    REFINE = "refine"
    FEEDBACK = "feedback"
    QUESTION = "question"
    BUY = "buy"
    SMALLTALK = "smalltalk"
    THANKS = "thanks"
    OFF_TOPIC = "off_topic"

    @property
    def searches(self) -> bool:
        """Tell whether products are to be searched for it; else the answer follows at once."""
        return self in {Intent.SEARCH, Intent.REFINE, Intent.FEEDBACK}


class ThreadOpened(Struct, frozen=True):
    """A thread was opened by its owner, whose preferences hold in it. Preferences given in words of a form count."""

    session_id: str
    owner: str
    currency: str
    mind: ModelChoice
    seed: int
    opened_at: Instant


class ShopperSpoke(Struct, frozen=True):
    """The shopper said something; a turn begins. Turns count from 0. A question that was open is open no more."""

    turn: int
    message_id: str
    text: str


class StepBegun(Struct, frozen=True):
    """A node of the flow took over. `step` counts from 1 within a turn; `message` is for the shopper."""

    turn: int
    step: int
    node: Node
    message: str


class TurnRouted(Struct, frozen=True):
    """It is known what the shopper wants."""

    turn: int
    intent: Intent


class FeedbackTaken(Struct, frozen=True):
    """The shopper's preferences were changed by what they said of a recommendation."""

    turn: int
    change: PreferenceChange


class Choice(Struct, frozen=True):
    """A question worth asking: by which property the result divides, and into which values.

    `name` is `category`, `brand` or an attribute's. Values are as the catalogue spells them, most frequent first;
    numbers ascend, and each stands for what `units.span_of` takes it for: `15 in` for 15.6 in, too.
    """

    name: str
    values: tuple[str, ...]


class SearchPlanned(Struct, frozen=True):
    """It is known what to look for. `noted` are sentences for the shopper about how they were understood.

    `preferences` are the shopper's as they were used; `asks` is what to ask before products are collected, if anything.
    `behind` is how many of the best are passed over since they were shown before, `most` how many are to be shown then,
    0 for as many as always.
    """

    turn: int
    constraints: Constraints
    preferences: Preferences
    noted: tuple[str, ...] = ()
    asks: Choice | None = None
    behind: int = 0
    most: int = 0


class QuestionAsked(Struct, frozen=True):
    """The shopper was asked something, and the turn waits for the answer. `thread_id` names the question."""

    turn: int
    thread_id: str
    message_id: str
    node: Node
    message: str
    choice: Choice
    options: tuple[str, ...]
    expires_at: Instant | None

    def is_open(self, at: datetime) -> bool:
        """Tell whether an answer would not come too late."""
        return self.expires_at is None or at < self.expires_at


class QuestionAnswered(Struct, frozen=True):
    """The shopper answered; the turn goes on."""

    turn: int
    thread_id: str
    message_id: str
    text: str


class Relaxation(Struct, frozen=True):
    """A constraint that nothing fits: what to give up, in words, and how many products there are then."""

    what: str
    total: int


class Worth(Struct, frozen=True):
    """The parts of a value score, each in 0…1."""

    price: float
    rating: float
    fit: float


class Match(Struct, frozen=True):
    """A product that fits, as it was then, and its value score in 0…1 with what it is made of."""

    product: Product
    value_score: float
    worth: Worth


class ProductsCollected(Struct, frozen=True):
    """Products were found, best value first; `total` counts all. Where there are none, `relaxations` say why.

    `behind` is how many better ones were shown before.
    """

    turn: int
    matches: tuple[Match, ...]
    total: int
    corrected: str | None = None
    relaxations: tuple[Relaxation, ...] = ()
    behind: int = 0


class AdviceGiven(Struct, frozen=True):
    """The shopper was answered, and the turn is over.

    `product_id` is the recommended one of the turn's matches, or of those of the turn before that was asked about.
    `struck` counts the sentences of a model that code took out.
    """

    turn: int
    message_id: str
    attempt: int
    text: str
    product_id: str | None
    reasoning: str
    making: Making
    struck: int = 0


class TurnFailed(Struct, frozen=True):
    """The turn is over without an answer: a model could not be asked, or something broke."""

    turn: int
    code: str
    message: str


class NegotiationOpened(Struct, frozen=True):
    """The shopper sent a buyer to haggle for a product; amounts in minor units, the price being the list's, a piece."""

    market_session_id: str
    room_id: str
    product_id: str
    product_name: str
    quantity: int
    budget_minor: int
    price_minor: int


class NegotiationConcluded(Struct, frozen=True):
    """The negotiation ended, and the thread was told. Without a deal there is no seller, and no invoice.

    `saved_minor` is what the invoice tells: against the seller's list price, for all pieces.
    """

    room_id: str
    message_id: str
    text: str
    status: str
    seller_name: str | None = None
    total_minor: int | None = None
    saved_minor: int | None = None
    invoice_id: str | None = None
    invoice_number: str | None = None


ThreadEvent = (
    ThreadOpened
    | ShopperSpoke
    | StepBegun
    | TurnRouted
    | FeedbackTaken
    | SearchPlanned
    | QuestionAsked
    | QuestionAnswered
    | ProductsCollected
    | AdviceGiven
    | TurnFailed
    | NegotiationOpened
    | NegotiationConcluded
)
