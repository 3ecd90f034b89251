"""The rules of a room: what a command leads to. Pure; every limit that guards money is kept here and in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from chaffer.amounts.reading import bid_in, numerals_of
from chaffer.conversation.journal import EffectRefusedError
from chaffer.conversation.live import Verdict
from chaffer.conversation.mentions import mentions, without_mentions
from chaffer.conversation.minds import Making
from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import CommitPurchase, Purchase, ReleaseClaim
from chaffer.money import plain
from chaffer.negotiation.commands import (
    AcceptOffer,
    BeginRound,
    BuyerSpeaks,
    CallDecision,
    EndRoom,
    PersonSpeaks,
    RecordRefusal,
    RoomCommand,
    SellerFails,
    SellerReplies,
    StartRoom,
    Utterance,
)
from chaffer.negotiation.events import (
    BudgetUpdated,
    BuyerSpoke,
    DealMade,
    DealRefused,
    DecisionCalled,
    NegotiationStarted,
    Offer,
    RoomEnded,
    RoomEvent,
    RoundStarted,
    SellerReplied,
    SellerSkipped,
    SellerWithdrew,
)
from chaffer.negotiation.room import SKIPS_TO_WITHDRAW, Room, Seat, evolve
from chaffer.negotiation.terms import RoomStatus, Seller


def decide(room: Room, command: RoomCommand) -> Verdict:
    """Return what the command leads to.

    Raises ChafferError: NEGOTIATION_ALREADY_ACTIVE or CONFLICT when the room's state does not allow it,
    VALIDATION_ERROR when a price, round or seller is not one the command may name, BUDGET_CONSTRAINT_VIOLATION when
    an agent accepts above its ceiling.
    """
    return _DECIDE[type(command)](room, command)


def offer_objection(seller: Seller, price_minor: int) -> str | None:
    """Return why a seller may not offer that price, in words fit for the seller; None when it may."""
    if price_minor < seller.least_minor:
        return "that is below what you may accept"
    if price_minor > seller.list_minor:
        return f"that is above your list price of {plain(seller.list_minor)}"
    return None


def _start(room: Room, command: StartRoom) -> Verdict:
    terms = room.terms
    if room.status is RoomStatus.NO_SELLERS_AVAILABLE:
        raise ChafferError(
            Code.CONFLICT, f"Room {terms.room_id} cannot start: {room.reason}. Add a seller in a new session."
        )
    if room.status is not RoomStatus.PENDING:
        raise ChafferError(
            Code.NEGOTIATION_ALREADY_ACTIVE,
            f"Room {terms.room_id} cannot be started: it is {room.status}. Follow its stream or read its state.",
        )
    started_at = command.started_at
    begun: tuple[RoomEvent, ...] = (
        NegotiationStarted(started_at, started_at + terms.timeout),
        RoundStarted(1, command.ceiling_minor, command.remaining_minor),
    )
    return Verdict((*begun, _spoken(room, command.opening, turn=1, round_=1)))


def _begin_round(room: Room, command: BeginRound) -> Verdict:
    _must_be_active(room)
    if command.round != room.round + 1 or command.round > room.terms.max_rounds:
        raise _conflict(room, f"round {command.round} cannot follow round {room.round} of {room.terms.max_rounds}")
    events: list[RoomEvent] = [RoundStarted(command.round, command.ceiling_minor, command.remaining_minor)]
    if command.remaining_minor != room.remaining_minor:
        events.append(BudgetUpdated(command.remaining_minor))
    return Verdict(tuple(events))


def _buyer_speaks(room: Room, command: BuyerSpeaks) -> Verdict:
    _must_be_active(room)
    if command.round != room.round or room.buyer_round >= room.round:
        raise _conflict(room, f"the buyer has spoken in round {room.round}")
    for utterance in command.utterances:
        bid = utterance.bid_minor
        if bid is not None and not 0 < bid <= room.ceiling_minor:
            msg = f"A bid of {plain(bid)} was not placed: it must be above 0 and within the buyer's ceiling."
            raise ChafferError(Code.VALIDATION_ERROR, msg)
    spoken = [
        _spoken(room, utterance, room.turn + number, room.round, command.making if number == 1 else None)
        for number, utterance in enumerate(command.utterances, start=1)
    ]
    return Verdict((*command.corrections, *spoken))


def _person_speaks(room: Room, command: PersonSpeaks) -> Verdict:
    _must_be_active(room)
    named = mentions(command.text, room.terms.names)
    hearers = tuple(
        seller_id for seller_id in (named.ids if named.any else room.seats) if not room.seats[seller_id].withdrawn
    )
    bid = bid_in(without_mentions(command.text, room.terms.names), _free_numerals(room))
    if not hearers or (bid is not None and not 0 < bid <= room.ceiling_minor):
        bid = None
    said = _spoken(room, Utterance(command.message_id, hearers, bid, command.text), room.turn + 1, room.round)
    said = replace(said, manual=True)
    return Verdict((said,), (command.remember(said),) if command.remember is not None else ())


def _free_numerals(room: Room) -> frozenset[str]:
    terms = room.terms
    return numerals_of(terms.item_name, terms.buyer.name, *terms.names.values(), str(terms.quantity))


def _seller_replies(room: Room, command: SellerReplies) -> Verdict:
    seat = _owing_seat(room, command.seller_id, command.heard_turn)
    objection = offer_objection(seat.terms, command.price_minor)
    if objection is not None:
        msg = f"An offer by {command.seller_id} was not placed in {room.terms.room_id}: {objection}."
        raise ChafferError(Code.VALIDATION_ERROR, msg)
    last = room.terms.max_rounds
    valid_until = last if command.valid_until is None else min(max(command.valid_until, room.round), last)
    offer = Offer(command.price_minor, room.terms.quantity, command.conditions, valid_until)
    reply = SellerReplied(
        message_id=command.message_id,
        turn=room.turn + 1,
        round=room.round,
        seller_id=command.seller_id,
        text=command.text,
        offer=offer,
        heard_turn=command.heard_turn,
        making=command.making,
    )
    return Verdict((*command.corrections, reply))


def _seller_fails(room: Room, command: SellerFails) -> Verdict:
    seat = _owing_seat(room, command.seller_id, command.heard_turn)
    skipped = SellerSkipped(
        command.seller_id, room.round, command.code, command.explanation, command.heard_turn, command.draft_id
    )
    if seat.skips + 1 < SKIPS_TO_WITHDRAW:
        return Verdict((skipped,))
    reason = f"its model failed {SKIPS_TO_WITHDRAW} times in a row ({command.code})"
    return Verdict((skipped, SellerWithdrew(command.seller_id, room.round, reason)))


def _call_decision(room: Room, _: CallDecision) -> Verdict:
    _must_be_active(room)
    return Verdict() if room.decision_called else Verdict((DecisionCalled(),))


def _accept(room: Room, command: AcceptOffer) -> Verdict:
    _must_be_active(room)
    seat = _seat(room, command.seller_id)
    offer = seat.standing(room.round)
    if offer is None:
        raise _conflict(
            room, f"{seat.terms.name} has no standing offer; wait for its next one or choose another seller"
        )
    if command.price_minor is not None and command.price_minor != offer.price_minor:
        raise _conflict(room, f"the offer of {seat.terms.name} has changed to {plain(offer.price_minor)}")
    if not command.forced and offer.price_minor > room.ceiling_minor:
        msg = f"The offer of {plain(offer.price_minor)} by {seat.terms.name} is above the buyer's ceiling."
        raise ChafferError(Code.BUDGET_CONSTRAINT_VIOLATION, msg)
    return _deal(room, command, seat, offer)


def _deal(room: Room, command: AcceptOffer, seat: Seat, offer: Offer) -> Verdict:
    terms, seller, total = room.terms, seat.terms, offer.price_minor * offer.quantity
    made = DealMade(
        seller_id=seller.seller_id,
        seller_name=seller.name,
        round=room.round,
        price_minor=offer.price_minor,
        list_minor=seller.list_minor,
        quantity=offer.quantity,
        total_minor=total,
        purchase_id=command.purchase_id,
        invoice_id=command.invoice_id,
        forced=command.forced,
        making=command.making,
    )
    ended = RoomEnded(
        status=RoomStatus.COMPLETED,
        reason=command.reason,
        rounds=room.round,
        quantity=offer.quantity,
        duration_seconds=_duration(room, command),
        seller_id=seller.seller_id,
        seller_name=seller.name,
        price_minor=offer.price_minor,
        total_minor=total,
    )
    purchase = Purchase(
        purchase_id=command.purchase_id,
        invoice_id=command.invoice_id,
        session_id=terms.session_id,
        room_id=terms.room_id,
        owner=terms.owner,
        buyer_name=terms.buyer.name,
        seller_id=seller.seller_id,
        seller_name=seller.name,
        item_id=terms.item_id,
        item_name=terms.item_name,
        quantity=offer.quantity,
        price_minor=offer.price_minor,
        list_price_minor=seller.list_minor,
        currency=terms.currency,
        purchased_at=command.at,
        tax_percent=terms.tax_percent,
        category=terms.category,
    )
    return Verdict(
        (*command.corrections, made, BudgetUpdated(command.remaining_minor - total), ended),
        (CommitPurchase(purchase, command.remaining_minor), ReleaseClaim(terms.session_id, terms.room_id)),
    )


def _record_refusal(room: Room, command: RecordRefusal) -> Verdict:
    _must_be_active(room)
    seat = _seat(room, command.accept.seller_id)
    price = command.accept.price_minor if command.accept.price_minor is not None else (seat.prices or (0,))[-1]
    refused = DealRefused(
        seat.terms.seller_id, room.round, price, command.code, command.reason, command.remaining_minor
    )
    if command.code != Code.INSUFFICIENT_INVENTORY:
        return Verdict((refused, BudgetUpdated(command.remaining_minor)))
    return Verdict((refused, SellerWithdrew(seat.terms.seller_id, room.round, "it is sold out")))


def _end(room: Room, command: EndRoom) -> Verdict:
    if not room.is_open:
        raise _conflict(room, f"it is {room.status} already")
    ended = RoomEnded(
        status=RoomStatus(command.status),
        reason=command.reason,
        rounds=room.round,
        quantity=room.terms.quantity,
        duration_seconds=_duration(room, command),
        code=command.code,
        making=command.making,
    )
    return Verdict((*command.corrections, ended), (ReleaseClaim(room.terms.session_id, room.terms.room_id),))


def _spoken(room: Room, utterance: Utterance, turn: int, round_: int, making: Making | None = None) -> BuyerSpoke:
    return BuyerSpoke(
        message_id=utterance.message_id,
        turn=turn,
        round=round_,
        text=utterance.text,
        mentioned=mentions(utterance.text, room.terms.names).ids,
        hearers=tuple(seller_id for seller_id in utterance.hearers if not room.seats[seller_id].withdrawn),
        bid_minor=utterance.bid_minor,
        making=making,
    )


def _owing_seat(room: Room, seller_id: str, heard_turn: int) -> Seat:
    _must_be_active(room)
    seat = _seat(room, seller_id)
    if not seat.answered_turn < heard_turn <= seat.heard_turn or seat.withdrawn:
        raise _conflict(room, f"{seller_id} does not owe a reply to turn {heard_turn}")
    return seat


def _seat(room: Room, seller_id: str) -> Seat:
    seat = room.seats.get(seller_id)
    if seat is None:
        known = ", ".join(room.seats)
        msg = f"The seller that was named does not take part in room {room.terms.room_id}; these do: {known}."
        raise ChafferError(Code.VALIDATION_ERROR, msg)
    return seat


def _must_be_active(room: Room) -> None:
    if room.status is RoomStatus.ACTIVE:
        return
    if room.status is RoomStatus.PENDING:
        raise _conflict(room, "it has not begun; start it first")
    raise _conflict(room, f"it is over ({room.status})")


def _conflict(room: Room, why: str) -> ChafferError:
    return ChafferError(Code.CONFLICT, f"That cannot be done in room {room.terms.room_id}: {why}.")


def _duration(room: Room, command: AcceptOffer | EndRoom) -> float:
    return (command.at - room.started_at).total_seconds() if room.started_at is not None else 0.0


_DECIDE: Final[Mapping[type[Any], Callable[[Room, Any], Verdict]]] = {
    StartRoom: _start,
    BeginRound: _begin_round,
    BuyerSpeaks: _buyer_speaks,
    PersonSpeaks: _person_speaks,
    SellerReplies: _seller_replies,
    SellerFails: _seller_fails,
    CallDecision: _call_decision,
    AcceptOffer: _accept,
    RecordRefusal: _record_refusal,
    EndRoom: _end,
}


class RoomKind:
    """The rules of a room in the shape the kernel asks for."""

    name = "room"
    under_way = RoomStatus.ACTIVE.value

    def decide(self, state: Room, command: RoomCommand) -> Verdict:
        """Return what the command leads to; see `decide`."""
        return decide(state, command)

    def evolve(self, state: Room | None, event: RoomEvent) -> Room:
        """Return the room after the event; see `chaffer.negotiation.room.evolve`."""
        return evolve(state, event)

    def status(self, state: Room) -> str:
        """Return the room's status."""
        return state.status.value

    def is_over(self, state: Room) -> bool:
        """Tell whether the room has ended, or never can begin."""
        return not state.is_open

    def refused(self, command: RoomCommand, refusal: EffectRefusedError) -> RoomCommand | None:
        """Return what to do instead of an acceptance that the ledger refused.

        A changed budget is looked at again; a person who forced the deal is told; an agent's refusal is written down.
        """
        if not isinstance(command, AcceptOffer) or refusal.remaining_minor is None:
            return None
        if refusal.code is Code.CONFLICT:
            return replace(command, remaining_minor=refusal.remaining_minor)
        if command.forced:
            return None
        return RecordRefusal(command, refusal.code, refusal.message, refusal.remaining_minor)
