"""The sample catalogue that ships with the program: products of twelve kinds, at eight sellers.

The file beside this module is made from lists (tools/documents/sample/), its brands are real, and what it says of their
products is invented.
"""

from __future__ import annotations

from importlib.resources import files

from chaffer.shopping.catalogue.feeds.entries import Refused, Terms
from chaffer.shopping.catalogue.feeds.json_lines import read_json_lines
from chaffer.shopping.catalogue.products import Seller, Stocked


def sample_products(currency: str = "USD") -> tuple[tuple[Stocked, ...], tuple[Seller, ...]]:
    """Return the products with their amounts in that currency, and how their sellers haggle."""
    text = (files("chaffer.shopping.catalogue") / "sample.jsonl").read_text(encoding="utf-8")
    products: list[Stocked] = []
    sellers: list[Seller] = []
    for entry in read_json_lines(enumerate(text.splitlines(), 1), Terms(currency)):
        match entry:
            case Refused():
                msg = f"line {entry.line} of the sample: {entry.detail.field} {entry.detail.issue}"
                raise ValueError(msg)
            case _ if isinstance(entry.content, Seller):
                sellers.append(entry.content)
            case _:
                products.append(entry.content)
    return tuple(products), tuple(sellers)
