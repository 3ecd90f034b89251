"""From a recommended product to a negotiation: the one place where the shopping assistant meets the market."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from msgspec import json

from chaffer.conversation.errands import remembered, told_before
from chaffer.conversation.keys import Secret
from chaffer.conversation.mentions import folded
from chaffer.conversation.minds import ModelChoice
from chaffer.errors import ChafferError, Code
from chaffer.ledger.bookkeeping import Bookkeeping
from chaffer.money import number_from_minor
from chaffer.negotiation.market import Market, Remember
from chaffer.negotiation.room import Room
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.session import NewSession, Ordered
from chaffer.negotiation.terms import RoomStatus
from chaffer.shopping.catalogue.products import Limits, Offer
from chaffer.shopping.events import NegotiationOpened
from chaffer.shopping.haggling import Order, Outcome
from chaffer.vendors import BUILTIN

_BUYER: Final = "Shopper"
_MOST_PIECES: Final = 1_000_000
_GONE: Final = "deleted"


@dataclass(frozen=True, slots=True)
class MarketHaggling:
    """Haggles in the market, with everybody's sessions: whose an order is, it says itself. The books tell of deals."""

    market: Market
    books: Bookkeeping

    async def opened_before(self, owner: str, errand: str) -> NegotiationOpened | None:
        """Return the negotiation that an errand opened, if it did."""
        told = await told_before(self.market.journal, owner, errand)
        return None if told is None else json.decode(told, type=NegotiationOpened)

    async def open(self, order: Order) -> NegotiationOpened:
        """Open a session of one room with the sellers of the order, the first ones where they are too many."""
        scenario = Scenario.model_validate(_scenario(order, self.market.defaults.max_sellers))
        ordered = Ordered(order.session_id, {order.product.product_id: order.product.category})
        new = await self.market.open_session(scenario, owner=order.owner, ordered=ordered, remember=_remember(order))
        return _opened(order, new)

    async def start(self, room_id: str) -> None:
        """Start the room, if it waits for that."""
        try:
            live = await self.market.room(room_id)
            if live.state.status is RoomStatus.PENDING:
                await self.market.start_room(room_id)
        except ChafferError as refusal:
            if refusal.code not in {Code.ROOM_NOT_FOUND, Code.SESSION_NOT_FOUND, Code.NEGOTIATION_ALREADY_ACTIVE}:
                raise

    async def drop(self, market_session_id: str) -> None:
        """Delete a session."""
        await self.market.delete_session(market_session_id)

    async def outcome(self, room_id: str) -> Outcome | None:
        """Return how the room ended."""
        try:
            live = await self.market.room(room_id)
        except ChafferError as refusal:
            if refusal.code is not Code.ROOM_NOT_FOUND:
                raise
            return Outcome(_GONE, "The negotiation was deleted.")
        room: Room = live.state
        if room.is_open:
            return None
        invoice = None if room.deal is None else await self.books.invoice(room.deal.invoice_id)
        return Outcome(room.status.value, room.reason or "", invoice)


def _opened(order: Order, new: NewSession) -> NegotiationOpened:
    return NegotiationOpened(
        market_session_id=new.session.session_id,
        room_id=new.session.room_ids[0],
        product_id=order.product.product_id,
        product_name=order.product.name,
        quantity=order.quantity,
        budget_minor=order.budget_minor,
        price_minor=order.product.price_for(order.quantity),
    )


def _remember(order: Order) -> Remember | None:
    """Return how what an errand opened is remembered: with the session, in one transaction."""
    errand = order.errand
    if errand is None:
        return None
    return lambda new: remembered(order.owner, errand, json.encode(_opened(order, new)).decode())


def _scenario(order: Order, most_sellers: int) -> dict[str, Any]:
    """Return the scenario of an order.

    A key that the shopper brought speaks for the buyer alone: with it the sellers' prompts, and so their private
    numbers, would come to lie in the shopper's account. They speak by the model of the settings then.
    """
    product, model = order.product, _model(order.mind, order.key)
    offers = {offer.seller: offer for offer in product.offers}
    sellers = order.sellers[:most_sellers]
    line = {"item_id": product.product_id, "item_name": product.name}
    return {
        "buyer": {
            "name": _buyers_name(seller.name for seller, _ in sellers),
            "shopping_list": [{**line, "quantity_needed": order.quantity}],
            "budget_range": {"min": 0, "max": number_from_minor(order.budget_minor)},
            "llm_config": model,
        },
        "sellers": [
            {
                "name": seller.name,
                "inventory": [{**line, **_prices(offers[seller.name], limits)}],
                "profile": {"priority": seller.priority, "speaking_style": seller.speaking_style},
            }
            for seller, limits in sellers
        ],
        "llm_config": model if order.key is None else None,
        "seed": order.seed,
    }


def _buyers_name(sellers: Iterable[str]) -> str:
    """Return a name for the buyer that none of the sellers has."""
    taken = {folded(name) for name in sellers}
    names = (_BUYER if number == 1 else f"{_BUYER} {number}" for number in count(1))
    return next(name for name in names if folded(name) not in taken)


def _prices(offer: Offer, limits: Limits) -> dict[str, Any]:
    return {
        "cost_price": number_from_minor(limits.cost_minor),
        "selling_price": number_from_minor(offer.price_minor),
        "least_price": number_from_minor(limits.least_minor),
        "quantity_available": min(offer.pieces, _MOST_PIECES),
    }


def _model(mind: ModelChoice, key: Secret | None) -> dict[str, Any]:
    """Return the model that haggles: the one that advises, with the key that came with the thread.

    Of the built-in provider, which has an assistant and strategies, it is the usual strategy.
    """
    return {
        "provider": mind.provider,
        "model": None if mind.provider == BUILTIN else mind.model,
        "api_key": None if key is None else key.reveal(),
        "temperature": mind.temperature,
        "max_tokens": mind.max_tokens,
    }
