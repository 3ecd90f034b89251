"""Telling a conversation to one reader: a turn from where it stands on, live, and the news of its negotiations."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Final

from chaffer.api.chat.documents import agent_of, tool_call, turn_until, usage_of
from chaffer.api.chat.frames import (
    ChatComplete,
    ChatFault,
    ChatNews,
    ChatReset,
    ChatRestart,
    ChatStart,
    ChatStoppedFrame,
    Frame,
    Token,
    ToolCallFrame,
)
from chaffer.api.chat.schemas import ConversationState
from chaffer.api.envelope import error_body
from chaffer.api.frames import frames_told
from chaffer.api.places import FIRST_ATTEMPT, Place, lacking, place_from
from chaffer.assistant.calls import CallStatus, calls_in
from chaffer.assistant.chats import chat_of
from chaffer.assistant.events import (
    ApprovalAnswered,
    ApprovalAsked,
    ChatAnswered,
    ChatEvent,
    ChatFailed,
    ChatStatus,
    ChatStopped,
    HaggleConcluded,
    ModelLeft,
    PersonAsked,
    ToolBegun,
    ToolEnded,
    ToolsChosen,
)
from chaffer.conversation.feed import Piece
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.turns import Begun
from chaffer.errors import ChafferError, Code

_SAID: Final = ChatAnswered | ChatStopped | ApprovalAsked
_UNSAID: Final = ToolsChosen | ModelLeft | ChatFailed | PersonAsked
"""With these, what was said of an answer turns out to be no part of it."""

_TOLD: Final = _SAID | PersonAsked | ApprovalAnswered | ToolBegun | ToolEnded | ChatFailed | HaggleConcluded
"""What has a frame; nothing else is the last thing that happened while nothing goes on, or only what has none."""


def place_in(text: str | None, live: LiveConversation) -> Place | None:
    """Return the place that an id means: before the last turn when there is none, None when it means nothing here."""
    if text:
        return place_from(text, live.feed.position)
    asked = (record.position - 1 for record in reversed(live.feed.records) if isinstance(record.event, PersonAsked))
    return Place(next(asked, live.feed.position))


def has_seen_all(place: Place | None, live: LiveConversation) -> bool:
    """Tell whether nothing comes any more for a reader at this place before the person speaks."""
    if place is None or chat_of(live).status is ChatStatus.ANSWERING or chat_of(live).negotiations:
        return False
    told = (record.position for record in reversed(live.feed.records) if isinstance(record.event, _TOLD))
    return place.position >= next(told, 0)


class Teller:
    """What one reader, by a request with that id, has been told, and what it is to be told next."""

    def __init__(self, place: Place, live: LiveConversation, request_id: str) -> None:
        """Begin at a place of a conversation."""
        self.place = place
        self._live = live
        self._request_id = request_id

    def frames(self, item: Recorded | Piece) -> Iterator[Frame]:
        """Yield what an item tells that was not told yet."""
        if isinstance(item, Piece):
            yield from self._text(item.attempt, item.offset, item.delta, item.sender_id)
            return
        event = item.event
        if isinstance(event, _SAID):
            attempt = FIRST_ATTEMPT if isinstance(event, ApprovalAsked) else event.attempt
            yield from self._text(attempt, 0, event.text, self._speaker(item))
            self.place = Place(item.position)
        elif isinstance(event, _UNSAID) and self.place.offset:
            self.place = Place(item.position - 1)
            yield ChatRestart(event_id=str(self.place))
        self.place = Place(item.position, self.place.offset, self.place.attempt)
        frame = self._told(item)
        if frame is not None:
            yield frame.model_copy(update={"event_id": str(self.place)})

    def _speaker(self, record: Recorded) -> str:
        if isinstance(record.event, ApprovalAsked):
            return agent_of(turn_until(self._live.feed.records, record.position))
        agent: str = record.event.agent
        return agent

    def _text(self, attempt: int, offset: int, text: str, agent: str) -> Iterator[Frame]:
        for place, delta in lacking(self.place, attempt, offset, text):
            self.place = place
            if delta is None:
                yield ChatRestart(event_id=str(place))
            else:
                yield Token(event_id=str(place), content=delta, agent_type=agent)

    def _told(self, record: Recorded) -> Frame | None:
        event = record.event
        match event:
            case ToolBegun() | ToolEnded() | ApprovalAsked():
                calls = calls_in(turn_until(self._live.feed.records, record.position))
                return ToolCallFrame(**dict(tool_call(calls[event.call_id])))
            case ChatAnswered():
                usage = usage_of(turn_until(self._live.feed.records, record.position))
                return ChatComplete(agent_type=event.agent, message_id=event.message_id, usage=usage)
            case ChatFailed():
                fault = ChafferError(Code(event.code), event.message)
                return ChatFault(message=event.message, error=error_body(fault, self._request_id, record.at))
            case _:
                return _shown(event, self._live.conversation_id)


def _shown(event: ChatEvent, conversation_id: str) -> Frame | None:
    """Return the frame of an event that tells itself."""
    match event:
        case PersonAsked() | ApprovalAnswered():
            return ChatStart(conversation_id=conversation_id, turn=event.turn)
        case ChatStopped():
            return ChatStoppedFrame(agent_type=event.agent, message_id=event.message_id if event.text else None)
        case HaggleConcluded():
            return ChatNews(
                room_id=event.room_id,
                message_id=event.message_id,
                message=event.text,
                status=event.status,
                invoice=event.invoice,
            )
        case _:
            return None


async def turn_told(begun: Begun, retry_seconds: float, request_id: str) -> AsyncGenerator[Frame, None]:
    """Yield the frames of a turn from where it was begun, until it is answered, asks, or ends without an answer."""
    place = Place(begun.position - 1)
    tell = Teller(place, begun.live, request_id).frames
    async with aclosing(frames_told(begun.live, place.position, tell, retry_seconds)) as frames:
        async for frame in frames:
            yield frame
            if isinstance(frame, ChatComplete | ChatStoppedFrame | ChatFault) or _asks(frame):
                return


def _asks(frame: Frame) -> bool:
    return isinstance(frame, ToolCallFrame) and frame.status is CallStatus.NEEDS_APPROVAL


async def chat_told(
    live: LiveConversation, place: Place, retry_seconds: float, request_id: str, reset: ConversationState | None = None
) -> AsyncGenerator[Frame, None]:
    """Yield the frames from a place on, until nothing comes any more before the person speaks again.

    With `reset`, the reader is first told how the conversation stands there.
    """
    teller = Teller(place, live, request_id)
    if reset is not None:
        yield ChatReset(event_id=str(place), conversation=reset)
        if has_seen_all(place, live):
            return
    async with aclosing(frames_told(live, place.position, teller.frames, retry_seconds)) as frames:
        async for frame in frames:
            yield frame
            if has_seen_all(teller.place, live):
                return
