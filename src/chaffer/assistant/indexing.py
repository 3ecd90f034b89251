"""What lists and searches of conversations look at, written with the append whose outcome it shows.

The journal is the truth; this is a view of it that can be searched and paged without reading it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chaffer.assistant.events import Role
from chaffer.conversation.journal import Effect


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was said. Numbers of a conversation count 0, 1, 2, … without a gap.

    `agent` is the `agent_type` of the assistant's, empty for the person's.
    """

    number: int
    message_id: str
    role: Role
    text: str
    agent: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class IndexChat(Effect):
    """Show a new conversation in lists."""

    conversation_id: str
    owner: str
    title: str


@dataclass(frozen=True, slots=True)
class IndexMessage(Effect):
    """Show a message; it is said when its append is written, and its conversation moves to the top."""

    conversation_id: str
    number: int
    message_id: str
    role: Role
    text: str
    agent: str = ""
    title: str | None = None
    """The conversation's new title, if it has one now."""


@dataclass(frozen=True, slots=True)
class RetitleChat(Effect):
    """Show another title."""

    conversation_id: str
    title: str


@dataclass(frozen=True, slots=True)
class PinIndexed(Effect):
    """Show it above the others, or no longer."""

    conversation_id: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class Indexed:
    """A conversation as a list shows it. `preview` is the beginning of its last message, or of what was found in it."""

    conversation_id: str
    owner: str
    title: str
    pinned: bool
    messages: int
    preview: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class IndexPage:
    """A page of conversations: pinned ones first, then those with the newest message. `next_after` continues it."""

    chats: Sequence[Indexed]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages in the order in which they were said; `before` continues with those said earlier, None at the first."""

    messages: Sequence[Message]
    before: int | None


class ChatIndex(Protocol):
    """How conversations are found and read."""

    async def list_chats(self, owner: str | None, *, query: str | None, limit: int, after: str | None) -> IndexPage:
        """Return a page of conversations, of one owner when given; with a `query`, those that have all its words.

        Words are sought in title and messages together, without case, accents and plurals, the last by its beginning;
        a blank query asks nothing. What others hold costs an owner nothing. A page goes on where the one before ended,
        also when something is said meanwhile. Raises VALIDATION_ERROR for an `after` that no page gave.
        """
        ...

    async def find_chat(self, conversation_id: str) -> Indexed | None:
        """Return a conversation as lists show it, or None."""
        ...

    async def list_messages(self, conversation_id: str, *, limit: int, before: int | None) -> MessagePage:
        """Return the last messages, or the last before a number. Costs the same, however many there are."""
        ...
