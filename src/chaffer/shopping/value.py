"""What a product is worth to a shopper: a score in 0…1 from its price, its rating and how well it fits.

    score = 0.35 · price + 0.35 · rating + 0.30 · fit

- price: 1 for the cheapest of the products found, 0 at the budget or, without one, for the dearest; even in between.
- rating: the mean of the ratings and 20 more of 4.0 (`products.standing`), from 0 at 3 stars and below to 1 at 5.
- fit: the mean of what applies: the place among what the words found; whether the brand is a liked one, where any is;
  the share it has of what the shopper is known to want. 1 where nothing applies: what was asked for, all of them have.

Price and rating weigh the same, since neither may hide the other, and fit a little less, since a product that does not
keep the constraints is none of those found. With few reviews, or none, a product is taken for an average one.
docs/value-score.md works an example.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chaffer.shopping.catalogue.fitting import fits, meets, place_by_attribute
from chaffer.shopping.catalogue.products import MOST_RATING, PRIOR_RATING, Product, standing
from chaffer.shopping.catalogue.searching import Constraints, Need, Sort
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.events import Match, Worth
from chaffer.shopping.preferences import Preferences

PRICE_WEIGHT: Final = 0.35
RATING_WEIGHT: Final = 0.35
FIT_WEIGHT: Final = 0.30

WORST_RATING: Final = 3.0
_DIGITS: Final = 4


def ranked(found: Sequence[Product], wanted: Constraints, preferences: Preferences) -> tuple[Match, ...]:
    """Return the products that keep the constraints, with their scores, best value first.

    `found` stands in the order of the search. An order that the shopper asked for goes before value.
    """
    fitting = tuple(product for product in found if fits(product, wanted))
    matches = [
        Match(product, score_of(worth), worth)
        for product, worth in zip(fitting, worths(fitting, wanted, preferences), strict=True)
    ]
    return tuple(sorted(matches, key=lambda match: (*_asked_order(match.product, wanted), -match.value_score)))


def _asked_order(product: Product, wanted: Constraints) -> tuple[float, ...]:
    """Return where a product stands in the order that was asked for; without one nowhere, so that its value counts."""
    match wanted.sort:
        case Sort.CHEAPEST:
            return (product.price_for(wanted.quantity),)
        case Sort.DEAREST:
            return (-product.price_for(wanted.quantity),)
        case Sort.BEST_RATED:
            return (-standing(product),)
        case Sort.LEAST | Sort.MOST:
            return (place_by_attribute(product, wanted),)
        case Sort.RELEVANCE:
            return ()


def score_of(worth: Worth) -> float:
    """Return the value score that the parts make."""
    return round(PRICE_WEIGHT * worth.price + RATING_WEIGHT * worth.rating + FIT_WEIGHT * worth.fit, _DIGITS)


def worths(found: Sequence[Product], wanted: Constraints, preferences: Preferences) -> tuple[Worth, ...]:
    """Return what each product is worth among those that were found, in their order; all keep the constraints."""
    prices = [product.price_for(wanted.quantity) for product in found]
    low, high = min(prices, default=0), wanted.max_price_minor or max(prices, default=0)
    # A wish that nothing found fulfils tells none of them from another.
    liked = frozenset(map(folded_text, preferences.liked_brands)) & {folded_text(product.brand) for product in found}
    needs = [need for need in preferences.required if any(meets(product, need) for product in found)]
    return tuple(
        Worth(
            price=_position(price, low, high),
            rating=_rating_part(product),
            fit=_fit(product, None if _is_unranked(wanted) else place / len(found), liked, needs),
        )
        for place, (product, price) in enumerate(zip(found, prices, strict=True))
    )


def _is_unranked(wanted: Constraints) -> bool:
    """Tell whether no words put the products that were found in order."""
    return not wanted.text or wanted.sort is not Sort.RELEVANCE


def _position(price_minor: int, low: int, high: int) -> float:
    """Return 1 at the low end and 0 at the high one; all are as cheap as can be where there is but one price."""
    return 1.0 if price_minor <= low else (high - price_minor) / (high - low)


def _rating_part(product: Product) -> float:
    mean = PRIOR_RATING if product.rating is None else standing(product)
    return max(mean - WORST_RATING, 0) / (MOST_RATING - WORST_RATING)


def _fit(product: Product, behind: float | None, liked: frozenset[str], needs: Sequence[Need]) -> float:
    """Return how well a product fits; `behind` is the share of the found ones that the words put before it."""
    parts = []
    if behind is not None:
        parts.append(1 - behind)
    if liked:
        parts.append(float(folded_text(product.brand) in liked))
    if needs:
        parts.append(sum(meets(product, need) for need in needs) / len(needs))
    return sum(parts) / len(parts) if parts else 1.0
