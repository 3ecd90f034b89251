"""How what is said next changes the search before."""

from __future__ import annotations

import pytest

from chaffer.shopping.catalogue.searching import Constraints, Need, Sort
from chaffer.shopping.catalogue.units import converted, measure_of
from chaffer.shopping.events import Intent
from chaffer.shopping.questions import PlanningQuestion
from chaffer.shopping.reading import plan
from tests.support.shoppers import Shopper, of, span


def number(shopper: Shopper, name: str, unit: str) -> float:
    measure = measure_of(shopper.recommended.attributes[name])
    assert measure is not None
    there = converted(measure, unit)
    assert there is not None
    return there.number


def after(*texts: str) -> Shopper:
    shopper = Shopper()
    shopper.says(*texts)
    return shopper


def test_cheaper_stays_one_cent_below_what_was_recommended() -> None:
    shopper = after("gaming laptop")
    price = shopper.recommended.price_minor
    found = shopper.says("cheaper")
    assert shopper.intent is Intent.REFINE
    assert found == Constraints(category="Laptops", max_price_minor=price - 1, needs=(of("use", "gaming"),))


def test_cheaper_than_a_named_product_stays_below_that_one() -> None:
    shopper = after("headphones")
    second = shopper.shown[1].product.price_minor
    assert shopper.says("cheaper than the second one").max_price_minor == second - 1


def test_cheaper_than_an_amount_is_that_bound() -> None:
    assert after("headphones").says("something cheaper than 150").max_price_minor == 15_000


def test_cheaper_with_nothing_shown_orders_by_price() -> None:
    assert Shopper().says("a cheaper laptop") == Constraints(category="Laptops", sort=Sort.CHEAPEST)


def test_comparisons_go_just_beyond_what_was_recommended() -> None:
    shopper = after("backpack")
    weight, volume = number(shopper, "weight", "g"), number(shopper, "volume", "l")
    assert shopper.says("lighter").needs == (span("weight", "g", None, round(weight - 0.01, 6)),)
    shopper = after("backpack")
    assert shopper.says("bigger").needs == (span("volume", "l", round(volume + 0.01, 6)),)
    shopper = after("laptop")
    memory = number(shopper, "memory", "GB")
    assert shopper.says("with more memory").needs == (span("memory", "GB", memory + 0.01),)
    shopper = after("smartphone")
    battery = number(shopper, "battery", "mAh")
    assert shopper.says("longer battery life").needs == (span("battery", "mAh", battery + 0.01),)
    shopper = after("vacuum cleaner")
    noise = number(shopper, "noise level", "dB")
    assert shopper.says("quieter").needs == (span("noise level", "dB", None, noise - 0.01),)
    shopper = after("headphones")
    rating = shopper.recommended.rating
    assert rating is not None
    assert shopper.says("better rated").min_rating == round(rating + 0.01, 2)


def test_a_bigger_screen_takes_the_place_of_the_size_before() -> None:
    shopper = after("27-inch monitor under 500")
    found = shopper.says("bigger please")
    assert found.needs == (span("screen size", "in", 27.01),)
    assert found.max_price_minor == 50_000


def test_brands_are_narrowed_widened_and_left_out() -> None:
    shopper = after("headphones under 300")
    assert shopper.says("only Sony").brands == ("Sony",)
    assert shopper.says("Bose too").brands == ("Sony", "Bose")
    assert shopper.says("what about JBL?").brands == ("JBL",)
    found = shopper.says("no JBL")
    assert (found.brands, found.not_brands) == ((), ("JBL",))
    assert shopper.says("JBL is fine too").not_brands == ()
    found = shopper.says("any brand is fine")
    assert found == Constraints(category="Headphones", max_price_minor=30_000)


def test_something_else_leaves_out_the_brand_that_was_recommended() -> None:
    for text in ("something else", "show me other brands", "another brand please", "anything else?"):
        shopper = after("keyboard")
        brand = shopper.recommended.brand
        assert shopper.says(text).not_brands == (brand,), text
    found = after("Dell monitor").says("other brands?")
    assert (found.brands, found.not_brands) == ((), ("Dell",))


def test_constraints_are_lifted_by_name() -> None:
    for text in ("forget the budget", "price doesn't matter", "ignore my budget", "money is no object", "any price"):
        assert after("office chair under 150").says(text) == Constraints(category="Office Chairs"), text
    assert after("red backpack").says("any color") == Constraints(category="Backpacks")
    assert after("headphones, 4 stars").says("ratings don't matter") == Constraints(category="Headphones")
    assert after("wireless mouse").says("it doesn't have to be wireless") == Constraints(category="Mice")


def test_new_values_take_the_place_of_old_ones_and_the_rest_stays() -> None:
    shopper = after("office chair under 300")
    assert shopper.says("leather").needs == (of("material", "leather"),)
    assert shopper.says("I don't want leather").needs == (Need("material", ("leather",), excluded=True),)
    found = shopper.says("mesh instead", "make it two", "between 100 and 200", "cheapest first")
    assert found == Constraints(
        category="Office Chairs",
        min_price_minor=10_000,
        max_price_minor=20_000,
        quantity=2,
        needs=(of("material", "mesh"),),
        sort=Sort.CHEAPEST,
    )


def test_a_limit_below_the_least_price_before_wins_and_is_told() -> None:
    shopper = after("laptop over 900")
    assert shopper.says("under 600") == Constraints(category="Laptops", max_price_minor=60_000)
    assert len(shopper.noted) == 1


def test_a_new_kind_begins_anew_and_keeps_a_price_only_if_it_is_said() -> None:
    shopper = after("two smartphones under 400")
    assert shopper.says("actually show me tablets instead") == Constraints(category="Tablets")
    shopper = after("smartphone under 400")
    assert shopper.says("tablets, same budget") == Constraints(category="Tablets", max_price_minor=40_000)


def test_a_total_is_divided_by_the_pieces() -> None:
    assert after("two office chairs").says("under 500 in total").max_price_minor == 25_000


@pytest.mark.parametrize(
    "text",
    ["$1000 for two monitors", "two monitors for $1000", "2 monitors, 1000 in total", "I have 1000 for two monitors"],
)
def test_money_for_so_many_pieces_is_their_total_and_that_is_told(text: str) -> None:
    shopper = Shopper()
    wanted = shopper.says(text)
    assert (wanted.quantity, wanted.max_price_minor) == (2, 50_000)
    assert shopper.noted == ("$1,000.00 for 2 pieces is $500.00 for each of them.",)


@pytest.mark.parametrize(
    "text",
    ["two monitors for $300 each", "two monitors under 300", "300 a piece for two monitors", "2 monitors at 300"],
)
def test_a_price_that_is_not_for_all_pieces_is_that_of_one(text: str) -> None:
    assert Shopper().says(text).max_price_minor == 30_000


def test_what_is_just_not_minded_changes_nothing() -> None:
    found = after("smartphone under 400").says("without 5g is ok too", "heavier is fine")
    assert found == Constraints(category="Smartphones", max_price_minor=40_000)


def test_a_limit_is_moved_by_a_word() -> None:
    shopper = after("coffee machine under 200")
    assert shopper.says("raise the budget to 400").max_price_minor == 40_000
    assert shopper.says("make that 300").max_price_minor == 30_000
    assert shopper.says("make it two").quantity == 2


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (("monitor, 4k", "forget the 4k"), Constraints(category="Monitors")),
        (("Sony headphones", "forget Sony"), Constraints(category="Headphones")),
        (("a phone, no Samsung", "I like Samsung after all"), Constraints(category="Smartphones")),
        (("mice", "what about 2 of them?"), Constraints(category="Mice", quantity=2)),
        (("mice", "how about $20?"), Constraints(category="Mice", max_price_minor=2_000)),
    ],
)
def test_what_was_said_before_is_taken_back_or_added_to_in_passing(said: tuple[str, str], wanted: Constraints) -> None:
    assert Shopper().says(*said) == wanted


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("more", 0),
        ("show me 5 more", 5),
        ("five more please", 5),
        ("can I see more laptops?", 0),
        ("more memory", None),
        ("5 more headphones", None),
        ("3 of them", None),
    ],
)
def test_who_wants_more_keeps_the_search_and_says_how_many(text: str, more: int | None) -> None:
    shopper = after("laptops under 900")
    planned = plan(PlanningQuestion(shopper.context(text), Intent.REFINE))
    assert planned.more == more
    if more is not None:
        assert planned.constraints == shopper.constraints
        assert planned.at_once


@pytest.mark.parametrize("text", ["something nice", "a gift for dad", "surprise me", "I'm bored", "meh", "more"])
def test_a_vague_wish_names_nothing_to_search_by(text: str) -> None:
    shopper = Shopper()
    assert shopper.says(text) == Constraints()
    assert shopper.constraints == Constraints()


def test_who_asks_for_their_preferences_and_for_something_else_gets_both() -> None:
    shopper = Shopper()
    assert shopper.says("list my preferences: Dell, under 900") == Constraints(brands=("Dell",), max_price_minor=90_000)
    assert shopper.constraints is not None
    assert not shopper.constraints.text
