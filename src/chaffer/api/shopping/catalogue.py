"""The catalogue over HTTP: search, look, and what it holds."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, Field, WithJsonSchema

from chaffer.api.dependencies import After, PageSize, Running
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.api.shopping.products import facets_document, product_document, stats_document, understood_document
from chaffer.api.shopping.schemas import CatalogueStats, ProductDocument, ProductList
from chaffer.errors import Code, Detail, unfit
from chaffer.money import minor_from_number
from chaffer.shopping.catalogue.filters import needs_from
from chaffer.shopping.catalogue.searching import Constraints, PageWish, Sort
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.ordering import no_product
from chaffer.shopping.plan import LONGEST_QUERY, Rating
from chaffer.shopping.sentence_search import read_sentence
from chaffer.validation import AMOUNT

router = routes_under("/api", "catalogue")

_MOST_FILTERS = 20


def _minor(text: object) -> int:
    """Return the minor units of an amount as a URL spells it. Raises ValueError."""
    try:
        return minor_from_number(Decimal(str(text)))
    except InvalidOperation:
        msg = "must be a number"
        raise ValueError(msg) from None


Price = Annotated[int, BeforeValidator(_minor), Field(ge=0), WithJsonSchema(AMOUNT)]
Text = Annotated[str, Query(max_length=200)]
Texts = Annotated[list[Annotated[str, Query(min_length=1, max_length=200)]], Query(max_length=_MOST_FILTERS)]


@router.get("/products", summary="Search the catalogue", responses=problems(Code.VALIDATION_ERROR))
async def search(  # noqa: PLR0913  Every one of them is a parameter of the path.
    chaffer: Running,
    *,
    query: Annotated[
        str, Query(max_length=LONGEST_QUERY, description="Words, in any order; the last may be begun.")
    ] = "",
    sentence: Annotated[
        bool,
        Query(
            description="Read `query` as the shopping assistant does: kind, brands, prices, ratings and attributes "
            "that it names are filters, what is left are words. Filters that stand beside it count instead."
        ),
    ] = False,
    category: Text | None = None,
    brand: Annotated[Texts | None, Query(description="One of them; may stand several times.")] = None,
    min_price: Annotated[Price | None, Query()] = None,
    max_price: Annotated[Price | None, Query()] = None,
    min_rating: Annotated[Rating | None, Query()] = None,
    attribute: Annotated[
        Texts | None,
        Query(description="`use:gaming`, `memory:>=16 GB`, `screen size:13..14.5 in`, `-curved`; all must hold."),
    ] = None,
    quantity: Annotated[int, Query(ge=1, le=10_000, description="So many pieces from one seller.")] = 1,
    in_stock: Annotated[bool, Query(description="False: also what nobody has in stock.")] = True,
    sort: Sort = Sort.RELEVANCE,
    sort_by: Annotated[
        str, Query(max_length=200, description="The attribute that `sort=least` and `sort=most` order by.")
    ] = "",
    facets: Annotated[bool, Query(description="Tell with the first page how all that fits divides.")] = False,
    limit: PageSize = 20,
    after: After = None,
) -> ProductList:
    """Return a page of the products that fit, best first."""
    if min_price is not None and max_price is not None and min_price > max_price:
        raise unfit(Detail("min_price", "must not be above max_price"))
    if (sort in {Sort.LEAST, Sort.MOST}) is not bool(sort_by.strip()):
        raise unfit(Detail("sort_by", "must name an attribute with sort=least and sort=most, and stand with no other"))
    wanted = Constraints(
        text=query,
        category=category,
        brands=tuple(brand or ()),
        min_price_minor=min_price,
        max_price_minor=max_price,
        min_rating=min_rating,
        needs=needs_from(attribute or ()),
        quantity=quantity,
        in_stock=in_stock,
        sort=sort,
        sort_by=folded_text(sort_by),
    )
    read = None
    if sentence:
        read = await read_sentence(wanted, chaffer.products, chaffer.settings.currency)
        wanted = read.constraints
    found = await chaffer.products.search(wanted, PageWish(limit, after, with_facets=facets))
    return ProductList(
        products=[product_document(product) for product in found.products],
        total=found.total,
        next_after=found.next_after,
        corrected=found.corrected,
        is_partial=found.is_partial,
        understood=None if read is None else understood_document(read, chaffer.settings.currency),
        facets=facets_document(found.facets) if facets and after is None else None,
    )


# An id may hold a slash.
@router.get("/products/{product_id:path}", summary="Look at a product", responses=problems(Code.PRODUCT_NOT_FOUND))
async def look(product_id: str, chaffer: Running) -> ProductDocument:
    """Return a product as it is now."""
    product = await chaffer.products.find(product_id)
    if product is None:
        raise no_product(product_id)
    return product_document(product)


@router.get("/catalog", summary="What the catalogue holds")
async def stats(chaffer: Running) -> CatalogueStats:
    """Return how many products, offers and sellers there are, by category."""
    return stats_document(await chaffer.products.stats())
