"""A model's replies about a shopper's words: in the catalogue's own words, or left out, or unfit."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.llm.json_reader import JsonReader, Value
from chaffer.llm.shopping_replies import change_of, intent_of, planned_of, product_of, texts_of
from chaffer.negotiation.questions import UnfitReplyError
from chaffer.shopping.catalogue.searching import Constraints, Need, Property, Sort, Vocabulary
from chaffer.shopping.events import Intent
from chaffer.shopping.preferences import PreferenceChange
from chaffer.shopping.questions import FeedbackQuestion, Planned
from tests.support.assistants import LAPTOPS, advisory, context, matched

WORDS = Vocabulary(
    1,
    "USD",
    ("Cameras", "Headphones", "Laptops"),
    ("Asus", "De'Longhi", "Sony"),
    (
        Property("memory", ("Laptops",), unit="GB"),
        Property("screen size", ("Laptops",), unit="in"),
        Property("weight", ("Cameras", "Laptops"), unit="g"),
        Property("touchscreen", ("Laptops",), ("no", "yes")),
        Property("use", ("Laptops",), ("gaming", "office")),
        Property("type", ("Cameras",), ("compact", "dslr")),
        Property("type", ("Headphones",), ("in-ear", "over-ear")),
        Property("serial", ("Laptops",)),
    ),
)


def planned(text: str = "", **document: Any) -> Planned:
    """Return what comes of a document, whose numbers are as the reader reads them."""
    return planned_of(context(text, vocabulary=WORDS), _read(document))


def _read(document: dict[str, Any]) -> dict[str, Value]:
    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(member) for key, member in value.items()}
        if isinstance(value, list):
            return [walk(member) for member in value]
        return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value

    read: dict[str, Value] = walk(document)
    return read


def need(**item: Any) -> tuple[Need, ...]:
    """Return the needs of laptops that come of one item."""
    return planned(category="Laptops", needs=[item]).constraints.needs


def test_an_order_is_by_an_attribute_that_products_of_the_category_have_in_numbers() -> None:
    made = planned(category="Laptops", sort="least", sort_by="Weight").constraints
    assert (made.sort, made.sort_by) == (Sort.LEAST, "weight")
    for by in ("charm", "use", None):
        unknown = planned(category="Laptops", sort="most", sort_by=by).constraints
        assert (unknown.sort, unknown.sort_by) == (Sort.RELEVANCE, "")
    assert planned(sort="cheapest", sort_by="weight").constraints.sort_by == ""


def test_an_empty_plan_constrains_nothing() -> None:
    assert planned(category=None) == Planned(Constraints())


def test_names_are_those_of_the_catalogue_however_a_model_spells_them() -> None:
    made = planned(category=" LAPTOPS ", brands=["sony", "de'longhi", "SONY"], not_brands="asus", sort="Cheapest")
    assert made.constraints == Constraints(
        category="Laptops", brands=("Sony", "De'Longhi"), not_brands=("Asus",), sort=Sort.CHEAPEST
    )


def test_what_the_catalogue_does_not_have_is_left_out_and_told_if_it_was_the_shoppers_word() -> None:
    made = planned(
        "a Tesla phaser with a warp drive",
        category="Phaser",
        brands=["Tesla", "Sony", "Invented by the model"],
        needs=[{"name": "warp drive", "texts": ["yes"]}],
    )
    assert made.constraints == Constraints(brands=("Sony",))
    assert made.noted == tuple(
        f"The catalogue knows no “{name}”, so I left that out." for name in ("Phaser", "Tesla", "warp drive")
    )


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        (1500, 150_000),
        ("1,500", 150_000),
        ("$1500.50", 150_050),
        (99.999, 10_000),
        (0, None),
        (None, None),
        ("none", None),
    ],
)
def test_prices_are_exact_minor_units(value: object, minor: int | None) -> None:
    assert planned(category=None, max_price=value).constraints.max_price_minor == minor


@pytest.mark.parametrize("value", [-5, 1e15, "NaN", "cheap", [1], {"a": 1}, True])
def test_a_price_that_is_none_is_unfit(value: object) -> None:
    with pytest.raises(UnfitReplyError) as refused:
        planned(category=None, min_price=value)
    assert "min_price" in refused.value.unfit.reason


@pytest.mark.parametrize(("value", "rating"), [(4, 4.0), (4.5, 4.5), (5, 5.0), (0, None), (9, None), ("x", None)])
def test_a_rating_lies_within_five(value: object, rating: float | None) -> None:
    assert planned(category=None, min_rating=value).constraints.min_rating == rating


@pytest.mark.parametrize(("value", "pieces"), [(2, 2), (0, 1), (-1, 1), (1e12, 1), ("two", 1), (None, 1)])
def test_a_quantity_is_a_number_of_pieces(value: object, pieces: int) -> None:
    assert planned(category=None, quantity=value).constraints.quantity == pieces


NEEDS: dict[str, tuple[dict[str, Any], Need]] = {
    "more is better": ({"name": "memory", "at_least": 16, "unit": "GB"}, Need("memory", at_least=16, unit="GB")),
    "both ends the same": (
        {"name": "memory", "at_least": 16, "at_most": 16, "unit": "GB"},
        Need("memory", at_least=16, unit="GB"),
    ),
    "another unit": ({"name": "weight", "at_most": 1.4, "unit": "kg"}, Need("weight", at_most=1400, unit="g")),
    "no unit": ({"name": "weight", "at_most": 1400}, Need("weight", at_most=1400, unit="g")),
    "centimetres": (
        {"name": "screen size", "at_least": 38.1, "unit": "cm"},
        Need("screen size", at_least=15, unit="in"),
    ),
    "a size": (
        {"name": "Screen Size", "at_least": 15, "at_most": 15, "unit": "in"},
        Need("screen size", at_least=15, at_most=15.9, unit="in"),
    ),
    "a measure as a text": ({"name": "memory", "texts": ["16 GB"]}, Need("memory", at_least=16, unit="GB")),
    "a measure as a bound": ({"name": "memory", "at_least": "16 GB"}, Need("memory", at_least=16, unit="GB")),
    "a switch": ({"name": "touchscreen", "texts": ["yes"]}, Need("touchscreen", ("yes",))),
    "a switch as truth": ({"name": "touchscreen", "texts": [True]}, Need("touchscreen", ("yes",))),
    "a switch left open": ({"name": "touchscreen", "texts": []}, Need("touchscreen", ("yes",))),
    "not": ({"name": "touchscreen", "texts": ["yes"], "excluded": True}, Need("touchscreen", ("yes",), excluded=True)),
    "a text in other letters": ({"name": "use", "texts": ["GAMING", "cooking"]}, Need("use", ("gaming",))),
    "any text": ({"name": "serial", "texts": ["X1"]}, Need("serial", ("x1",))),
}


@pytest.mark.parametrize("what", NEEDS)
def test_a_need_is_in_the_words_and_the_unit_of_the_catalogue(what: str) -> None:
    item, wanted = NEEDS[what]
    assert need(**item) == (wanted,)


@pytest.mark.parametrize(
    "item",
    [
        {"name": "use", "texts": ["cooking"]},
        {"name": "memory"},
        {"name": "memory", "at_least": 5, "unit": "kg"},
        {"name": "memory", "at_least": -5},
        {"name": "memory", "at_least": 32, "at_most": 16},
        {"name": "memory", "texts": ["much"]},
        {"name": "type", "texts": ["dslr"]},
        {"name": 5},
        {},
        "memory",
    ],
)
def test_a_need_that_the_category_cannot_have_is_left_out(item: Any) -> None:
    assert planned(category="Laptops", needs=[item]).constraints.needs == ()


def test_one_name_of_two_attributes_is_that_of_the_category_or_of_the_value() -> None:
    item = {"name": "type", "texts": ["over-ear"]}
    assert planned(category="Headphones", needs=[item]).constraints.needs == (Need("type", ("over-ear",)),)
    assert planned(category=None, needs=[item]).constraints.needs == (Need("type", ("over-ear",)),)
    assert planned(category="Cameras", needs=[item]).constraints.needs == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.decimals() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "texts", "at_least", "unit"]), inner)
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "category",
        "text",
        "brands",
        "not_brands",
        "min_price",
        "max_price",
        "min_rating",
        "needs",
        "quantity",
        "sort",
        "like",
    ]
)


@given(st.dictionaries(FIELDS, JSON))
def test_whatever_a_model_writes_is_read_or_unfit(document: dict[str, Value]) -> None:
    asked = context("a laptop", vocabulary=WORDS)
    with suppress(UnfitReplyError):
        planned_of(asked, document)
    with suppress(UnfitReplyError):
        change_of(FeedbackQuestion(asked), document)


def test_lessons_name_brands_and_needs_of_the_catalogue() -> None:
    document = _read(
        {
            "like": ["sony", "Tesla"],
            "dislike": None,
            "max_budget": 800,
            "min_rating": 4,
            "require": [{"name": "touchscreen"}],
        }
    )
    assert change_of(FeedbackQuestion(context(vocabulary=WORDS)), document) == PreferenceChange(
        like=("Sony",), max_budget_minor=80_000, min_rating=4.0, require=(Need("touchscreen", ("yes",)),)
    )


@pytest.mark.parametrize("value", ["search", " REFINE ", "Off_Topic"])
def test_an_intent_is_one_of_those_there_are(value: str) -> None:
    assert intent_of({"intent": value}) is Intent(value.strip().casefold())


@pytest.mark.parametrize("value", ["", "steal", None, Decimal(1), ["search"]])
def test_another_intent_is_unfit(value: Value) -> None:
    with pytest.raises(UnfitReplyError):
        intent_of({"intent": value})


def test_other_words_are_few_short_and_different() -> None:
    texts: list[Value] = ["notebook", "notebook", "", None, "x" * 999, "c", "d"]
    assert texts_of({"texts": texts}) == ("notebook", "x" * 200, "c")
    assert texts_of({"texts": "notebook"}) == ("notebook",)


@pytest.mark.parametrize(
    "value", [Decimal(0), Decimal(4), Decimal(-1), Decimal("1.5"), Decimal("NaN"), Decimal("sNaN"), "lap", None, True]
)
def test_a_recommendation_that_is_no_match_is_the_best_one(value: Value) -> None:
    question = advisory(*LAPTOPS[:3])
    assert product_of(question, value) == LAPTOPS[0].product_id


def test_a_recommendation_is_known_by_its_number() -> None:
    question = advisory(*LAPTOPS[:3])
    assert product_of(question, Decimal(2)) == LAPTOPS[1].product_id
    assert product_of(question, " 3 ") == LAPTOPS[2].product_id
    about = advisory(*LAPTOPS[:3], intent=Intent.QUESTION, asked_about=matched(LAPTOPS[2]))
    assert product_of(about, Decimal(1)) == LAPTOPS[2].product_id


def test_where_nothing_was_searched_or_found_nothing_has_to_be_recommended() -> None:
    assert product_of(advisory(), Decimal(1)) is None
    assert product_of(advisory(*LAPTOPS[:3], intent=Intent.SMALLTALK), None) is None


def test_a_reply_is_read_as_the_reader_gives_it() -> None:
    reader = JsonReader()
    reader.feed('{"category": "laptops", "max_price": "1,499.99", "needs": [{"name": "memory", "at_least": 16}]}')
    assert reader.document is not None
    made = planned_of(context(vocabulary=WORDS), reader.document).constraints
    assert (made.max_price_minor, made.needs[0].at_least) == (149_999, 16)
