"""Questions to the shopper: only where the answer changes what is found, and never to who has said enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.shopping.catalogue.searching import Constraints, Facet, Facets, Need, Sort, Value
from chaffer.shopping.clarifying import MANY, MOST_OPTIONS, can_be_asked, choice_worth_asking
from chaffer.shopping.events import Choice
from tests.support.sample_catalogue import facets, of, products

GAMING = Need("use", ("gaming",))


def divided(*facet: Facet, total: int = 40) -> Facets:
    return Facets(facet, total, total)


def of_texts(name: str, missing: int = 0, **counts: int) -> Facet:
    return Facet(name, tuple(Value(text, count) for text, count in counts.items()), missing)


def of_numbers(name: str, unit: str, counts: dict[str, int]) -> Facet:
    return Facet(name, tuple(Value(text, count) for text, count in counts.items()), 0, unit, 0, 1)


def asked(wanted: Constraints, *names: str) -> str | None:
    choice = choice_worth_asking(facets(wanted), wanted, names)
    return None if choice is None else choice.name


def test_the_query_of_the_specification_is_answered_at_once() -> None:
    assert asked(Constraints(category="Laptops", max_price_minor=150_000, needs=(GAMING,))) is None


def test_the_question_of_the_specification_is_asked_where_the_price_is_open() -> None:
    wanted = Constraints(category="Laptops", needs=(GAMING,))
    choice = choice_worth_asking(facets(wanted), wanted, ())
    assert choice == Choice("screen size", ("15 in", "16 in", "17 in"))


def test_without_a_category_that_is_asked_first() -> None:
    assert asked(Constraints()) == "category"


def test_who_names_a_laptop_alone_is_asked_what_for_and_then_how_large() -> None:
    assert asked(Constraints(category="Laptops")) == "use"


@pytest.mark.parametrize("category", sorted({product.category for product in products()}))
def test_every_choice_is_between_values_that_products_have(category: str) -> None:
    names: list[str] = []
    while True:
        wanted = Constraints(category=category)
        choice = choice_worth_asking(facets(wanted), wanted, names)
        if choice is None:
            break
        assert choice.name not in {*names, "category"}
        assert 1 < len(choice.values) <= MOST_OPTIONS
        texts = {one.brand if choice.name == "brand" else one.attributes.get(choice.name, "") for one in of(category)}
        assert all(any(text.startswith(value.split(" in")[0]) for text in texts) for value in choice.values)
        names.append(choice.name)
    assert names


@pytest.mark.parametrize(
    "wanted",
    [
        Constraints(category="Laptops", sort=Sort.CHEAPEST),
        Constraints(category="Laptops", text="thin", max_price_minor=100_000),
        Constraints(category="Laptops", brands=("Dell",), min_rating=4.0),
    ],
    ids=["an order", "words and a limit", "a brand and a rating"],
)
def test_who_has_said_enough_is_not_asked(wanted: Constraints) -> None:
    assert asked(wanted) is None


def test_few_products_are_shown_and_not_asked_about() -> None:
    facet = of_texts("type", red=4, blue=4)
    assert choice_worth_asking(divided(facet, total=MANY), Constraints(), ()) is None
    assert choice_worth_asking(divided(of_texts("type", red=5, blue=4), total=MANY + 1), Constraints(), ()) is not None


def test_who_said_much_or_asked_for_an_order_is_not_asked_however_products_divide() -> None:
    assert can_be_asked(Constraints(category="Laptops", max_price_minor=100))
    assert not can_be_asked(Constraints(category="Laptops", max_price_minor=100, min_rating=4))
    assert not can_be_asked(Constraints(category="Laptops", sort=Sort.CHEAPEST))


def test_nothing_is_asked_twice_nor_what_is_constrained() -> None:
    facet = of_texts("type", red=20, blue=20)
    assert choice_worth_asking(divided(facet), Constraints(), ("type",)) is None
    assert choice_worth_asking(divided(facet), Constraints(needs=(Need("type", ("red",)),)), ()) is None


@pytest.mark.parametrize(
    "facet",
    [
        of_texts("type", missing=30, red=5, blue=5),
        of_texts("type", red=38, blue=2),
        of_texts("type", red=40),
        of_texts("type", **{f"kind{number}": 4 for number in range(10)}),
        of_numbers("weight", "g", {"1 kg": 20, "2 kg": 20}),
    ],
    ids=["hardly known", "hardly divides", "all alike", "too many to name", "bounds nobody can choose from"],
)
def test_what_would_not_help_is_not_asked(facet: Facet) -> None:
    assert choice_worth_asking(divided(facet), Constraints(), ()) is None


def test_what_leaves_the_fewest_products_is_asked_first() -> None:
    halves, quarters = of_texts("color", red=20, blue=20), of_texts("type", a=10, b=10, c=10, d=10)
    choice = choice_worth_asking(divided(halves, quarters), Constraints(), ())
    assert choice is not None
    assert choice.name == "type"


def test_the_brand_is_asked_only_when_nothing_else_divides() -> None:
    brands, switch = of_texts("brand", a=14, b=13, c=13), of_texts("curved", yes=12, no=28)
    choice = choice_worth_asking(divided(brands, switch), Constraints(), ())
    assert choice == Choice("curved", ("yes", "no"))
    choice = choice_worth_asking(divided(brands, switch), Constraints(), ("curved",))
    assert choice is not None
    assert choice.name == "brand"


def test_of_what_is_better_with_more_the_least_values_are_asked() -> None:
    facet = of_numbers("memory", "GB", {"16 GB": 20, "8 GB": 10, "32 GB": 10})
    assert choice_worth_asking(divided(facet), Constraints(), ()) == Choice("memory", ("16 GB", "32 GB"))


@given(
    st.lists(st.tuples(st.integers(1, 400), st.integers(1, 50)), min_size=1, max_size=30, unique_by=lambda one: one[0]),
    st.sampled_from(["GB", "in", "h", "kg"]),
)
def test_any_numbers_make_few_ascending_options_or_none(counts: list[tuple[int, int]], unit: str) -> None:
    facet = of_numbers("size", unit, {f"{number} {unit}": count for number, count in counts})
    choice = choice_worth_asking(divided(facet, total=sum(count for _, count in counts)), Constraints(), ())
    if choice is not None:
        numbers = [float(value.split()[0]) for value in choice.values]
        assert numbers == sorted(set(numbers))
        assert 1 < len(numbers) <= MOST_OPTIONS
