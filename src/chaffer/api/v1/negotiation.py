"""Rooms over HTTP: start, speak, decide, stop, look, follow."""

from __future__ import annotations

from fastapi import Response

from chaffer.api.dependencies import AgentId, AgentType, Calling, LastEventId, MyMarket, Running, StreamAfter, viewer_of
from chaffer.api.idempotency import Creating, documented
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.api.v1.documents import decision_made, room_started, room_state
from chaffer.api.v1.schemas import DecisionMade, ForceDecision, MessageSent, RoomStarted, RoomState, SendMessage
from chaffer.api.v1.streaming import STREAM, room_stream
from chaffer.errors import Code
from chaffer.negotiation.market import Said

router = routes_under("/api/v1/negotiation/{room_id}", "negotiation")


@router.post(
    "/start",
    summary="Start a room",
    responses=problems(Code.ROOM_NOT_FOUND, Code.NEGOTIATION_ALREADY_ACTIVE, Code.CONFLICT),
)
async def start(room_id: str, chaffer: Running, market: MyMarket, caller: Calling) -> RoomStarted:
    """Begin the negotiation; it goes on apart from this call. Follow it by its stream."""
    await market.room(room_id)
    async with chaffer.possessions.beginning(caller):
        opening = await market.start_room(room_id)
    return room_started((await market.room(room_id)).state, opening)


@router.post(
    "/message",
    summary="Speak in the buyer's place",
    **documented(MessageSent),
    responses=problems(Code.VALIDATION_ERROR, Code.ROOM_NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED),
)
async def message(
    room_id: str, body: SendMessage, creating: Creating, chaffer: Running, market: MyMarket, caller: Calling
) -> Response:
    """Say something in the buyer's place: `@Name` reaches that seller alone, no mention everybody.

    A single amount in it is a bid to those whom it reaches.
    """
    live = await market.room(room_id)
    return await creating.once(
        live.state.terms.owner,
        chaffer.possessions.storing(caller),
        lambda keep: market.say(room_id, body.message, remember=keep),
        _sent,
    )


def _sent(said: Said) -> MessageSent:
    event = said.event
    return MessageSent(
        message_id=event.message_id,
        timestamp=said.said_at,
        mentioned_sellers=list(event.mentioned),
        mentioned_agents=list(event.mentioned),
        visible_to=list(event.hearers),
        processing=bool(event.hearers),
    )


@router.post(
    "/decide",
    summary="Force the decision",
    responses=problems(
        Code.VALIDATION_ERROR,
        Code.ROOM_NOT_FOUND,
        Code.CONFLICT,
        Code.BUDGET_CONSTRAINT_VIOLATION,
        Code.INSUFFICIENT_INVENTORY,
    ),
)
async def decide(room_id: str, market: MyMarket, body: ForceDecision | None = None) -> DecisionMade:
    """Have the buyer decide now, or accept the standing offer of the seller that is named."""
    chosen = body.force_select_seller if body is not None else None
    return decision_made(await market.force_decision(room_id, chosen))


@router.post("/stop", summary="Stop a room", responses=problems(Code.ROOM_NOT_FOUND, Code.CONFLICT))
async def stop(room_id: str, market: MyMarket) -> DecisionMade:
    """End the negotiation without a deal."""
    return decision_made(await market.stop(room_id))


@router.get("/state", summary="Look at a room", responses=problems(Code.VALIDATION_ERROR, Code.ROOM_NOT_FOUND))
async def state(
    room_id: str, chaffer: Running, market: MyMarket, agent_id: AgentId = None, agent_type: AgentType = None
) -> RoomState:
    """Return a room as the operator sees it, or exactly as one of its agents does."""
    live = await market.room(room_id)
    viewer = viewer_of([live.state.terms], agent_id, agent_type)
    return room_state(live, viewer, await chaffer.ledger.account(live.state.terms.session_id))


@router.get(
    "/stream",
    summary="Follow a room",
    response_class=Response,
    responses=problems(Code.VALIDATION_ERROR, Code.ROOM_NOT_FOUND) | STREAM,
)
async def stream(
    room_id: str,
    chaffer: Running,
    market: MyMarket,
    agent_id: AgentId = None,
    agent_type: AgentType = None,
    after: StreamAfter = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow a room from its beginning, or from behind the event whose id is given. After the end: 204."""
    live = await market.room(room_id)
    viewer = viewer_of([live.state.terms], agent_id, agent_type)
    return room_stream(chaffer, live, viewer, last_event_id or after)
