"""What can be asked of a room: the closed set of commands that its rules decide on.

Ids and times come in with a command, so that deciding is pure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from chaffer.conversation.journal import Effect
from chaffer.conversation.minds import Making
from chaffer.negotiation.events import BuyerSpoke, OfferCorrected


class Utterance(Struct, frozen=True):
    """One message of the buyer: to whom (ids, in the room's order), the typed bid to them, and the words."""

    message_id: str
    hearers: tuple[str, ...]
    bid_minor: int | None
    text: str


class StartRoom(Struct, frozen=True):
    """Begin: round 1 with the buyer's opening message."""

    opening: Utterance
    ceiling_minor: int
    remaining_minor: int
    started_at: datetime


class BeginRound(Struct, frozen=True):
    """Begin the next round with the budget as it is now."""

    round: int
    ceiling_minor: int
    remaining_minor: int


class BuyerSpeaks(Struct, frozen=True):
    """The buyer's turn of a round: one or more messages."""

    round: int
    utterances: tuple[Utterance, ...]
    making: Making | None = None
    corrections: tuple[OfferCorrected, ...] = ()


class PersonSpeaks(Struct, frozen=True):
    """A person says something in the buyer's place; a single amount in it is a bid.

    `remember` gives the answer to keep with the message, for a request that bore an Idempotency-Key.
    """

    message_id: str
    text: str
    remember: Callable[[BuyerSpoke], Effect] | None = None


class SellerReplies(Struct, frozen=True):
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


class SellerFails(Struct, frozen=True):
    """A seller's model failed after all retries."""

    seller_id: str
    round: int
    heard_turn: int
    code: str
    explanation: str
    draft_id: str | None = None


class CallDecision(Struct, frozen=True):
    """A person wants the buyer to decide now."""


class AcceptOffer(Struct, frozen=True):
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
    corrections: tuple[OfferCorrected, ...] = ()


class RecordRefusal(Struct, frozen=True):
    """Write down that the ledger did not commit an acceptance."""

    accept: AcceptOffer
    code: str
    reason: str
    remaining_minor: int


class EndRoom(Struct, frozen=True):
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
