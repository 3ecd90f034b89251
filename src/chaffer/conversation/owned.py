"""What a person asks of a conversation: found where it is theirs, and told what to do while it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaffer.conversation.engine import Engine
from chaffer.conversation.journal import ConversationGoneError, Journal, Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ChafferError


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


async def submitted(
    live: LiveConversation,
    command: Any,  # noqa: ANN401  Of the conversation's kind.
    gone: Callable[[str], ChafferError],
) -> tuple[Recorded, ...]:
    """Have a person's command decided. Raises what `gone` makes of the id when it was deleted meanwhile."""
    try:
        return await live.submit(command)
    except ConversationGoneError:
        raise gone(live.conversation_id) from None
