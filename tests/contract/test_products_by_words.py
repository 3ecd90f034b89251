"""Finding products by words (issue 5): prefixes, slips, model names, texts that are none; every store alike."""

from __future__ import annotations

from typing import Any

import pytest

from chaffer.shopping.catalogue.searching import Constraints, PageWish
from tests.contract.goods import priced
from tests.contract.stores import Place, Store

FILLER = [
    priced(f"filler-{number:02d}", 100 + number, name=f"Plain Thing {number}", brand="Nobody", category="Things")
    for number in range(40)
]
QUIET, LOUD = {"noise cancelling": "yes"}, {"noise cancelling": "no"}
GOODS = [
    priced(
        "xm5", 10, name="Sony WH-1000XM5", brand="Sony", category="Headphones", attributes={"noise cancelling": "yes"}
    ),
    priced(
        "xm4", 20, name="Sony WH-1000XM4", brand="Sony", category="Headphones", attributes={"noise cancelling": "no"}
    ),
    priced(
        "bose", 30, name="Bose QuietComfort", brand="Bose", category="Headphones", description="Wi-fi, not by Sony."
    ),
    priced("mac", 40, name="MacBook Air", brand="Apple", category="Laptops", attributes={"memory": "16 GB"}),
    priced("dell", 50, name="Dell XPS 16GB", brand="Dell", category="Laptops", attributes={"screen size": "15.6 in"}),
    priced(
        "café", 60, name="Café Crème Brewer", brand="Krups", category="Coffee Machines", description="What you like."
    ),
    priced("mouse", 70, name="Quiet Mouse", brand="Logitech", category="Mice"),
]


async def filled(store: Store) -> None:
    """Put the products."""
    await store.products.put([*FILLER, *GOODS])


async def found(store: Store, text: str, **wanted: Any) -> list[str]:
    """Return the ids of what a text finds, in order."""
    page = await store.products.search(Constraints(text=text, **wanted), PageWish(50))
    return [product.product_id for product in page.products]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("xm5", {"xm5"}),
        ("wh1000xm5", {"xm5"}),
        ("wh-1000xm5", {"xm5"}),
        ("WH 1000 XM5", {"xm5"}),
        ("sony wh-1000", {"xm5", "xm4"}),
        ("16gb laptop", {"mac", "dell"}),
        ("16 gb laptop", {"mac", "dell"}),
        ("15.6 laptop", {"dell"}),
        ("laptops", {"mac", "dell"}),
        ("mice", {"mouse"}),
        ("mouse", {"mouse"}),
        ("cafe creme", {"café"}),
        ("CAFÉ", {"café"}),
        ("noise cancelling", {"xm5"}),
        ("noise-cancelling headphones", {"xm5"}),
        ("headphones for the sony", {"xm5", "xm4", "bose"}),
        ("headph", {"xm5", "xm4", "bose"}),
        ("sony hea", {"xm5", "xm4", "bose"}),
        ("wi-fi", {"bose"}),
        ("do you have laptops?", {"mac", "dell"}),
        ("haben Sie auch Laptops?", {"mac", "dell"}),
        ("je cherche un laptop, merci", {"mac", "dell"}),
        ("hello, could you find me a quiet mouse? thanks", {"mouse"}),
        ("what you like", {"café"}),
        ("do you have a coffee brewer I may like", {"café"}),
    ],
)
def test_a_text_finds_what_has_all_of_its_words(place: Place, text: str, ids: set[str]) -> None:
    async def case(store: Store) -> None:
        await filled(store)
        assert set(await found(store, text)) == ids

    place.run(case)


def test_words_in_the_name_count_more_than_words_in_the_description(place: Place) -> None:
    async def case(store: Store) -> None:
        await filled(store)
        assert (await found(store, "sony"))[-1] == "bose"

    place.run(case)


def test_rare_words_count_more_than_frequent_ones_where_no_product_has_all(place: Place) -> None:
    async def case(store: Store) -> None:
        await filled(store)
        assert (await found(store, "plain krups"))[0] == "café"
        assert len(await found(store, "plain krups")) == 41

    place.run(case)


@pytest.mark.parametrize(
    ("text", "corrected", "first"),
    [
        ("hedphones", "headphones", "xm4"),
        ("headhpone sony", "headphone sony", "xm4"),
        ("logitehc mouse", "logitech mouse", "mouse"),
        ("lpatops", "laptops", "dell"),
        ("sony zzzzzzzz", "sony", "xm4"),
    ],
)
def test_a_word_with_a_slip_is_read_as_the_one_that_was_meant(
    place: Place, text: str, corrected: str, first: str
) -> None:
    async def case(store: Store) -> None:
        await filled(store)
        page = await store.products.search(Constraints(text=text))
        assert page.corrected == corrected
        assert first in {product.product_id for product in page.products}
        assert len(page.products) <= 3

    place.run(case)


def test_a_word_that_products_have_is_never_corrected_and_is_no_beginning_of_another(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.products.put([*FILLER, priced("pan", 10, name="Pan"), priced("panel", 20, name="Panel")])
        page = await store.products.search(Constraints(text="pan"))
        assert ([product.product_id for product in page.products], page.corrected) == (["pan"], None)
        assert await found(store, "pane") == ["panel"]

    place.run(case)


def test_words_that_nothing_has_leave_the_other_wishes_and_find_nothing_alone(place: Place) -> None:
    async def case(store: Store) -> None:
        await filled(store)
        assert await found(store, "zzzzzz qqqqqq") == []
        assert await found(store, "zzzzzz qqqqqq", category="Mice") == ["mouse"]
        assert await found(store, "krups", category="Mice") == ["mouse"]
        assert await found(store, "zzzzzz", not_brands=("Krups",)) == [], "what is not wanted tells nothing of what is"
        assert await found(store, "zzzzzz", in_stock=False) == [], "nor does it tell that it may be gone"
        page = await store.products.search(Constraints(text="zzzzzz", category="Mice"))
        assert page.corrected is None

    place.run(case)


@pytest.mark.parametrize(
    ("text", "is_partial"),
    [
        ("quiet mouse", False),
        ("logitec mouse", False),
        ("qui", False),
        ("", False),
        ("quiet laptop", True),
        ("quiet zzzzzz", True),
        ("quiet hat", True),
        ("mouse set", True),
        ("fur mouse", True),
        ("do you sell a quiet mouse, please", False),
        ("zzzzzz", True),
    ],
)
def test_it_is_told_whether_what_is_found_has_all_words(place: Place, text: str, is_partial: bool) -> None:  # noqa: FBT001
    async def case(store: Store) -> None:
        await filled(store)
        page = await store.products.search(Constraints(text=text, min_price_minor=0))
        assert page.products
        assert page.is_partial is is_partial

    place.run(case)


HOSTILE = [
    "'",
    '"',
    "'; DROP TABLE products; --",
    '" OR 1=1 --',
    "NEAR(sony, 2) AND NOT *",
    "name : sony^2 -bose {a b}",
    "a\0b\0",
    "\ud800",
    "%_\\",
    ":*&|!()<->",
    "sony' & 'bose",
    "🖱️🔥",
    "٣٤٥ 中文 ไทย ß",
    " ",
    "x" * 10_000,
    "laptop " * 1_500,
    " ".join(f"{number}a" for number in range(2_000)),
    "-." * 5_000,
    "a" + "-a" * 4_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_is_words_or_nothing_and_comes_to_an_end(place: Place, text: str) -> None:
    async def case(store: Store) -> None:
        await filled(store)
        page = await store.products.search(Constraints(text=text), PageWish(with_facets=True))
        assert page.total == page.facets.total
        assert (await store.products.stats()).products == len(FILLER) + len(GOODS)

    place.run(case)


def test_a_text_without_words_is_no_constraint(place: Place) -> None:
    async def case(store: Store) -> None:
        await filled(store)
        assert len(await found(store, "?! ''")) == len(FILLER) + len(GOODS)

    place.run(case)
