"""What can be asked of a room: the closed set of commands that its rules decide on.

Ids and times come in with a command, so that deciding is pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from chaffer.conversation.journal import Effect
from chaffer.negotiation.events import BuyerSpoke, Making, OfferCorrected


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message of the buyer: to whom (ids, in the room's order), the typed bid to them, and the words."""

    message_id: str
    hearers: tuple[str, ...]
    bid_minor: int | None
    text: str


@dataclass(frozen=True, slots=True)
class StartRoom:
    """Begin: round 1 with the buyer's opening message."""

    opening: Utterance
    ceiling_minor: int
    remaining_minor: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class BeginRound:
    """Begin the next round with the budget as it is now."""

    round: int
    ceiling_minor: int
    remaining_minor: int


@dataclass(frozen=True, slots=True)
class BuyerSpeaks:
    """The buyer's turn of a round: one or more messages."""

    round: int
    utterances: tuple[Utterance, ...]
    making: Making | None = None
    corrections: tuple[OfferCorrected, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonSpeaks:
    """A person says something in the buyer's place; a single amount in it is a bid.

    `remember` gives the answer to keep with the message, for a request that bore an Idempotency-Key.
    """

    message_id: str
    text: str
    remember: Callable[[BuyerSpoke], Effect] | None = None


@dataclass(frozen=True, slots=True)
class SellerReplies:
    """A seller's turn: what it offers and says, having heard the messages up to turn `heard_turn`."""

    seller_id: str
    round: int
    heard_turn: int
    message_id: str
    price_minor: int
    text: str
    conditions: str | None = None
    valid_until: int | None = None
    making: Making | None = None
    corrections: tuple[OfferCorrected, ...] = ()


@dataclass(frozen=True, slots=True)
class SellerFails:
    """A seller's model failed after all retries."""

    seller_id: str
    round: int
    heard_turn: int
    code: str
    explanation: str
    draft_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallDecision:
    """A person wants the buyer to decide now."""


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """Accept a seller's standing offer. `price_minor` is what the accepting side saw; None takes what stands."""

    seller_id: str
    reason: str
    purchase_id: str
    invoice_id: str
    remaining_minor: int
    at: datetime
    price_minor: int | None = None
    forced: bool = False
    making: Making | None = None
    corrections: tuple[OfferCorrected, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class RecordRefusal:
    """Write down that the ledger did not commit an acceptance."""

    accept: AcceptOffer
    code: str
    reason: str
    remaining_minor: int


@dataclass(frozen=True, slots=True)
class EndRoom:
    """End the room without a deal: the buyer leaves, time is up, nobody agrees, a person stops it, the buyer fails."""

    status: str
    reason: str
    at: datetime
    code: str | None = None
    making: Making | None = None
    corrections: tuple[OfferCorrected, ...] = ()


RoomCommand = (
    StartRoom
    | BeginRound
    | BuyerSpeaks
    | PersonSpeaks
    | SellerReplies
    | SellerFails
    | CallDecision
    | AcceptOffer
    | RecordRefusal
    | EndRoom
)
