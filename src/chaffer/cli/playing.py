"""Playing a market from its opening to its end, whoever shows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from chaffer.cli.board import Board, RoomOnShow, Stall
from chaffer.cli.bodies import Body
from chaffer.cli.client import Document, MarketClient, StreamEvent
from chaffer.cli.moments import minor, moment_of
from chaffer.cli.progress import Progress
from chaffer.cli.shows import Show
from chaffer.cli.terminal import err, print_json_line
from chaffer.errors import ChafferError, Code
from chaffer.plain_text import harmless

SIMULATION: Final = "/api/v1/simulation"
NEGOTIATION: Final = "/api/v1/negotiation"
LOGS: Final = "/api/v1/logs"

_POSITION_LOST: Final = "That position is not known here. What came before is not shown; `show` tells how things stand."


async def open_session(client: MarketClient, scenario: Body, *, key: str | None = None) -> Document:
    """Open a session from a scenario file. Raises ChafferError that names the file when the API refuses it."""
    try:
        return await client.post(f"{SIMULATION}/initialize", scenario.document, key=key)
    except ChafferError as error:
        raise scenario.blaming(error) from None


async def board_of_session(client: MarketClient, session_id: str, agent: str | None = None) -> Board:
    """Return what there is to show of a session, in the order of its shopping list, to the operator or to one agent.

    Raises SESSION_NOT_FOUND, and VALIDATION_ERROR for an agent that is in none of its rooms.
    """
    session = await client.get(f"{SIMULATION}/{session_id}")
    states = [await client.get(f"{NEGOTIATION}/{room['room_id']}/state") for room in session["negotiation_rooms"]]
    if agent is None:
        return _board(states)
    its_own = [state for state in states if agent == session["buyer"]["id"] or _is_in(agent, state)] or states
    return _board([await client.get(f"{NEGOTIATION}/{state['room_id']}/state", agent_id=agent) for state in its_own])


def _is_in(seller_id: str, state: Document) -> bool:
    return any(seller["seller_id"] == seller_id for seller in state["participating_sellers"])


async def board_of_room(client: MarketClient, room_id: str, agent: str | None = None) -> Board:
    """Return what there is to show of one room, to the operator or to one agent. Raises ROOM_NOT_FOUND."""
    return _board([await client.get(f"{NEGOTIATION}/{room_id}/state", agent_id=agent)])


def _board(states: Sequence[Document]) -> Board:
    budget = states[0]["buyer_budget"] or {}
    return Board(
        buyer=harmless(str(states[0]["buyer_name"])),
        currency=str(states[0]["currency"]),
        budget_minor=minor(budget.get("max")),
        remaining_minor=minor(budget.get("remaining")),
        rooms={str(state["room_id"]): _room(state) for state in states},
    )


def _room(state: Document) -> RoomOnShow:
    stalls = (
        Stall(str(seller["seller_id"]), harmless(str(seller["seller_name"])), minor(seller["initial_price"]))
        for seller in state["participating_sellers"]
    )
    return RoomOnShow(
        room_id=str(state["room_id"]),
        item=harmless(str(state["item_name"])),
        quantity=int(state["quantity_needed"]),
        max_rounds=int(state["max_rounds"]),
        stalls={stall.seller_id: stall for stall in stalls},
        status=str(state["status"]),
        reason=harmless(str(state["reason"] or "")),
    )


@dataclass(frozen=True, slots=True)
class Watched:
    """A stream to follow: whose room it is where its events do not say so, whose eyes to look with, where to begin."""

    path: str
    room_id: str = ""
    agent: str | None = None
    after: str | None = None

    def events(self, client: MarketClient) -> AsyncIterator[StreamEvent]:
        """Yield its events to its end."""
        return client.follow(self.path, after=self.after, agent_id=self.agent)


async def watch(client: MarketClient, watched: Watched, show: Show) -> None:
    """Show a stream to its end; a position that is not known any more is told on standard error."""
    async for event in watched.events(client):
        if event.name == "reset":
            err().print(_POSITION_LOST)
        moment = moment_of(event.name, event.data, watched.room_id)
        if moment is not None:
            show.see(moment)


async def print_events(client: MarketClient, watched: Watched) -> None:
    """Print a stream's events to its end, one JSON document a line."""
    async for event in watched.events(client):
        print_json_line({"event": event.name, "id": event.id or None, "data": event.data})


async def play_here(client: MarketClient, watched: Watched, board: Board) -> None:
    """Stay until the rooms that this process runs have ended, with a line for each on standard error."""
    async with stopped_on_interrupt(client, board):
        with Progress(board) as progress:
            await watch(client, watched, progress)


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
