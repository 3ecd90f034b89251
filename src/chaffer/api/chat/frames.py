"""The frames of a chat's stream: data-only JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel

from chaffer.api.chat.schemas import ConversationState, ToolCallDocument, Usage
from chaffer.api.envelope import ErrorBody
from chaffer.api.frames import StreamFrame, StreamReconnect


class ChatStart(StreamFrame):
    """A turn began, or goes on behind an approval."""

    type: Literal["start"] = "start"
    conversation_id: str
    turn: int


class Token(StreamFrame):
    """Text of the answer, as it is generated."""

    type: Literal["token"] = "token"
    content: str
    agent_type: str


class ToolCallFrame(ToolCallDocument, StreamFrame):
    """A tool started, ended, or waits for an approval; then the stream ends, and goes on with the answer to that."""

    type: Literal["tool_call"] = "tool_call"


class ChatRestart(StreamFrame):
    """What was told of the answer is void: it is said again from its beginning."""

    type: Literal["restart"] = "restart"


class ChatComplete(StreamFrame):
    """The turn is answered, and the message stored."""

    type: Literal["complete"] = "complete"
    agent_type: str
    message_id: str
    usage: Usage


class ChatStoppedFrame(StreamFrame):
    """The turn was stopped; what was told of the answer is stored, if it was anything."""

    type: Literal["stopped"] = "stopped"
    agent_type: str
    message_id: str | None


class ChatFault(StreamFrame):
    """The turn ended without an answer."""

    type: Literal["error"] = "error"
    message: str
    error: ErrorBody


class ChatNews(StreamFrame):
    """A negotiation that was opened from here ended; without a deal there is no invoice."""

    type: Literal["news"] = "news"
    room_id: str
    message_id: str
    message: str
    status: str
    invoice: str | None


class ChatReset(StreamFrame):
    """The id that the reader came back with means nothing here: so stands the conversation; what follows is news."""

    type: Literal["reset"] = "reset"
    conversation: ConversationState


Frame = (
    ChatStart
    | Token
    | ToolCallFrame
    | ChatRestart
    | ChatComplete
    | ChatStoppedFrame
    | ChatFault
    | ChatNews
    | ChatReset
    | StreamReconnect
)


class ChatFrames(RootModel[Annotated[Frame, Field(discriminator="type")]]):
    """One frame of `POST /api/chat/stream` and of `GET /api/chat/{conversation_id}/stream`."""
