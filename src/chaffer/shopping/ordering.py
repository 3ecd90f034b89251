"""Sending a buyer to haggle for a product, whatever conversation orders it."""

from __future__ import annotations

from dataclasses import dataclass

from chaffer.conversation.keys import Secret
from chaffer.conversation.minds import ModelChoice
from chaffer.errors import ChafferError, Code
from chaffer.money import LARGEST_MINOR
from chaffer.shopping.catalogue.products import Limits, Product, Seller
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.shopping.events import NegotiationOpened
from chaffer.shopping.haggling import Haggling, Order
from chaffer.shopping.preferences import PreferenceBook


@dataclass(frozen=True, slots=True)
class Orderer:
    """Who orders: a conversation of an owner, with the mind that haggles and the key that came with it.

    `said_minor` is what the person said that a piece may cost, if they did. What is ordered with an `errand` is opened
    once, however often it is ordered.
    """

    conversation_id: str
    owner: str
    mind: ModelChoice
    key: Secret | None
    seed: int
    said_minor: int | None = None
    errand: str | None = None


@dataclass(frozen=True, slots=True)
class Ordering:
    """Opens negotiations over the catalogue's products."""

    catalogue: ProductCatalogue
    preferences: PreferenceBook
    haggling: Haggling

    async def product(self, product_id: str) -> Product:
        """Return a product. Raises PRODUCT_NOT_FOUND."""
        product = await self.catalogue.find(product_id)
        if product is None:
            raise no_product(product_id)
        return product

    async def budget(self, orderer: Orderer, product: Product, quantity: int) -> int:
        """Return what all pieces may cost where no budget is given.

        What the person said last, else what they usually spend, else the lowest list price. Who said that they must
        cost nothing has said nothing of use here.
        """
        known = await self.preferences.preferences(orderer.owner)
        usual, category = known.max_budget_minor, known.budget_category
        fallback = product.price_for(quantity)
        a_piece = orderer.said_minor or (
            usual if usual is not None and category in {None, product.category} else fallback
        )
        return min(a_piece * quantity, LARGEST_MINOR)

    async def sellers(self, product: Product, quantity: int) -> tuple[tuple[Seller, Limits], ...]:
        """Return those who have so many pieces, cheapest first. Raises INSUFFICIENT_INVENTORY when nobody has."""
        able = {offer.seller for offer in product.offers if offer.pieces >= quantity}
        known = await self.catalogue.haggling(product.product_id)
        sellers = tuple((seller, limits) for seller, limits in known if seller.name in able)
        if not sellers:
            raise too_few(product, quantity)
        return sellers

    async def open(
        self, orderer: Orderer, product_id: str, quantity: int, budget_minor: int | None
    ) -> NegotiationOpened:
        """Open a negotiation with the product's sellers who have so many pieces, and return it; it waits to be started.

        Raises PRODUCT_NOT_FOUND, INSUFFICIENT_INVENTORY when no seller has so many, and the fault of a model.
        """
        product = await self.product(product_id)
        budget_minor = budget_minor or await self.budget(orderer, product, quantity)
        order = Order(
            session_id=orderer.conversation_id,
            owner=orderer.owner,
            product=product,
            sellers=await self.sellers(product, quantity),
            quantity=quantity,
            budget_minor=budget_minor,
            mind=orderer.mind,
            key=orderer.key,
            seed=orderer.seed,
            errand=orderer.errand,
        )
        return await self.haggling.open(order)


def no_product(product_id: str) -> ChafferError:
    """Return what is told to who asks for a product that is not there."""
    return ChafferError(
        Code.PRODUCT_NOT_FOUND,
        f"There is no product {product_id!r} in the catalogue. GET /api/products?query=… finds products.",
    )


def too_few(product: Product, quantity: int) -> ChafferError:
    """Return what is told to who wants more pieces than any seller has."""
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
