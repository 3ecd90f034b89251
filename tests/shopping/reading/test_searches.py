"""What a first sentence asks for, in English: prices, measures, values, brands, kinds, quantities, order, rating."""

from __future__ import annotations

import pytest

from chaffer.shopping.catalogue.searching import Constraints, Need, Sort
from tests.support.shoppers import Shopper, has, in_order, lacks, of, searched, span

SEARCHES = {
    "I need a gaming laptop under $1500": Constraints(
        category="Laptops", max_price_minor=150_000, needs=(of("use", "gaming"),)
    ),
    "laptop 16 gb ram, 1tb ssd, i7, under 1200 dollars": Constraints(
        category="Laptops",
        max_price_minor=120_000,
        needs=(
            of("processor", "intel core i7"),
            span("memory", "GB", 16),
            span("storage", "GB", 1000),
        ),
    ),
    "notebook with 14 inch screen, weighs less than 1.4 kg, battery life at least 10 hours": Constraints(
        category="Laptops",
        needs=(span("screen size", "in", 14, 14.9), span("weight", "g", None, 1400), span("battery life", "h", 10)),
    ),
    "backpack for a 15.6 inch laptop, waterproof, max 1 kg": Constraints(
        category="Backpacks",
        needs=(
            has("waterproof"),
            span("laptop size", "in", 15.6, 15.6),
            span("weight", "g", None, 1000),
        ),
    ),
    "two mesh office chairs with headrest, at most 250 each": Constraints(
        category="Office Chairs",
        max_price_minor=25_000,
        quantity=2,
        needs=(of("material", "mesh"), has("headrest")),
    ),
    "a pair of monitors for my office, under 600 total": Constraints(
        category="Monitors", max_price_minor=30_000, quantity=2
    ),
    "a pair of headphones under 100": Constraints(category="Headphones", max_price_minor=10_000),
    "earbuds under 100": Constraints(category="Headphones", max_price_minor=10_000, needs=(of("type", "in-ear"),)),
    "Sony or Bose over-ear headphones": Constraints(
        category="Headphones", brands=("Sony", "Bose"), needs=(of("type", "over-ear"),)
    ),
    "a tablet that isn't Apple or Samsung": Constraints(category="Tablets", not_brands=("Apple", "Samsung")),
    "mechanical keyboard without backlight": Constraints(
        category="Keyboards", needs=(of("switch", "mechanical"), lacks("backlit"))
    ),
    "non-mechanical keyboard": Constraints(
        category="Keyboards", needs=(Need("switch", ("mechanical",), excluded=True),)
    ),
    "black or silver smartphone": Constraints(category="Smartphones", needs=(of("color", "black", "silver"),)),
    "cheapest 4k monitor": Constraints(category="Monitors", needs=(of("resolution", "4k"),), sort=Sort.CHEAPEST),
    "monitor under 4k": Constraints(category="Monitors", max_price_minor=400_000),
    "premium office chair": Constraints(category="Office Chairs", sort=Sort.DEAREST),
    "best rated espresso machine": Constraints(
        category="Coffee Machines", needs=(of("type", "espresso"),), sort=Sort.BEST_RATED
    ),
    "the best phone under 300": Constraints(category="Smartphones", max_price_minor=30_000),
    "cheap but well rated headphones": Constraints(category="Headphones", min_rating=4, sort=Sort.CHEAPEST),
    "headphones rated 4.5 or better": Constraints(category="Headphones", min_rating=4.5),
    "headphones with 4+ stars": Constraints(category="Headphones", min_rating=4),
    "monitor with a refresh rate of at least 144": Constraints(
        category="Monitors", needs=(span("refresh rate", "Hz", 144),)
    ),
    "laptop, weight under 1.5": Constraints(category="Laptops", needs=(span("weight", "g", None, 1500),)),
    "a laptop with a weight below 5 and storage of at least 1": Constraints(
        category="Laptops", needs=(span("storage", "GB", 1000), span("weight", "g", None, 5000))
    ),
    "the lightest laptop under 900": Constraints(
        category="Laptops", max_price_minor=90_000, sort=Sort.LEAST, sort_by="weight"
    ),
    "headphones with the longest battery life": Constraints(
        category="Headphones", sort=Sort.MOST, sort_by="battery life"
    ),
    "laptop with the most memory": Constraints(category="Laptops", sort=Sort.MOST, sort_by="memory"),
    "phone with the best camera": Constraints(category="Smartphones", sort=Sort.MOST, sort_by="camera"),
    "quietest vacuum cleaner": Constraints(category="Vacuum Cleaners", sort=Sort.LEAST, sort_by="noise level"),
    "laptop under 900, but not the cheapest": Constraints(category="Laptops", max_price_minor=90_000),
    "headphones, not the lightest": Constraints(category="Headphones"),
    "the largest backpack": Constraints(category="Backpacks", sort=Sort.MOST, sort_by="volume"),
    "the lightest monitor": Constraints(category="Monitors"),
    "monitor with 240hz": Constraints(category="Monitors", needs=(span("refresh rate", "Hz", 240),)),
    "17-inch laptop or bigger": Constraints(category="Laptops", needs=(span("screen size", "in", 17),)),
    "13 to 14 inch notebook": Constraints(category="Laptops", needs=(span("screen size", "in", 13, 14),)),
    "laptop with 512 GB to 1 TB": Constraints(category="Laptops", needs=(span("storage", "GB", 512, 1000),)),
    "vacuum that runs at least 45 minutes": Constraints(
        category="Vacuum Cleaners", needs=(span("runtime", "h", 0.75),)
    ),
    "office chair that supports 150kg": Constraints(category="Office Chairs", needs=(span("max load", "g", 150_000),)),
    "wireless headphones, 30+ hours": Constraints(
        category="Headphones", needs=(of("connection", "wireless"), span("battery life", "h", 30))
    ),
    "mouse and keyboard": Constraints(category="Mice"),
    "laptop stand": Constraints(),
    "show me something under 50": Constraints(max_price_minor=5_000),
    "something wireless": Constraints(needs=(of("connection", "wireless"),)),
    "I need three things: a mouse and a keyboard": Constraints(category="Mice"),
    "900 leather office chairs": Constraints(
        category="Office Chairs", quantity=900, needs=(of("material", "leather"),)
    ),
    "3x logitech mouse": Constraints(category="Mice", brands=("Logitech",), quantity=3),
}


@pytest.mark.parametrize(("text", "expected"), SEARCHES.items(), ids=SEARCHES)
def test_wishes_of_a_sentence_become_constraints(text: str, expected: Constraints) -> None:
    assert in_order(searched(text)) == in_order(expected)


PRICES = {
    "laptop, less than 2 hundred bucks": (None, 20_000),
    "laptop between 1 and 2 thousand": (100_000, 200_000),
    "under 1500": (None, 150_000),
    "below $1,299.90": (None, 129_990),
    "no more than 80 dollars": (None, 8_000),
    "I can't spend more than 600": (None, 60_000),
    "that doesn't cost more than a grand": (None, 100_000),
    "up to fifteen hundred dollars": (None, 150_000),
    "my budget is 1000": (None, 100_000),
    "I have 400 dollars": (None, 40_000),
    "for 300": (None, 30_000),
    "max budget 500": (None, 50_000),
    "500 or less": (None, 50_000),
    "300 tops": (None, 30_000),
    "under 1.5k": (None, 150_000),
    "not under 200": (20_000, None),
    "over 1000": (100_000, None),
    "at least 200 usd": (20_000, None),
    "$50+": (5_000, None),
    "min 200, max 500": (20_000, 50_000),
    "between 50 and 80": (5_000, 8_000),
    "between $800 and $500": (50_000, 80_000),
    "800-1200": (80_000, 120_000),
    "in the $200-$300 range": (20_000, 30_000),
    "from 100 up to 200": (10_000, 20_000),
    "1k to 1.5k": (100_000, 150_000),
    "1-2k": (100_000, 200_000),
    "more than $50 but less than $100": (5_000, 10_000),
    "around 500": (42_500, 57_500),
    "about $99": (8_400, 11_400),
    "budget around $800": (68_000, 92_000),
    "200ish": (17_000, 23_000),
    "with at least 2 years of warranty": (None, None),
    "for 2 people": (None, None),
}


@pytest.mark.parametrize(("text", "expected"), PRICES.items(), ids=PRICES)
def test_prices_are_read_as_people_say_them(text: str, expected: tuple[int | None, int | None]) -> None:
    found = searched(f"headphones {text}")
    assert (found.min_price_minor, found.max_price_minor) == expected
    assert found.sort is Sort.RELEVANCE


def test_a_price_is_for_each_piece_only_where_that_is_said_of_it() -> None:
    for text in ("two monitors at $300 each", "two monitors for $300 for each of them", "two monitors, each at $300"):
        assert searched(text).max_price_minor == 30_000, text
    assert searched("two monitors for $1000, one for each of us").max_price_minor == 50_000


@pytest.mark.parametrize(
    ("text", "high"),
    [
        ("my budget for headphones is 120", 12_000),
        ("my budget for the 40 hour headphones is always 120", 12_000),
        ("budget for the headphones: 120", 12_000),
        ("budget for headphones 120", 12_000),
        ("I need headphones, my budget for them is 120", 12_000),
        ("headphones. My budget? 120 dollars", 12_000),
        ("my limit for headphones is $120", 12_000),
        ("max for headphones: 120", 12_000),
        ("mon budget pour un casque est de 120 dollars", 12_000),
        ("mein Budget für Kopfhörer ist 120", 12_000),
        ("Kopfhörer, mein Limit ist 120", 12_000),
        ("headphones, don't forget my budget of 120", 12_000),
        ("headphones sub-120", 12_000),
        ("headphones, not a cent more than 120", 12_000),
        ("headphones, not a single penny over 120", 12_000),
        ("Kopfhörer, keinen Cent mehr als 120", 12_000),
        ("my budget for two headphones is 240", 12_000),
    ],
)
def test_a_budget_in_plain_words_is_a_price_and_no_order(text: str, high: int) -> None:
    found = searched(text)
    assert (found.category, found.min_price_minor, found.max_price_minor) == ("Headphones", None, high)
    assert found.sort is Sort.RELEVANCE


def test_a_kind_that_is_said_twice_is_no_word_to_search_by() -> None:
    shopper = Shopper()
    shopper.says("I want a laptop, my limit for the laptop is 900")
    assert shopper.constraints == Constraints(category="Laptops", max_price_minor=90_000)


def test_a_budget_product_is_a_cheap_one() -> None:
    assert searched("budget laptop under 700").sort is Sort.CHEAPEST
    assert searched("headphones, my budget is tight").sort is Sort.CHEAPEST


def test_a_number_that_became_nothing_is_told_unless_it_is_a_part_of_a_name() -> None:
    shopper = Shopper()
    shopper.says("headphones 120")
    assert shopper.noted == ("I could not tell what 120 means here. If it is a price, say “under 120”.",)
    for text in ("laptop with an rtx 4070", "Samsung 990 phone", "monitor for 3 kids", "headphones under 120"):
        shopper = Shopper()
        shopper.says(text)
        assert shopper.noted == (), text


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("monitor over 24 inches but not above 32 inches", span("screen size", "in", 24, 32)),
        ("monitor bigger than 24 but smaller than 30 inches", span("screen size", "in", 24, 30)),
        ("laptop, at least 8 GB but not more than 16 GB", span("memory", "GB", 8, 16)),
        ("laptop, at least 8 GB of RAM, but not more than 16 GB", span("memory", "GB", 8, 16)),
        ("laptop with more than 64 GB but not above 256 GB", span("storage", "GB", 64, 256)),
        ("laptop with at least 512 GB but at most 1 TB", span("storage", "GB", 512, 1000)),
        ("laptop lighter than 2 kg but heavier than 1 kg", span("weight", "g", 1000, 2000)),
        ("a 15 inch laptop or a 17 inch one", span("screen size", "in", 15, 17.9)),
    ],
)
def test_a_bound_below_and_one_above_are_both_kept(text: str, need: Need) -> None:
    shopper = Shopper()
    assert shopper.says(text).needs == (need,)
    assert shopper.noted == ()


def test_bounds_that_no_number_keeps_are_told_and_those_of_other_things_stay_apart() -> None:
    shopper = Shopper()
    assert shopper.says("monitor over 32 inches but under 24 inches").needs == (span("screen size", "in", None, 24),)
    assert "screen size" in shopper.noted[0]
    for text, low, high in (("over 500 but under 2 kg", 50_000, None), ("under 800 but over 13 inches", None, 80_000)):
        found = searched(f"laptop {text}")
        assert (found.min_price_minor, found.max_price_minor, len(found.needs)) == (low, high, 1), text


def test_a_bound_that_is_said_later_goes_with_the_one_that_holds() -> None:
    shopper = Shopper()
    assert shopper.says("monitor over 24 inches", "not above 32 inches").needs == (span("screen size", "in", 24, 32),)
    assert shopper.says("at most 20 inches").needs == (span("screen size", "in", None, 20),)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("laptop under $1500 and headphones under $100", Constraints(category="Laptops", max_price_minor=150_000)),
        ("headphones under 100, laptop under 1500", Constraints(category="Headphones", max_price_minor=10_000)),
        ("a laptop under 1000 or a tablet under 500", Constraints(category="Laptops", max_price_minor=100_000)),
        ("a laptop or a tablet under 500", Constraints(category="Laptops", max_price_minor=50_000)),
        ("a laptop with a mouse under 900", Constraints(category="Laptops", max_price_minor=90_000)),
        ("a mouse and a keyboard, under 100", Constraints(category="Mice", max_price_minor=10_000)),
        ("Sony headphones and two Dell laptops", Constraints(category="Headphones", brands=("Sony",))),
    ],
)
def test_of_two_kinds_the_second_one_is_left_out_with_what_is_said_of_it(text: str, wanted: Constraints) -> None:
    shopper = Shopper()
    assert shopper.says(text) == wanted
    assert "one kind of product at a time" in shopper.noted[0]
    assert "I left out" in shopper.noted[0]


def test_a_product_to_compare_with_is_no_wish() -> None:
    shopper = Shopper()
    found = shopper.says("headphones cheaper than the Sony WH-CH520 Black, wireless")
    assert found == Constraints(category="Headphones", needs=(of("connection", "wireless"),), sort=Sort.CHEAPEST)
    assert "“the Sony WH-CH520 Black”" in shopper.noted[0]
    for words in ("", "headphones "):
        shopper = Shopper()
        shopper.says("headphones")
        other = shopper.shown[1].product
        found = shopper.says(f"{words}cheaper than the {other.name}")
        assert found == Constraints(category="Headphones", max_price_minor=other.price_minor - 1)
        assert shopper.noted == ()


def test_later_words_win_over_earlier_ones_and_it_is_told() -> None:
    shopper = Shopper()
    assert shopper.says("laptop over 2000 but under 1000") == Constraints(category="Laptops", max_price_minor=100_000)
    assert "at least $2,000.00 and at most $1,000.00" in shopper.noted[0]
    shopper = Shopper()
    assert shopper.says("Sony headphones but not Sony").not_brands == ("Sony",)
    assert "Sony" in shopper.noted[0]
    assert searched("wired mouse, no wait, wireless").needs == (of("connection", "wireless"),)
    assert searched("laptop under 500, no wait, 700").max_price_minor == 70_000


def test_what_is_no_constraint_is_searched_as_text() -> None:
    shopper = Shopper()
    shopper.says("please show me sony wh-1000xm5 headphones for long flights under 400")
    assert shopper.constraints is not None
    assert shopper.constraints.text == "wh-1000xm5 flights"


def test_a_part_of_a_product_is_not_taken_for_a_product() -> None:
    assert searched("phone with a good camera").category == "Smartphones"
    assert searched("laptop with a 15-inch screen").category == "Laptops"
    assert Shopper().says("laptop", "a bigger screen").category == "Laptops"


def test_a_range_of_something_else_is_not_taken_for_a_price() -> None:
    found = searched("monitor at least 1080p")
    assert found == Constraints(category="Monitors", needs=(of("resolution", "1080p"),))


def test_liked_and_disliked_brands_fill_what_words_leave_open() -> None:
    shopper = Shopper()
    shopper.says("headphones", "I hate Sony", "too expensive, my limit is 200")
    assert shopper.says("office chair", "earbuds") == Constraints(
        category="Headphones", not_brands=("Sony",), max_price_minor=20_000, needs=(of("type", "in-ear"),)
    )
    assert "$200.00" in shopper.noted[-1]
    assert shopper.says("show me Sony tablets") == Constraints(category="Tablets", brands=("Sony",))
    assert shopper.says("now headphones, any brand, price doesn't matter") == Constraints(category="Headphones")


BUDGETS = {
    "phone with 5G and a good camera under 400": Constraints(
        category="Smartphones", max_price_minor=40_000, needs=(has("5g"),)
    ),
    "laptop with good battery life below 900": Constraints(category="Laptops", max_price_minor=90_000),
    "laptop with long battery life for 900": Constraints(category="Laptops", max_price_minor=90_000),
    "a phone with a great camera between 300 and 500": Constraints(
        category="Smartphones", min_price_minor=30_000, max_price_minor=50_000
    ),
    "a vacuum with strong suction up to 250": Constraints(category="Vacuum Cleaners", max_price_minor=25_000),
    "monitor under 200 refresh rate 144": Constraints(
        category="Monitors", max_price_minor=20_000, needs=(span("refresh rate", "Hz", 144),)
    ),
}
MEASURES = {
    "monitor with refresh rate up to 144": span("refresh rate", "Hz", None, 144),
    "vacuum cleaner, noise level below 60": span("noise level", "dB", None, 60),
    "monitor screen size under 28": span("screen size", "in", None, 28),
    "laptop with memory between 8 and 16": span("memory", "GB", 8, 16),
    "laptop with a weight under 1500": span("weight", "g", None, 1500),
}


@pytest.mark.parametrize("text", BUDGETS)
def test_a_bare_limit_behind_an_attribute_is_a_price_where_no_product_has_such_a_number(text: str) -> None:
    assert searched(text) == BUDGETS[text]


@pytest.mark.parametrize("text", MEASURES)
def test_a_bare_limit_behind_an_attribute_is_its_own_where_products_have_such_numbers(text: str) -> None:
    made = searched(text)
    assert (made.needs, made.max_price_minor) == ((MEASURES[text],), None)


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("a black backpack or a grey one", of("color", "black", "grey")),
        ("laptop for gaming or for office", of("use", "gaming", "office")),
        ("black headphones, or white", of("color", "black", "white")),
    ],
)
def test_values_that_or_joins_are_alternatives(text: str, need: Need) -> None:
    assert searched(text).needs == (need,)


def test_the_size_of_a_laptops_screen_is_no_monitor() -> None:
    assert searched("laptop screen size 15") == Constraints(
        category="Laptops", needs=(span("screen size", "in", 15, 15.9),)
    )


@pytest.mark.parametrize(
    ("text", "wanted", "name"),
    [
        ("headphones, weight under 0.3", Constraints(category="Headphones"), "weight"),
        ("headphones under 300 g", Constraints(category="Headphones"), "weight"),
        ("a monitor with less than 20 volts", Constraints(category="Monitors"), "measure in volts"),
        ("keyboards with a battery life over 20", Constraints(category="Keyboards"), "battery life"),
        ("a monitor with 64 GB of RAM under 300", Constraints(category="Monitors", max_price_minor=30_000), "memory"),
    ],
)
def test_a_measure_that_a_kind_of_product_does_not_tell_is_no_price_and_that_is_told(
    text: str, wanted: Constraints, name: str
) -> None:
    shopper = Shopper()
    assert shopper.says(text) == wanted
    assert shopper.noted == (f"No {wanted.category} here tell their {name}, so I could not go by that.",)
