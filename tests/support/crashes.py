"""What is left on a data folder after a crash: journals and books, and whose turn a model was asked for."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from chaffer.bootstrap import EVENT_TYPES
from chaffer.conversation.codec import Codec
from chaffer.conversation.journal import Recorded
from chaffer.ledger.books import Account
from chaffer.ledger.invoices import Invoice
from chaffer.negotiation.events import BuyerSpoke, DealMade, RoomEnded, RoundStarted, SellerReplied, SellerSkipped
from chaffer.storage.opening import open_store
from chaffer.storage.sql import SqlStore
from tests.support.server import Opened, posted
from tests.support.standin_scripts import Asked
from tests.support.streams import Reader

Turn = tuple[str, int]


async def journals_of(folder: Path, conversation_ids: Sequence[str]) -> list[tuple[Recorded, ...]]:
    """Return the journals of conversations on a data folder."""
    async with Kept(folder).opened() as store:
        return [await store.read(conversation_id) for conversation_id in conversation_ids]


class Kept:
    """What a data folder holds when nobody runs on it."""

    def __init__(self, folder: Path) -> None:
        self._url = f"sqlite:///{(folder / 'data' / 'chaffer.db').as_posix()}"

    async def read(self, market: Opened) -> tuple[dict[str, tuple[Recorded, ...]], tuple[Invoice, ...], Account]:
        """Return a session's journals by room, its invoices and its account."""
        async with self.opened() as store:
            journals = {room: await store.read(room) for room in market.rooms}
            return journals, await store.invoices(market.session_id), await store.account(market.session_id)

    async def journals(self, markets: Sequence[Opened]) -> list[tuple[Opened, tuple[Recorded, ...]]]:
        """Return the journal of every room with the market it is of."""
        async with self.opened() as store:
            return [(market, await store.read(room)) for market in markets for room in market.rooms]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[SqlStore]:
        """Open the store."""
        store = await open_store(self._url, Codec(EVENT_TYPES))
        try:
            yield store
        finally:
            await store.close()


def assert_sound(records: Sequence[Recorded]) -> list[DealMade]:
    """Check that a room ended and that nothing in its journal came twice, and return its deals."""
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    events = [record.event for record in records]
    assert isinstance(events[-1], RoomEnded)
    assert events[-1].status.value == "completed", events[-1]
    assert sum(isinstance(event, RoomEnded) for event in events) == 1
    rounds = [event.round for event in events if isinstance(event, RoundStarted)]
    assert rounds == list(range(1, len(rounds) + 1))
    said = Counter(event.message_id for event in events if isinstance(event, BuyerSpoke | SellerReplied))
    assert set(said.values()) == {1}
    turns = [event.turn for event in events if isinstance(event, BuyerSpoke | SellerReplied)]
    assert turns == list(range(1, len(turns) + 1))
    answers = [event for event in events if isinstance(event, SellerReplied | SellerSkipped)]
    assert set(Counter((answer.seller_id, answer.heard_turn) for answer in answers).values()) <= {1}
    deals = [event for event in events if isinstance(event, DealMade)]
    assert len(deals) <= 1
    return deals


def assert_bought_once(folder: Path, markets: Sequence[Opened]) -> int:
    """Check every session against its books, and return the number of deals."""
    number = 0
    for market in markets:
        journals, invoices, account = asyncio.run(Kept(folder).read(market))
        deals = {room: deal for room, records in journals.items() for deal in assert_sound(records)}
        assert {invoice.room_id: invoice.total_minor for invoice in invoices} == {
            room: deal.total_minor for room, deal in deals.items()
        }
        assert len(invoices) == len(deals)
        assert account.committed_minor == sum(deal.total_minor for deal in deals.values())
        number += len(deals)
    return number


async def all_ended(client: httpx2.AsyncClient, markets: Sequence[Opened]) -> None:
    """Start what a crash kept from starting, and follow every room to its end."""
    for market in markets:
        await posted(client, f"{market.session}/start")
        async with asyncio.timeout(60):
            await Reader(client, f"{market.session}/stream").read_to_the_end()


def asked_for(asked: Asked) -> Turn:
    """Return whose turn a model was asked for, and of which round; round 0 is the decision."""
    speaker = re.match(r"You are ([^,]+),", asked.system)
    assert speaker is not None, asked.system
    return speaker[1], 0 if asked.is_buyer and asked.must_decide else asked.facts["round"]


def stored(records: Sequence[Recorded], market: Opened, buyer: str) -> set[Turn]:
    """Return the turns whose reply is in the journal."""
    rooms = market.document["negotiation_rooms"]
    names = {seller["seller_id"]: seller["seller_name"] for room in rooms for seller in room["participating_sellers"]}
    events = [record.event for record in records]
    replied = {(names[event.seller_id], event.round) for event in events if isinstance(event, SellerReplied)}
    spoken = {(buyer, event.round) for event in events if isinstance(event, BuyerSpoke)}
    return replied | spoken
