"""From products and searches to their documents, and back from a query's parameters."""

from __future__ import annotations

from msgspec.structs import replace

from chaffer.api.shopping.schemas import (
    CatalogueStats,
    CategoryCount,
    ConstraintsDocument,
    FacetDocument,
    FacetsDocument,
    FacetValue,
    MatchedProduct,
    NeedDocument,
    PreferencesDocument,
    ProductDocument,
    SellerOffer,
    Understood,
)
from chaffer.money import number_from_minor
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Facets, Need, Stats
from chaffer.shopping.events import Match
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import Planned
from chaffer.shopping.relaxing import relaxed


def product_document(product: Product) -> ProductDocument:
    """Return a product as shoppers see it."""
    return ProductDocument(
        id=product.product_id,
        name=product.name,
        brand=product.brand,
        category=product.category,
        description=product.description,
        price=number_from_minor(product.price_minor),
        currency=product.currency,
        rating=product.rating,
        reviews=product.reviews,
        attributes=product.attributes,
        sellers=[
            SellerOffer(seller=offer.seller, price=number_from_minor(offer.price_minor), stock=offer.pieces)
            for offer in product.offers
        ],
        url=product.url,
        image=product.image,
    )


def matched_product(match: Match) -> MatchedProduct:
    """Return a product that was found, with its score."""
    return MatchedProduct(**dict(product_document(match.product)), value_score=match.value_score)


def need_document(need: Need) -> NeedDocument:
    """Return what an attribute must be."""
    return NeedDocument(
        name=need.name,
        texts=list(need.texts),
        at_least=need.at_least,
        at_most=need.at_most,
        unit=need.unit,
        excluded=need.excluded,
    )


def constraints_document(wanted: Constraints) -> ConstraintsDocument:
    """Return what was searched."""
    return ConstraintsDocument(
        text=wanted.text,
        category=wanted.category,
        brands=list(wanted.brands),
        not_brands=list(wanted.not_brands),
        not_products=list(wanted.not_products),
        min_price=_number(wanted.min_price_minor),
        max_price=_number(wanted.max_price_minor),
        min_rating=wanted.min_rating,
        needs=[need_document(need) for need in wanted.needs],
        quantity=wanted.quantity,
        in_stock=wanted.in_stock,
        sort=wanted.sort,
        sort_by=wanted.sort_by,
    )


def understood_document(read: Planned, currency: str) -> Understood:
    """Return how a sentence was read."""
    wanted = read.constraints
    return Understood(
        constraints=constraints_document(wanted),
        words=[words for words, _ in relaxed(replace(wanted, in_stock=False), currency)],
        notes=list(read.noted),
    )


def preferences_document(known: Preferences) -> PreferencesDocument:
    """Return what is known of a person's taste."""
    return PreferencesDocument(
        liked_brands=list(known.liked_brands),
        disliked_brands=list(known.disliked_brands),
        max_budget=_number(known.max_budget_minor),
        budget_category=known.budget_category,
        min_rating=known.min_rating,
        required=[need_document(need) for need in known.required],
    )


def facets_document(facets: Facets) -> FacetsDocument:
    """Return how products divide."""
    return FacetsDocument(
        counted=facets.counted,
        low_price=_number(facets.low_minor),
        high_price=_number(facets.high_minor),
        facets=[
            FacetDocument(
                name=facet.name,
                values=[FacetValue(value=value.text, count=value.count) for value in facet.values],
                missing=facet.missing,
                unit=facet.unit,
                low=facet.low,
                high=facet.high,
            )
            for facet in facets.facets
        ],
    )


def stats_document(stats: Stats) -> CatalogueStats:
    """Return what the catalogue holds."""
    return CatalogueStats(
        products=stats.products,
        in_stock=stats.in_stock,
        offers=stats.offers,
        sellers=stats.sellers,
        categories=[CategoryCount(name=value.text, products=value.count) for value in stats.categories],
        revision=stats.revision,
    )


def _number(minor: int | None) -> float | None:
    return None if minor is None else number_from_minor(minor)
