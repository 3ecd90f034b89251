"""A product of the catalogue, what its sellers say in public, and what they keep to themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from chaffer.errors import Detail, unfit
from chaffer.money import plain

LONGEST_ID: Final = 100
LONGEST_NAME: Final = 200
LONGEST_DESCRIPTION: Final = 5_000
MOST_ATTRIBUTES: Final = 50
MOST_SELLERS: Final = 50
MOST_RATING: Final = 5.0

NO_BRAND: Final = "No brand"
"""The brand of a product that names none: nobody likes or dislikes it."""

PRIOR_RATING: Final = 4.0
_PRIOR_REVIEWS: Final = 20


class Offer(Struct, frozen=True):
    """What a seller asks for a product in public, a piece, and how many pieces are left."""

    seller: str
    price_minor: int
    pieces: int


class Product(Struct, frozen=True):
    """A product as every shopper may see it.

    Attributes are as they were given, by name: `{"screen size": "15.6 in", "backlit": "yes"}`. Offers stand in order of
    price, those in stock before those that are not. A rating is 0 to 5, None where nobody rated it.
    """

    product_id: str
    name: str
    brand: str
    category: str
    description: str
    currency: str
    attributes: dict[str, str]
    offers: tuple[Offer, ...]
    rating: float | None = None
    reviews: int = 0
    url: str = ""
    image: str = ""

    @property
    def price_minor(self) -> int:
        """Return the lowest price of those who have it in stock, or of all when none has."""
        return self.offers[0].price_minor

    @property
    def pieces(self) -> int:
        """Return how many pieces all sellers have together."""
        return sum(offer.pieces for offer in self.offers)

    def price_for(self, pieces: int) -> int:
        """Return the lowest price of those who have so many pieces, or the price when none has."""
        return min((offer.price_minor for offer in self.offers if offer.pieces >= pieces), default=self.price_minor)

    def most_of_one(self) -> int:
        """Return how many pieces can be had from one seller."""
        return max(offer.pieces for offer in self.offers)


def in_order(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """Return offers in the order in which a product has them."""
    return tuple(sorted(offers, key=lambda offer: (not offer.pieces, offer.price_minor, offer.seller)))


def standing(product: Product) -> float:
    """Return how well rated a product is, 0 to 5; a rating of few weighs less. One that nobody rated is worth 0.

    The Bayesian mean of its ratings and of `_PRIOR_REVIEWS` more at `PRIOR_RATING`; at least one made its rating.
    """
    if product.rating is None:
        return 0.0
    reviews = max(product.reviews, 1)
    return (PRIOR_RATING * _PRIOR_REVIEWS + product.rating * reviews) / (_PRIOR_REVIEWS + reviews)


class Limits(Struct, frozen=True):
    """A seller's private numbers for a product, a piece. They leave the catalogue for a negotiation room alone.

    `0 <= cost_minor < least_minor < ` the public price.
    """

    cost_minor: int
    least_minor: int


class Seller(Struct, frozen=True):
    """How a seller of the catalogue haggles; the words are those of a scenario."""

    name: str
    priority: str
    speaking_style: str


class Stocked(Struct, frozen=True):
    """A product with all that is known of it, the private numbers of its sellers too, by seller.

    Raises VALIDATION_ERROR where these are not as `Limits` tells: such a seller no negotiation room takes.
    """

    product: Product
    limits: dict[str, Limits]

    def __post_init__(self) -> None:
        """Check the private numbers against the prices."""
        for offer in self.product.offers:
            own = self.limits[offer.seller]
            if own.least_minor >= offer.price_minor:
                issue = f"must be below the price ({plain(offer.price_minor)}); got {plain(own.least_minor)}"
                raise unfit(Detail("least_price", issue))
            if not 0 <= own.cost_minor < own.least_minor:
                issue = f"must be 0 or more and below the least price ({plain(own.least_minor)})"
                raise unfit(Detail("cost_price", f"{issue}; got {plain(own.cost_minor)}"))
