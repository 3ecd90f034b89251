"""A room as one process knows it, over a store in memory: what is submitted to it is decided as a server would."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from chaffer.conversation.journal import Opening
from chaffer.conversation.live import LiveConversation
from chaffer.ledger.books import Account, Claim, OpenAccount, StockLine
from chaffer.negotiation.commands import SellerReplies, StartRoom, Utterance
from chaffer.negotiation.events import RoomOpened
from chaffer.negotiation.rules import RoomKind
from chaffer.negotiation.terms import RoomTerms
from chaffer.storage.memory import MemoryStore
from tests.support.markets import START


class CountingStore(MemoryStore):
    """A store that counts its appends."""

    appends = 0

    async def append(self, append: Any) -> Any:
        """Count and append, a moment later as a disk would."""
        self.appends += 1
        await asyncio.sleep(0)
        return await super().append(append)


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def opened(store: MemoryStore, made: RoomTerms, *, budget: int = 300_000, pieces: int = 10) -> LiveConversation:
    """Return a live room in a store that has its account."""
    account = Account(made.session_id, budget, 0, (Claim(made.room_id, 240_000),))
    stock = tuple(StockLine(one.seller_id, made.item_id, pieces) for one in made.sellers)
    opening = Opening(made.room_id, "room", "local", (RoomOpened(made),), "pending", made.session_id)
    await store.create([opening], START, [OpenAccount(account, stock)])
    return await another(store, made)


async def another(store: MemoryStore, made: RoomTerms) -> LiveConversation:
    """Return another process's view of the same room."""
    live = LiveConversation(made.room_id, RoomKind(), store, now)
    await live.load()
    return live


async def own(store: MemoryStore, live: LiveConversation, holder: str) -> None:
    """Take the lease."""
    live.epoch = await store.acquire(live.conversation_id, holder, now() + timedelta(minutes=1), now())


def start(live: LiveConversation) -> StartRoom:
    """Return the command that starts a room."""
    return StartRoom(Utterance("m0", tuple(live.state.seats), 50_000, "Hello all"), 150_000, 300_000, START)


def reply(number: int, price: int = 100_000, heard: int = 1) -> SellerReplies:
    """Return a seller's reply."""
    return SellerReplies(f"seller_{number:03d}", 1, heard, f"m{number}", price, "There.")
