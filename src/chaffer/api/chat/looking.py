"""Looking at a conversation without reading more of its journal than must be."""

from __future__ import annotations

from datetime import datetime

from chaffer.api.chat.documents import conversation_state
from chaffer.api.chat.schemas import ConversationState
from chaffer.assistant.chats import Chats, chat_of
from chaffer.assistant.events import ChatStatus
from chaffer.toolbox.news import RoomNews


async def look_at(
    chats: Chats, news: RoomNews, conversation_id: str, now: datetime, *, limit: int, before: int | None = None
) -> ConversationState:
    """Return a conversation, told of the negotiations that have ended. Raises CONVERSATION_NOT_FOUND.

    The journal is folded only where something waits or goes on; of all others its head and the index tell enough,
    however long they are. What is said meanwhile may be among the messages, and comes in the stream as well.
    """
    head = await chats.head(conversation_id)
    position, chat = head.position, None
    if head.status != ChatStatus.IDLE:
        live = await chats.chat(conversation_id)
        await news.settle(live)
        position, chat = live.feed.position, chat_of(live)
    page = await chats.messages(conversation_id, limit=limit, before=before)
    return conversation_state(await chats.find(conversation_id), page, position, chat, now)
