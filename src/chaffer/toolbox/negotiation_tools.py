"""The tools over the market: send a buyer, look how it fares, accept an offer, walk away."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from msgspec import structs

from chaffer.assistant.results import NegotiationsStanding, NegotiationStarted, RoomStanding, StandingOffer
from chaffer.assistant.toolbox import Announced, Errand
from chaffer.assistant.tools import AcceptOffer, NegotiationStatus, OpenNegotiation, WalkAway
from chaffer.conversation.keys import MindsAndKeys, Secret
from chaffer.conversation.mentions import folded
from chaffer.errors import ChafferError, Code
from chaffer.ledger.bookkeeping import Bookkeeping
from chaffer.money import formatted
from chaffer.negotiation.events import Offer
from chaffer.negotiation.market import Market
from chaffer.negotiation.room import Room
from chaffer.negotiation.session import ROOM
from chaffer.negotiation.terms import RoomStatus
from chaffer.shopping.events import NegotiationOpened
from chaffer.shopping.ordering import Orderer, Ordering

MOST_UNDER_WAY = 10
"""So many negotiations that were opened from a conversation go on at once."""

_MOST_TOLD = 10
_LISTED = 500
_GOING_ON = frozenset({RoomStatus.PENDING.value, RoomStatus.ACTIVE.value})


@dataclass(frozen=True, slots=True)
class NegotiationTools:
    """The tools over their parts."""

    ordering: Ordering
    market: Market
    books: Bookkeeping
    keys: MindsAndKeys
    currency: str

    async def announced_opening(self, errand: Errand, wish: OpenNegotiation) -> Announced:
        """Return what opening a negotiation would do. Raises PRODUCT_NOT_FOUND, INSUFFICIENT_INVENTORY, CONFLICT."""
        _check_room_for_one_more(errand)
        product = await self.ordering.product(wish.product_id)
        budget = wish.budget_minor or await self.ordering.budget(await self._orderer(errand), product, wish.quantity)
        sellers = min(len(await self.ordering.sellers(product, wish.quantity)), self.market.defaults.max_sellers)
        price = formatted(product.price_for(wish.quantity), product.currency)
        each = " each" if wish.quantity > 1 else ""
        text = (
            f"Send a buyer to haggle for {wish.quantity} × {product.name} with "
            f"{sellers} seller{'s' if sellers > 1 else ''}, for at most {formatted(budget, product.currency)} in all "
            f"(the list price is {price}{each})? It buys when it gets a good deal."
        )
        return Announced(text, structs.replace(wish, budget_minor=budget))

    async def open(self, errand: Errand, wish: OpenNegotiation) -> NegotiationStarted:
        """Open a negotiation and start it, once."""
        haggling = self.ordering.haggling
        opened = await haggling.opened_before(errand.owner, errand.call_id) or await self._opened(errand, wish)
        await haggling.start(opened.room_id)
        return NegotiationStarted(
            room_id=opened.room_id,
            market_session_id=opened.market_session_id,
            product_id=opened.product_id,
            product_name=opened.product_name,
            quantity=opened.quantity,
            budget_minor=opened.budget_minor,
            price_minor=opened.price_minor,
            currency=self.currency,
        )

    async def _opened(self, errand: Errand, wish: OpenNegotiation) -> NegotiationOpened:
        _check_room_for_one_more(errand)
        orderer = await self._orderer(errand)
        return await self.ordering.open(orderer, wish.product_id, wish.quantity, wish.budget_minor)

    async def status(self, errand: Errand, wish: NegotiationStatus) -> NegotiationsStanding:
        """Return how a negotiation stands, or those of the conversation and all that go on. Raises ROOM_NOT_FOUND."""
        mine = self.market.of(errand.owner)
        if wish.room_id is not None:
            return NegotiationsStanding((await self._standing(errand, await _room(mine, wish.room_id)),))
        standing = []
        for room_id in await self._rooms_of_interest(errand):
            with suppress(ChafferError):  # Deleted since it was listed.
                standing.append(await self._standing(errand, await _room(mine, room_id)))
        return NegotiationsStanding(tuple(standing))

    async def _rooms_of_interest(self, errand: Errand) -> list[str]:
        """Return the owner's newest rooms that belong to the conversation or go on, however many others there are."""
        journal = self.market.journal
        ours = {head.conversation_id for head in await journal.children(errand.conversation_id)}
        found: list[str] = []
        after = None
        while len(found) < _MOST_TOLD:
            page = await journal.list(ROOM, owner=errand.owner, limit=_LISTED, after=after)
            found += [one.conversation_id for one in page.heads if one.parent_id in ours or one.status in _GOING_ON]
            after = page.next_after
            if after is None:
                break
        return found[:_MOST_TOLD]

    async def announced_accepting(self, errand: Errand, wish: AcceptOffer) -> Announced:
        """Return what accepting an offer would do.

        Raises ROOM_NOT_FOUND, CONFLICT where no such offer stands, BUDGET_CONSTRAINT_VIOLATION.
        """
        room = await _room(self.market.of(errand.owner), wish.room_id)
        _, name, price_minor = _offer(room, wish)
        quantity, remaining = room.terms.quantity, room.remaining_minor
        total = formatted(price_minor * quantity, self.currency)
        if remaining is not None and price_minor * quantity > remaining:
            raise ChafferError(
                Code.BUDGET_CONSTRAINT_VIOLATION,
                f"{name}'s offer comes to {total}, but {formatted(remaining, self.currency)} of the budget remain.",
            )
        text = (
            f"Accept {name}'s offer: {quantity} × {room.terms.item_name} for {total}"
            f"{f' ({formatted(price_minor, self.currency)} each)' if quantity > 1 else ''}? That buys it."
        )
        return Announced(text, structs.replace(wish, seller=name, price_minor=price_minor))

    async def accept(self, errand: Errand, wish: AcceptOffer) -> NegotiationsStanding:
        """Accept an offer, and return how the negotiation ended; one that it ended before stays as it is."""
        mine = self.market.of(errand.owner)
        room = await _room(mine, wish.room_id)
        if not _is_accepted(room, wish):
            seller_id, _, price_minor = _offer(room, wish)
            room = await mine.force_decision(wish.room_id, seller_id, price_minor=price_minor)
        return NegotiationsStanding((await self._standing(errand, room),))

    async def walk_away(self, errand: Errand, wish: WalkAway) -> NegotiationsStanding:
        """End a negotiation without a deal, and return it; one that has ended stays as it is."""
        mine = self.market.of(errand.owner)
        room = await _room(mine, wish.room_id)
        if room.is_open:
            room = await mine.stop(wish.room_id)
        return NegotiationsStanding((await self._standing(errand, room),))

    async def _orderer(self, errand: Errand) -> Orderer:
        key = await self.keys.kept_key(errand.conversation_id, errand.mind)
        return Orderer(
            conversation_id=errand.conversation_id,
            owner=errand.owner,
            mind=errand.mind,
            key=None if key is None else Secret(key),
            seed=errand.seed,
            errand=errand.call_id,
        )

    async def _standing(self, errand: Errand, room: Room) -> RoomStanding:
        """Return how a room stands to its buyer: offers and the deal, nothing of a seller's own."""
        terms, deal = room.terms, room.deal
        names = {seller.seller_id: seller.name for seller in terms.sellers}
        offers = sorted(
            (StandingOffer(names[seller_id], offer.price_minor, offer.quantity) for seller_id, offer in _open(room)),
            key=lambda offer: offer.price_minor,
        )
        standing = RoomStanding(
            room_id=terms.room_id,
            product_name=terms.item_name,
            quantity=terms.quantity,
            status=room.status.value,
            round=room.round,
            currency=self.currency,
            offers=tuple(offers),
            reason=room.reason or "",
        )
        if deal is None:
            return standing
        invoice = await self.books.of(errand.owner).invoice(deal.invoice_id)
        return structs.replace(
            standing,
            seller=deal.seller_name,
            price_minor=deal.price_minor,
            total_minor=deal.total_minor,
            saved_minor=invoice.saved_minor,
            invoice=invoice.number,
        )


def _check_room_for_one_more(errand: Errand) -> None:
    """Raise CONFLICT when too many negotiations that were opened from the conversation go on."""
    if errand.going_on >= MOST_UNDER_WAY:
        raise ChafferError(
            Code.CONFLICT,
            f"{MOST_UNDER_WAY} negotiations of this conversation go on already, which is the most. Wait for one to "
            "end, or walk away from one.",
        )


async def _room(market: Market, room_id: str) -> Room:
    """Return a room as it stands. Raises ROOM_NOT_FOUND."""
    room: Room = (await market.room(room_id)).state
    return room


def _open(room: Room) -> Iterable[tuple[str, Offer]]:
    """Return the offers that stand; in a room that is over, none."""
    return room.standing_offers().items() if room.is_open else ()


def _is_accepted(room: Room, wish: AcceptOffer) -> bool:
    """Tell whether the room was closed by hand, with the seller and at the price of the wish."""
    deal = room.deal
    if deal is None or not deal.forced or wish.price_minor not in {None, deal.price_minor}:
        return False
    return _is_of(wish, deal.seller_id, deal.seller_name)


def _is_of(wish: AcceptOffer, seller_id: str, name: str) -> bool:
    return wish.seller is None or folded(wish.seller) in {folded(seller_id), folded(name)}


def _offer(room: Room, wish: AcceptOffer) -> tuple[str, str, int]:
    """Return the seller's id and name and the price of its standing offer, the best one when none is named.

    Raises CONFLICT where nothing of the kind stands, or at another price.
    """
    names = {one.seller_id: one.name for one in room.terms.sellers}
    offers = [
        (offer.price_minor, seller_id) for seller_id, offer in _open(room) if _is_of(wish, seller_id, names[seller_id])
    ]
    if not offers:
        whose = "any seller" if wish.seller is None else f"{wish.seller!r}"
        raise ChafferError(
            Code.CONFLICT,
            f"No offer of {whose} stands in the negotiation for {room.terms.item_name}"
            f"{'' if room.is_open else ', which is over'}. Ask how it stands.",
        )
    price_minor, seller_id = min(offers)
    if wish.price_minor not in {None, price_minor}:
        price = formatted(price_minor, room.terms.currency)
        raise ChafferError(
            Code.CONFLICT,
            f"{names[seller_id]} offers {room.terms.item_name} at {price} a piece now. Ask again for that.",
        )
    return seller_id, names[seller_id], price_minor
