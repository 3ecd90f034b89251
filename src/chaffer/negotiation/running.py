"""How the engine runs rooms: the minds of a room's agents, its turn in a session that goes in sequence, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chaffer.conversation.engine import Engine
from chaffer.conversation.keys import MindsAndKeys
from chaffer.conversation.late_flows import imported_flow
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id
from chaffer.ledger.books import Ledger
from chaffer.negotiation.commands import EndRoom
from chaffer.negotiation.room import Room
from chaffer.negotiation.terms import RoomStatus, RoomTerms, Seller

if TYPE_CHECKING:
    from chaffer.negotiation.questions import BuyerMind, SellerMind


class Minds(MindsAndKeys, Protocol):
    """Where minds come from."""

    async def buyer(self, terms: RoomTerms) -> BuyerMind:
        """Return the mind of a room's buyer. Raises ChafferError when it cannot be had here."""
        ...

    async def seller(self, terms: RoomTerms, seller: Seller) -> SellerMind:
        """Return the mind of a room's seller. Raises ChafferError when it cannot be had here."""
        ...


@dataclass(frozen=True, slots=True)
class RoomFlow:
    """Runs rooms, as the engine asks."""

    engine: Engine
    ledger: Ledger
    minds: Minds
    now: Callable[[], datetime]
    keep_logs: Callable[[str], Awaitable[None]]

    async def run(self, live: LiveConversation) -> None:
        """Run the room from where it stands to its end; in a session that goes in sequence, when its turn comes."""
        flow = await asyncio.to_thread(imported_flow, "chaffer.negotiation.flow")
        room: Room = live.state
        if room.terms.in_sequence:
            await self._wait_for_turn(room, live)
            if not live.state.is_open:
                return
        try:
            buyer_mind = await self.minds.buyer(room.terms)
            seller_minds = {one.seller_id: await self.minds.seller(room.terms, one) for one in room.terms.sellers}
        except ChafferError as fault:
            await self._end(live, f"A model of this room cannot be asked: {fault.message}", fault.code)
            return
        await flow.run_room(flow.RoomRun(live, self.ledger, buyer_mind, seller_minds, self.now, new_id))

    async def _wait_for_turn(self, room: Room, live: LiveConversation) -> None:
        """Return when every earlier room of the session that was started has ended, or this one was ended by hand."""
        session = await self.engine.open(room.terms.session_id)
        for room_id in session.state.room_ids[: room.terms.index]:
            earlier = await self.engine.open(room_id)
            if earlier.state.status is RoomStatus.ACTIVE:
                await _first_over(earlier, live)

    async def fail(self, live: LiveConversation) -> None:
        """End the room as failed, because its flow broke."""
        await self._end(live, "Something broke on our side; the server's log tells what.", Code.INTERNAL_ERROR)

    async def ended(self, live: LiveConversation) -> None:
        """Keep the room's log."""
        await self.keep_logs(live.state.terms.session_id)

    async def _end(self, live: LiveConversation, reason: str, code: Code) -> None:
        await live.submit(EndRoom(RoomStatus.FAILED.value, reason, self.now(), code=code.value), as_owner=True)


async def _first_over(*conversations: LiveConversation) -> None:
    """Return when one of them is over."""
    waits = [asyncio.ensure_future(live.wait_until_over()) for live in conversations]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
