"""Finding a conversation for somebody who may see those of one owner alone."""

from __future__ import annotations

from chaffer.conversation.engine import Engine
from chaffer.conversation.journal import ConversationGoneError, Journal
from chaffer.conversation.live import LiveConversation


async def find_owned(
    journal: Journal, engine: Engine, conversation_id: str, *, kind: str, scope: str | None
) -> LiveConversation | None:
    """Return a conversation of that kind, or None; `scope` is the owner whose it must be, None for anybody's.

    Within a scope the journal is asked first whose it is, and not the engine: what that has at hand already would come
    sooner than what does not exist.
    """
    if scope is not None:
        head = await journal.find(conversation_id)
        if head is None or head.owner != scope:
            return None
    try:
        live: LiveConversation = await engine.open(conversation_id)
    except ConversationGoneError:
        return None
    return live if live.kind.name == kind else None
