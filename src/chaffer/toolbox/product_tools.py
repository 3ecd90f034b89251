"""The tools over the catalogue: search, look, compare, and remember what a person likes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from msgspec import structs

from chaffer.assistant.results import (
    Difference,
    PreferencesKept,
    ProductBrief,
    ProductsCompared,
    ProductsFound,
    ProductShown,
    SellerPrice,
)
from chaffer.assistant.toolbox import Errand
from chaffer.assistant.tools import CompareProducts, GetProduct, RememberPreference, SearchProducts
from chaffer.errors import ChafferError, Code
from chaffer.shopping.built_in import BuiltInAssistant
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Sort, Vocabulary
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.collecting import collected
from chaffer.shopping.context import context_of_sentence
from chaffer.shopping.events import Intent, Relaxation, SearchPlanned
from chaffer.shopping.ordering import Ordering
from chaffer.shopping.preferences import PreferenceChange, Preferences, changed
from chaffer.shopping.questions import PlanningQuestion
from chaffer.shopping.speech.choosing import chosen_among
from chaffer.shopping.speech.knowing import taste_told

_READER: Final = BuiltInAssistant()


@dataclass(frozen=True, slots=True)
class ProductTools:
    """The tools over their parts."""

    ordering: Ordering
    currency: str

    async def search(self, errand: Errand, wish: SearchProducts) -> ProductsFound:
        """Return the best of what fits the person's words and the limits; the words are read as a shopper's are.

        Raises VALIDATION_ERROR where they name nothing that a product could be or have.
        """
        catalogue = self.ordering.catalogue
        context = context_of_sentence(
            wish.query,
            await catalogue.vocabulary(),
            await self.ordering.preferences.preferences(errand.owner),
            self.currency,
            session_id=errand.conversation_id,
            seed=errand.seed,
        )
        read = await _READER.plan(PlanningQuestion(context, Intent.SEARCH))
        wanted = _limited(read.constraints, wish, context.vocabulary)
        if _is_anything(wanted, context.preferences):
            raise ChafferError(
                Code.VALIDATION_ERROR,
                "These words name nothing to look for. Say what it should be, by whom, what it should have or cost.",
            )
        plan = SearchPlanned(0, wanted, context.preferences, read.noted)
        found = await collected(catalogue, _READER, context, plan)
        return ProductsFound(
            products=tuple(
                brief(match.product, wanted.quantity, match.value_score) for match in found.matches[: wish.limit]
            ),
            total=found.total,
            noted=read.noted,
            relaxations=tuple(_way(relaxation) for relaxation in found.relaxations),
        )

    async def show(self, wish: GetProduct) -> ProductShown:
        """Return a product. Raises PRODUCT_NOT_FOUND."""
        product = await self.ordering.product(wish.product_id)
        sellers = tuple(SellerPrice(offer.seller, offer.price_minor, offer.pieces) for offer in product.offers)
        return ProductShown(brief(product), product.description, product.reviews, sellers)

    async def compare(self, wish: CompareProducts) -> ProductsCompared:
        """Return products side by side, and which of them it is that is asked for. Raises PRODUCT_NOT_FOUND."""
        ids = tuple(dict.fromkeys(wish.product_ids))
        products = [await self.ordering.product(product_id) for product_id in ids]
        names = dict.fromkeys(name for product in products for name in product.attributes)
        rows = [(name, tuple(product.attributes.get(name, "") for product in products)) for name in names]
        differing = tuple(Difference(name, values) for name, values in rows if len(set(values)) > 1)
        vocabulary = await self.ordering.catalogue.vocabulary()
        compared = ProductsCompared(tuple(brief(product) for product in products), differing)
        chosen = None if wish.asked is None else chosen_among(products, wish.asked, vocabulary)
        if chosen is None:
            return compared
        return structs.replace(compared, answer=chosen.text, chosen_id=chosen.product_id)

    async def remember(self, errand: Errand, wish: RememberPreference) -> PreferencesKept:
        """Remember what the person likes, and return all that is known; brands as the catalogue spells them."""
        vocabulary = await self.ordering.catalogue.vocabulary()
        change = PreferenceChange(
            like=tuple(_spelt(brand, vocabulary.brands) for brand in wish.like_brands),
            dislike=tuple(_spelt(brand, vocabulary.brands) for brand in wish.dislike_brands),
            max_budget_minor=wish.max_budget_minor,
            budget_category=None
            if wish.budget_category is None
            else _spelt(wish.budget_category, vocabulary.categories),
            min_rating=wish.min_rating,
        )
        book = self.ordering.preferences
        known = await book.change_preferences(errand.owner, lambda before: changed(before, change))
        return PreferencesKept(
            known.liked_brands,
            known.disliked_brands,
            known.max_budget_minor,
            known.budget_category,
            known.min_rating,
            taste_told(known, self.currency),
        )


def brief(product: Product, quantity: int = 1, value_score: float | None = None) -> ProductBrief:
    """Return a product as lists show it; the price is that of who has so many pieces."""
    return ProductBrief(
        product_id=product.product_id,
        name=product.name,
        brand=product.brand,
        category=product.category,
        price_minor=product.price_for(quantity),
        currency=product.currency,
        rating=product.rating,
        pieces=product.pieces,
        attributes=product.attributes,
        value_score=value_score,
    )


def _limited(read: Constraints, wish: SearchProducts, vocabulary: Vocabulary) -> Constraints:
    """Return what was read of the words, with the limits of the wish in place of those that were read."""
    limits: dict[str, object] = {}
    if wish.category is not None:
        limits["category"] = _spelt(wish.category, vocabulary.categories)
    if wish.brand is not None:
        limits["brands"] = (_spelt(wish.brand, vocabulary.brands),)
    for name in ("min_price_minor", "max_price_minor", "min_rating"):
        if getattr(wish, name) is not None:
            limits[name] = getattr(wish, name)
    if wish.quantity > 1:
        limits["quantity"] = wish.quantity
    return structs.replace(read, **limits)


def _is_anything(wanted: Constraints, taste: Preferences) -> bool:
    """Tell whether nothing is asked of a product but what the person's preferences add to every search."""
    return not (
        wanted.text
        or wanted.category
        or wanted.brands
        or wanted.needs
        or wanted.sort is not Sort.RELEVANCE
        or wanted.min_price_minor is not None
        or wanted.max_price_minor not in {None, taste.max_budget_minor}
        or wanted.min_rating not in {None, taste.min_rating}
    )


def _spelt(word: str, known: tuple[str, ...]) -> str:
    """Return a name as the catalogue spells it, or as it is."""
    folded = folded_text(word)
    return next((name for name in known if folded_text(name) == folded), word)


def _way(relaxation: Relaxation) -> str:
    return f"{relaxation.what} ({relaxation.total})"
