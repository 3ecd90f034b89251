"""News for a conversation: how the negotiations ended that were opened from it."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from chaffer.assistant.chat import Chat
from chaffer.assistant.commands import ConcludeHaggle
from chaffer.assistant.events import CHAT, HaggleConcluded
from chaffer.assistant.results import NegotiationStarted
from chaffer.conversation.engine import Engine
from chaffer.conversation.journal import ConversationGoneError, Journal
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ChafferError
from chaffer.ids import new_id
from chaffer.ledger.bookkeeping import Bookkeeping
from chaffer.money import formatted
from chaffer.shopping.haggling import Haggling, Outcome

_log = structlog.get_logger("chaffer.assistant")


@dataclass(frozen=True, slots=True)
class RoomNews:
    """Tells conversations over the parts."""

    journal: Journal
    engine: Engine
    haggling: Haggling
    books: Bookkeeping

    async def settle(self, live: LiveConversation) -> None:
        """Tell a conversation how its negotiations ended that have."""
        chat: Chat = live.state
        for started in chat.negotiations:
            outcome = await self.haggling.outcome(started.room_id)
            if outcome is not None:
                await live.submit(ConcludeHaggle(await self._concluded(chat.terms.owner, started, outcome)))

    async def market_session_ended(self, market_session_id: str) -> None:
        """Tell the conversation that opened a market session, if one did, how it ended."""
        try:
            head = await self.journal.find(market_session_id)
            if head is None or head.parent_id is None:
                return
            live: LiveConversation = await self.engine.open(head.parent_id)
            if live.kind.name == CHAT:
                await self.settle(live)
        except ConversationGoneError:  # The conversation was deleted: nobody is left to be told.
            return
        except ChafferError as fault:  # The room has ended all the same.
            _log.warning("chat.not_told", why=fault.message, hint="it is when somebody looks at it")

    async def _concluded(self, owner: str, started: NegotiationStarted, outcome: Outcome) -> HaggleConcluded:
        if outcome.total_minor is None or outcome.invoice_id is None:
            text = f"No deal for {started.product_name}: {outcome.reason} Nothing was bought."
            return HaggleConcluded(started.room_id, new_id(), text, outcome.status)
        invoice = await self.books.of(owner).invoice(outcome.invoice_id)
        quantity, saved = outcome.quantity or started.quantity, invoice.saved_minor
        pieces = f"{quantity} × " if quantity > 1 else ""
        saving = f", {formatted(saved, started.currency)} below its list price" if saved > 0 else ""
        text = (
            f"Deal! {outcome.seller_name} sells you {pieces}{started.product_name} for "
            f"{formatted(outcome.total_minor, started.currency)}{saving}. The invoice is {invoice.number}."
        )
        return HaggleConcluded(started.room_id, new_id(), text, outcome.status, invoice.number)
