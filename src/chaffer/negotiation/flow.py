"""The flow of a room as a LangGraph graph: who is asked when. Rules decide, minds answer, the journal remembers.

The graph holds no state of its own: every edge asks `next_step`, so a run that was cut off enters where it stood.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, TypedDict

from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from chaffer.conversation.live import LiveConversation
from chaffer.conversation.voices import TurnVoice
from chaffer.conversation.working import until_over
from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import Ledger
from chaffer.ledger.rules import ceiling_minor
from chaffer.negotiation.commands import (
    AcceptOffer,
    BeginRound,
    BuyerSpeaks,
    EndRoom,
    RoomCommand,
    SellerFails,
    SellerReplies,
    Utterance,
)
from chaffer.negotiation.confidences import Confidences
from chaffer.negotiation.events import OfferCorrected
from chaffer.negotiation.guard import ask_buyer, ask_seller
from chaffer.negotiation.questions import BuyerMind, BuyerReply, BuyerTurn, Intent, SellerMind
from chaffer.negotiation.room import AskBuyer, AskDecision, AskSellers, BeginNextRound, NobodyLeft, Room, next_step
from chaffer.negotiation.stand_ins import buyer_stand_in, seller_stand_in
from chaffer.negotiation.terms import RoomStatus
from chaffer.negotiation.turns import buyer_turn, seller_turn

_STEPS_A_WALK: Final = 1000


@dataclass(slots=True)
class RoomRun:
    """All that the nodes of one room's run need; the room's state is the live conversation's, folded."""

    live: LiveConversation
    ledger: Ledger
    buyer_mind: BuyerMind
    seller_minds: Mapping[str, SellerMind]
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    remaining_minor: int = field(default=0)
    confidences: Confidences = field(init=False)

    def __post_init__(self) -> None:
        """Keep what sellers say in confidence over all turns of the room."""
        self.confidences = Confidences(self.room.terms)

    @property
    def room(self) -> Room:
        """Return the room as it stands."""
        room: Room = self.live.state
        return room

    async def submit(self, command: RoomCommand) -> None:
        """Have the rules decide a command; one that came too late, because the room moved on, changes nothing."""
        try:
            await self.live.submit(command, as_owner=True)
        except ChafferError as refusal:
            if refusal.code is not Code.CONFLICT:
                raise

    async def end(self, status: RoomStatus, reason: str, *, code: str | None = None) -> None:
        """End the room without a deal."""
        await self.submit(EndRoom(status.value, reason, self.now(), code=code))


class Asked(TypedDict, total=False):
    """What travels along an edge to one seller's node."""

    seller_id: str


Run = Runtime[RoomRun]


async def node_buyer_turn(_: Asked, runtime: Run) -> None:
    """Begin the round if it has not begun, ask the buyer, and do what it says."""
    run = runtime.context
    step = next_step(run.room)
    if isinstance(step, BeginNextRound):
        account = await run.ledger.account(run.room.terms.session_id)
        ceiling = ceiling_minor(account, run.room.terms.room_id, run.room.terms.quantity)
        await run.submit(BeginRound(step.round, ceiling, account.remaining_minor))
    if isinstance(next_step(run.room), AskBuyer):
        await _ask_buyer(run, must_decide=False)


async def node_route_message(_: Asked, runtime: Run) -> None:
    """Let the message reach those it names; who owes a reply follows from that, and the edge behind asks them."""


async def node_seller_response(asked: Asked, runtime: Run) -> None:
    """Ask one seller for its reply; its model's fault costs it the round."""
    run, seller_id = runtime.context, asked["seller_id"]
    turn = seller_turn(run.room, seller_id, run.live.feed.records)
    heard_turn = run.room.seats[seller_id].heard_turn
    hearer = frozenset({run.room.terms.buyer.buyer_id})
    key = f"{run.room.terms.room_id}/{heard_turn}"
    with TurnVoice(run.live.feed, seller_id, run.live.epoch or 0, key, hearers=hearer) as voice:
        try:
            reply, corrections = await ask_seller(run.seller_minds[seller_id], turn, voice, seller_stand_in)
        except ChafferError as fault:
            if fault.code is Code.LLM_CAP_REACHED:
                await run.end(RoomStatus.FAILED, fault.message, code=fault.code)
                return
            failed = SellerFails(seller_id, turn.table.round, heard_turn, fault.code, fault.message, voice.id_of(0))
            await run.submit(failed)
            return
        until = None if reply.valid_rounds is None else turn.table.round + reply.valid_rounds
        await run.submit(
            SellerReplies(
                seller_id=seller_id,
                round=turn.table.round,
                heard_turn=heard_turn,
                message_id=voice.id_of(0),
                price_minor=reply.price_minor,
                text=reply.text,
                conditions=reply.conditions,
                valid_until=until,
                making=reply.making,
                corrections=corrections,
            )
        )


async def node_decision_check(_: Asked, runtime: Run) -> None:
    """End the room when nobody is left to haggle with."""
    if isinstance(next_step(runtime.context.room), NobodyLeft):
        reasons = dict.fromkeys(seat.left_because for seat in runtime.context.room.seats.values())
        await runtime.context.end(RoomStatus.COMPLETED, f"Every seller has withdrawn: {'; '.join(reasons)}.")


async def node_buyer_decision(_: Asked, runtime: Run) -> None:
    """Have the buyer accept or leave; with nothing it can pay for there is nothing to ask."""
    run = runtime.context
    if buyer_turn(run.room, run.live.feed.records, must_decide=True).acceptable():
        await _ask_buyer(run, must_decide=True)
    else:
        await run.end(RoomStatus.COMPLETED, "No standing offer lies within what the buyer may pay.")


async def _ask_buyer(run: RoomRun, *, must_decide: bool) -> None:
    turn = buyer_turn(run.room, run.live.feed.records, must_decide=must_decide, confidences=run.confidences)
    buyer_id = run.room.terms.buyer.buyer_id
    key = f"{run.room.terms.room_id}/{run.room.turn}"
    with TurnVoice(run.live.feed, buyer_id, run.live.epoch or 0, key) as voice:
        try:
            reply, corrections = await ask_buyer(run.buyer_mind, turn, voice, buyer_stand_in)
        except ChafferError as fault:
            who = "" if fault.code is Code.LLM_CAP_REACHED else "The buyer's model failed: "
            await run.end(RoomStatus.FAILED, f"{who}{fault.message}", code=fault.code)
            return
        await _do(run, turn, reply, corrections, voice)


async def _do(
    run: RoomRun, turn: BuyerTurn, reply: BuyerReply, corrections: tuple[OfferCorrected, ...], voice: TurnVoice
) -> None:
    """Carry out what the buyer replied."""
    chosen = turn.rival(reply.accept)
    if reply.intent is Intent.LEAVE:
        status, reason = RoomStatus.COMPLETED.value, reply.reason or "The buyer walked away."
        await run.submit(EndRoom(status, reason, run.now(), making=reply.making, corrections=corrections))
    elif reply.intent is Intent.ACCEPT and chosen is not None and chosen.standing is not None:
        account = await run.ledger.account(run.room.terms.session_id)
        await run.submit(
            AcceptOffer(
                seller_id=chosen.seller_id,
                reason=reply.reason or "Best offer.",
                purchase_id=run.new_id(),
                invoice_id=run.new_id(),
                remaining_minor=account.remaining_minor,
                at=run.now(),
                price_minor=chosen.standing.price_minor,
                making=reply.making,
                corrections=corrections,
            )
        )
    else:
        utterances = tuple(
            Utterance(voice.id_of(number), message.to, message.bid_minor, message.text)
            for number, message in enumerate(reply.messages)
        )
        await run.submit(BuyerSpeaks(run.room.round, utterances, reply.making, corrections))


_NODES: Final[Mapping[str, Callable[..., Awaitable[None]]]] = {
    "buyer_turn": node_buyer_turn,
    "route_message": node_route_message,
    "seller_response": node_seller_response,
    "decision_check": node_decision_check,
    "buyer_decision": node_buyer_decision,
}


# Edges are asynchronous, because LangGraph sends those that are not into a thread.
async def _next_node(_: Asked, runtime: Run) -> str:
    """Return the node where the room stands; the one place where `next_step` meets the graph."""
    step = next_step(runtime.context.room)
    if isinstance(step, BeginNextRound | AskBuyer):
        return "buyer_turn"
    if isinstance(step, AskSellers):
        return "route_message"
    if isinstance(step, AskDecision):
        return "buyer_decision"
    return "decision_check" if isinstance(step, NobodyLeft) else END


async def _to_sellers(_: Asked, runtime: Run) -> list[Send] | str:
    """Return one branch for every seller that owes a reply."""
    step = next_step(runtime.context.room)
    if not isinstance(step, AskSellers):
        return "decision_check"
    return [Send("seller_response", {"seller_id": seller_id}) for seller_id in step.seller_ids]


@cache
def room_graph() -> CompiledStateGraph[Any, Any, Any, Any]:
    """Return the compiled graph of a room."""
    graph = StateGraph(Asked, context_schema=RoomRun)
    for name, node in _NODES.items():
        graph.add_node(name, node)
    # Between two nodes a person, the clock or the ledger may move the room, so every edge may lead anywhere.
    everywhere = ["buyer_turn", "route_message", "decision_check", "buyer_decision", END]
    graph.add_conditional_edges(START, _next_node, everywhere)
    graph.add_conditional_edges("buyer_turn", _next_node, everywhere)
    graph.add_conditional_edges("route_message", _to_sellers, ["seller_response", "decision_check"])
    graph.add_edge("seller_response", "decision_check")
    graph.add_conditional_edges("decision_check", _next_node, everywhere)
    graph.add_conditional_edges("buyer_decision", _next_node, everywhere)
    return graph.compile()


async def run_room(run: RoomRun) -> None:
    """Run an active room to its end, or until it is cancelled, its time is up, or another process owns it."""
    deadline = run.room.deadline_at
    seconds = (deadline - run.now()).total_seconds() if deadline is not None else None
    await until_over(run.live, _haggle(run), seconds)
    if run.room.is_open:
        await run.end(RoomStatus.COMPLETED, "The time for this negotiation is up.")


async def _haggle(run: RoomRun) -> None:
    """Walk the graph until the room has ended; who talks to it without end makes more steps than one walk may have."""
    while run.room.is_open:
        with suppress(GraphRecursionError):
            await room_graph().ainvoke({}, context=run, config={"recursion_limit": _STEPS_A_WALK})
