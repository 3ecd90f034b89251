"""JSON Lines, the catalogue's own format: a line is a product or a seller, and nothing is lost on the way.

A product is the object that the API shows, its sellers in it; a seller's private numbers stand in the file only where
they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct

from chaffer.errors import ChafferError, Detail, unfit
from chaffer.money import minor_from_number, number_from_minor
from chaffer.shopping.catalogue.feeds.admission import (
    OTHER_CATEGORY,
    PIECES_UNTOLD,
    Asked,
    admitted,
    checked_seller,
)
from chaffer.shopping.catalogue.feeds.entries import Entry, Refused, Terms
from chaffer.shopping.catalogue.feeds.prices import shown
from chaffer.shopping.catalogue.products import NO_BRAND, Product, Seller, Stocked

_PLACED: Final = re.compile(r"(?s)(.*?)(?: - at `(?:key in )?\$\.?(.*?)`)?")
_NAMED: Final = re.compile(r"(.*) field `(.*)`")
_LARGEST_EXPONENT: Final = 15


class _Offer(Struct, forbid_unknown_fields=True):
    """One member of `sellers`."""

    seller: str
    price: Decimal
    stock: int = PIECES_UNTOLD
    least_price: Decimal | None = None
    cost_price: Decimal | None = None


class _Line(Struct, forbid_unknown_fields=True):
    """A line of either kind: a seller has no id. A product has `sellers`, or `price` and what belongs to it."""

    id: str = ""
    name: str = ""
    brand: str = NO_BRAND
    category: str = OTHER_CATEGORY
    description: str = ""
    currency: str = ""
    attributes: dict[str, str] = {}
    sellers: list[_Offer] = []
    price: Decimal | None = None
    stock: int = PIECES_UNTOLD
    least_price: Decimal | None = None
    cost_price: Decimal | None = None
    seller: str = ""
    priority: str = ""
    speaking_style: str = ""
    rating: float | None = None
    reviews: int = 0
    url: str = ""
    image: str = ""


_DECODER: Final = msgspec.json.Decoder(_Line)


def read_json_lines(lines: Iterable[tuple[int, str]], terms: Terms) -> Iterator[Entry | Refused]:
    """Yield what each numbered line holds; blank ones hold nothing."""
    for number, line in lines:
        if line.isspace():
            continue
        try:
            yield Entry(number, _content(_DECODER.decode(line), terms))
        except ChafferError as error:
            yield Refused(number, error.details[0])
        except msgspec.ValidationError as fault:
            yield Refused(number, _explained(str(fault)))
        except (msgspec.DecodeError, RecursionError) as fault:
            yield Refused(number, Detail("line", f"is not one JSON object: {fault}"))


def _content(line: _Line, terms: Terms) -> Stocked | Seller:
    if not line.id and (line.priority or line.speaking_style):
        return checked_seller(Seller(line.seller, line.priority, line.speaking_style))
    if line.currency and line.currency != terms.currency:
        raise unfit(
            Detail("currency", f"must be {terms.currency}, the CURRENCY of this market; got {shown(line.currency)}")
        )
    described = Product(
        line.id, line.name, line.brand, line.category, line.description, terms.currency, line.attributes, (),
        line.rating, line.reviews, line.url, line.image,
    )  # fmt: skip
    return admitted(described, list(_asked(line, terms)))


def _asked(line: _Line, terms: Terms) -> Iterator[Asked]:
    for index, each in enumerate(line.sellers):
        at = f"sellers[{index}]."
        limits = (_minor(at + "least_price", each.least_price), _minor(at + "cost_price", each.cost_price))
        yield Asked(each.seller, _minor(at + "price", each.price) or 0, each.stock, *limits)
    if line.price is not None:
        limits = (_minor("least_price", line.least_price), _minor("cost_price", line.cost_price))
        yield Asked(line.seller or terms.seller, _minor("price", line.price) or 0, line.stock, *limits)


def _minor(field: str, number: Decimal | None) -> int | None:
    if number is None:
        return None
    if number.is_finite() and number.adjusted() > _LARGEST_EXPONENT:
        raise unfit(Detail(field, "must not exceed 1000000000"))
    try:
        return minor_from_number(number)
    except ValueError as fault:
        raise unfit(Detail(field, str(fault))) from None


def _explained(fault: str) -> Detail:
    """Return what the decoder found, as of `sellers[0].price`, `expected decimal, got array`."""
    found = _PLACED.fullmatch(fault)
    reason, path = (found[1], found[2] or "") if found else (fault, "")
    named = _NAMED.fullmatch(reason)
    if named is not None:
        path = f"{path}.{named[2]}" if path else named[2]
        return Detail(path, "is not a known field; check its spelling" if "unknown" in reason else "is required")
    return Detail(path or "line", (reason[:1].lower() + reason[1:]).replace("`", ""))


def product_line(stocked: Stocked, *, with_private: bool) -> bytes:
    """Return a product as a line, ended by a line feed; what is empty is left out."""
    product = stocked.product
    document = {
        "id": product.product_id,
        "name": product.name,
        "brand": product.brand,
        "category": product.category,
        "description": product.description,
        "currency": product.currency,
        "attributes": product.attributes,
        "sellers": list(_offers(stocked, with_private=with_private)),
        "rating": product.rating,
        "reviews": product.reviews,
        "url": product.url,
        "image": product.image,
    }
    return _line({name: value for name, value in document.items() if value not in (None, "", {})})


def _offers(stocked: Stocked, *, with_private: bool) -> Iterator[dict[str, Any]]:
    for offer in stocked.product.offers:
        shown = {"seller": offer.seller, "price": number_from_minor(offer.price_minor), "stock": offer.pieces}
        limits = stocked.limits.get(offer.seller) if with_private else None
        if limits is not None:
            shown["least_price"] = number_from_minor(limits.least_minor)
            shown["cost_price"] = number_from_minor(limits.cost_minor)
        yield shown


def seller_line(seller: Seller) -> bytes:
    """Return how a seller haggles as a line; it is private as a whole."""
    return _line({"seller": seller.name, "priority": seller.priority, "speaking_style": seller.speaking_style})


def _line(document: dict[str, Any]) -> bytes:
    return msgspec.json.encode(document) + b"\n"
