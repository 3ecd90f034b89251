"""Writers of feeds: what stands before the products, each product, and what stands behind them, as bytes.

JSON Lines keeps everything. A table has a row for each seller of a product. Google's feeds have one price, and no
sellers, counts and ratings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from xml.sax.saxutils import escape

from chaffer.money import number_from_minor, plain
from chaffer.plain_text import unformed
from chaffer.shopping.catalogue.feeds.json_lines import product_line, seller_line
from chaffer.shopping.catalogue.feeds.records import ATTRIBUTE
from chaffer.shopping.catalogue.products import Offer, Seller, Stocked

_MARK: Final = "\ufeff"
"""By it spreadsheets know UTF-8."""

_COLUMNS: Final = (
    "id",
    "name",
    "brand",
    "category",
    "description",
    "seller",
    "price",
    "currency",
    "stock",
    "rating",
    "reviews",
    "url",
    "image",
)
_PRIVATE_COLUMNS: Final = ("least_price", "cost_price")
_DETAIL: Final = "product_detail"
_GOOGLE_COLUMNS: Final = (
    "id",
    "title",
    "description",
    "link",
    "image_link",
    "availability",
    "price",
    "brand",
    "product_type",
    "condition",
    _DETAIL,
)
_GOOGLE_PRIVATE: Final = "cost_of_goods_sold"
_CONDITION: Final = "condition"
_SECTION: Final = "Properties"
_XML_HEAD: Final = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel>
<title>Catalogue</title>
"""

Cell = str | float | None


@dataclass(frozen=True, slots=True)
class FeedWriter:
    """What a file is made of: what stands before the products, what is written of each, and what stands behind them."""

    head: bytes
    product: Callable[[Stocked], bytes]
    tail: bytes = b""


def json_lines_writer(sellers: Iterable[Seller], *, with_private: bool) -> FeedWriter:
    """Return what writes JSON Lines; with the private numbers, how sellers haggle comes first."""
    head = b"".join(map(seller_line, sellers)) if with_private else b""
    return FeedWriter(head, partial(product_line, with_private=with_private))


def csv_writer(attributes: Sequence[str], *, with_private: bool) -> FeedWriter:
    """Return what writes CSV in which no spreadsheet finds a formula, with a column for each of those attributes."""
    private = _PRIVATE_COLUMNS if with_private else ()
    names = (*_COLUMNS, *private, *(ATTRIBUTE + name for name in attributes))

    def rows(stocked: Stocked) -> bytes:
        return b"".join(
            _row((*_of_offer(stocked, offer), *_private(stocked, offer)[: len(private)], *values(stocked)), ",")
            for offer in stocked.product.offers
        )

    def values(stocked: Stocked) -> Iterator[str | None]:
        return map(stocked.product.attributes.get, attributes)

    return FeedWriter(_MARK.encode() + _row(names, ","), rows)


def google_table_writer(*, with_private: bool) -> FeedWriter:
    """Return what writes Google Merchant's TSV; the private number is the `cost_of_goods_sold` of the lowest offer."""

    def row(stocked: Stocked) -> bytes:
        return _row((_google(stocked, with_private=with_private) | {_DETAIL: _details(stocked)}).values(), "\t")

    return FeedWriter(_row((*_GOOGLE_COLUMNS, *([_GOOGLE_PRIVATE] if with_private else ())), "\t"), row)


def google_xml_writer(*, with_private: bool) -> FeedWriter:
    """Return what writes Google Merchant's XML, an RSS document."""

    def item(stocked: Stocked) -> bytes:
        record = _google(stocked, with_private=with_private)
        elements = [_element(name, escape(text)) for name, text in record.items() if text]
        elements += [_xml_detail(name, text) for name, text in _attributes(stocked)]
        return f"<item>{''.join(elements)}</item>\n".encode()

    return FeedWriter(_XML_HEAD, item, b"</channel>\n</rss>\n")


def _of_offer(stocked: Stocked, offer: Offer) -> tuple[Cell, ...]:
    """Return the cells of the public columns, in their order."""
    product = stocked.product
    asked = (offer.seller, number_from_minor(offer.price_minor), product.currency, offer.pieces)
    front = (product.product_id, product.name, product.brand, product.category, product.description)
    return (*front, *asked, product.rating, product.reviews, product.url, product.image)


def _private(stocked: Stocked, offer: Offer) -> tuple[Cell, ...]:
    limits = stocked.limits[offer.seller]
    return number_from_minor(limits.least_minor), number_from_minor(limits.cost_minor)


def _google(stocked: Stocked, *, with_private: bool) -> dict[str, str]:
    """Return Google's fields in the order of their columns, `product_detail` empty."""
    product = stocked.product
    record = {
        "id": product.product_id,
        "title": product.name,
        "description": product.description,
        "link": product.url,
        "image_link": product.image,
        "availability": "in_stock" if product.pieces else "out_of_stock",
        "price": _price(product.price_minor, product.currency),
        "brand": product.brand,
        "product_type": product.category,
        _CONDITION: product.attributes.get(_CONDITION, ""),
        _DETAIL: "",
    }
    if with_private:
        record[_GOOGLE_PRIVATE] = _price(stocked.limits[product.offers[0].seller].cost_minor, product.currency)
    return record


def _attributes(stocked: Stocked) -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in stocked.product.attributes.items() if name != _CONDITION)


def _details(stocked: Stocked) -> str:
    """Return the attributes as Google's TSV has them: `section:name:value`, separated by commas."""
    details = [f"{_SECTION}:{name.replace(':', ' ')}:{text}" for name, text in _attributes(stocked)]
    return _row(details, ",").decode().rstrip()


def _xml_detail(name: str, text: str) -> str:
    parts = {"section_name": _SECTION, "attribute_name": escape(name), "attribute_value": escape(text)}
    return _element(_DETAIL, "".join(_element(part, content) for part, content in parts.items()))


def _element(name: str, content: str) -> str:
    return f"<g:{name}>{content}</g:{name}>"


def _price(minor: int, currency: str) -> str:
    return f"{plain(minor)} {currency}"


def _row(cells: Iterable[Cell], delimiter: str) -> bytes:
    file = io.StringIO(newline="")
    row = [unformed(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(file, delimiter=delimiter).writerow(row)
    return file.getvalue().encode()
