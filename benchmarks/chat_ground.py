"""What the people of the chat evaluation own: the same books, and negotiations that stand still.

Products, preferences and books are the program's own. A negotiation is opened, asked for and ended here, in its third
round, so that no clock decides what a sentence finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from msgspec import structs

from chaffer.assistant.results import (
    NegotiationsStanding,
    NegotiationStarted,
    ProductShown,
    Result,
    RoomStanding,
    StandingOffer,
)
from chaffer.assistant.toolbox import Announced, Errand
from chaffer.assistant.tools import (
    AcceptOffer,
    GetProduct,
    NegotiationStatus,
    OpenNegotiation,
    Specialist,
    WalkAway,
    Wish,
    spec_of,
)
from chaffer.bootstrap import Chaffer
from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id
from chaffer.ledger.books import Account, Claim, CommitPurchase, OpenAccount, Purchase, StockLine
from chaffer.toolbox import Tools

NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""A Friday."""
BOOKKEEPER: Final = "everybody"
_SELLER: Final = "seller_001"
_ITEM: Final = "item_001"
_MOST_OFFERS: Final = 3
_ROUND: Final = 3
_OFFERED_PERCENT: Final = (90, 93, 96)


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase of the past; prices are a piece's, in minor units."""

    day: tuple[int, int]
    seller: str
    category: str
    item: str
    quantity: int
    price_minor: int
    list_minor: int
    status: str


BOOKS: Final = (
    Bought((3, 12), "Harbour & Sons", "Office Chairs", "HON Ignition Mesh", 1, 29_900, 34_900, "paid"),
    Bought((8, 14), "Kestrel Trading", "Monitors", "Acer Nitro 24 in 1080p", 2, 17_150, 19_099, "paid"),
    Bought((9, 30), "Pixel Street", "Headphones", "Anker Soundcore Life Q30", 1, 5_990, 6_799, "cancelled"),
    Bought((10, 5), "Pixel Street", "Headphones", "Bose QuietComfort", 1, 28_500, 32_900, "paid"),
    Bought((10, 27), "Bargain Barn", "Mice", "Logitech MX Anywhere", 3, 6_600, 7_900, "issued"),
    Bought((11, 3), "Kestrel Trading", "Keyboards", "Cherry KC 1000 Desktop", 4, 1_525, 1_799, "paid"),
    Bought((11, 12), "Bargain Barn", "Coffee Machines", "Krups Essential", 1, 34_150, 38_900, "issued"),
    Bought((11, 18), "Northlight", "Backpacks", "Deuter Futura 30 l", 2, 9_000, 10_299, "issued"),
)
"""The purchases of everybody, in 2026: invoice `INV-2026-000001` is the first."""


async def keep_books(chaffer: Chaffer) -> None:
    """Commit the purchases, and pay and cancel as they tell."""
    for one in BOOKS:
        month, day = one.day
        await _commit(chaffer, one, datetime(NOW.year, month, day, 10, tzinfo=UTC))


async def _commit(chaffer: Chaffer, one: Bought, at: datetime) -> None:
    session_id, room_id, invoice_id = new_id(), new_id(), new_id()
    made = Purchase(
        purchase_id=new_id(),
        invoice_id=invoice_id,
        session_id=session_id,
        room_id=room_id,
        owner=BOOKKEEPER,
        buyer_name="Buyer",
        seller_id=_SELLER,
        seller_name=one.seller,
        item_id=_ITEM,
        item_name=one.item,
        quantity=one.quantity,
        price_minor=one.price_minor,
        list_price_minor=one.list_minor,
        currency=chaffer.settings.currency,
        purchased_at=at,
        tax_percent=Decimal(0),
        category=one.category,
    )
    account = Account(session_id, made.total_minor, 0, (Claim(room_id, made.total_minor),))
    opened = OpenAccount(account, (StockLine(_SELLER, _ITEM, one.quantity),))
    await chaffer.journal.create([], at, [opened, CommitPurchase(made, made.total_minor)])
    books = chaffer.books.of(BOOKKEEPER)
    if one.status == "paid":
        await books.pay(invoice_id)
    elif one.status == "cancelled":
        await books.cancel(invoice_id, "sent back")


@dataclass
class StandingRooms:
    """The tools of the program, with negotiations that stand still, by conversation."""

    tools: Tools
    rooms: dict[str, list[RoomStanding]] = field(default_factory=dict)

    async def announced(self, errand: Errand, wish: Wish) -> Announced:
        """Return the program's question; of an offer that stands here, one like it."""
        if isinstance(wish, AcceptOffer):
            room, offer = self._offer(errand, wish)
            closed = structs.replace(wish, seller=offer.seller)
            return Announced(f"Accept {offer.seller}'s offer for {room.product_name}?", closed)
        return await self.tools.announced(_whose(errand, wish), wish)

    async def carry_out(self, errand: Errand, wish: Wish) -> Result:
        """Do it."""
        match wish:
            case OpenNegotiation():
                return await self._open(errand, wish)
            case NegotiationStatus():
                return NegotiationsStanding(tuple(self.rooms.get(errand.conversation_id, ())))
            case AcceptOffer():
                room, offer = self._offer(errand, wish)
                return self._ended(errand, structs.replace(room, status="completed", seller=offer.seller))
            case WalkAway():
                return self._ended(errand, structs.replace(self._room(errand, wish.room_id), status="cancelled"))
            case _:
                return await self.tools.carry_out(_whose(errand, wish), wish)

    async def _open(self, errand: Errand, wish: OpenNegotiation) -> NegotiationStarted:
        shown = await self.tools.carry_out(errand, GetProduct(wish.product_id))
        assert isinstance(shown, ProductShown)  # noqa: S101  That is what comes of the wish.
        room_id, product = f"room_{new_id()}", shown.product
        standing = RoomStanding(
            room_id, product.name, wish.quantity, "active", _ROUND, product.currency, tuple(_offers(shown, wish))
        )
        self.rooms.setdefault(errand.conversation_id, []).insert(0, standing)
        budget = wish.budget_minor or product.price_minor * wish.quantity
        return NegotiationStarted(
            room_id, f"session_{room_id}", product.product_id, product.name, wish.quantity, budget,
            product.price_minor, product.currency,
        )  # fmt: skip

    def _room(self, errand: Errand, room_id: str) -> RoomStanding:
        for room in self.rooms.get(errand.conversation_id, ()):
            if room.room_id == room_id:
                return room
        raise ChafferError(Code.ROOM_NOT_FOUND, f"There is no negotiation {room_id!r}.")

    def _offer(self, errand: Errand, wish: AcceptOffer) -> tuple[RoomStanding, StandingOffer]:
        room = self._room(errand, wish.room_id)
        for offer in room.offers:
            if wish.seller in {None, offer.seller}:
                return room, offer
        raise ChafferError(Code.CONFLICT, f"{wish.seller} has made no offer.")

    def _ended(self, errand: Errand, room: RoomStanding) -> NegotiationsStanding:
        others = [one for one in self.rooms[errand.conversation_id] if one.room_id != room.room_id]
        self.rooms[errand.conversation_id] = [room, *others]
        return NegotiationsStanding((room,))


def _whose(errand: Errand, wish: Wish) -> Errand:
    """Return the errand in the name of who owns the books, where it is about them."""
    is_of_books = spec_of(wish).specialist in {Specialist.BILLING, Specialist.INSIGHTS}
    return replace(errand, owner=BOOKKEEPER) if is_of_books else errand


def _offers(shown: ProductShown, wish: OpenNegotiation) -> Iterator[StandingOffer]:
    sellers = [one.seller for one in shown.sellers][:_MOST_OFFERS]
    for seller, percent in zip(sellers, _OFFERED_PERCENT, strict=False):
        yield StandingOffer(seller, shown.product.price_minor * percent // 100, wish.quantity)
