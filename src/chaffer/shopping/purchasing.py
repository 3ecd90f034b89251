"""From a recommended product to a deal: a thread sends a buyer to haggle, and hears how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from chaffer.conversation.journal import ConversationGoneError, RememberAnswer
from chaffer.conversation.keys import Secret
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id
from chaffer.money import LARGEST_MINOR
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.shopping.commands import ConcludeNegotiation, OpenNegotiation
from chaffer.shopping.events import THREAD, NegotiationOpened
from chaffer.shopping.haggling import Haggling, Order
from chaffer.shopping.outcomes import concluded
from chaffer.shopping.plan import HaggleOrder
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.thread import Thread
from chaffer.shopping.threads import Threads, no_session

_log = structlog.get_logger("chaffer.shopping")


@dataclass(frozen=True, slots=True)
class Purchasing:
    """The use cases over their parts."""

    threads: Threads
    catalogue: ProductCatalogue
    haggling: Haggling

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
        product = await self.catalogue.find(order.product_id)
        if product is None:
            raise no_product(order.product_id)
        preferences = await self.threads.preferences.preferences(thread.terms.owner)
        budget = order.budget or min(_budget(thread, product, preferences, order.quantity), LARGEST_MINOR)
        opened = await self._open(thread, product, order.quantity, budget)
        kept = () if remember is None else (remember(opened),)
        try:
            await live.submit(OpenNegotiation(opened, product.brand, kept))
        except (ChafferError, ConversationGoneError) as refusal:
            await self.haggling.drop(opened.market_session_id)
            raise no_session(session_id) if isinstance(refusal, ConversationGoneError) else refusal from None
        await self.haggling.start(opened.room_id)
        return opened

    async def _open(self, thread: Thread, product: Product, quantity: int, budget_minor: int) -> NegotiationOpened:
        terms = thread.terms
        able = {offer.seller for offer in product.offers if offer.pieces >= quantity}
        sellers = tuple(
            (seller, limits)
            for seller, limits in await self.catalogue.haggling(product.product_id)
            if seller.name in able
        )
        if not sellers:
            raise _too_few(product, quantity)
        key = await self.threads.assistants.kept_key(terms.session_id, terms.mind)
        order = Order(
            session_id=terms.session_id,
            owner=terms.owner,
            product=product,
            sellers=sellers,
            quantity=quantity,
            budget_minor=budget_minor,
            mind=terms.mind,
            key=None if key is None else Secret(key),
            seed=terms.seed,
        )
        opened = await self.haggling.open(order)
        return NegotiationOpened(
            market_session_id=opened.market_session_id,
            room_id=opened.room_id,
            product_id=product.product_id,
            product_name=product.name,
            quantity=quantity,
            budget_minor=budget_minor,
            price_minor=product.price_for(quantity),
        )

    async def settle(self, live: LiveConversation) -> None:
        """Tell a thread how its negotiations ended that have, and start those that a crash kept from starting."""
        thread: Thread = live.state
        for opened in thread.negotiations:
            await self.haggling.start(opened.room_id)
            outcome = await self.haggling.outcome(opened.room_id)
            if outcome is not None:
                news = concluded(opened, outcome, new_id(), thread.terms.currency)
                await live.submit(ConcludeNegotiation(news))

    async def market_session_ended(self, market_session_id: str) -> None:
        """Tell the thread that opened a market session, if one did, how it ended."""
        journal, engine = self.threads.journal, self.threads.engine
        try:
            head = await journal.find(market_session_id)
            if head is None or head.parent_id is None:
                return
            live: LiveConversation = await engine.open(head.parent_id)
            if live.kind.name == THREAD:
                await self.settle(live)
        except ConversationGoneError:  # The thread was deleted: nobody is left to be told.
            return
        except ChafferError as fault:  # The room has ended all the same.
            _log.warning("thread.not_told", why=fault.message, hint="it is when somebody looks at it")


def _budget(thread: Thread, product: Product, preferences: Preferences, pieces: int) -> int:
    """Return what so many pieces may cost. Who said that they must cost nothing has said nothing of use here."""
    said = None if thread.constraints is None else thread.constraints.max_price_minor
    if said:
        return said * pieces
    usual, category = preferences.max_budget_minor, preferences.budget_category
    known = usual if usual is not None and category in {None, product.category} else product.price_for(pieces)
    return known * pieces


def no_product(product_id: str) -> ChafferError:
    """Return what is told to who asks for a product that is not there."""
    return ChafferError(
        Code.PRODUCT_NOT_FOUND,
        f"There is no product {product_id!r} in the catalogue. GET /api/products?query=… finds products.",
    )


def _too_few(product: Product, quantity: int) -> ChafferError:
    most = product.most_of_one()
    if 0 < most < quantity:
        return ChafferError(
            Code.INSUFFICIENT_INVENTORY,
            f"No seller of {product.name} has as many as {quantity} pieces: the most that a single one has is {most}. "
            "Order fewer, or choose another product.",
        )
    return ChafferError(
        Code.INSUFFICIENT_INVENTORY, f"All sellers of {product.name} are out of stock. Choose another product."
    )
