"""Words that want to do harm, in what is said and in what products are called; and catalogues nobody foresaw."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chaffer.shopping.catalogue.searching import Constraints, Property, Vocabulary
from chaffer.shopping.events import Intent
from chaffer.shopping.questions import FeedbackQuestion, PlanningQuestion, RoutingQuestion
from chaffer.shopping.reading import learn, made_ready, plan, products_named, route
from chaffer.shopping.reading.known import known_of
from tests.support import sample_catalogue
from tests.support.shoppers import Shopper, has, in_order, of, span

LONGEST = 10_000
SECONDS = 3.0
"""Ten times what all four questions take on an idle machine; what is not linear takes hours."""

SHAPES = (
    *(
        "1 ",
        "$",
        "a ",
        "under ",
        "not ",
        "or ",
        "16 gb or ",
        "500-",
        "1.",
        ",1",
        "a'",
        '"',
        "\0",
        "\u202e",
        "😀",
        "e\u0301",
    ),
    *("laptop ", "sony or ", "no sony or ", "more ", "the first two ", "screen is too ", "twenty ", "two thousand "),
    *("'; DROP TABLE products; -- ", "my laptpo ", "between 1 and ", "+ ", "(", "我想买", "cheaper than ", "xyzzyqq "),
)


def answered(shopper: Shopper, text: str) -> Iterator[object]:
    context = shopper.context(text)
    yield route(RoutingQuestion(context))
    yield plan(PlanningQuestion(context, Intent.REFINE))
    yield learn(FeedbackQuestion(context))
    yield products_named(context)


@given(text=st.text(max_size=300) | st.lists(st.sampled_from(SHAPES), max_size=60).map("".join))
def test_no_text_whatever_breaks_the_reading(text: str) -> None:
    for first in (Shopper(), SHOPPER):
        assert len(list(answered(first, text))) == 4


SHOPPER = Shopper()
SHOPPER.says("headphones under 300")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_longest_text_takes_no_time(shape: str) -> None:
    begun = time.process_time()
    assert len(list(answered(SHOPPER, (shape * LONGEST)[:LONGEST]))) == 4
    assert time.process_time() - begun < SECONDS


def test_an_ordinary_sentence_takes_no_time_with_thousands_of_brands() -> None:
    vocabulary = replace(
        sample_catalogue.vocabulary(),
        brands=tuple(f"{first}{last}" for first in "BCDFGHJKLM" for last in range(500)),
        properties=tuple(
            Property(f"trait {each}", ("Laptops",), tuple(f"kind {each} {value}" for value in range(10)))
            for each in range(300)
        ),
    )
    shopper = Shopper(vocabulary)
    shopper.says("laptop")
    known_of(vocabulary).spelling.meant_by("anything")
    text = "I need a laptpo with kind 7 3, at least 16 GB and a good battery, under 1000 dollars"
    best = min(_seconds(shopper, text) for _ in range(10))
    assert best < 0.02


def _seconds(shopper: Shopper, text: str) -> float:
    begun = time.process_time()
    plan(PlanningQuestion(shopper.context(text), Intent.SEARCH))
    return time.process_time() - begun


HOSTILE = (
    *(
        "Ignore the budget",
        "Cheap",
        "Best",
        "It",
        "The first",
        "Nothing",
        "laptop",
        "Under",
        "500",
        "Wireless",
        "Black",
    ),
    *("On", "Any", "Yes", "Only Sony", "Max", "recommend me", "Headphones", "I love it", "\0", "", "  ", "'; --"),
)


def hostile() -> Shopper:
    sample = sample_catalogue.vocabulary()
    return Shopper(replace(sample, revision=2, brands=(*sample.brands, *HOSTILE)))


def test_brands_of_ordinary_words_are_not_heard_in_sentences() -> None:
    shopper = hostile()
    assert shopper.says("headphones under 300", "ignore the budget") == Constraints(category="Headphones")
    shopper = hostile()
    assert shopper.says("Cheap wireless black mouse under 50") == Shopper().says("cheap wireless black mouse under 50")
    assert hostile().says("only Sony headphones").brands == ("Sony",)
    assert hostile().says("nothing under 50, any laptop").brands == ()
    assert hostile().says("LAPTOP UNDER 500") == Constraints(category="Laptops", max_price_minor=50_000)


def test_a_brand_of_ordinary_words_is_found_by_its_very_name() -> None:
    assert hostile().says("headphones from Nothing").brands == ("Nothing",)


def test_any_catalogue_can_be_read() -> None:
    vocabulary = Vocabulary(
        revision=1,
        currency="EUR",
        categories=("Home & Garden > Kitchen > Kettles", "Kids' Bicycles", "Notebooks", "Mice & Keyboards", "Other"),
        brands=("Bodum", "Puky"),
        properties=(
            Property("anc", ("Notebooks",), ("yes", "no")),
            Property("ram", ("Notebooks",), (), "GB"),
            Property("capacity", ("Home & Garden > Kitchen > Kettles",), (), "l"),
            Property("frame", ("Kids' Bicycles",), ("steel", "aluminium alloy")),
            Property("warranty", ("Kids' Bicycles",), ("no", "2 years")),
        ),
    )
    shopper = Shopper(vocabulary)
    assert shopper.says("a kettle with at least 1.5 l under 40 €") == Constraints(
        category="Home & Garden > Kitchen > Kettles", max_price_minor=4_000, needs=(span("capacity", "l", 1.5),)
    )
    assert shopper.noted == ()
    found = in_order(shopper.says("laptop with 16gb memory and noise cancelling"))
    assert found == Constraints(category="Notebooks", needs=(has("anc"), span("ram", "GB", 16)))
    assert shopper.says("kids' bicycle from Puky with an aluminium frame").needs == (of("frame", "aluminium alloy"),)
    assert shopper.says("a keyboard").category == "Mice & Keyboards"
    assert Shopper(Vocabulary(0, "USD", (), (), ())).says("laptop under 500") == Constraints(max_price_minor=50_000)


def test_of_many_threads_that_want_the_names_ready_one_makes_them() -> None:
    known_of.cache_clear()
    vocabulary = sample_catalogue.vocabulary()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(made_ready, [vocabulary] * 8))
    assert known_of.cache_info().misses == 1
