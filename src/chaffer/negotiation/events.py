"""What happens in a room: the closed set of its events, in the words of the trade. The journal holds nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from chaffer.conversation.minds import Making
from chaffer.negotiation.terms import RoomStatus, RoomTerms

Instant = Annotated[datetime, Meta(tz=True)]
"""A point in time, with its zone."""


class Offer(Struct, frozen=True):
    """A seller's typed offer: a price per unit for the needed quantity, standing to the end of round `valid_until`."""

    price_minor: int
    quantity: int
    conditions: str | None
    valid_until: int


class RoomOpened(Struct, frozen=True):
    """A room was made for one line of the shopping list. `reason` says why it has no sellers, else None."""

    terms: RoomTerms
    reason: str | None = None


class NegotiationStarted(Struct, frozen=True):
    """The haggling began; at `deadline_at` it ends in any case."""

    started_at: Instant
    deadline_at: Instant


class RoundStarted(Struct, frozen=True):
    """A round began. The ceiling per unit and the remaining budget are the buyer's alone."""

    round: int
    ceiling_minor: int | None
    remaining_minor: int | None


class BudgetUpdated(Struct, frozen=True):
    """The budget that remains of the session has changed. The buyer's alone."""

    remaining_minor: int


class BuyerSpoke(Struct, frozen=True):
    """The buyer's message to `hearers`, with a typed bid to them if it names one. `turn` counts the room's messages.

    `manual` marks a person's words in the buyer's place.
    """

    message_id: str
    turn: int
    round: int
    text: str
    mentioned: tuple[str, ...]
    hearers: tuple[str, ...]
    bid_minor: int | None
    manual: bool = False
    making: Making | None = None


class SellerReplied(Struct, frozen=True):
    """A seller's message with the offer that stands from then on; it answers the messages up to turn `heard_turn`."""

    message_id: str
    turn: int
    round: int
    seller_id: str
    text: str
    offer: Offer
    heard_turn: int
    making: Making | None = None


class OfferCorrected(Struct, frozen=True):
    """An agent's typed reply or words broke a limit: `attempted` was not let through; `replaced` is what stands now.

    `replaced_minor` is None while the agent is asked again.
    """

    agent_id: str
    round: int
    attempted: str
    reason: str
    replaced_minor: int | None = None
    making: Making | None = None


class SellerSkipped(Struct, frozen=True):
    """A seller's model failed after all retries; the seller says nothing this round. A draft of it is void."""

    seller_id: str
    round: int
    code: str
    explanation: str
    heard_turn: int
    draft_id: str | None = None


class SellerWithdrew(Struct, frozen=True):
    """A seller left the table; its offer no longer stands."""

    seller_id: str
    round: int
    reason: str


class DecisionCalled(Struct, frozen=True):
    """A person asked the buyer to decide now."""


class DealRefused(Struct, frozen=True):
    """The ledger did not commit an acceptance; the room goes on."""

    seller_id: str
    round: int
    price_minor: int
    code: str
    reason: str
    remaining_minor: int


class DealMade(Struct, frozen=True):
    """The buyer accepted a standing offer and the ledger committed it."""

    seller_id: str
    seller_name: str
    round: int
    price_minor: int
    list_minor: int
    quantity: int
    total_minor: int
    purchase_id: str
    invoice_id: str
    forced: bool
    making: Making | None = None


class RoomEnded(Struct, frozen=True):
    """The room is over. Without a deal the seller and the money are None; `code` tells the fault of a failed room."""

    status: RoomStatus
    reason: str
    rounds: int
    quantity: int
    duration_seconds: float
    seller_id: str | None = None
    seller_name: str | None = None
    price_minor: int | None = None
    total_minor: int | None = None
    code: str | None = None
    making: Making | None = None


RoomEvent = (
    RoomOpened
    | NegotiationStarted
    | RoundStarted
    | BudgetUpdated
    | BuyerSpoke
    | SellerReplied
    | OfferCorrected
    | SellerSkipped
    | SellerWithdrew
    | DecisionCalled
    | DealRefused
    | DealMade
    | RoomEnded
)
