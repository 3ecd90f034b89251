"""The documents of the chat and of conversations."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from chaffer.api.v1.schemas import Amount, Moment
from chaffer.assistant.calls import CallStatus
from chaffer.assistant.events import ChatStatus
from chaffer.assistant.tools import Specialist


class Usage(BaseModel):
    """What the replies of models used that a turn is made of; null where a provider did not tell. Costs are dollars."""

    prompt_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None


class ToolCallDocument(BaseModel):
    """A tool that was called, or is to be. `result` is there once it has ended."""

    id: str
    name: str
    arguments: dict[str, Any]
    status: CallStatus
    result: dict[str, Any] | None = None
    agent_type: Specialist


class PendingApproval(BaseModel):
    """A tool that waits for a person's word; answer by `POST /api/chat/approve`. `text` says what it would do."""

    tool_call_id: str
    name: str
    arguments: dict[str, Any]
    text: str
    expires_at: Moment | None
    agent_type: Specialist


class ChatReply(BaseModel):
    """How a turn ended: answered, stopped, or waiting for an approval, whose text the message is then."""

    conversation_id: str
    turn: int
    status: Literal["answered", "stopped", "needs_approval"]
    message_id: str
    message: str
    agent_type: str
    tool_calls: list[ToolCallDocument]
    pending_approval: PendingApproval | None
    usage: Usage


class ApprovalTaken(BaseModel):
    """What a person said to a tool that waited; what comes of it follows in the conversation's stream."""

    tool_call_id: str
    status: Literal["approved", "declined"]


class StopTaken(BaseModel):
    """The conversation is not answering any more."""

    conversation_id: str
    status: ChatStatus


class ToolDocument(BaseModel):
    """A tool: whose it is, what it does, whether each call needs an approval, and the schema of its arguments."""

    name: str
    description: str
    agent_type: Specialist
    needs_approval: bool
    parameters: dict[str, Any]


class ToolList(BaseModel):
    """All tools."""

    tools: list[ToolDocument]


class TurnAsked(BaseModel):
    """What is kept under an Idempotency-Key of a turn."""

    conversation_id: str
    turn: int


class ConversationSummary(BaseModel):
    """A conversation as a list shows it."""

    id: str
    user_id: str
    title: str
    pinned: bool
    message_count: int
    preview: str = Field(description="The beginning of the last message; in a search, of what was found.")
    created_at: Moment
    updated_at: Moment


class ConversationList(BaseModel):
    """A page of conversations: pinned ones first, then those with the newest message."""

    conversations: list[ConversationSummary]
    next_after: str | None


class MessageDocument(BaseModel):
    """A message. `agent_type` tells who of the assistant's spoke, and is null for the person's."""

    id: str
    number: int
    role: Literal["user", "assistant"]
    content: str
    agent_type: str | None
    timestamp: Moment


class MessageList(BaseModel):
    """Messages in the order in which they were said; `next_before` continues with those said earlier."""

    messages: list[MessageDocument]
    next_before: int | None


class OpenNegotiationDocument(BaseModel):
    """A negotiation that was opened from the conversation and goes on."""

    room_id: str
    product_name: str
    quantity: int
    budget: Amount
    stream_url: str


class ConversationState(ConversationSummary):
    """A conversation with its last messages, what it waits for, and what goes on."""

    status: ChatStatus
    messages: list[MessageDocument] = Field(description="The last ones; `next_before` continues.")
    next_before: int | None
    pending_approval: PendingApproval | None
    negotiations: list[OpenNegotiationDocument]
    position: str = Field(description="The stream id up to which this tells all.")


class ConversationDeleted(BaseModel):
    """A conversation that is gone."""

    id: str
    message: str
