"""A log read back: who was at the table, and the moments of the negotiation as its operator or one agent saw them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

from chaffer.cli.board import Board, RoomOnShow, Stall
from chaffer.cli.moments import BudgetChanged, Corrected, Moment, Remarked, RoomOver, RoundBegan, Said
from chaffer.cli.scenario_files import read_file, shown_name
from chaffer.conversation.codec import Codec
from chaffer.errors import ChafferError, Code
from chaffer.exports.room_log import RoomLog, load_log, view_of_log
from chaffer.negotiation.events import (
    BudgetUpdated,
    BuyerSpoke,
    DealRefused,
    OfferCorrected,
    RoomEnded,
    RoomEvent,
    RoomOpened,
    RoundStarted,
    SellerReplied,
    SellerSkipped,
    SellerWithdrew,
)
from chaffer.negotiation.terms import RoomTerms
from chaffer.plain_text import harmless

LARGEST_LOG_BYTES: Final = 50_000_000

_CODEC: Final = Codec(get_args(RoomEvent))


@dataclass(frozen=True, slots=True)
class Recording:
    """A log as it is played: what was settled before, and what its viewer saw. `agent_id` is None for the operator."""

    opened: RoomOpened
    events: tuple[RoomEvent, ...]
    agent_id: str | None

    @property
    def terms(self) -> RoomTerms:
        """Return what was settled before anybody spoke."""
        return self.opened.terms

    @property
    def seller_id(self) -> str | None:
        """Return the seller who looks, or None when the operator or the buyer does."""
        return self.agent_id if self.agent_id in self.terms.names else None


def read_recording(name: str, agent_id: str | None = None) -> Recording:
    """Return a log file as its operator, or one of its agents, saw the room.

    Raises VALIDATION_ERROR that names the file for one that is no log, and for an agent who was not in the room.
    """
    log = load_log(read_file(name, largest=LARGEST_LOG_BYTES), shown_name(name))
    events = _events(log, shown_name(name))
    opened = events[0] if events else None
    if not isinstance(opened, RoomOpened):
        sentence = f"{shown_name(name)} is no log of a negotiation: its first event is not `room_opened`."
        raise _unfit(sentence)
    if agent_id is None:
        return Recording(opened, events, None)
    known = (opened.terms.buyer.buyer_id, *opened.terms.names)
    if agent_id not in known:
        sentence = f"--agent {agent_id!r} was not in this room. Its agents are {', '.join(known)}."
        raise _unfit(sentence)
    return Recording(opened, tuple(look.event for look in view_of_log(log, agent_id)), agent_id)


def _events(log: RoomLog, name: str) -> tuple[RoomEvent, ...]:
    events = []
    for number, event in enumerate(log.events):
        try:
            events.append(_CODEC.load(event.type, json.dumps(event.data)))
        except (KeyError, ValueError) as fault:
            sentence = f"{name} is damaged: events[{number}] is no valid `{harmless(event.type)}`."
            raise _unfit(sentence) from fault
    return tuple(events)


def _unfit(sentence: str) -> ChafferError:
    return ChafferError(Code.VALIDATION_ERROR, sentence)


def board_of_recording(recording: Recording) -> Board:
    """Return what there is to show; to a seller no other seller and no budget."""
    terms, mine = recording.terms, recording.seller_id
    stalls = {
        seller.seller_id: Stall(seller.seller_id, harmless(seller.name), seller.list_minor)
        for seller in terms.sellers
        if mine in {None, seller.seller_id}
    }
    budget = terms.buyer.budget_minor if mine is None else None
    room = RoomOnShow(
        room_id=terms.room_id,
        item=harmless(terms.item_name),
        quantity=terms.quantity,
        max_rounds=terms.max_rounds,
        stalls=stalls,
        status="pending" if terms.sellers else "no_sellers_available",
        reason=harmless(recording.opened.reason or ""),
    )
    return Board(harmless(terms.buyer.name), terms.currency, budget, budget, {terms.room_id: room})


def moments_of(recording: Recording) -> Iterator[Moment]:
    """Yield the moments in order; messages are whole."""
    for event in recording.events:
        moment = _moment(recording.terms, event)
        if moment is not None:
            yield moment


def _moment(terms: RoomTerms, event: RoomEvent) -> Moment | None:
    room_id = terms.room_id
    match event:
        case RoundStarted():
            return RoundBegan(room_id, event.round)
        case BuyerSpoke():
            return Said(room_id, event.message_id, None, harmless(terms.buyer.name), harmless(event.text), None)
        case SellerReplied():
            speaker = harmless(terms.names[event.seller_id])
            text, price = harmless(event.text), event.offer.price_minor
            return Said(room_id, event.message_id, event.seller_id, speaker, text, price)
        case BudgetUpdated():
            return BudgetChanged(room_id, event.remaining_minor)
        case RoomEnded():
            return _over(room_id, event)
        case _:
            return _remark(terms, event)


def _remark(terms: RoomTerms, event: RoomEvent) -> Moment | None:
    """Return what is worth a line between the messages, or None."""
    match event:
        case OfferCorrected():
            return Corrected(terms.room_id, event.agent_id, harmless(event.reason))
        case SellerSkipped():
            text = f"{terms.names[event.seller_id]} says nothing this round ({event.code})"
        case SellerWithdrew():
            text = f"{terms.names[event.seller_id]} leaves: {event.reason}"
        case DealRefused():
            text = f"no purchase from {terms.names[event.seller_id]}: {event.reason}"
        case _:
            return None
    left = event.seller_id if isinstance(event, SellerWithdrew) else None
    return Remarked(terms.room_id, harmless(text), left)


def _over(room_id: str, event: RoomEnded) -> RoomOver:
    return RoomOver(
        room_id=room_id,
        status=event.status.value,
        reason=harmless(event.reason),
        rounds=event.rounds,
        seller_id=event.seller_id,
        seller_name=None if event.seller_name is None else harmless(event.seller_name),
        price_minor=event.price_minor,
        total_minor=event.total_minor,
    )
