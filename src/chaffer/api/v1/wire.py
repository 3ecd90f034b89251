"""A room's events as they go over the wire: the names and fields that front ends know.

Everything here starts from what a viewer has seen, never from the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from chaffer.conversation.feed import Piece
from chaffer.conversation.views import Seen
from chaffer.money import number_from_minor
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
    RoundStarted,
    SellerReplied,
    SellerSkipped,
    SellerWithdrew,
)
from chaffer.negotiation.room import Room
from chaffer.negotiation.terms import RoomTerms

Wire = tuple[str, dict[str, Any]]


def rfc3339(moment: datetime) -> str:
    """Return a UTC time as text ending in `Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def price(minor: int | None) -> float | None:
    """Return an amount as a JSON number, None staying None."""
    return None if minor is None else number_from_minor(minor)


def offer_document(offer: Offer, at: datetime) -> dict[str, Any]:
    """Return a typed offer; `timestamp` is when it was made."""
    return {
        "price": price(offer.price_minor),
        "quantity": offer.quantity,
        "conditions": offer.conditions,
        "valid_until": offer.valid_until,
        "timestamp": rfc3339(at),
    }


def wire_event(seen: Seen, terms: RoomTerms) -> Wire | None:
    """Return an event's name and data, or None for one that is not streamed."""
    render = _RENDER.get(type(seen.event))
    if render is None:
        return None
    name, data = render(seen.event, terms, seen.at)
    return name, {**data, "timestamp": rfc3339(seen.at)}


def wire_piece(piece: Piece, buyer_id: str) -> Wire:
    """Return a piece of a draft: that somebody began to think, or text as it is generated."""
    sender = "buyer" if piece.sender_id == buyer_id else piece.sender_id
    if not piece.delta and not piece.offset and not piece.restarted:
        return "agent_typing", {"sender": sender, "sender_id": piece.sender_id, "message_id": piece.message_id}
    return "message_delta", {
        "message_id": piece.message_id,
        "sender": sender,
        "sender_id": piece.sender_id,
        "attempt": piece.attempt,
        "offset": piece.offset,
        "delta": piece.delta,
    }


def heartbeat(room: Room) -> dict[str, Any]:
    """Return the data of a heartbeat."""
    return {"status": room.status.value, "current_round": room.round}


def _started(event: NegotiationStarted, terms: RoomTerms, _: datetime) -> Wire:
    return "negotiation_started", {"max_rounds": terms.max_rounds, "deadline": rfc3339(event.deadline_at)}


def _round_started(event: RoundStarted, _: RoomTerms, __: datetime) -> Wire:
    return "round_started", {"round": event.round}


def _budget_updated(event: BudgetUpdated, _: RoomTerms, __: datetime) -> Wire:
    return "budget_updated", {"remaining": price(event.remaining_minor)}


def _buyer_spoke(event: BuyerSpoke, terms: RoomTerms, _: datetime) -> Wire:
    names = terms.names
    return "buyer_message", {
        "message_id": event.message_id,
        "sender": "buyer",
        "sender_id": terms.buyer.buyer_id,
        "sender_name": terms.buyer.name,
        "message": event.text,
        "mentioned_sellers": [names[seller_id] for seller_id in event.mentioned],
        "mentioned_agents": list(event.mentioned),
        "visible_to": list(event.hearers),
        "round": event.round,
        "turn": event.turn,
        "bid": None if event.bid_minor is None else {"price": price(event.bid_minor), "quantity": terms.quantity},
        "manual": event.manual,
    }


def _seller_replied(event: SellerReplied, terms: RoomTerms, at: datetime) -> Wire:
    return "seller_response", {
        "message_id": event.message_id,
        "sender": event.seller_id,
        "sender_id": event.seller_id,
        "seller_name": terms.names[event.seller_id],
        "message": event.text,
        "mentioned_sellers": [],
        "mentioned_agents": [],
        "round": event.round,
        "turn": event.turn,
        "updated_offer": offer_document(event.offer, at),
    }


def _offer_corrected(event: OfferCorrected, terms: RoomTerms, _: datetime) -> Wire:
    is_buyer = event.agent_id == terms.buyer.buyer_id
    return "offer_corrected", {
        "sender": "buyer" if is_buyer else event.agent_id,
        "sender_id": event.agent_id,
        "round": event.round,
        "attempted": event.attempted,
        "reason": event.reason,
        "replaced_by": price(event.replaced_minor),
    }


def _seller_skipped(event: SellerSkipped, terms: RoomTerms, _: datetime) -> Wire:
    return "error", {
        "error": event.explanation or "The seller's model failed; it skips this round.",
        "code": event.code,
        "sender": event.seller_id,
        "seller_name": terms.names[event.seller_id],
        "round": event.round,
        "message_id": event.draft_id,
        "retry_in_seconds": None,
        "fatal": False,
    }


def _seller_withdrew(event: SellerWithdrew, terms: RoomTerms, _: datetime) -> Wire:
    return "seller_withdrew", {
        "sender": event.seller_id,
        "seller_name": terms.names[event.seller_id],
        "round": event.round,
        "reason": event.reason,
    }


def _decision_called(_: DecisionCalled, __: RoomTerms, ___: datetime) -> Wire:
    return "decision_called", {}


def _deal_refused(event: DealRefused, terms: RoomTerms, _: datetime) -> Wire:
    return "deal_refused", {
        "sender": event.seller_id,
        "seller_name": terms.names[event.seller_id],
        "round": event.round,
        "price": price(event.price_minor),
        "code": event.code,
        "reason": event.reason,
        "remaining": price(event.remaining_minor),
    }


def _deal_made(event: DealMade, _: RoomTerms, __: datetime) -> Wire:
    return "deal_made", {
        "selected_seller": event.seller_id,
        "seller_name": event.seller_name,
        "round": event.round,
        "price": price(event.price_minor),
        "list_price": price(event.list_minor),
        "quantity": event.quantity,
        "total_cost": price(event.total_minor),
        "invoice_id": event.invoice_id,
        "forced": event.forced,
    }


def _ended(event: RoomEnded, _: RoomTerms, __: datetime) -> Wire:
    return "negotiation_complete", {
        "status": event.status.value,
        "selected_seller": event.seller_id,
        "seller_name": event.seller_name,
        "final_price": price(event.price_minor),
        "quantity": event.quantity,
        "total_cost": price(event.total_minor),
        "reason": event.reason,
        "rounds": event.rounds,
        "code": event.code,
    }


_RENDER: Final[Mapping[type[Any], Callable[[Any, RoomTerms, datetime], Wire]]] = {
    NegotiationStarted: _started,
    RoundStarted: _round_started,
    BudgetUpdated: _budget_updated,
    BuyerSpoke: _buyer_spoke,
    SellerReplied: _seller_replied,
    OfferCorrected: _offer_corrected,
    SellerSkipped: _seller_skipped,
    SellerWithdrew: _seller_withdrew,
    DecisionCalled: _decision_called,
    DealRefused: _deal_refused,
    DealMade: _deal_made,
    RoomEnded: _ended,
}
