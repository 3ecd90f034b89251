"""Shopping over HTTP: say something, answer a question, follow, send a buyer to haggle."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Final

from fastapi import Body, Response
from fastapi.responses import JSONResponse

from chaffer.api.dependencies import Accept, Calling, LastEventId, Running, StreamAfter, UserId, owner_of
from chaffer.api.frames import frame_stream, stream_of
from chaffer.api.idempotency import Creating, Creation, documented
from chaffer.api.places import Place
from chaffer.api.problems import OF_PROVIDERS, problems, problems_of_a_turn
from chaffer.api.routing import routes_under
from chaffer.api.shopping.dependencies import MyPurchasing, MyThreads
from chaffer.api.shopping.documents import negotiation_info, shopping_interrupted, shopping_result
from chaffer.api.shopping.examples import FIFTEEN, HAGGLE, LAPTOP
from chaffer.api.shopping.frames import Frame
from chaffer.api.shopping.schemas import NegotiationInfo, ShoppingInterrupted, ShoppingResult, TurnBegun
from chaffer.api.shopping.telling import has_seen_all, place_in, thread_told, turn_told
from chaffer.api.sse import EventStream
from chaffer.api.v1.streaming import closed_for_good
from chaffer.bootstrap import Chaffer
from chaffer.conversation.turns import Begun
from chaffer.doors.caller import Caller
from chaffer.errors import Code
from chaffer.shopping.events import AdviceGiven
from chaffer.shopping.plan import HaggleOrder, QuestionReply, ShoppingQuery
from chaffer.shopping.threads import Threads

router = routes_under("/api/shopping", "shopping")

_STREAM: Final = stream_of("ShoppingFrames")
_PROBLEMS: Final = problems_of_a_turn(Code.SESSION_NOT_FOUND)
Query = Annotated[ShoppingQuery, Body(openapi_examples=LAPTOP)]
Outcome = ShoppingResult | ShoppingInterrupted


@router.post("", summary="Say something to the assistant", response_model=Outcome, responses=_PROBLEMS)
async def speak(
    query: Query, creating: Creating, chaffer: Running, threads: MyThreads, caller: Calling, user_id: UserId = None
) -> Response:
    """Say something, and wait for the answer or for a question. Who leaves before cancels nothing.

    Without `session_id` a session is begun. Words behind a question that is open let it go.
    """
    return await _answered(threads, await _begun(query, creating, chaffer, threads, caller, user_id))


@router.post(
    "/stream",
    summary="Say something, and follow the answer",
    response_class=Response,
    responses=_PROBLEMS | _STREAM,
)
async def stream_turn(
    query: Query, creating: Creating, chaffer: Running, threads: MyThreads, caller: Calling, user_id: UserId = None
) -> Response:
    """Say something, and follow how it is answered. Come back by `GET /api/shopping/{session_id}/stream`."""
    return _turn_streamed(chaffer, await _begun(query, creating, chaffer, threads, caller, user_id))


@router.post(
    "/resume",
    summary="Answer a question of the assistant",
    response_model=Outcome,
    responses=problems(
        Code.VALIDATION_ERROR,
        *OF_PROVIDERS,
        Code.SESSION_NOT_FOUND,
        Code.THREAD_NOT_FOUND,
        Code.CONFLICT,
        Code.LLM_CAP_REACHED,
    ),
)
async def resume(
    reply: Annotated[QuestionReply, Body(openapi_examples=FIFTEEN)],
    chaffer: Running,
    threads: MyThreads,
    caller: Calling,
    accept: Accept = None,
) -> Response:
    """Answer a question, and wait for what follows, or follow it as a stream."""
    async with chaffer.possessions.beginning(caller):
        begun = await threads.answer(reply)
    if EventStream.media_type in (accept or ""):
        return _turn_streamed(chaffer, begun)
    return await _answered(threads, begun)


@router.get(
    "/{session_id}/stream",
    summary="Follow a session",
    response_class=Response,
    responses=problems(Code.SESSION_NOT_FOUND) | _STREAM | {204: {"description": "Nothing comes before you speak."}},
)
async def stream(
    session_id: str,
    chaffer: Running,
    purchasing: MyPurchasing,
    after: StreamAfter = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow the last turn from its beginning, or the session from behind the frame whose id is given.

    Ends when the turn is answered, or asks something, and no negotiation of the session goes on.
    """
    live = await purchasing.threads.thread(session_id)
    await purchasing.settle(live)
    place = place_in(last_event_id or after, live)
    if has_seen_all(place, live):
        return closed_for_good()
    preferences = await purchasing.threads.preferences.preferences(live.state.terms.owner)
    retry = chaffer.settings.sse_retry_timeout
    return _streamed(chaffer, thread_told(live, place, retry, preferences, chaffer.now()))


@router.post(
    "/{session_id}/negotiate",
    summary="Send a buyer to haggle",
    **documented(NegotiationInfo),
    responses=problems(
        Code.VALIDATION_ERROR,
        *OF_PROVIDERS,
        Code.SESSION_NOT_FOUND,
        Code.PRODUCT_NOT_FOUND,
        Code.CONFLICT,
        Code.IDEMPOTENCY_KEY_REUSED,
        Code.INSUFFICIENT_INVENTORY,
    ),
)
async def negotiate(
    session_id: str,
    order: Annotated[HaggleOrder, Body(openapi_examples=HAGGLE)],
    creating: Creating,
    chaffer: Running,
    purchasing: MyPurchasing,
    caller: Calling,
) -> Response:
    """Open a negotiation with the sellers of a product, and start it; the session is told how it ended."""
    live = await purchasing.threads.thread(session_id)
    return await creating.once(
        live.state.terms.owner,
        chaffer.possessions.beginning(caller),
        lambda keep: purchasing.negotiate(session_id, order, remember=keep),
        negotiation_info,
    )


async def _begun(
    query: ShoppingQuery, creating: Creation, chaffer: Chaffer, threads: Threads, caller: Caller, user_id: str | None
) -> Begun:
    """Begin a turn, or find the one that the same request began before."""
    preferred = None if query.user_preferences is None else query.user_preferences.user_id
    owner = owner_of(caller, query.user_id, preferred, user_id)
    answer = await creating.answer_once(
        owner,
        chaffer.possessions.beginning(caller),
        lambda keep: threads.speak(query, owner=owner, remember=keep),
        lambda said: TurnBegun(session_id=said.conversation_id, turn=said.turn),
    )
    begun = TurnBegun.model_validate_json(answer.body)
    return await threads.turn(begun.session_id, begun.turn)


async def _answered(threads: Threads, begun: Begun) -> Response:
    position, said = await threads.outcome(begun)
    if isinstance(said, AdviceGiven):
        return JSONResponse(shopping_result(begun.live, position).model_dump(mode="json"))
    return JSONResponse(shopping_interrupted(begun.live, position).model_dump(mode="json"))


def _turn_streamed(chaffer: Chaffer, begun: Begun) -> EventStream:
    place = Place(begun.position - 1)
    return _streamed(chaffer, turn_told(begun.live, place, chaffer.settings.sse_retry_timeout))


def _streamed(chaffer: Chaffer, frames: AsyncGenerator[Frame, None]) -> EventStream:
    return frame_stream(frames, chaffer.settings, chaffer.settings.sse_heartbeat_interval)
