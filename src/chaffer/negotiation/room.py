"""The state of a room: a fold over its events, and what has to happen next in it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from chaffer.negotiation.events import (
    BudgetUpdated,
    BuyerSpoke,
    DealMade,
    DealRefused,
    DecisionCalled,
    NegotiationStarted,
    Offer,
    OfferCorrected,
    RoomEnded,
    RoomEvent,
    RoomOpened,
    RoundStarted,
    SellerReplied,
    SellerSkipped,
    SellerWithdrew,
)
from chaffer.negotiation.terms import RoomStatus, RoomTerms, Seller

SKIPS_TO_WITHDRAW: Final = 3

_OPEN: Final = frozenset({RoomStatus.PENDING, RoomStatus.ACTIVE})


class Seat(Struct, frozen=True):
    """A seller at the table: its prices so far, the buyer's bids to it, the offer that stands, and what it owes."""

    terms: Seller
    prices: tuple[int, ...] = ()
    bids: tuple[int, ...] = ()
    offer: Offer | None = None
    heard_turn: int = 0
    answered_turn: int = 0
    skips: int = 0
    withdrawn: bool = False
    left_because: str = ""

    @property
    def owes_reply(self) -> bool:
        """Tell whether a message reached the seller that it has not answered."""
        return self.heard_turn > self.answered_turn and not self.withdrawn

    def standing(self, round_: int) -> Offer | None:
        """Return the offer that stands in that round, or None."""
        if self.withdrawn or self.offer is None or self.offer.valid_until < round_:
            return None
        return self.offer


class Room(Struct, frozen=True):
    """Where a room stands. `turn` counts its messages, `round` its rounds from 1; both are 0 before the start.

    `corrections` counts the replies that were not let through; in an ordered room the buyer's alone, because how often
    a seller tried what it may not tells of its private numbers.
    """

    terms: RoomTerms
    seats: MappingProxyType[str, Seat]
    status: RoomStatus
    reason: str | None = None
    round: int = 0
    turn: int = 0
    buyer_round: int = 0
    ceiling_minor: int = 0
    remaining_minor: int | None = None
    decision_called: bool = False
    corrections: int = 0
    started_at: datetime | None = None
    deadline_at: datetime | None = None
    deal: DealMade | None = None
    ended: RoomEnded | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the room can still change."""
        return self.status in _OPEN

    def standing_offers(self) -> dict[str, Offer]:
        """Return the offers that stand now, by seller id, in the order of the session."""
        offers = {seller_id: seat.standing(self.round) for seller_id, seat in self.seats.items()}
        return {seller_id: offer for seller_id, offer in offers.items() if offer is not None}


class BeginNextRound(Struct, frozen=True):
    """A new round has to begin."""

    round: int


class AskBuyer(Struct, frozen=True):
    """The buyer has to speak, accept or leave."""


class AskSellers(Struct, frozen=True):
    """These sellers, by id, owe a reply."""

    seller_ids: tuple[str, ...]


class AskDecision(Struct, frozen=True):
    """The buyer has to accept or leave: the rounds are over, or a person wants it so."""


class NobodyLeft(Struct, frozen=True):
    """Every seller has withdrawn."""


class Nothing(Struct, frozen=True):
    """The room is not active."""


Step = BeginNextRound | AskBuyer | AskSellers | AskDecision | NobodyLeft | Nothing


def next_step(room: Room) -> Step:
    """Return what has to happen next; the flow enters the graph there, after a crash as well."""
    if room.status is not RoomStatus.ACTIVE:
        return Nothing()
    seated = [seat for seat in room.seats.values() if not seat.withdrawn]
    if not seated:
        return NobodyLeft()
    if room.decision_called:
        return AskDecision()
    owing = [seat.terms.seller_id for seat in seated if seat.owes_reply]
    if owing:
        return AskSellers(tuple(owing))
    if room.buyer_round < room.round:
        return AskBuyer()
    return AskDecision() if room.round >= room.terms.max_rounds else BeginNextRound(room.round + 1)


def evolve(room: Room | None, event: RoomEvent) -> Room:
    """Return the room after the event. The first event is RoomOpened and meets None, no other does."""
    return _opened(event) if room is None else _EVOLVE[type(event)](room, event)


def _opened(event: RoomEvent) -> Room:
    if not isinstance(event, RoomOpened):
        msg = f"a room's first event is RoomOpened, not {type(event).__name__}"
        raise TypeError(msg)
    seats = {seller.seller_id: Seat(seller) for seller in event.terms.sellers}
    status = RoomStatus.PENDING if seats else RoomStatus.NO_SELLERS_AVAILABLE
    return Room(event.terms, MappingProxyType(seats), status, reason=event.reason)


def _with_seat(room: Room, seat: Seat) -> MappingProxyType[str, Seat]:
    return MappingProxyType(room.seats | {seat.terms.seller_id: seat})


def _started(room: Room, event: NegotiationStarted) -> Room:
    return replace(room, status=RoomStatus.ACTIVE, started_at=event.started_at, deadline_at=event.deadline_at)


def _round_started(room: Room, event: RoundStarted) -> Room:
    return replace(
        room, round=event.round, ceiling_minor=event.ceiling_minor or 0, remaining_minor=event.remaining_minor
    )


def _budget_updated(room: Room, event: BudgetUpdated) -> Room:
    return replace(room, remaining_minor=event.remaining_minor)


def _buyer_spoke(room: Room, event: BuyerSpoke) -> Room:
    bid = () if event.bid_minor is None else (event.bid_minor,)
    hearing = {
        seller_id: replace(room.seats[seller_id], heard_turn=event.turn, bids=room.seats[seller_id].bids + bid)
        for seller_id in event.hearers
    }
    buyer_round = room.buyer_round if event.manual else event.round
    return replace(room, seats=MappingProxyType(room.seats | hearing), turn=event.turn, buyer_round=buyer_round)


def _seller_replied(room: Room, event: SellerReplied) -> Room:
    seat = room.seats[event.seller_id]
    answered = replace(
        seat,
        prices=(*seat.prices, event.offer.price_minor),
        offer=event.offer,
        answered_turn=event.heard_turn,
        skips=0,
    )
    return replace(room, seats=_with_seat(room, answered), turn=event.turn)


def _seller_skipped(room: Room, event: SellerSkipped) -> Room:
    seat = room.seats[event.seller_id]
    skipped = replace(seat, answered_turn=event.heard_turn, skips=seat.skips + 1)
    return replace(room, seats=_with_seat(room, skipped))


def _seller_withdrew(room: Room, event: SellerWithdrew) -> Room:
    left = replace(room.seats[event.seller_id], withdrawn=True, left_because=event.reason)
    return replace(room, seats=_with_seat(room, left))


def _deal_refused(room: Room, event: DealRefused) -> Room:
    affordable = event.remaining_minor // room.terms.quantity
    return replace(room, remaining_minor=event.remaining_minor, ceiling_minor=min(room.ceiling_minor, affordable))


def _corrected(room: Room, event: OfferCorrected) -> Room:
    if room.terms.is_ordered and event.agent_id != room.terms.buyer.buyer_id:
        return room
    return replace(room, corrections=room.corrections + 1)


def _ended(room: Room, event: RoomEnded) -> Room:
    return replace(room, status=event.status, reason=event.reason, ended=event)


_EVOLVE: Final[Mapping[type[Any], Callable[[Room, Any], Room]]] = {
    NegotiationStarted: _started,
    RoundStarted: _round_started,
    BudgetUpdated: _budget_updated,
    BuyerSpoke: _buyer_spoke,
    SellerReplied: _seller_replied,
    OfferCorrected: _corrected,
    SellerSkipped: _seller_skipped,
    SellerWithdrew: _seller_withdrew,
    DecisionCalled: lambda room, _: replace(room, decision_called=True),
    DealRefused: _deal_refused,
    DealMade: lambda room, event: replace(room, deal=event),
    RoomEnded: _ended,
}
