"""A catalogue that is searched by words and by meaning: both rankings made one, inside the same hard constraints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from chaffer.errors import Detail, unfit
from chaffer.llm.product_meanings import Meanings
from chaffer.shopping.catalogue.products import Limits, Product, Seller, Stocked
from chaffer.shopping.catalogue.searching import (
    FIRST_PAGE,
    Constraints,
    Found,
    PageWish,
    ProductCatalogue,
    Sort,
    Stats,
    Vocabulary,
)
from chaffer.shopping.catalogue.vectors import fused

HEAD: Final = 100
"""So many products of each ranking are fused; behind them the one by words goes on alone."""

_IN_HEAD: Final = "head:"
_BEHIND: Final = "behind:"


class FusedCatalogue:
    """A catalogue around another one, which holds the products; where nothing is near, it is that one's ranking."""

    def __init__(self, catalogue: ProductCatalogue, meanings: Meanings) -> None:
        """Search both."""
        self._catalogue = catalogue
        self._meanings = meanings

    async def search(
        self, wanted: Constraints, page: PageWish = FIRST_PAGE, *, among: Sequence[str] | None = None
    ) -> Found:
        """Return a page of the products that fit, best first by words and meaning together.

        Only a text that ranks has a meaning: with another order, or without a text, the other catalogue answers.
        """
        is_ranked = bool(wanted.text.strip()) and wanted.sort is Sort.RELEVANCE and among is None
        near = await self._meanings.near(wanted.text) if is_ranked else ()
        after = page.after
        if not near and (after is None or not after.startswith((_IN_HEAD, _BEHIND))):
            return await self._catalogue.search(wanted, page, among=among)
        head = await self._head(wanted, near, with_facets=page.with_facets and after is None)
        if after is not None and after.startswith(_BEHIND):
            return await self._behind(wanted, page.limit, after.removeprefix(_BEHIND), head)
        start = _start(after)
        return _page(head, start, start + page.limit)

    async def _head(self, wanted: Constraints, near: Sequence[str], *, with_facets: bool) -> Found:
        """Return the first products of both rankings as one list; `next_after` is where that by words goes on."""
        by_words = await self._catalogue.search(wanted, PageWish(HEAD, with_facets=with_facets))
        found = await self._catalogue.search(replace(wanted, text=""), PageWish(max(len(near), 1)), among=near)
        fitting = {product.product_id: product for product in found.products}
        products = {product.product_id: product for product in by_words.products} | fitting
        meant = [product_id for product_id in near if product_id in fitting][:HEAD]
        words = [product.product_id for product in by_words.products]
        # Words that no product has rank nothing: then those that are meant come first.
        ids = fused(words, meant) if await self._narrows(wanted, by_words) else tuple(dict.fromkeys([*meant, *words]))
        total = max(by_words.total, len(ids))
        return replace(
            by_words,
            products=tuple(products[product_id] for product_id in ids),
            total=total,
            is_partial=by_words.is_partial and not meant,
        )

    async def _narrows(self, wanted: Constraints, by_words: Found) -> bool:
        """Tell whether a long list by words is shorter than it would be without them."""
        if by_words.total <= HEAD:
            return True
        return by_words.total < (await self._catalogue.search(replace(wanted, text=""), PageWish(1))).total

    async def _behind(self, wanted: Constraints, limit: int, after: str, head: Found) -> Found:
        """Return a page of what words alone find behind the head; what the head has shown is left out."""
        found = await self._catalogue.search(wanted, PageWish(limit, after))
        shown = {product.product_id for product in head.products}
        rest = tuple(product for product in found.products if product.product_id not in shown)
        more = None if found.next_after is None else _BEHIND + found.next_after
        return replace(found, products=rest, total=head.total, next_after=more)

    async def find(self, product_id: str) -> Product | None:
        """Return a product as it is now, or None."""
        return await self._catalogue.find(product_id)

    async def vocabulary(self) -> Vocabulary:
        """Return what the catalogue calls things."""
        return await self._catalogue.vocabulary()

    async def stats(self) -> Stats:
        """Return what the catalogue holds."""
        return await self._catalogue.stats()

    async def put(self, products: Iterable[Stocked], sellers: Sequence[Seller] = ()) -> int:
        """Add products, or replace those with the same id; their meaning is made by `chaffer catalog embed`."""
        return await self._catalogue.put(products, sellers)

    async def remove_all(self) -> None:
        """Remove every product and seller."""
        await self._catalogue.remove_all()

    async def page(self, after: str | None, limit: int) -> tuple[tuple[Stocked, ...], str | None]:
        """Return products in the order in which they were put, for the operator's export alone."""
        return await self._catalogue.page(after, limit)

    async def sellers(self) -> tuple[Seller, ...]:
        """Return how every seller haggles, for the operator's export alone."""
        return await self._catalogue.sellers()

    async def haggling(self, product_id: str) -> tuple[tuple[Seller, Limits], ...]:
        """Return how the sellers of a product haggle and up to where, for negotiation rooms alone."""
        return await self._catalogue.haggling(product_id)


def _start(after: str | None) -> int:
    """Return where in the head a page begins. Raises VALIDATION_ERROR for a cursor of another list."""
    if after is None:
        return 0
    number = after.removeprefix(_IN_HEAD)
    if not number.isdecimal() or len(number) > len(str(2 * HEAD)):
        raise unfit(Detail("after", "must be the `next_after` of the page before, of the same search"))
    return int(number)


def _page(head: Found, start: int, end: int) -> Found:
    if end < len(head.products):
        more: str | None = f"{_IN_HEAD}{end}"
    else:
        more = None if head.next_after is None else _BEHIND + head.next_after
    return replace(head, products=head.products[start:end], next_after=more)
