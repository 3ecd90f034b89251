"""The catalogue (issue 5): what is put into it is found by words and by what it must be, the same on every store."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, event

from chaffer.errors import ChafferError, Code
from chaffer.shopping.catalogue.products import Limits, Offer, Stocked
from chaffer.shopping.catalogue.searching import Constraints, Need, PageWish, Sort
from tests.contract.goods import SELLERS, priced, stocked
from tests.contract.stores import Place, Store


async def found(store: Store, **wanted: Any) -> list[str]:
    """Return the ids of what a search finds, in order."""
    return [
        product.product_id for product in (await store.products.search(Constraints(**wanted), PageWish(50))).products
    ]


def test_a_product_comes_back_whole_and_without_what_is_private(place: Place) -> None:
    mouse = stocked(url="https://shop.example/1", image="https://shop.example/1.jpg", name="Größe “M” 🖱")

    async def case(store: Store) -> None:
        assert await store.products.put([mouse], SELLERS) == 1
        assert await store.products.find("mouse-1") == mouse.product
        assert (await store.products.search(Constraints())).products == (mouse.product,)
        assert await store.products.find("MOUSE-1") is None
        assert await store.products.page(None, 5) == ((mouse,), None)
        assert await store.products.sellers() == SELLERS
        assert await store.products.haggling("mouse-1") == (
            (SELLERS[1], Limits(950, 951)),
            (SELLERS[0], Limits(1_000, 1_001)),
        )
        assert await store.products.haggling("unknown") == ()

    place.run(case)


def test_offers_stand_in_order_of_price_and_the_sold_out_behind_them(place: Place) -> None:
    offers = {"A": (3_000, 1), "B": (1_000, 0), "C": (2_000, 9)}

    async def case(store: Store) -> None:
        await store.products.put([stocked(offers=offers)])
        product = await store.products.find("mouse-1")
        assert product is not None
        assert product.offers == (Offer("C", 2_000, 9), Offer("A", 3_000, 1), Offer("B", 1_000, 0))
        assert await found(store, max_price_minor=1_999) == []
        assert await found(store, max_price_minor=2_000) == ["mouse-1"]

    place.run(case)


def test_what_is_put_again_is_replaced_in_all_that_it_is_found_by(place: Place) -> None:
    new = priced(
        "mouse-1", 700, name="Loud Trackball", brand="Kensington", attributes={"ball": "red"}, category="Balls"
    )

    async def case(store: Store) -> None:
        await store.products.put([stocked(), stocked("mouse-2")])
        before = await store.products.vocabulary()
        assert await store.products.put([new, stocked("mouse-3")]) == 1
        assert await found(store, text="quiet") == ["mouse-2", "mouse-3"]
        assert await found(store, text="trackball") == ["mouse-1"]
        assert await found(store, brands=("logitech",)) == ["mouse-2", "mouse-3"]
        assert await found(store, needs=(Need("connection"),)) == ["mouse-2", "mouse-3"]
        assert await found(store, needs=(Need("ball"),), max_price_minor=700) == ["mouse-1"]
        after = await store.products.vocabulary()
        assert after.revision > before.revision
        assert (after.categories, after.brands) == (("Balls", "Mice"), ("Kensington", "Logitech"))
        assert await store.products.put([replace(new, product=replace(new.product, category="Mice"))]) == 0
        assert (await store.products.vocabulary()).categories == ("Mice",)

    place.run(case)


def test_of_products_with_one_id_the_last_stays(place: Place) -> None:
    async def case(store: Store) -> None:
        assert await store.products.put([priced("same", 100), priced("same", 200), priced("other", 300)]) == 2
        product = await store.products.find("same")
        assert product is not None
        assert product.price_minor == 200
        assert (await store.products.stats()).products == 2

    place.run(case)


class _Breaking:
    """Products that are read anew each time, and break behind so many."""

    def __init__(self, sound: int) -> None:
        self.sound = sound

    def __iter__(self) -> Iterator[Stocked]:
        for number in range(self.sound):
            yield priced(f"product-{number}", 100 + number)
        raise ChafferError(Code.VALIDATION_ERROR, "line 2502 is broken")


def test_a_file_that_breaks_in_the_middle_leaves_nothing(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.products.put([priced("kept", 100, name="Kept")])
        before = await store.products.stats()
        with pytest.raises(ChafferError) as refused:
            await store.products.put(_Breaking(2_500))
        assert refused.value.message == "line 2502 is broken"
        assert await store.products.stats() == before
        assert await found(store, text="quiet") == []

    place.run(case)


def test_what_can_be_gone_through_once_is_refused(place: Place) -> None:
    async def case(store: Store) -> None:
        with pytest.raises(TypeError):
            await store.products.put(iter([stocked()]))

    place.run(case)


def test_nothing_is_left_of_what_was_removed(place: Place) -> None:
    async def case(store: Store) -> None:
        empty = await store.products.vocabulary()
        assert (empty.revision, empty.currency, empty.categories, empty.properties) == (0, "", (), ())
        await store.products.put([stocked()], SELLERS)
        await store.products.remove_all()
        assert await store.products.find("mouse-1") is None
        assert await found(store) == []
        assert await found(store, text="mouse") == []
        assert await store.products.sellers() == ()
        assert (await store.products.search(Constraints(), PageWish(with_facets=True))).facets.total == 0
        gone = await store.products.vocabulary()
        assert (gone.revision, gone.categories, gone.brands, gone.properties) == (2, (), (), ())
        await store.products.put([stocked()])
        assert await found(store, text="mouse") == ["mouse-1"]

    place.run(case)


RATED = {"a": (4.0, 500), "b": (5.0, 1), "c": (4.9, 900), "d": (None, 0), "e": (4.0, 500), "f": (1.0, 40)}


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.BEST_RATED, ["c", "b", "a", "e", "f", "d"]),
        (Sort.RELEVANCE, ["c", "b", "a", "e", "f", "d"]),
        (Sort.CHEAPEST, ["f", "e", "d", "c", "b", "a"]),
        (Sort.DEAREST, ["a", "b", "c", "d", "e", "f"]),
    ],
)
def test_products_come_in_the_order_that_is_wished(place: Place, sort: Sort, order: list[str]) -> None:
    products = [
        priced(name, 10_000 - 100 * number, rating=rating, reviews=reviews)
        for number, (name, (rating, reviews)) in enumerate(RATED.items())
    ]

    async def case(store: Store) -> None:
        await store.products.put(products)
        assert await found(store, sort=sort) == order

    place.run(case)


LAPTOP = {"screen size": "15.6 in", "memory": "16 GB", "Touch_Screen": "yes", "case": "30 cm", "layout": "60%"}


@pytest.mark.parametrize(
    ("need", "is_met"),
    [
        (Need("memory", at_least=16, unit="GB"), True),
        (Need("memory", at_least=16.1, unit="GB"), False),
        (Need("memory", at_most=16, unit="GB"), True),
        (Need("memory", at_least=16, unit="in"), False),
        (Need("screen size", at_least=15, at_most=15.9, unit="in"), True),
        (Need("screen size", at_least=39, at_most=40, unit="cm"), True),
        (Need("case", at_least=11, at_most=12, unit="in"), True),
        (Need("screen size", at_least=16, at_most=16.9, unit="in"), False),
        (Need("touch screen", ("yes",)), True),
        (Need("touch screen"), True),
        (Need("touch screen", ("yes",), excluded=True), False),
        (Need("touch screen", ("no", "maybe")), False),
        (Need("layout", ("full size", "60%")), True),
        (Need("unheard of"), False),
        (Need("unheard of", ("yes",), excluded=True), True),
        (Need("memory", at_least=32, unit="GB", excluded=True), True),
    ],
    ids=str,
)
def test_a_need_is_met_or_not(place: Place, need: Need, *, is_met: bool) -> None:
    async def case(store: Store) -> None:
        await store.products.put([stocked(attributes=LAPTOP)])
        for category in (None, "Mice"):
            assert await found(store, needs=(need,), category=category) == (["mouse-1"] if is_met else [])

    place.run(case)


@pytest.mark.parametrize(
    ("wanted", "is_met"),
    [
        ({"category": "MICE"}, True),
        ({"category": "Keyboards"}, False),
        ({"brands": ("Sony", "LOGITECH")}, True),
        ({"not_brands": ("logitech",)}, False),
        ({"not_products": ("mouse-1", "mouse-2")}, False),
        ({"not_products": ("mouse-2",)}, True),
        ({"min_rating": 4.2}, True),
        ({"min_rating": 4.3}, False),
        ({"max_price_minor": 1_900}, True),
        ({"max_price_minor": 1_899}, False),
        ({"min_price_minor": 1_900}, True),
        ({"min_price_minor": 1_901}, False),
        ({"quantity": 5}, True),
        ({"quantity": 6}, False),
        ({"quantity": 6, "in_stock": False}, True),
        ({"quantity": 4, "max_price_minor": 1_999}, False),
        ({"quantity": 4, "min_price_minor": 2_000}, True),
    ],
    ids=str,
)
def test_what_a_product_must_be_is_kept(place: Place, wanted: dict[str, Any], *, is_met: bool) -> None:
    async def case(store: Store) -> None:
        await store.products.put([stocked()])
        assert await found(store, **wanted) == (["mouse-1"] if is_met else [])

    place.run(case)


def test_what_nobody_has_in_stock_is_found_only_when_that_does_not_matter(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.products.put([stocked(offers={"A": (500, 0), "B": (400, 0)}, rating=None)])
        assert await found(store) == []
        assert await found(store, in_stock=False, max_price_minor=400) == ["mouse-1"]
        assert await found(store, in_stock=False, min_rating=1) == []

    place.run(case)


@pytest.mark.parametrize(("sort", "order"), [(Sort.LEAST, "cdabe"), (Sort.MOST, "badce")])
@pytest.mark.parametrize("text", ["", "screens"])
def test_products_come_by_the_least_and_the_most_of_an_attribute(
    place: Place, sort: Sort, order: str, text: str
) -> None:
    """Sizes are compared whatever their unit, and who tells none stands last."""
    sizes = {"a": "15.6 in", "b": "17 in", "c": "14 in", "d": "39 cm", "e": None}
    products = [
        stocked(name, category="Screens", attributes={} if size is None else {"Screen Size": size})
        for name, size in sizes.items()
    ]

    async def case(store: Store) -> None:
        await store.products.put(products)
        assert await found(store, text=text, sort=sort, sort_by="screen size") == list(order)

    place.run(case)


def test_bounds_without_a_unit_are_in_that_of_the_attribute(place: Place) -> None:
    products = [
        stocked(name, attributes={"memory": size}) for name, size in (("a", "8 GB"), ("b", "1 TB"), ("c", "16"))
    ]

    async def case(store: Store) -> None:
        await store.products.put(products)
        assert sorted(await found(store, needs=(Need("memory", at_least=16),))) == ["b", "c"]
        assert await found(store, needs=(Need("memory", at_most=8),)) == ["a"]
        assert await found(store, needs=(Need("memory", at_least=16, excluded=True),)) == ["a"]

    place.run(case)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("text", ["", "mouse"])
def test_pages_follow_one_another_without_a_gap_also_among_equals(place: Place, sort: Sort, text: str) -> None:
    products = [priced(f"mouse-{number:02d}", 100 * (number % 3 + 1)) for number in range(25)]

    async def case(store: Store) -> None:
        await store.products.put(products)
        seen: list[str] = []
        after = None
        while True:
            page = await store.products.search(Constraints(text=text, sort=sort), PageWish(4, after))
            assert page.total == 25
            seen += [product.product_id for product in page.products]
            after = page.next_after
            if after is None:
                break
        assert seen == await found(store, text=text, sort=sort)
        assert len(set(seen)) == 25

    place.run(case)


def test_a_page_goes_on_where_the_one_before_ended_whatever_is_put_meanwhile(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.products.put([priced(f"mouse-{number}", 1_000 + number) for number in range(6)])
        first = await store.products.search(Constraints(sort=Sort.CHEAPEST), PageWish(3))
        await store.products.put([priced("cheapest", 10), priced("mouse-1", 9_000)])
        second = await store.products.search(Constraints(sort=Sort.CHEAPEST), PageWish(9, first.next_after))
        assert [product.product_id for product in second.products] == ["mouse-3", "mouse-4", "mouse-5", "mouse-1"]

    place.run(case)


@pytest.mark.parametrize("cursor", ["", "x", "0", "W10", "é", "🖱" * 50, "WyJhIiwwLDEsMV0"])
def test_a_cursor_of_another_list_is_refused(place: Place, cursor: str) -> None:
    async def case(store: Store) -> None:
        await store.products.put([priced("a", 10), priced("b", 20)])
        other = (await store.products.search(Constraints(), PageWish(1))).next_after
        for foreign in (cursor, other):
            with pytest.raises(ChafferError) as refused:
                await store.products.search(Constraints(text="mouse"), PageWish(after=foreign))
            assert refused.value.code is Code.VALIDATION_ERROR
        with pytest.raises(ChafferError):
            await store.products.page("x", 1)

    place.run(case)


@pytest.mark.parametrize("way", [0, 1])
def test_a_cursor_that_asks_for_words_where_none_are_searched_is_refused(place: Place, way: int) -> None:
    async def case(store: Store) -> None:
        await store.products.put([priced("a", 10), priced("b", 20)])
        ours = (await store.products.search(Constraints(), PageWish(1))).next_after
        assert ours is not None
        of, _, value, key = json.loads(urlsafe_b64decode(ours + "=" * (-len(ours) % 4)))
        forged = urlsafe_b64encode(json.dumps([of, way, value, key]).encode()).decode().rstrip("=")
        with pytest.raises(ChafferError) as refused:
            await store.products.search(Constraints(), PageWish(after=forged))
        assert refused.value.code is Code.VALIDATION_ERROR

    place.run(case)


def test_pages_of_the_export_hold_everything_once(place: Place) -> None:
    products = [stocked(f"mouse-{number}") for number in (3, 1, 2)]

    async def case(store: Store) -> None:
        await store.products.put(products)
        first, more = await store.products.page(None, 2)
        second, end = await store.products.page(more, 2)
        assert (first + second, end) == (tuple(products), None)

    place.run(case)


def test_only_products_with_the_ids_that_are_named_are_found(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.products.put([priced("a", 100), priced("b", 200), priced("c", 300)])
        page = await store.products.search(Constraints(max_price_minor=250), among=["b", "c", "unknown"])
        assert [product.product_id for product in page.products] == ["b"]
        assert (await store.products.search(Constraints(), among=[])).total == 0

    place.run(case)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements that are sent to any database meanwhile."""
    said: list[str] = []

    def note(*arguments: Any) -> None:
        said.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_no_statement_of_a_search_names_a_seller_s_own_number(lasting_place: Place) -> None:
    """Issue 5: sellers' private numbers never appear on any shopper's path, not even between the tables and us."""

    async def case(store: Store) -> None:
        await store.products.put([stocked()], SELLERS)
        with statements() as said:
            await store.products.search(Constraints(text="mouse", quantity=2, needs=(Need("connection"),)))
            await store.products.search(Constraints(text="mouse"), PageWish(with_facets=True))
            await store.products.find("mouse-1")
            await store.products.vocabulary()
            await store.products.stats()
        assert len(said) > 10
        assert [each for each in said if "cost_minor" in each or "least_minor" in each] == []

    lasting_place.run(case)
