"""Writing the whole catalogue as a file, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from chaffer.shopping.catalogue.feeds.formats import Format, feed_writer
from chaffer.shopping.catalogue.products import Stocked
from chaffer.shopping.catalogue.searching import ProductCatalogue

_PAGE: Final = 500


async def exported(catalogue: ProductCatalogue, format_: Format, *, with_private: bool) -> AsyncIterator[bytes]:
    """Yield a file piece by piece, its products in the order in which they were put.

    CSV needs the names of all attributes before the first row, so the catalogue is gone through twice for it.
    """
    attributes = await _attributes(catalogue) if format_ is Format.CSV else []
    writer = feed_writer(format_, await catalogue.sellers(), attributes, with_private=with_private)
    yield writer.head
    async for page in _pages(catalogue):
        yield b"".join(map(writer.product, page))
    yield writer.tail


async def _attributes(catalogue: ProductCatalogue) -> list[str]:
    return sorted({name async for page in _pages(catalogue) for each in page for name in each.product.attributes})


async def _pages(catalogue: ProductCatalogue) -> AsyncIterator[tuple[Stocked, ...]]:
    after: str | None = None
    while True:
        page, after = await catalogue.page(after, _PAGE)
        yield page
        if after is None:
            return
