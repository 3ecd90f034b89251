"""Telling a conversation from which another one was opened how that ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from chaffer.conversation.engine import Engine
from chaffer.conversation.journal import ConversationGoneError, Journal
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ChafferError

_log = structlog.get_logger("chaffer.conversation")


@dataclass(frozen=True, slots=True)
class Openers:
    """Conversations that open others. `settle` tells one, by the name of its kind, of those that have ended."""

    journal: Journal
    engine: Engine
    settle: Mapping[str, Callable[[LiveConversation], Awaitable[None]]]

    async def tell_of(self, ended_id: str) -> None:
        """Tell the conversation from which this one was opened, if it was from one, that it has ended."""
        try:
            head = await self.journal.find(ended_id)
            if head is None or head.parent_id is None:
                return
            live: LiveConversation = await self.engine.open(head.parent_id)
            await self.settle[live.kind.name](live)
        except ConversationGoneError:  # Who opened it was deleted: nobody is left to be told.
            return
        except ChafferError as fault:  # It has ended all the same.
            _log.warning("news.not_told", why=fault.message, hint="it is when somebody looks at it")
