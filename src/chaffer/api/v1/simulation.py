"""Sessions over HTTP: open, look, start, follow, sum up, delete."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Response

from chaffer.api.dependencies import (
    After,
    AgentId,
    AgentType,
    Calling,
    LastEventId,
    MyArchive,
    MyMarket,
    PageSize,
    Running,
    StreamAfter,
    UserId,
    listed_of,
    owner_of,
    viewer_of,
)
from chaffer.api.idempotency import Creating, documented
from chaffer.api.problems import OF_PROVIDERS, problems
from chaffer.api.routing import routes_under
from chaffer.api.v1.documents import room_started, session_created, session_details
from chaffer.api.v1.examples import SPECIFICATION
from chaffer.api.v1.schemas import (
    SessionCreated,
    SessionDeleted,
    SessionDetails,
    SessionList,
    SessionStarted,
)
from chaffer.api.v1.streaming import STREAM, session_stream
from chaffer.errors import Code
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.summary import SessionSummary, summarise
from chaffer.negotiation.terms import RoomStatus

router = routes_under("/api/v1/simulation", "simulation")


@router.post(
    "/initialize",
    summary="Open a session",
    **documented(SessionCreated),
    responses=problems(
        Code.VALIDATION_ERROR,
        Code.MAX_SELLERS_EXCEEDED,
        *OF_PROVIDERS,
        Code.CONFLICT,
        Code.IDEMPOTENCY_KEY_REUSED,
        Code.PAYLOAD_TOO_LARGE,
    ),
)
async def initialize(
    scenario: Annotated[Scenario, Body(openapi_examples=SPECIFICATION)],
    creating: Creating,
    chaffer: Running,
    market: MyMarket,
    caller: Calling,
    user_id: UserId = None,
) -> Response:
    """Open a market session: a buyer with a shopping list, up to ten sellers, and a room for every item."""
    owner = owner_of(caller, scenario.user_id, user_id)
    return await creating.once(
        owner,
        chaffer.possessions.storing(caller),
        lambda keep: market.open_session(scenario, owner=owner, remember=keep),
        session_created,
    )


@router.get("", summary="List sessions", responses=problems(Code.VALIDATION_ERROR))
async def list_sessions(
    market: MyMarket, caller: Calling, limit: PageSize = 20, after: After = None, user_id: UserId = None
) -> SessionList:
    """List sessions, newest first; where callers are known, their own."""
    page, states = await market.list_sessions(owner=listed_of(caller, user_id), limit=limit, after=after)
    return SessionList(sessions=[session_details(state) for state in states], next_after=page.next_after)


@router.get("/{session_id}", summary="Look at a session", responses=problems(Code.SESSION_NOT_FOUND))
async def details(session_id: str, market: MyMarket) -> SessionDetails:
    """Return a session with its rooms as they stand."""
    return session_details(await market.session(session_id))


@router.delete("/{session_id}", summary="Delete a session", responses=problems(Code.SESSION_NOT_FOUND))
async def delete(session_id: str, market: MyMarket, archive: MyArchive) -> SessionDeleted:
    """End a session's rooms and streams and free what it takes; its logs and invoices stay."""
    await market.delete_session(session_id)
    folder = archive.path_of(session_id)
    return SessionDeleted(
        message="Session deleted successfully",
        session_id=session_id,
        logs_saved=folder.is_dir(),
        log_path=f"{folder.as_posix()}/",
    )


@router.post(
    "/{session_id}/start", summary="Start all rooms", responses=problems(Code.SESSION_NOT_FOUND, Code.CONFLICT)
)
async def start(session_id: str, chaffer: Running, market: MyMarket, caller: Calling) -> SessionStarted:
    """Start all pending rooms of a session, in the order of the shopping list."""
    state = await market.session(session_id)
    pending = sum(live.state.status is RoomStatus.PENDING for live in state.rooms)
    async with chaffer.possessions.beginning(caller, pending):
        started = await market.start_session(session_id)
    return SessionStarted(
        session_id=session_id,
        rooms=[room_started(live.state, opening) for live, opening in started],
        stream_url=f"/api/v1/simulation/{session_id}/stream",
    )


@router.get("/{session_id}/summary", summary="Sum a session up", responses=problems(Code.SESSION_NOT_FOUND))
async def summary(session_id: str, market: MyMarket) -> SessionSummary:
    """Return what came of a session: purchases, failed items, budget and effort."""
    state = await market.session(session_id)
    return summarise(state.session, [live.state for live in state.rooms], state.account)


@router.get(
    "/{session_id}/stream",
    summary="Follow all rooms",
    response_class=Response,
    responses=problems(Code.VALIDATION_ERROR, Code.SESSION_NOT_FOUND) | STREAM,
)
async def stream(
    session_id: str,
    chaffer: Running,
    market: MyMarket,
    agent_id: AgentId = None,
    agent_type: AgentType = None,
    after: StreamAfter = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow all rooms of a session on one connection; each event bears its `room_id`.

    With a seller's eyes, those rooms that it is in.
    """
    state = await market.session(session_id)
    viewer = viewer_of([live.state.terms for live in state.rooms], agent_id, agent_type)
    return session_stream(chaffer, state, viewer, last_event_id or after)
