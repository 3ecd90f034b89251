"""News for a conversation: how the negotiations ended that were opened from it."""

from __future__ import annotations

from dataclasses import dataclass

from chaffer.assistant.chat import Chat
from chaffer.assistant.commands import ConcludeHaggle
from chaffer.assistant.events import HaggleConcluded
from chaffer.conversation.live import LiveConversation
from chaffer.ids import new_id
from chaffer.shopping.haggling import Haggling
from chaffer.shopping.outcomes import told


@dataclass(frozen=True, slots=True)
class RoomNews:
    """Tells conversations what the market tells."""

    haggling: Haggling

    async def settle(self, live: LiveConversation) -> None:
        """Tell a conversation how its negotiations ended that have."""
        chat: Chat = live.state
        for started in chat.negotiations:
            outcome = await self.haggling.outcome(started.room_id)
            if outcome is not None:
                text, invoice = told(outcome, started.product_name), outcome.invoice
                number = None if invoice is None else invoice.number
                news = HaggleConcluded(started.room_id, new_id(), text, outcome.status, number)
                await live.submit(ConcludeHaggle(news))
