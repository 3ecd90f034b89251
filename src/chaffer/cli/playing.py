"""Playing a market from its opening to its end, whoever shows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from chaffer.cli.board import Board, RoomOnShow, Stall
from chaffer.cli.client import Document, MarketClient
from chaffer.cli.moments import minor, moment_of
from chaffer.cli.plain_text import harmless
from chaffer.cli.scenario_files import ScenarioFile, naming_file
from chaffer.cli.shows import Show
from chaffer.errors import ChafferError, Code

SIMULATION: Final = "/api/v1/simulation"
NEGOTIATION: Final = "/api/v1/negotiation"
LOGS: Final = "/api/v1/logs"


async def open_session(client: MarketClient, file: ScenarioFile, *, key: str | None = None) -> Document:
    """Open a session from a scenario file. Raises ChafferError that names the file when the API refuses it."""
    try:
        return await client.post(f"{SIMULATION}/initialize", file.document, key=key)
    except ChafferError as error:
        raise naming_file(error, file) from None


async def board_of_session(client: MarketClient, session_id: str, opened: Document | None = None) -> Board:
    """Return what there is to show of a session; `opened` is what its opening answered. Raises SESSION_NOT_FOUND."""
    session = await client.get(f"{SIMULATION}/{session_id}")
    states = [await client.get(f"{NEGOTIATION}/{room['room_id']}/state") for room in session["negotiation_rooms"]]
    infos = {} if opened is None else {str(room["room_id"]): room for room in opened["negotiation_rooms"]}
    budget = minor(session["buyer"]["total_budget"]) or 0
    return Board(
        buyer=harmless(str(session["buyer"]["name"])),
        currency=str(session.get("currency") or "USD"),
        budget_minor=budget,
        remaining_minor=_remaining(states, budget),
        rooms={str(state["room_id"]): _room(state, infos.get(str(state["room_id"]), {})) for state in states},
    )


async def board_of_room(client: MarketClient, room_id: str) -> Board:
    """Return what there is to show of one room. Raises ROOM_NOT_FOUND."""
    state = await client.get(f"{NEGOTIATION}/{room_id}/state")
    budget = minor((state.get("buyer_budget") or {}).get("max")) or 0
    return Board(
        buyer=harmless(str(state.get("buyer_name") or "Buyer")),
        currency=str(state.get("currency") or "USD"),
        budget_minor=budget,
        remaining_minor=_remaining([state], budget),
        rooms={room_id: _room(state, {})},
    )


def _remaining(states: Iterable[Document], budget_minor: int) -> int:
    remaining = [minor((state.get("buyer_budget") or {}).get("remaining")) for state in states]
    return min((amount for amount in remaining if amount is not None), default=budget_minor)


def _room(state: Mapping[str, Any], info: Mapping[str, Any]) -> RoomOnShow:
    sellers = info.get("participating_sellers") or state.get("participating_sellers") or ()
    stalls = (
        Stall(str(seller["seller_id"]), harmless(str(seller["seller_name"])), minor(seller.get("initial_price")))
        for seller in sellers
    )
    return RoomOnShow(
        room_id=str(state["room_id"]),
        item=harmless(str(state["item_name"])),
        quantity=int(state.get("quantity_needed") or info.get("quantity_needed") or 1),
        max_rounds=int(state["max_rounds"]),
        stalls={stall.seller_id: stall for stall in stalls},
        status=str(state["status"]),
        reason=harmless(str(state.get("reason") or info.get("reason") or "")),
        round=0,
    )


async def watch(client: MarketClient, path: str, show: Show, room_id: str = "") -> None:
    """Show a stream to its end."""
    async for event in client.follow(path):
        moment = moment_of(event.name, event.data, room_id)
        if moment is not None:
            show.see(moment)


@asynccontextmanager
async def stopped_on_interrupt(client: MarketClient, board: Board) -> AsyncIterator[None]:
    """Stop the rooms that are open when the person at the keyboard has had enough, so that nothing is left half-way."""
    try:
        yield
    except asyncio.CancelledError:
        await asyncio.gather(*(_stop(client, room.room_id) for room in board.rooms.values() if room.is_open))
        raise


async def _stop(client: MarketClient, room_id: str) -> None:
    try:
        await client.post(f"{NEGOTIATION}/{room_id}/stop")
    except ChafferError as refusal:
        if refusal.code is not Code.CONFLICT:
            raise
