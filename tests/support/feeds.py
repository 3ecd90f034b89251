"""Feeds from texts: what they are read into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from typing import cast

from chaffer.shopping.catalogue.feeds.entries import Entry, Refused, Terms
from chaffer.shopping.catalogue.feeds.formats import Format, format_of_content, read_feed
from chaffer.shopping.catalogue.products import Product, Seller, Stocked

USD = Terms("USD")


@dataclass
class Feed:
    """What a file was read into."""

    stocked: list[Stocked] = field(default_factory=list)
    sellers: list[Seller] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def products(self) -> list[Product]:
        """Return the products without what their sellers keep to themselves."""
        return [stocked.product for stocked in self.stocked]

    @property
    def only(self) -> Product:
        """Return the one product there is; everything else would be a surprise."""
        assert not self.refused, self.refused
        (product,) = self.products
        return product

    def take(self, entry: Entry | Refused) -> None:
        """Sort an entry in."""
        if isinstance(entry, Refused):
            self.refused.append((entry.line, entry.detail.field, entry.detail.issue))
        elif isinstance(entry.content, Seller):
            self.sellers.append(entry.content)
        else:
            self.stocked.append(entry.content)


def opened(content: bytes | str) -> BufferedReader:
    """Return a file with that content."""
    raw = BytesIO(content.encode() if isinstance(content, str) else content)
    return cast("BufferedReader", BufferedReader(raw))  # type: ignore[type-var, redundant-cast, unused-ignore]


def feed_of(
    content: bytes | str | BufferedReader,
    form: Format | None = None,
    renamed: Mapping[str, str] | None = None,
    terms: Terms = USD,
) -> Feed:
    """Return what a file is read into; what was read before it breaks off is lost."""
    file = content if isinstance(content, BufferedReader) else opened(content)
    feed = Feed()
    for entry in read_feed(file, form or format_of_content(file), terms, renamed or {}, feed.notes.append):
        feed.take(entry)
    return feed
