"""From the state of sessions and rooms to the documents of the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaffer.api.v1.schemas import (
    BudgetInfo,
    BuyerInfo,
    ConversationMessage,
    DecisionMade,
    ParticipatingSeller,
    RoomInfo,
    RoomOverview,
    RoomStarted,
    RoomState,
    SelectedSeller,
    SellerInfo,
    SessionCreated,
    SessionDetails,
)
from chaffer.api.v1.stream_events import SellersReset, SessionReset
from chaffer.api.v1.wire import offer_document, price, rfc3339, wire_event
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import OPERATOR, Seen, Viewer, view_for
from chaffer.ledger.books import Account
from chaffer.money import number_from_minor
from chaffer.negotiation.events import BuyerSpoke, RoomEnded, SellerReplied
from chaffer.negotiation.market import SessionState
from chaffer.negotiation.room import Room
from chaffer.negotiation.session import NewSession
from chaffer.negotiation.terms import RoomStatus, RoomTerms
from chaffer.negotiation.visibility import RoomSight

STREAM_URL = "/api/v1/negotiation/{room_id}/stream"


def session_created(new: NewSession) -> SessionCreated:
    """Return the answer to an opened session."""
    session = new.session
    return SessionCreated(
        session_id=session.session_id,
        created_at=session.opened_at,
        buyer_id=session.buyer.buyer_id,
        seller_ids=[seller.seller_id for seller in session.sellers],
        negotiation_rooms=[
            RoomInfo(
                room_id=room.terms.room_id,
                item_id=room.terms.item_id,
                item_name=room.terms.item_name,
                quantity_needed=room.terms.quantity,
                participating_sellers=_participants(room.terms),
                status=RoomStatus.PENDING if room.terms.sellers else RoomStatus.NO_SELLERS_AVAILABLE,
                reason=room.reason,
            )
            for room in new.rooms
        ],
        total_rooms=sum(bool(room.terms.sellers) for room in new.rooms),
        skipped_items=[room.terms.item_name for room in new.rooms if not room.terms.sellers],
        currency=session.currency,
        seed=session.seed,
    )


def _participants(terms: RoomTerms, viewer: Viewer = OPERATOR) -> list[ParticipatingSeller]:
    """Return the sellers of a room; a seller sees itself alone."""
    return [
        ParticipatingSeller(
            seller_id=seller.seller_id, seller_name=seller.name, initial_price=number_from_minor(seller.list_minor)
        )
        for seller in terms.sellers
        if viewer.agent_id in {None, terms.buyer.buyer_id, seller.seller_id}
    ]


def session_details(state: SessionState) -> SessionDetails:
    """Return a session as the operator sees it."""
    session, account = state.session, state.account
    return SessionDetails(
        session_id=session.session_id,
        status=state.status,
        created_at=session.opened_at,
        buyer=BuyerInfo(
            id=session.buyer.buyer_id,
            name=session.buyer.name,
            total_budget=number_from_minor(account.budget_minor),
            remaining_budget=number_from_minor(account.remaining_minor),
        ),
        sellers=[SellerInfo(id=seller.seller_id, name=seller.name) for seller in session.sellers],
        negotiation_rooms=[_overview(live.state) for live in state.rooms],
        llm_provider=session.provider,
        currency=session.currency,
        seed=session.seed,
    )


def _overview(room: Room) -> RoomOverview:
    return RoomOverview(
        room_id=room.terms.room_id,
        item_id=room.terms.item_id,
        item_name=room.terms.item_name,
        quantity_needed=room.terms.quantity,
        status=room.status,
        reason=room.reason,
        current_round=room.round,
        max_rounds=room.terms.max_rounds,
        participating_sellers_count=len(room.seats),
    )


def session_reset(state: SessionState, viewer: Viewer) -> SessionReset | SellersReset:
    """Return a session's rooms as they stand, as one viewer may see them; the rooms of `state` are those it is in."""
    rooms = [room_state(live, viewer, state.account) for live in state.rooms]
    if viewer.agent_id in {None, state.session.buyer.buyer_id}:
        return SessionReset(**dict(session_details(state)), rooms=rooms)
    return SellersReset(session_id=state.session.session_id, status=state.status, rooms=rooms)


def room_started(room: Room, opening: BuyerSpoke) -> RoomStarted:
    """Return the answer to a started room."""
    return RoomStarted(
        room_id=room.terms.room_id,
        status="started",
        item_name=room.terms.item_name,
        participating_sellers=list(room.terms.names.values()),
        buyer_opening_message=opening.text,
        stream_url=STREAM_URL.format(room_id=room.terms.room_id),
    )


def decision_made(room: Room) -> DecisionMade:
    """Return how a room ended."""
    ended = room.ended
    chosen = None
    if ended is not None and ended.seller_id is not None and ended.price_minor is not None:
        chosen = SelectedSeller(
            seller_id=ended.seller_id,
            seller_name=ended.seller_name or "",
            final_price=number_from_minor(ended.price_minor),
            quantity=ended.quantity,
            total_cost=number_from_minor(ended.total_minor or 0),
        )
    return DecisionMade(
        room_id=room.terms.room_id,
        status=room.status,
        decision_made=room.status is RoomStatus.COMPLETED,
        selected_seller=chosen,
        decision_reason=room.reason or "",
        total_rounds=room.round,
        negotiation_duration_seconds=round(ended.duration_seconds, 3) if ended is not None else 0,
    )


def room_state(live: LiveConversation, viewer: Viewer, account: Account) -> RoomState:
    """Return a room as one viewer may see it."""
    room: Room = live.state
    terms = room.terms
    seen = view_for(viewer, live.feed.records, RoomSight(terms))
    sees_budget = viewer.agent_id in {None, terms.buyer.buyer_id}
    ended = next((look for look in reversed(seen) if isinstance(look.event, RoomEnded)), None)
    outcome = wire_event(ended, terms) if ended is not None else None
    return RoomState(
        room_id=terms.room_id,
        session_id=terms.session_id,
        item_id=terms.item_id,
        item_name=terms.item_name,
        quantity_needed=terms.quantity,
        buyer_name=terms.buyer.name,
        currency=terms.currency,
        status=room.status,
        reason=ended.event.reason if ended is not None else room.reason,
        current_round=room.round,
        max_rounds=terms.max_rounds,
        position=str(live.feed.position),
        conversation_history=_history(seen, terms),
        current_offers=_offers(seen, room),
        participating_sellers=_participants(terms, viewer),
        buyer_budget=_budget(terms, account) if sees_budget else None,
        outcome=outcome[1] if outcome is not None else None,
    )


def _budget(terms: RoomTerms, account: Account) -> BudgetInfo:
    return BudgetInfo(
        min=number_from_minor(terms.buyer.wish_minor),
        max=number_from_minor(account.budget_minor),
        remaining=number_from_minor(account.remaining_minor),
    )


def _history(seen: Sequence[Seen], terms: RoomTerms) -> list[ConversationMessage]:
    return [_message(look, terms) for look in seen if isinstance(look.event, BuyerSpoke | SellerReplied)]


def _message(look: Seen, terms: RoomTerms) -> ConversationMessage:
    event: BuyerSpoke | SellerReplied = look.event
    names, buyer = terms.names, terms.buyer
    common: dict[str, Any] = {
        "message_id": event.message_id,
        "turn": event.turn,
        "round": event.round,
        "timestamp": rfc3339(look.at),
        "message": event.text,
    }
    if isinstance(event, BuyerSpoke):
        bid = None if event.bid_minor is None else {"price": price(event.bid_minor), "quantity": terms.quantity}
        return ConversationMessage(
            **common,
            sender_type="buyer",
            sender_id=buyer.buyer_id,
            sender_name=buyer.name,
            mentioned_agents=list(event.mentioned),
            mentioned_sellers=[names[seller_id] for seller_id in event.mentioned],
            visibility=[buyer.buyer_id, *event.hearers],
            bid=bid,
        )
    return ConversationMessage(
        **common,
        sender_type="seller",
        sender_id=event.seller_id,
        sender_name=names[event.seller_id],
        mentioned_agents=[],
        mentioned_sellers=[],
        visibility=[buyer.buyer_id, event.seller_id],
        offer=offer_document(event.offer, look.at),
    )


def _offers(seen: Sequence[Seen], room: Room) -> dict[str, Any]:
    """Return the offers that stand among those the viewer has heard."""
    names, standing = room.terms.names, room.standing_offers()
    last = {look.event.seller_id: look for look in seen if isinstance(look.event, SellerReplied)}
    offers = {}
    for seller_id in standing:
        if (look := last.get(seller_id)) is not None:
            document = offer_document(look.event.offer, look.at)
            document["last_updated"] = document.pop("timestamp")
            offers[seller_id] = {"seller_name": names[seller_id], **document}
    return offers
