"""What the contract of storage is tried with: events, conversations, purchases, and places to open stores at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from chaffer.assistant.indexing import ChatIndex
from chaffer.conversation.codec import Codec
from chaffer.conversation.journal import Append, Effect, Journal, Opening, Recorded
from chaffer.conversation.keys import SealedKeys
from chaffer.doors.logins import LoginStore
from chaffer.ledger.books import Account, Claim, CommitPurchase, Ledger, OpenAccount, Purchase, StockLine
from chaffer.ledger.model_usage import ModelUsage
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.shopping.catalogue.vectors import ProductVectors
from chaffer.shopping.preferences import PreferenceBook
from chaffer.storage.memory import MemoryStore
from chaffer.storage.opening import open_store

START = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
LATER = START + timedelta(seconds=7, microseconds=1)


@dataclass(frozen=True, slots=True)
class Said:
    """An event with one value of every sort that real events have."""

    text: str
    amount_minor: int = 0
    said_at: datetime | None = None
    hearers: tuple[str, ...] = ()


CODEC = Codec([Said])


class Store(Journal, Ledger, SealedKeys, ModelUsage, LoginStore, PreferenceBook, Protocol):
    """All of them in one, as every store is; and what is found."""

    @property
    def chats(self) -> ChatIndex:
        """Return how conversations with the assistant are found."""
        ...

    @property
    def products(self) -> ProductCatalogue:
        """Return the catalogue."""
        ...

    @property
    def vectors(self) -> ProductVectors:
        """Return where vectors of products are."""
        ...

    async def close(self) -> None:
        """Let the database go."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """One database, which stores are opened at: `open` opens one more on the same data."""

    name: str
    open: Callable[[], Coroutine[Any, Any, Store]]

    def run(self, case: Callable[[Store], Awaitable[None]]) -> None:
        """Run a case on a store."""

        async def alone() -> None:
            async with self.stores(1) as (store,):
                await case(store)

        asyncio.run(alone())

    def run_two(self, case: Callable[[Store, Store], Awaitable[None]]) -> None:
        """Run a case on two stores over the same data, as two processes would have."""

        async def both() -> None:
            async with self.stores(2) as (one, two):
                await case(one, two)

        asyncio.run(both())

    @asynccontextmanager
    async def stores(self, count: int) -> AsyncIterator[Sequence[Store]]:
        """Yield stores over the same data, and close them."""
        async with AsyncExitStack() as stack:
            stores = []
            for _ in range(count):
                store = await self.open()
                stack.push_async_callback(store.close)
                stores.append(store)
            yield stores


def in_memory() -> Place:
    """Return a place whose stores are one and the same, as memory has no second process."""
    store = MemoryStore()

    async def again() -> Store:
        return store

    return Place("memory", again)


def at(url: str, name: str) -> Place:
    """Return the place of a database."""

    async def another() -> Store:
        return await open_store(url, CODEC)

    return Place(name, another)


def opening(conversation_id: str = "room", *texts: str, **changes: Any) -> Opening:
    """Return a conversation to be created, with one event by default."""
    events = tuple(Said(text) for text in texts or ("opened",))
    fields: dict[str, Any] = {"kind": "room", "owner": "local", "status": "active", "parent_id": None, **changes}
    return Opening(conversation_id, events=fields.pop("events", events), **fields)


def adding(expected: int, *texts: str, to: str = "room", **changes: Any) -> Append:
    """Return an append of events behind a position."""
    fields: dict[str, Any] = {"at": LATER, "status": "active", **changes}
    return Append(to, events=tuple(Said(text) for text in texts), expected=expected, **fields)


def account(
    session_id: str = "session", budget: int = 100_000, pieces: int = 10, rooms: int = 2, room: str = "room"
) -> OpenAccount:
    """Return an account to be opened, with as many rooms as wished and one seller."""
    claims = tuple(Claim(f"{room}_{number}", 50_000 + number) for number in range(rooms))
    return OpenAccount(Account(session_id, budget, 0, claims), (StockLine("seller_001", "item_001", pieces),))


def purchase(room: str = "room_0", *, price: int = 10_000, seen: int = 100_000, **changes: Any) -> CommitPurchase:
    """Return the purchase of one piece, by a room that saw that budget remain."""
    session_id = changes.get("session_id", "session")
    fields: dict[str, Any] = {
        "purchase_id": f"purchase_{session_id}_{room}",
        "invoice_id": f"invoice_{session_id}_{room}",
        "session_id": session_id,
        "room_id": room,
        "owner": "local",
        "buyer_name": "Zoë O'Neil",
        "seller_id": "seller_001",
        "seller_name": "Käthe & Söhne",
        "item_id": "item_001",
        "item_name": "Laptop 15″",
        "quantity": 1,
        "price_minor": price,
        "list_price_minor": price,
        "currency": "USD",
        "purchased_at": LATER,
        "tax_percent": Decimal(0),
    }
    return CommitPurchase(Purchase(**{**fields, **changes}), seen)


def texts_of(records: Sequence[Recorded]) -> list[str]:
    """Return what was said, in order."""
    return [record.event.text for record in records]


def positions_of(records: Sequence[Recorded]) -> list[int]:
    """Return the positions, in order."""
    return [record.position for record in records]


async def begun(store: Store, *effects: Effect) -> None:
    """Create the conversation `room`."""
    await store.create([opening()], START, effects)
