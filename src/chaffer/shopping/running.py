"""How the engine runs threads: what a turn is answered with, and what is due when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from chaffer.conversation.keys import MindsAndKeys
from chaffer.conversation.late_flows import imported_flow
from chaffer.conversation.live import LiveConversation
from chaffer.errors import Code
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.shopping.commands import FailTurn
from chaffer.shopping.events import ThreadOpened
from chaffer.shopping.preferences import PreferenceBook

if TYPE_CHECKING:
    from chaffer.shopping.questions import AssistantMind

BROKE = "Something broke on our side while this was answered; the server's log tells what. Say it again."


class Assistants(MindsAndKeys, Protocol):
    """Where the minds of assistants come from."""

    async def assistant(self, terms: ThreadOpened) -> AssistantMind:
        """Return the mind of a thread's assistant. Raises ChafferError when it cannot be had here."""
        ...


@dataclass(frozen=True, slots=True)
class ThreadFlow:
    """Answers turns, as the engine asks. A question waits for `patience`, None for ever."""

    assistants: Assistants
    catalogue: ProductCatalogue
    preferences: PreferenceBook
    now: Callable[[], datetime]
    patience: timedelta | None

    async def run(self, live: LiveConversation) -> None:
        """Answer the turn that is under way, from where it stands to the answer or to a question."""
        flow = await asyncio.to_thread(imported_flow, "chaffer.shopping.flow")
        await flow.answer_turn(flow.Answering(live, self, await self.catalogue.vocabulary()))

    async def fail(self, live: LiveConversation) -> None:
        """End the turn, because its flow broke."""
        await live.submit(FailTurn(Code.INTERNAL_ERROR.value, BROKE), as_owner=True)

    async def ended(self, live: LiveConversation) -> None:
        """Do nothing: a thread goes on until it is deleted."""
        del live
