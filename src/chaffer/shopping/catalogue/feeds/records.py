"""A product from the cells of a table or the elements of an XML feed: which field a name means, and how it is read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Final

from chaffer.errors import Detail, unfit
from chaffer.plain_text import reformed
from chaffer.shopping.catalogue.feeds.admission import OTHER_CATEGORY, PIECES_UNTOLD, Asked
from chaffer.shopping.catalogue.feeds.entries import Terms
from chaffer.shopping.catalogue.feeds.prices import number_of, price_of, shown
from chaffer.shopping.catalogue.products import NO_BRAND, Product
from chaffer.shopping.catalogue.units import folded_text

ATTRIBUTE: Final = "attributes."
"""Stands before the name of an attribute in the name of its column."""

REQUIRED: Final = ("id", "name", "price")

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "product id", "item id", "sku"),
    "name": ("name", "title", "product name"),
    "brand": ("brand", "manufacturer"),
    "category": ("category",),
    "product_type": ("product type",),
    "google_product_category": ("google product category",),
    "description": ("description",),
    "url": ("url", "link"),
    "image": ("image", "image link"),
    "price": ("price",),
    "sale_price": ("sale price",),
    "currency": ("currency",),
    "stock": ("stock", "quantity", "pieces", "inventory"),
    "availability": ("availability",),
    "seller": ("seller",),
    "least_price": ("least price",),
    "cost_price": ("cost price", "cost of goods sold"),
    "rating": ("rating",),
    "reviews": ("reviews", "review count"),
    "product_detail": ("product detail",),
}
FIELD_NAMES: Final = tuple(_NAMES)

_ATTRIBUTES: Final = ("size", "color", "material", "pattern", "condition", "gender", "age group")
"""Columns of Google's that say how a product is made."""

FIELDS: Final[Mapping[str, str]] = {
    **{name: field for field, names in _NAMES.items() for name in names},
    **{name: ATTRIBUTE + name for name in _ATTRIBUTES},
}
"""The field that each name of a column or an element stands for, the names folded."""

_THERE: Final = frozenset({"in stock", "available", "yes"})
_AWAY: Final = frozenset({"out of stock", "preorder", "backorder", "sold out", "no"})


def field_named(name: str) -> str | None:
    """Return the field that a column or an element stands for by its name; None for one that is not known."""
    folded = folded_text(name)
    if folded.startswith(ATTRIBUTE) and len(folded) > len(ATTRIBUTE):
        return ATTRIBUTE + name.strip()[len(ATTRIBUTE) :]
    return FIELDS.get(folded.removeprefix("g:"))


def described(record: Mapping[str, str], terms: Terms) -> Product:
    """Return the product of a record, without offers. Raises VALIDATION_ERROR."""
    currency = record.get("currency") or terms.currency
    if currency.upper() != terms.currency:
        raise unfit(Detail("currency", f"must be {terms.currency}, the CURRENCY of this market; got {shown(currency)}"))
    attributes = dict(_details(record.get("product_detail", "")))
    attributes.update(
        (name.removeprefix(ATTRIBUTE), value) for name, value in record.items() if name.startswith(ATTRIBUTE)
    )
    reviews = _whole("reviews", record.get("reviews")) or 0
    return Product(
        product_id=record.get("id", ""),
        name=record.get("name", ""),
        brand=record.get("brand") or NO_BRAND,
        category=_category(record),
        description=record.get("description", ""),
        currency=terms.currency,
        attributes=attributes,
        offers=(),
        rating=_rating(record.get("rating")),
        reviews=reviews,
        url=record.get("url", ""),
        image=record.get("image", ""),
    )


def asked(record: Mapping[str, str], terms: Terms) -> Asked:
    """Return the offer of a record; a price that is a sale's holds. Raises VALIDATION_ERROR."""
    minors = {
        field: price_of(field, record[field], terms.currency)
        for field in ("price", "sale_price", "least_price", "cost_price")
        if record.get(field)
    }
    if "price" not in minors:
        raise unfit(Detail("price", "is required"))
    price = min(minors["price"], minors.get("sale_price", minors["price"]))
    seller = record.get("seller") or terms.seller
    return Asked(seller, price, _pieces(record), minors.get("least_price"), minors.get("cost_price"))


def _pieces(record: Mapping[str, str]) -> int:
    counted = _whole("stock", record.get("stock"))
    told = record.get("availability", "")
    if folded_text(told) in _AWAY:
        return 0
    if told and folded_text(told) not in _THERE:
        raise unfit(Detail("availability", f"must be in_stock, out_of_stock, preorder or backorder; got {shown(told)}"))
    return PIECES_UNTOLD if counted is None else counted


def _whole(field: str, text: str | None) -> int | None:
    if not text:
        return None
    number = number_of(text)
    if number is None or number != int(number):
        raise unfit(Detail(field, f"must be a whole number; got {shown(text)}"))
    return int(number)


def _rating(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise unfit(Detail("rating", f"must be a number; got {shown(text)}")) from None


def _category(record: Mapping[str, str]) -> str:
    """Return the category, the shop's own word before Google's; of a path the last part. A number says nothing."""
    for field in ("category", "product_type", "google_product_category"):
        last = record.get(field, "").split(">")[-1].strip()
        if last and not last.isdigit():
            return last
    return OTHER_CATEGORY


def _details(text: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes in Google's `product_detail`: `section:name:value`, separated by commas."""
    line = " ".join(text.split())
    for part in next(csv.reader([line], skipinitialspace=True), []):
        pieces = [reformed(piece.strip()) for piece in part.split(":", 2)]
        if len(pieces) > 1 and pieces[-1] and pieces[-2]:
            yield pieces[-2], pieces[-1]
