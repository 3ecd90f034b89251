"""Who sees what of a room's events.

The operator sees all. The buyer sees every message, and no cost or least price. A seller sees the messages that reach
it and its own, and nothing of another seller or of the budget. The owner of a room is its operator, but its buyer alone
where the sellers are the catalogue's.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from chaffer.conversation.views import OPERATOR, Viewer
from chaffer.negotiation.events import (
    BudgetUpdated,
    BuyerSpoke,
    DealMade,
    DealRefused,
    DecisionCalled,
    NegotiationStarted,
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

CHOSEN: Final = "The buyer accepted this seller's offer."
NOT_CHOSEN: Final = "The negotiation ended without a deal with this seller."

_BUYERS_ALONE: Final = (BudgetUpdated, DecisionCalled, DealRefused)
_OF_ONE_SELLER: Final = (SellerReplied, SellerSkipped, SellerWithdrew, DealMade)


def owner_of_room(terms: RoomTerms) -> Viewer:
    """Return who the owner of a room is in it."""
    return Viewer(terms.buyer.buyer_id) if terms.is_ordered else OPERATOR


def is_in(viewer: Viewer, terms: RoomTerms) -> bool:
    """Tell whether a viewer has anything to see of a room: its operator, its buyer, and the sellers in it do."""
    return viewer.agent_id is None or viewer.agent_id == terms.buyer.buyer_id or viewer.agent_id in terms.names


class RoomSight:
    """The rule of visibility of one room."""

    def __init__(self, terms: RoomTerms) -> None:
        """Know who buys."""
        self.terms = terms
        self._buyer_id = terms.buyer.buyer_id

    def __call__(self, viewer: Viewer, event: RoomEvent) -> RoomEvent | None:
        """Return the event as the viewer may see it, or None."""
        if viewer.agent_id is None:
            return event
        if isinstance(event, OfferCorrected):
            return _without_record(event) if event.agent_id == viewer.agent_id else None
        if isinstance(event, RoomOpened):
            return None
        seen = event if viewer.agent_id == self._buyer_id else _for_seller(viewer.agent_id, event)
        return None if seen is None else _without_record(seen)


def _for_seller(seller_id: str, event: RoomEvent) -> RoomEvent | None:
    if isinstance(event, _BUYERS_ALONE):
        return None
    if isinstance(event, _OF_ONE_SELLER):
        return event if event.seller_id == seller_id else None
    if isinstance(event, BuyerSpoke):
        return replace(event, hearers=(seller_id,)) if seller_id in event.hearers else None
    if isinstance(event, RoundStarted):
        return RoundStarted(event.round, None, None)
    if isinstance(event, RoomEnded):
        return replace(event, reason=CHOSEN) if event.seller_id == seller_id else _ended_for_others(event)
    return event if isinstance(event, NegotiationStarted) else None


def _ended_for_others(event: RoomEnded) -> RoomEnded:
    return RoomEnded(event.status, NOT_CHOSEN, event.rounds, event.quantity, event.duration_seconds)


def _without_record(event: RoomEvent) -> RoomEvent:
    """Return the event without what only the operator's record holds."""
    if isinstance(event, BuyerSpoke | SellerReplied | DealMade | RoomEnded | OfferCorrected):
        return event if event.making is None else replace(event, making=None)
    if isinstance(event, SellerSkipped):
        return replace(event, explanation="")
    return event
