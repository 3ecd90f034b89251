"""What an answer to a question of the assistant makes of the search."""

from __future__ import annotations

import pytest

from chaffer.shopping.catalogue.searching import Constraints, Need
from chaffer.shopping.events import Choice, Intent
from chaffer.shopping.questions import PlanningQuestion
from chaffer.shopping.reading import plan
from tests.support.shoppers import Shopper, has, in_order, lacks, of, span

SIZE = Choice("screen size", ("13 in", "14 in", "15 in", "16 in"))
TYPE = Choice("type", ("over-ear", "in-ear", "on-ear"))
QUIET = Choice("noise cancelling", ("yes", "no"))
BRAND = Choice("brand", ("Sony", "Bose", "JBL"))
MEMORY = Choice("memory", ("16 GB", "32 GB"))
USE = Choice("use", ("gaming", "office", "creative", "student"))

LAPTOP = Constraints(category="Laptops")
HEADPHONES = Constraints(category="Headphones")


def laptop(*needs: Need, **fields: int | str) -> Constraints:
    return Constraints(category="Laptops", needs=needs, **fields)  # type: ignore[arg-type]  # Fields by name.


def headphones(*needs: Need) -> Constraints:
    return Constraints(category="Headphones", needs=needs)


FIFTEEN = span("screen size", "in", 15, 15.9)
ANSWERS: dict[tuple[str, Choice, str], Constraints] = {
    **{
        ("laptop", SIZE, text): laptop(FIFTEEN)
        for text in ("15-inch please", "15", "15 inch", "the third", "option 3", "3", "I think 15 inches", "15''")
    },
    **{
        ("laptop", SIZE, text): LAPTOP
        for text in ("any", "doesn't matter", "I don't know", "either", "No preference", "not sure", "egal", "whatever")
    },
    ("laptop", SIZE, "14 or 15 inch"): laptop(span("screen size", "in", 14, 15.9)),
    ("laptop", SIZE, "the first two"): laptop(span("screen size", "in", 13, 14.9)),
    ("laptop", SIZE, "at least 15"): laptop(span("screen size", "in", 15)),
    ("laptop", SIZE, "15-inch or bigger"): laptop(span("screen size", "in", 15)),
    ("laptop", SIZE, "the biggest"): laptop(span("screen size", "in", 16, 16.9)),
    ("laptop", SIZE, "15 inch and under 1000 dollars"): Constraints(
        category="Laptops", needs=(FIFTEEN,), max_price_minor=100_000
    ),
    ("laptop", SIZE, "only Dell"): Constraints(category="Laptops", brands=("Dell",)),
    ("laptop", SIZE, "actually I want a tablet"): Constraints(category="Tablets"),
    ("laptop", MEMORY, "32"): laptop(span("memory", "GB", 32)),
    ("laptop", MEMORY, "1"): laptop(span("memory", "GB", 16)),
    ("laptop", MEMORY, "8gb is enough"): laptop(span("memory", "GB", 8)),
    ("laptop", USE, "mostly for work"): laptop(of("use", "office")),
    ("laptop", USE, "work"): laptop(of("use", "office")),
    ("laptop", USE, "video games"): laptop(of("use", "gaming")),
    ("laptop", USE, "gaming and office"): laptop(of("use", "gaming", "office")),
    **{
        ("headphones", TYPE, text): headphones(of("type", "over-ear"))
        for text in ("over-ear please", "1", "the first one", "over the ear", "Over-Ear!", "first", "the over-ear ones")
    },
    ("headphones", TYPE, "over-ear or on-ear"): headphones(of("type", "over-ear", "on-ear")),
    ("headphones", TYPE, "not in-ear"): headphones(Need("type", ("in-ear",), excluded=True)),
    ("headphones", TYPE, "earbuds"): headphones(of("type", "in-ear")),
    **{("headphones", QUIET, text): headphones(has(QUIET.name)) for text in ("yes", "yes please", "sure", "ja", "oui")},
    **{("headphones", QUIET, text): headphones(lacks(QUIET.name)) for text in ("no", "nope", "nein", "without", "2")},
    **{("headphones", QUIET, text): HEADPHONES for text in ("don't care", "not needed", "no need", "no preference")},
    ("headphones", QUIET, "yes, and wireless"): headphones(has(QUIET.name), of("connection", "wireless")),
    ("headphones", BRAND, "bose please"): Constraints(category="Headphones", brands=("Bose",)),
    ("headphones", BRAND, "the first two"): Constraints(category="Headphones", brands=("Sony", "Bose")),
    ("headphones", BRAND, "not JBL"): Constraints(category="Headphones", not_brands=("JBL",)),
    ("headphones", BRAND, "any brand"): HEADPHONES,
}


@pytest.mark.parametrize("asked", ANSWERS, ids=lambda asked: f"{asked[1].name}: {asked[2]}")
def test_an_answer_becomes_what_it_means(asked: tuple[str, Choice, str]) -> None:
    first, choice, answer = asked
    shopper = Shopper()
    shopper.says(first)
    assert in_order(shopper.answers(choice, answer)) == in_order(ANSWERS[asked])


def test_a_category_that_was_asked_for_is_taken() -> None:
    kinds = Choice("category", ("Mice", "Keyboards", "Headphones"))
    for answer in ("a mouse", "the first", "1", "mice please"):
        shopper = Shopper()
        shopper.says("something wireless")
        found = shopper.answers(kinds, answer)
        assert found == Constraints(category="Mice", needs=(of("connection", "wireless"),)), answer


@pytest.mark.parametrize(
    ("text", "at_once"),
    [
        ("surprise me", True),
        ("just show me", True),
        ("just show me some please", True),
        ("I don't care", True),
        ("whatever", True),
        ("you pick", True),
        ("No preference", False),
        ("15-inch please", False),
        ("show me those with 15 inches", False),
    ],
)
def test_who_leaves_it_all_to_the_assistant_is_asked_no_second_question(text: str, at_once: bool) -> None:  # noqa: FBT001
    shopper = Shopper()
    shopper.says("laptop")
    assert plan(PlanningQuestion(shopper.context(text), Intent.SEARCH, SIZE)).at_once is at_once
