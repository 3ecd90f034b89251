"""From a recommended product to a deal: a thread sends a buyer to haggle, and hears how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chaffer.conversation.journal import ConversationGoneError, RememberAnswer
from chaffer.conversation.keys import Secret
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ChafferError
from chaffer.ids import new_id
from chaffer.shopping.commands import ConcludeNegotiation, OpenNegotiation
from chaffer.shopping.events import NegotiationOpened
from chaffer.shopping.ordering import Orderer, Ordering
from chaffer.shopping.outcomes import concluded
from chaffer.shopping.plan import HaggleOrder
from chaffer.shopping.thread import Thread
from chaffer.shopping.threads import Threads, no_session


@dataclass(frozen=True, slots=True)
class Purchasing:
    """The use cases over their parts."""

    threads: Threads
    ordering: Ordering

    def of(self, scope: str | None) -> Purchasing:
        """Return the use cases narrowed to one owner's threads; of None, to none."""
        return replace(self, threads=self.threads.of(scope))

    async def negotiate(
        self,
        session_id: str,
        order: HaggleOrder,
        *,
        remember: Callable[[NegotiationOpened], RememberAnswer] | None = None,
    ) -> NegotiationOpened:
        """Send a buyer to the product's sellers, and return the negotiation; its end is told to the thread.

        The budget, where none is given, is what the shopper said last, else what they usually spend, else the lowest
        list price, for all pieces. Raises SESSION_NOT_FOUND, PRODUCT_NOT_FOUND, INSUFFICIENT_INVENTORY when no seller
        has so many pieces, CONFLICT for too many negotiations at once, and the fault of a model.
        """
        live = await self.threads.thread(session_id)
        thread: Thread = live.state
        product = await self.ordering.product(order.product_id)
        orderer = await self._orderer(thread)
        opened = await self.ordering.open(orderer, order.product_id, order.quantity, order.budget)
        kept = () if remember is None else (remember(opened),)
        try:
            await live.submit(OpenNegotiation(opened, product.brand, kept))
        except (ChafferError, ConversationGoneError) as refusal:
            await self.ordering.haggling.drop(opened.market_session_id)
            raise no_session(session_id) if isinstance(refusal, ConversationGoneError) else refusal from None
        await self.ordering.haggling.start(opened.room_id)
        return opened

    async def _orderer(self, thread: Thread) -> Orderer:
        """Return a thread as one who orders."""
        terms = thread.terms
        key = await self.threads.assistants.kept_key(terms.session_id, terms.mind)
        return Orderer(
            conversation_id=terms.session_id,
            owner=terms.owner,
            mind=terms.mind,
            key=None if key is None else Secret(key),
            seed=terms.seed,
            said_minor=None if thread.constraints is None else thread.constraints.max_price_minor,
        )

    async def settle(self, live: LiveConversation) -> None:
        """Tell a thread how its negotiations ended that have, and start those that a crash kept from starting."""
        thread: Thread = live.state
        for opened in thread.negotiations:
            await self.ordering.haggling.start(opened.room_id)
            outcome = await self.ordering.haggling.outcome(opened.room_id)
            if outcome is not None:
                await live.submit(ConcludeNegotiation(concluded(opened, outcome, new_id())))
