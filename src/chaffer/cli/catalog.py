"""What `chaffer catalog search`, `stats` and `clear` do, and how the catalogue of this machine is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote

from chaffer.cli.answers import show_answer
from chaffer.cli.client import Document
from chaffer.cli.outcomes import Outcome
from chaffer.cli.tables import amount, print_fields, print_table
from chaffer.cli.terminal import err, out
from chaffer.conversation.codec import Codec
from chaffer.plain_text import harmless
from chaffer.settings import Settings
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.storage.opening import open_store

PRODUCTS: Final = "/api/products"
CATALOG: Final = "/api/catalog"


@asynccontextmanager
async def open_catalogue(settings: Settings) -> AsyncIterator[ProductCatalogue]:
    """Open the catalogue of the database here, and nothing else of it."""
    store = await open_store(settings.store_url, Codec(()))
    try:
        yield store.products
    finally:
        await store.close()


async def search_products(url: str | None, wanted: Mapping[str, object], *, as_json: bool) -> Outcome:
    """List products that fit."""

    def tell(answer: Document) -> None:
        rows = (
            (each["id"], each["name"], amount(each["price"], each), each["rating"], sum(_stocks(each)))
            for each in answer["products"]
        )
        print_table(("id", "name", "price", "rating", "stock"), rows, empty="No product fits.")
        shown = len(answer["products"])
        understood = answer.get("understood")
        if understood and understood["words"]:
            out().print(f"Searched by {', '.join(map(harmless, understood['words']))}.")
            for note in understood["notes"]:
                out().print(harmless(note))
        if answer.get("corrected"):
            out().print(f"Searched for {answer['corrected']!r}.")
        if answer.get("is_partial") and shown:
            out().print("No product has all the words: these have some of them.")
        if answer["total"] > shown:
            out().print(f"{shown} of {answer['total']:,}. More: the same with --after {answer['next_after']}")

    return await show_answer(url, lambda client: client.get(PRODUCTS, **wanted), tell, as_json=as_json)


def _stocks(product: Document) -> list[int]:
    return [seller["stock"] for seller in product["sellers"]]


async def show_product(url: str | None, product_id: str, *, as_json: bool) -> Outcome:
    """Show one product."""

    def tell(answer: Document) -> None:
        fields = ("id", "name", "brand", "category", "description", "rating", "reviews", "url", "image")
        print_fields((name, answer[name] or None) for name in fields)
        print_fields(answer["attributes"].items())
        rows = ((each["seller"], amount(each["price"], answer), each["stock"]) for each in answer["sellers"])
        print_table(("seller", "price", "stock"), rows, empty="Nobody sells it.")

    return await show_answer(
        url, lambda client: client.get(f"{PRODUCTS}/{quote(product_id, safe='')}"), tell, as_json=as_json
    )


async def show_stats(url: str | None, *, as_json: bool) -> Outcome:
    """Show what the catalogue holds."""

    def tell(answer: Document) -> None:
        print_fields((name.replace("_", " "), answer[name]) for name in ("products", "in_stock", "offers", "sellers"))
        rows = ((each["name"], each["products"]) for each in answer["categories"])
        print_table(("category", "products"), rows, empty="There are no products. `chaffer catalog import` takes some.")

    return await show_answer(url, lambda client: client.get(CATALOG), tell, as_json=as_json)


async def clear_catalogue(settings: Settings) -> Outcome:
    """Remove every product and seller from the database here."""
    async with open_catalogue(settings) as catalogue:
        count = (await catalogue.stats()).products
        await catalogue.remove_all()
    err().print(f"Removed {count:,} products.")
    return Outcome.DONE
