"""What a product must be to be taken into the catalogue, whichever file it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chaffer.conversation.mentions import folded, is_name
from chaffer.errors import Detail, unfit
from chaffer.money import LARGEST_MINOR, plain
from chaffer.plain_text import harmless
from chaffer.shopping.catalogue.feeds.prices import shown
from chaffer.shopping.catalogue.field_names import names_field
from chaffer.shopping.catalogue.products import (
    LONGEST_DESCRIPTION,
    LONGEST_ID,
    LONGEST_NAME,
    MOST_ATTRIBUTES,
    MOST_RATING,
    MOST_SELLERS,
    Limits,
    Offer,
    Product,
    Seller,
    Stocked,
    in_order,
)
from chaffer.shopping.catalogue.units import folded_text

OTHER_CATEGORY: Final = "Other"
"""The category of a product that names none."""

PIECES_UNTOLD: Final = 10
"""How many pieces there are of what is in stock where a feed does not count them."""

LEAST_PERCENT: Final = 85
COST_PERCENT: Final = 75
"""Of the price, where a feed does not tell a seller's least price or cost."""

PRIORITIES: Final = ("customer_retention", "maximize_profit")
STYLES: Final = ("very_sweet", "rude")
"""The words of a scenario for how a seller haggles; the first ones hold for sellers of whom nothing is told."""

LONGEST_WORD: Final = 100
LONGEST_VALUE: Final = 300
LONGEST_ADDRESS: Final = 2_000
MOST_PIECES: Final = 1_000_000
MOST_REVIEWS: Final = 1_000_000_000

_LOWEST_MINOR: Final = 2


class Asked(Struct, frozen=True):
    """What a feed says of one seller's offer; the private numbers may be missing."""

    seller: str
    price_minor: int
    pieces: int
    least_minor: int | None = None
    cost_minor: int | None = None


def admitted(described: Product, asked: Sequence[Asked]) -> Stocked:
    """Return a product with its offers in their order and the private numbers filled in.

    `described` is the product without offers. Raises VALIDATION_ERROR with the first field that does not fit.
    """
    _check_text("id", described.product_id, LONGEST_ID)
    _check_text("name", described.name, LONGEST_NAME)
    _check_text("brand", described.brand, LONGEST_WORD)
    _check_text("category", described.category, LONGEST_WORD)
    _check_attributes(described.attributes)
    _check_address("url", described.url)
    _check_address("image", described.image)
    _check_opinions(described.rating, described.reviews)
    description = _legible(described.description)
    if len(description) > LONGEST_DESCRIPTION:
        raise unfit(
            Detail("description", f"must have at most {LONGEST_DESCRIPTION} characters; got {len(description)}")
        )
    _check_sellers(asked)
    limits = {each.seller: _limits(each) for each in asked}
    offers = in_order(Offer(each.seller, each.price_minor, each.pieces) for each in asked)
    return Stocked(replace(described, description=description, offers=offers), limits)


def checked_seller(seller: Seller) -> Seller:
    """Return a seller that a scenario would take. Raises VALIDATION_ERROR."""
    _check_name(seller.name)
    for field, word, words in (
        ("priority", seller.priority, PRIORITIES),
        ("speaking_style", seller.speaking_style, STYLES),
    ):
        if word not in words:
            raise unfit(Detail(field, f"must be {' or '.join(words)}; got {shown(word)}"))
    return seller


def seller_by_name(name: str) -> Seller:
    """Return a seller of whom nothing but the name is told."""
    return Seller(name, PRIORITIES[0], STYLES[0])


def _check_text(field: str, text: str, longest: int) -> None:
    if not text or text.isspace():
        raise unfit(Detail(field, "is required"))
    if len(text) > longest:
        raise unfit(Detail(field, f"must have at most {longest} characters; got {len(text)}"))
    if not text.isprintable():
        raise unfit(Detail(field, f"must have printable characters only; got {shown(text)}"))


def _check_attributes(attributes: Mapping[str, str]) -> None:
    if len(attributes) > MOST_ATTRIBUTES:
        raise unfit(Detail("attributes", f"must be at most {MOST_ATTRIBUTES}; got {len(attributes)}"))
    for name, value in attributes.items():
        _check_text("attributes", name, LONGEST_WORD)
        _check_text(f"attributes.{name}", value, LONGEST_VALUE)
        if names_field(name):
            issue = "is named like what the market itself tells of a product; leave it out, or give it another name"
            raise unfit(Detail(f"attributes.{name}", issue))
    if len({folded_text(name) for name in attributes}) < len(attributes):
        raise unfit(Detail("attributes", "must have names that differ in more than case, accents and spaces"))


def _check_address(field: str, address: str) -> None:
    if not address:
        return
    _check_text(field, address, LONGEST_ADDRESS)
    if not address.lower().startswith(("http://", "https://")):
        raise unfit(Detail(field, f"must begin with http:// or https://; got {shown(address)}"))


def _check_opinions(rating: float | None, reviews: int) -> None:
    if rating is not None and not 0 <= rating <= MOST_RATING:
        raise unfit(Detail("rating", f"must be 0 to {MOST_RATING:g}; got {rating:g}"))
    if not 0 <= reviews <= MOST_REVIEWS:
        raise unfit(Detail("reviews", f"must be 0 to {MOST_REVIEWS}; got {reviews}"))


def _check_sellers(asked: Sequence[Asked]) -> None:
    if not asked:
        raise unfit(Detail("price", "is required"))
    if len(asked) > MOST_SELLERS:
        raise unfit(Detail("sellers", f"must be at most {MOST_SELLERS}; got {len(asked)}"))
    for each in asked:
        _check_name(each.seller)
        if not 0 <= each.pieces <= MOST_PIECES:
            raise unfit(Detail("stock", f"must be 0 to {MOST_PIECES}; got {each.pieces}"))
    if len({folded(each.seller) for each in asked}) < len(asked):
        raise unfit(Detail("seller", "must differ from the product's other sellers in more than case and spaces"))


def _check_name(name: str) -> None:
    if not is_name(name):
        issue = "must have 1 to 50 characters: letters, digits, space, - _ ' . &"
        raise unfit(Detail("seller", f"{issue}; got {shown(name)}"))


def _limits(asked: Asked) -> Limits:
    """Return the private numbers, those that are missing made up to fit the others."""
    price, least, cost = asked.price_minor, asked.least_minor, asked.cost_minor
    if not _LOWEST_MINOR <= price <= LARGEST_MINOR:
        raise unfit(Detail("price", f"must be {plain(_LOWEST_MINOR)} to {plain(LARGEST_MINOR)}; got {plain(price)}"))
    if least is None:
        least = min(max(_share(price, LEAST_PERCENT), 1 if cost is None else cost + 1), price - 1)
    if cost is None:
        cost = max(min(_share(price, COST_PERCENT), least - 1), 0)
    return Limits(cost_minor=cost, least_minor=least)


def _share(minor: int, percent: int) -> int:
    return (minor * percent + 50) // 100


def _legible(text: str) -> str:
    """Return a text on one line without what steers whoever shows it."""
    line = " ".join(text.split())
    return line if line.isprintable() else harmless(line)
