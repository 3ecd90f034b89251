"""The JSON export of a room: what one viewer may see of it, and the source of its other formats.

Amounts are numbers of the currency. The operator's holds all; an agent's is exactly that agent's view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import TypeAdapter

from chaffer.conversation.views import Seen, Viewer
from chaffer.exports.happenings import Happening, happening_of
from chaffer.exports.making import MakingExport, making_export
from chaffer.money import number_from_minor
from chaffer.negotiation.events import (
    BuyerSpoke,
    DealMade,
    NegotiationStarted,
    RoomEnded,
    RoundStarted,
    SellerReplied,
    SellerWithdrew,
)
from chaffer.negotiation.terms import RoomStatus, RoomTerms

SCHEMA_VERSION: Final = 1
OPERATOR_NAME: Final = "operator"

OfferState = Literal["accepted", "standing", "replaced", "expired", "withdrawn"]


@dataclass(frozen=True, slots=True)
class OfferExport:
    """A typed offer, per unit, standing to the end of round `valid_until`; `state` is what had become of it."""

    price: float
    quantity: int
    conditions: str | None
    valid_until: int
    state: OfferState


@dataclass(frozen=True, slots=True)
class MessageExport:
    """A message. `addressed_to` are those whom this viewer knows to have heard it; `bid` is the buyer's, per unit.

    `position` is its place in the journal; `manual` marks a person's words in the buyer's place; how it was made is
    for the operator alone.
    """

    position: int
    message_id: str
    turn: int
    round: int
    at: datetime
    sender_id: str
    sender_name: str
    part: Literal["buyer", "seller"]
    text: str
    addressed_to: tuple[str, ...]
    mentioned: tuple[str, ...]
    manual: bool
    bid: float | None
    offer: OfferExport | None
    making: MakingExport | None


@dataclass(frozen=True, slots=True)
class BuyerExport:
    """The buyer. Its budget and where it would like to end are for itself and the operator."""

    buyer_id: str
    name: str
    budget: float | None
    wish: float | None


@dataclass(frozen=True, slots=True)
class SellerExport:
    """A seller with its public list price; the other numbers are for the operator."""

    seller_id: str
    name: str
    list_price: float
    least_price: float | None
    cost_price: float | None


@dataclass(frozen=True, slots=True)
class OutcomeExport:
    """How the room ended. Without a deal that this viewer knows of, seller and money are None."""

    status: str
    reason: str
    code: str | None
    ended_at: datetime
    rounds: int
    duration_seconds: float
    seller_id: str | None
    seller_name: str | None
    quantity: int
    price: float | None
    list_price: float | None
    total: float | None
    purchase_id: str | None
    invoice_id: str | None


@dataclass(frozen=True, slots=True)
class RoomExport:
    """A room as `viewer` may see it, `operator` or an agent's id. It goes on after `as_of` if it is partial."""

    schema_version: int
    kind: Literal["negotiation_room"]
    viewer: str
    room_id: str
    session_id: str
    item_id: str
    item_name: str
    quantity: int
    currency: str
    status: str
    is_partial: bool
    as_of: datetime | None
    started_at: datetime | None
    rounds: int
    max_rounds: int
    buyer: BuyerExport
    sellers: tuple[SellerExport, ...]
    messages: tuple[MessageExport, ...]
    happenings: tuple[Happening, ...]
    outcome: OutcomeExport | None


ROOM_EXPORT: Final = TypeAdapter(RoomExport)


def room_export(terms: RoomTerms, viewer: Viewer, seen: Sequence[Seen]) -> RoomExport:
    """Return the export of a room from what the viewer has seen of it."""
    started = next((look for look in seen if isinstance(look.event, NegotiationStarted)), None)
    outcome = _outcome(seen)
    status = outcome.status if outcome is not None else _open_status(terms, is_started=started is not None)
    happenings = (happening_of(look, terms) for look in seen)
    return RoomExport(
        schema_version=SCHEMA_VERSION,
        kind="negotiation_room",
        viewer=viewer.agent_id or OPERATOR_NAME,
        room_id=terms.room_id,
        session_id=terms.session_id,
        item_id=terms.item_id,
        item_name=terms.item_name,
        quantity=terms.quantity,
        currency=terms.currency,
        status=status,
        is_partial=status in {RoomStatus.PENDING, RoomStatus.ACTIVE},
        as_of=seen[-1].at if seen else None,
        started_at=started.at if started is not None else None,
        rounds=_round(seen),
        max_rounds=terms.max_rounds,
        buyer=_buyer(terms, viewer),
        sellers=_sellers(terms, viewer),
        messages=_messages(terms, seen),
        happenings=tuple(happening for happening in happenings if happening is not None),
        outcome=outcome,
    )


def _open_status(terms: RoomTerms, *, is_started: bool) -> str:
    if not terms.sellers:
        return RoomStatus.NO_SELLERS_AVAILABLE.value
    return (RoomStatus.ACTIVE if is_started else RoomStatus.PENDING).value


def _round(seen: Sequence[Seen]) -> int:
    return max((look.event.round for look in seen if isinstance(look.event, RoundStarted)), default=0)


def _buyer(terms: RoomTerms, viewer: Viewer) -> BuyerExport:
    buyer = terms.buyer
    is_told = viewer.agent_id in {None, buyer.buyer_id}
    return BuyerExport(
        buyer_id=buyer.buyer_id,
        name=buyer.name,
        budget=number_from_minor(buyer.budget_minor) if is_told else None,
        wish=number_from_minor(buyer.wish_minor) if is_told else None,
    )


def _sellers(terms: RoomTerms, viewer: Viewer) -> tuple[SellerExport, ...]:
    """Return the sellers; a seller sees itself alone, as in the state of the room."""
    is_operator = viewer.agent_id is None
    return tuple(
        SellerExport(
            seller_id=seller.seller_id,
            name=seller.name,
            list_price=number_from_minor(seller.list_minor),
            least_price=number_from_minor(seller.least_minor) if is_operator else None,
            cost_price=number_from_minor(seller.cost_minor) if is_operator else None,
        )
        for seller in terms.sellers
        if viewer.agent_id in {None, terms.buyer.buyer_id, seller.seller_id}
    )


def _messages(terms: RoomTerms, seen: Sequence[Seen]) -> tuple[MessageExport, ...]:
    states = _offer_states(seen)
    return tuple(
        _of_buyer(look, terms) if isinstance(look.event, BuyerSpoke) else _of_seller(look, terms, states)
        for look in seen
        if isinstance(look.event, BuyerSpoke | SellerReplied)
    )


def _of_buyer(look: Seen, terms: RoomTerms) -> MessageExport:
    event: BuyerSpoke = look.event
    return MessageExport(
        position=look.position,
        message_id=event.message_id,
        turn=event.turn,
        round=event.round,
        at=look.at,
        sender_id=terms.buyer.buyer_id,
        sender_name=terms.buyer.name,
        part="buyer",
        text=event.text,
        addressed_to=event.hearers,
        mentioned=event.mentioned,
        manual=event.manual,
        bid=_number(event.bid_minor),
        offer=None,
        making=making_export(event.making),
    )


def _of_seller(look: Seen, terms: RoomTerms, states: dict[int, OfferState]) -> MessageExport:
    event: SellerReplied = look.event
    offer = event.offer
    return MessageExport(
        position=look.position,
        message_id=event.message_id,
        turn=event.turn,
        round=event.round,
        at=look.at,
        sender_id=event.seller_id,
        sender_name=terms.names[event.seller_id],
        part="seller",
        text=event.text,
        addressed_to=(terms.buyer.buyer_id,),
        mentioned=(),
        manual=False,
        bid=None,
        offer=OfferExport(
            number_from_minor(offer.price_minor),
            offer.quantity,
            offer.conditions,
            offer.valid_until,
            states[look.position],
        ),
        making=making_export(event.making),
    )


def _offer_states(seen: Sequence[Seen]) -> dict[int, OfferState]:
    """Return what had become of each offer, by the position of its message."""
    round_ = _round(seen)
    gone = {look.event.seller_id for look in seen if isinstance(look.event, SellerWithdrew)}
    accepted = {look.event.seller_id for look in seen if isinstance(look.event, DealMade)}
    last = {look.event.seller_id: look.position for look in seen if isinstance(look.event, SellerReplied)}

    def state(look: Seen) -> OfferState:
        event: SellerReplied = look.event
        if last[event.seller_id] != look.position:
            return "replaced"
        if event.seller_id in accepted:
            return "accepted"
        if event.seller_id in gone:
            return "withdrawn"
        return "standing" if event.offer.valid_until >= round_ else "expired"

    return {look.position: state(look) for look in seen if isinstance(look.event, SellerReplied)}


def _outcome(seen: Sequence[Seen]) -> OutcomeExport | None:
    ended = next((look for look in reversed(seen) if isinstance(look.event, RoomEnded)), None)
    if ended is None:
        return None
    event: RoomEnded = ended.event
    deal = next((look.event for look in seen if isinstance(look.event, DealMade)), None)
    return OutcomeExport(
        status=event.status.value,
        reason=event.reason,
        code=event.code,
        ended_at=ended.at,
        rounds=event.rounds,
        duration_seconds=round(event.duration_seconds, 3),
        seller_id=event.seller_id,
        seller_name=event.seller_name,
        quantity=event.quantity,
        price=_number(event.price_minor),
        list_price=number_from_minor(deal.list_minor) if deal is not None else None,
        total=_number(event.total_minor),
        purchase_id=deal.purchase_id if deal is not None else None,
        invoice_id=deal.invoice_id if deal is not None else None,
    )


def _number(minor: int | None) -> float | None:
    return None if minor is None else number_from_minor(minor)
