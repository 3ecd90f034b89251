"""Searching the catalogue: what is asked of it, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct

from chaffer.shopping.catalogue.products import Limits, Product, Seller, Stocked


class Sort(StrEnum):
    """In which order products are wanted; equal ones stand in the order in which they were put.

    By relevance those come first that have the words of the text; without words, and by rating, those of the best
    standing (`chaffer.shopping.catalogue.products.standing`). By the least or the most of an attribute, those that do
    not tell it come last.
    """

    RELEVANCE = "relevance"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    BEST_RATED = "best_rated"
    LEAST = "least"
    MOST = "most"


class Need(Struct, frozen=True):
    """What one attribute must be: one of the texts, or a number between bounds (inclusive) in the unit.

    Names, texts and units are as `chaffer.shopping.catalogue.units` folds them; without a unit the bounds are in the
    one that it keeps the attribute in. With neither texts nor bounds the product must have the attribute, and not say
    `no` to it. `excluded` turns it round.
    """

    name: str
    texts: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    excluded: bool = False


class Constraints(Struct, frozen=True):
    """What a product must be. All are hard but `text`, which ranks, and `sort`, which orders.

    Brands and categories are compared folded, `not_products` are ids; prices are a piece, inclusive; `quantity` pieces
    must be had from one seller, and the price that counts is that of those who have so many. `sort_by` names the
    attribute, folded, of which the least or the most is wanted.

    Where no product has all words of the text, those that have any do, and where none has, the other constraints answer
    alone; a text without them finds nothing then.
    """

    text: str = ""
    category: str | None = None
    brands: tuple[str, ...] = ()
    not_brands: tuple[str, ...] = ()
    not_products: tuple[str, ...] = ()
    min_price_minor: int | None = None
    max_price_minor: int | None = None
    min_rating: float | None = None
    needs: tuple[Need, ...] = ()
    quantity: int = 1
    in_stock: bool = True
    sort: Sort = Sort.RELEVANCE
    sort_by: str = ""

    @property
    def tells_nothing(self) -> bool:
        """Tell whether nothing is said of what is wanted: order, stock and what is unwanted say nothing of that."""
        return not (self.text or self.category or self.brands or self.needs) and (
            self.min_price_minor is self.max_price_minor is self.min_rating is None
        )


class Value(Struct, frozen=True):
    """A value that products have, and how many of those that were looked at have it."""

    text: str
    count: int


class Facet(Struct, frozen=True):
    """How products divide by one property: `brand`, `category`, or an attribute's name; most frequent values first.

    `missing` counts those that say nothing of it. For numbers `unit` is that of `low` and `high`.
    """

    name: str
    values: tuple[Value, ...]
    missing: int = 0
    unit: str = ""
    low: float | None = None
    high: float | None = None


class Facets(Struct, frozen=True):
    """How the products that fit divide: by brand, category and attributes, and in which span their prices lie.

    `counted` products were looked at, the best ones: counts are exact while it equals `total`.
    """

    facets: tuple[Facet, ...] = ()
    counted: int = 0
    total: int = 0
    low_minor: int | None = None
    high_minor: int | None = None


class Found(Struct, frozen=True):
    """A page of products, best first. `total` counts all that fit; `next_after` continues it, None at the end.

    `corrected` is the text that was searched where the given one had words that no product knows. `is_partial` tells
    that no product has all words of the text but those that only ask, so that these have some of them or none. `facets`
    are those of all that fit, empty where they were not asked for.
    """

    products: tuple[Product, ...]
    total: int
    next_after: str | None = None
    corrected: str | None = None
    facets: Facets = Facets()
    is_partial: bool = False


class Property(Struct, frozen=True):
    """An attribute that products of the catalogue have: in which categories, with which texts, in which unit.

    Name and texts are folded; texts come the most frequent first, 200 at most, and none where most are measures. An
    attribute that is not the same in two categories is two properties with one name. Numbers lie from `low` to `high`.
    """

    name: str
    categories: tuple[str, ...]
    texts: tuple[str, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None


class Vocabulary(Struct, frozen=True):
    """What the catalogue calls things: for whoever reads a person's words. `revision` changes when products do."""

    revision: int
    currency: str
    categories: tuple[str, ...]
    brands: tuple[str, ...]
    properties: tuple[Property, ...]


class Stats(Struct, frozen=True):
    """What a catalogue holds."""

    products: int
    in_stock: int
    offers: int
    sellers: int
    categories: tuple[Value, ...]
    revision: int


class PageWish(Struct, frozen=True):
    """Which part of what is found is wanted: so many products behind a cursor, with facets on the first page or not."""

    limit: int = 10
    after: str | None = None
    with_facets: bool = False

    @property
    def counts(self) -> bool:
        """Tell whether facets are counted: with the first page alone."""
        return self.with_facets and self.after is None


FIRST_PAGE: Final = PageWish()


class ProductCatalogue(Protocol):
    """Where products are kept and searched. Every method is atomic; what was returned is durable.

    Pieces are one number for all: what a negotiation buys through the ledger is gone from here.
    """

    async def search(
        self, wanted: Constraints, page: PageWish = FIRST_PAGE, *, among: Sequence[str] | None = None
    ) -> Found:
        """Return a page of the products that fit, best first; of those with the ids in `among` alone where given.

        `with_facets` tells with the first page how all that fit divide; what comes `after` it divides no other way.
        Raises VALIDATION_ERROR for a cursor of another list.
        """
        ...

    async def find(self, product_id: str) -> Product | None:
        """Return a product as it is now, or None."""
        ...

    async def vocabulary(self) -> Vocabulary:
        """Return what the catalogue calls things, as it is now; cheap while nothing was imported."""
        ...

    async def stats(self) -> Stats:
        """Return what the catalogue holds."""
        ...

    async def put(self, products: Iterable[Stocked], sellers: Sequence[Seller] = ()) -> int:
        """Add products, or replace those with the same id, all or none; and the same for how sellers haggle.

        Returns how many are new. Of products with one id the last stays. Products are gone through lazily and perhaps
        twice, off the event loop: a whole file may come as an object whose `__iter__` reads it anew, and what it raises
        (a ChafferError) undoes everything. An iterator, which can be gone through once, is refused with TypeError.
        Whoever else writes waits meanwhile, 20 s for 100,000 products; put some thousand at a time where that matters.
        """
        ...

    async def remove_all(self) -> None:
        """Remove every product and seller."""
        ...

    async def page(self, after: str | None, limit: int) -> tuple[tuple[Stocked, ...], str | None]:
        """Return products in the order in which they were put with their private numbers, and where the next begins.

        For the operator's export alone.
        """
        ...

    async def sellers(self) -> tuple[Seller, ...]:
        """Return how every seller haggles, by name. For the operator's export alone."""
        ...

    async def haggling(self, product_id: str) -> tuple[tuple[Seller, Limits], ...]:
        """Return how the sellers of a product haggle and up to where, in the order of its offers.

        For negotiation rooms alone; empty when there is no such product.
        """
        ...
