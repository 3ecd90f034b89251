"""Shelves (issue 5): sessions opened from the catalogue draw on the same pieces, and the last one is sold once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chaffer.conversation.journal import EffectRefusedError
from chaffer.errors import Code
from chaffer.ledger.books import Account, Claim, CommitPurchase, OpenAccount, Shelf, StockLine
from chaffer.shopping.catalogue.products import Offer
from chaffer.shopping.catalogue.searching import Constraints
from tests.contract.goods import stocked
from tests.contract.stores import START, Place, Store, adding, opening, purchase

SHELF = Shelf("mouse-1", "Pixel Street")
LINE = StockLine("seller_001", "item_001", 3, SHELF)


def session(name: str) -> OpenAccount:
    """Return the account of a session that draws on a shelf."""
    return OpenAccount(Account(name, 100_000, 0, (Claim(f"{name}_room", 1),)), (LINE,))


async def opened(store: Store, *names: str, pieces: int = 3) -> None:
    """Put the product and open sessions that draw on it."""
    await store.products.put([stocked(offers={"Pixel Street": (1_900, pieces), "Bargain Barn": (2_000, 5)})])
    for name in names:
        await store.create([opening(f"{name}_room")], START, [session(name)])


def buying(name: str, quantity: int = 1, **changes: Any) -> CommitPurchase:
    """Return the purchase of a session's room."""
    return purchase(f"{name}_room", session_id=name, quantity=quantity, price=1_800, **changes)


async def bought(store: Store, name: str, quantity: int = 1) -> Code | None:
    """Buy, and return how it was refused."""
    try:
        await store.append(adding(1, "bought", to=f"{name}_room", effects=(buying(name, quantity),)))
    except EffectRefusedError as refused:
        return refused.code
    return None


def test_what_one_session_buys_is_gone_for_the_other_and_from_the_catalogue(place: Place) -> None:
    async def case(store: Store) -> None:
        await opened(store, "one", "two")
        revision = (await store.products.stats()).revision
        assert await store.stock("one", "item_001") == (LINE,)
        assert await bought(store, "one", 2) is None
        assert [line.pieces for line in await store.stock("two", "item_001")] == [1]
        assert await bought(store, "two", 2) is Code.INSUFFICIENT_INVENTORY
        assert await bought(store, "two", 1) is None
        product = await store.products.find("mouse-1")
        assert product is not None
        assert product.offers == (Offer("Bargain Barn", 2_000, 5), Offer("Pixel Street", 1_900, 0))
        assert (await store.products.search(Constraints(max_price_minor=1_999))).total == 0
        assert (await store.products.search(Constraints(quantity=5, max_price_minor=2_000))).total == 1
        assert (await store.products.stats()).revision == revision

    place.run(case)


def test_what_is_put_anew_lies_on_the_shelf_of_sessions_that_are_open(place: Place) -> None:
    async def case(store: Store) -> None:
        await opened(store, "one", pieces=0)
        assert await bought(store, "one") is Code.INSUFFICIENT_INVENTORY
        await store.products.put([stocked(offers={"Pixel Street": (1_900, 7)})])
        assert [line.pieces for line in await store.stock("one", "item_001")] == [7]
        assert await bought(store, "one", 7) is None
        assert (await store.products.search(Constraints())).total == 0

    place.run(case)


@pytest.mark.parametrize("is_replaced", [True, False], ids=["seller gone", "product gone"])
def test_a_shelf_that_is_no_more_has_nothing(place: Place, *, is_replaced: bool) -> None:
    async def case(store: Store) -> None:
        await opened(store, "one")
        await store.products.remove_all()
        if is_replaced:
            await store.products.put([stocked(offers={"Bargain Barn": (2_000, 5)})])
        assert await store.stock("one", "item_001") == (StockLine("seller_001", "item_001", 0, SHELF),)
        assert await bought(store, "one") is Code.INSUFFICIENT_INVENTORY
        assert await store.invoices("one") == ()

    place.run(case)


def test_a_purchase_that_is_refused_leaves_the_shelf_as_it_was(place: Place) -> None:
    async def case(store: Store) -> None:
        await opened(store, "one")
        refused = buying("one", seen=1)
        with pytest.raises(EffectRefusedError):
            await store.append(adding(1, "bought", to="one_room", effects=(refused,)))
        assert [line.pieces for line in await store.stock("one", "item_001")] == [3]

    place.run(case)


def test_the_last_piece_is_sold_once_when_many_sessions_buy_at_once_in_two_processes(place: Place) -> None:
    names = [f"session{number}" for number in range(10)]

    async def case(one: Store, two: Store) -> None:
        await opened(one, *names)
        stores = [one, two] * 5
        outcomes = await asyncio.gather(*(bought(store, name) for store, name in zip(stores, names, strict=True)))
        assert sorted(outcomes, key=str) == [Code.INSUFFICIENT_INVENTORY] * 7 + [None] * 3
        product = await two.products.find("mouse-1")
        assert product is not None
        assert product.pieces == 5
        assert sum([len(await one.invoices(name)) for name in names]) == 3

    place.run_two(case)


def test_buying_while_the_catalogue_is_put_anew_breaks_neither(place: Place) -> None:
    names = [f"session{number}" for number in range(8)]
    others = [stocked(f"other-{number}") for number in range(20)]

    async def case(one: Store, two: Store) -> None:
        await opened(one, *names, pieces=100)

        async def put_again() -> None:
            for _ in range(8):
                await two.products.put([*others, stocked(offers={"Pixel Street": (1_900, 100)})])

        outcomes = await asyncio.gather(put_again(), *(bought(one, name) for name in names))
        assert outcomes == [None] * 9
        product = await one.products.find("mouse-1")
        assert product is not None
        assert 92 <= product.pieces <= 100
        assert (await one.products.search(Constraints(quantity=product.pieces, brands=("Logitech",)))).total == 1

    place.run_two(case)
