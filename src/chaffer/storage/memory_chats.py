"""Conversations as lists show them, in memory: every text is looked at, so that it is plain what a search finds."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chaffer.assistant.indexing import (
    IndexChat,
    Indexed,
    IndexMessage,
    IndexPage,
    Message,
    MessagePage,
    PinIndexed,
    RetitleChat,
)
from chaffer.storage.chat_lists import Place, Term, cursor_at, found_in, place_at, preview_of, sought_in
from chaffer.storage.tables import stamp

Chats = MutableMapping[str, Indexed]
Messages = MutableMapping[tuple[str, int], Message]


@dataclass(frozen=True, slots=True)
class MemoryChats:
    """The index over what the books keep of it: conversations by id, messages by conversation and number."""

    chats: Chats
    messages: Messages

    async def list_chats(self, owner: str | None, *, query: str | None, limit: int, after: str | None) -> IndexPage:
        """Return a page of conversations."""
        behind, sought = None if after is None else place_at(after), sought_in(query)
        found = sorted((chat for chat in self.chats.values() if owner in {None, chat.owner}), key=_place, reverse=True)
        if behind is not None:
            found = [chat for chat in found if _place(chat) < behind]
        if sought is not None:
            found = [shown for chat in found if (shown := self._searched(chat, sought)) is not None]
        page = found[:limit]
        return IndexPage(page, cursor_at(_place(page[-1])) if found[limit:] else None)

    def _searched(self, chat: Indexed, sought: Sequence[Term]) -> Indexed | None:
        """Return a conversation that has all that is sought, with what stands around the most of it; or None."""
        said = [self.messages[chat.conversation_id, number].text for number in range(chat.messages)]
        hits = [found_in(text, sought) for text in (chat.title, *said)]
        if not sought or len(set().union(*hits)) < len(sought):
            return None
        _, best = max((len(hit), number) for number, hit in enumerate(hits))
        return replace(chat, preview=preview_of(said[best - 1], sought)) if best else chat

    async def find_chat(self, conversation_id: str) -> Indexed | None:
        """Return a conversation as lists show it, or None."""
        return self.chats.get(conversation_id)

    async def list_messages(self, conversation_id: str, *, limit: int, before: int | None) -> MessagePage:
        """Return the last messages, or the last before a number."""
        chat = self.chats.get(conversation_id)
        end = 0 if chat is None else chat.messages if before is None else min(before, chat.messages)
        start = max(end - limit, 0)
        found = [self.messages[conversation_id, number] for number in range(start, end)]
        return MessagePage(found, start or None)


def _place(chat: Indexed) -> Place:
    return chat.pinned, stamp(chat.updated_at), chat.conversation_id


def index_chat(chats: Chats, effect: IndexChat, at: datetime) -> None:
    """Show a new conversation."""
    chats[effect.conversation_id] = Indexed(
        conversation_id=effect.conversation_id,
        owner=effect.owner,
        title=effect.title,
        pinned=False,
        messages=0,
        preview="",
        created_at=at,
        updated_at=at,
    )


def index_message(chats: Chats, messages: Messages, effect: IndexMessage, at: datetime) -> None:
    """Show a message."""
    chat_id = effect.conversation_id
    messages[chat_id, effect.number] = Message(
        effect.number, effect.message_id, effect.role, effect.text, effect.agent, at
    )
    chat = chats[chat_id]
    title = chat.title if effect.title is None else effect.title
    shown = preview_of(effect.text)
    chats[chat_id] = replace(chat, title=title, messages=effect.number + 1, preview=shown, updated_at=at)


def retitle(chats: Chats, effect: RetitleChat) -> None:
    """Show another title."""
    chats[effect.conversation_id] = replace(chats[effect.conversation_id], title=effect.title)


def pin(chats: Chats, effect: PinIndexed) -> None:
    """Show it above the others, or no longer."""
    chats[effect.conversation_id] = replace(chats[effect.conversation_id], pinned=effect.pinned)


def forget_chats(chats: Chats, messages: Messages, conversation_ids: Sequence[str]) -> None:
    """Forget conversations, and all that was said in them."""
    for conversation_id in conversation_ids:
        chat = chats.pop(conversation_id, None)
        for number in range(0 if chat is None else chat.messages):
            del messages[conversation_id, number]
