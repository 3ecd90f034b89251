"""The chat over HTTP: say something, approve, stop, follow."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Final

from fastapi import Body, Request, Response

from chaffer.api.chat.dependencies import MyChats, named_in
from chaffer.api.chat.documents import chat_reply, tool_document
from chaffer.api.chat.examples import SAID, STOP, YES
from chaffer.api.chat.frames import Frame
from chaffer.api.chat.looking import look_at
from chaffer.api.chat.schemas import ApprovalTaken, ChatReply, StopTaken, ToolList, TurnAsked
from chaffer.api.chat.telling import chat_told, has_seen_all, place_in, turn_told
from chaffer.api.dependencies import Accept, Calling, LastEventId, Running, StreamAfter
from chaffer.api.frames import frame_stream, stream_of
from chaffer.api.idempotency import Creating, Creation
from chaffer.api.places import Place
from chaffer.api.problems import problems, problems_of_a_turn
from chaffer.api.requests import request_id_of
from chaffer.api.routing import routes_under
from chaffer.api.sse import EventStream
from chaffer.api.v1.streaming import closed_for_good
from chaffer.assistant.chats import Chats, chat_of
from chaffer.assistant.plan import ApprovalReply, ChatMessage, StopOrder
from chaffer.assistant.tools import TOOLS
from chaffer.bootstrap import Chaffer
from chaffer.conversation.journal import RememberAnswer
from chaffer.conversation.turns import Begun
from chaffer.doors.caller import Caller
from chaffer.errors import Code

router = routes_under("/api/chat", "chat")

LAST_MESSAGES: Final = 50

_STREAM: Final = stream_of("ChatFrames")
_PROBLEMS: Final = problems_of_a_turn(Code.CONVERSATION_NOT_FOUND)
Said = Annotated[ChatMessage, Body(openapi_examples=SAID)]


@router.post("/stream", summary="Say something, and follow the answer", responses=_PROBLEMS | _STREAM)
async def stream_turn(
    request: Request, said: Said, creating: Creating, chaffer: Running, chats: MyChats, caller: Calling
) -> Response:
    """Say something, and follow how it is answered. Come back by `GET /api/chat/{conversation_id}/stream`.

    Without `conversation_id` a conversation is begun, and named by the first frame.
    """
    return _turn_streamed(request, chaffer, await _begun(said, creating, chaffer, chats, caller))


@router.post("", summary="Say something to the assistant", response_model=ChatReply, responses=_PROBLEMS)
async def say(said: Said, creating: Creating, chaffer: Running, chats: MyChats, caller: Calling) -> ChatReply:
    """Say something, and wait for the answer, or until a tool waits for an approval. Who leaves cancels nothing."""
    begun = await _begun(said, creating, chaffer, chats, caller)
    return chat_reply(begun.live, await chats.reply(begun))


@router.get("/tools", summary="List the assistant's tools")
async def tools() -> ToolList:
    """List all that the assistant can do, and which of it needs your approval each time, because it commits money."""
    return ToolList(tools=[tool_document(spec) for spec in TOOLS.values()])


@router.post(
    "/approve",
    summary="Approve of a tool, or decline",
    response_model=ApprovalTaken,
    responses=problems(
        Code.VALIDATION_ERROR,
        Code.CONVERSATION_NOT_FOUND,
        Code.TOOL_CALL_NOT_FOUND,
        Code.CONFLICT,
        Code.IDEMPOTENCY_KEY_REUSED,
    ),
)
async def approve(
    request: Request,
    reply: Annotated[ApprovalReply, Body(openapi_examples=YES)],
    creating: Creating,
    chaffer: Running,
    chats: MyChats,
    caller: Calling,
    accept: Accept = None,
) -> Response:
    """Let the assistant call the tool that waits, or not; what comes of it is told by the conversation's stream."""
    mine = named_in(chats, caller, reply.user_id)

    async def answered(keep: Callable[[ApprovalReply], RememberAnswer] | None) -> ApprovalReply:
        await mine.approve(reply, effects=() if keep is None else (keep(reply),))
        return reply

    owner = (await mine.head(reply.conversation_id)).owner
    answer = await creating.answer_once(owner, chaffer.possessions.beginning(caller), answered, _taken)
    if EventStream.media_type in (accept or ""):
        return _turn_streamed(request, chaffer, await mine.approved(reply.conversation_id, reply.tool_call_id))
    return Response(answer.body, media_type="application/json")


@router.post(
    "/stop",
    summary="Leave an answer off",
    responses=problems(Code.VALIDATION_ERROR, Code.CONVERSATION_NOT_FOUND),
)
async def stop(order: Annotated[StopOrder, Body(openapi_examples=STOP)], chats: MyChats, caller: Calling) -> StopTaken:
    """Leave the answer off; what was said of it is kept. Where none is made, nothing happens."""
    live = await named_in(chats, caller, order.user_id).stop(order.conversation_id)
    return StopTaken(conversation_id=live.conversation_id, status=chat_of(live).status)


@router.get(
    "/{conversation_id}/stream",
    summary="Follow a conversation",
    response_class=Response,
    responses=problems(Code.CONVERSATION_NOT_FOUND)
    | _STREAM
    | {204: {"description": "Nothing comes before you speak."}},
)
async def stream(
    request: Request,
    conversation_id: str,
    chaffer: Running,
    chats: MyChats,
    after: StreamAfter = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow the last turn from its beginning, or the conversation from behind the frame whose id is given.

    Ends when the turn is answered, or a tool waits, and no negotiation of the conversation goes on.
    """
    live = await chats.chat(conversation_id)
    await chaffer.news.settle(live)
    place, reset = place_in(last_event_id or after, live), None
    if has_seen_all(place, live):
        return closed_for_good()
    if place is None:
        place = Place(live.feed.position)
        reset = await look_at(chats, chaffer.news, conversation_id, chaffer.now(), limit=LAST_MESSAGES)
    retry = chaffer.settings.sse_retry_timeout
    return _streamed(chaffer, chat_told(live, place, retry, request_id_of(request.scope), reset))


async def _begun(said: ChatMessage, creating: Creation, chaffer: Chaffer, chats: Chats, caller: Caller) -> Begun:
    """Begin a turn, or find the one that the same request began before."""
    mine = named_in(chats, caller, said.user_id)
    owner = mine.scope or caller.owner()
    answer = await creating.answer_once(
        owner,
        chaffer.possessions.beginning(caller, kept=int(said.conversation_id is None)),
        lambda keep: mine.ask(said, owner=owner, remember=keep),
        lambda asked: TurnAsked(conversation_id=asked.conversation_id, turn=asked.turn),
    )
    asked = TurnAsked.model_validate_json(answer.body)
    return await mine.turn(asked.conversation_id, asked.turn)


def _taken(reply: ApprovalReply) -> ApprovalTaken:
    return ApprovalTaken(tool_call_id=reply.tool_call_id, status="approved" if reply.approve else "declined")


def _turn_streamed(request: Request, chaffer: Chaffer, begun: Begun) -> EventStream:
    return _streamed(chaffer, turn_told(begun, chaffer.settings.sse_retry_timeout, request_id_of(request.scope)))


def _streamed(chaffer: Chaffer, frames: AsyncGenerator[Frame, None]) -> EventStream:
    return frame_stream(frames, chaffer.settings, chaffer.settings.sse_heartbeat_interval)
