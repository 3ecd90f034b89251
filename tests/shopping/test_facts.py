"""No sentence reaches a shopper that names a price, a rating, a number or a quality that no product at hand has."""

from __future__ import annotations

import re
import time
from functools import cache
from typing import Final

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from chaffer.money import formatted
from chaffer.shopping.catalogue.searching import Constraints, Need, Property, Vocabulary
from chaffer.shopping.events import Choice, Match, Relaxation, Worth
from chaffer.shopping.facts import Facts, Striker, facts_of_advice, facts_of_clarification
from chaffer.shopping.questions import ClarificationQuestion
from tests.support.laptop_claims import ASUS, DELL, FALSE, TRUE
from tests.support.sample_catalogue import advisory, context

WANTED: Final = Constraints(category="Laptops", max_price_minor=150_000, needs=(Need("use", ("gaming",)),))
ASKED: Final = "I need a gaming laptop under $1500"


@cache
def facts() -> Facts:
    matches = tuple(Match(one, score, Worth(1, 1, 1)) for one, score in ((DELL, 0.85), (ASUS, 0.83)))
    return facts_of_advice(advisory(WANTED, ASKED, matches=matches, total=15), DELL.product_id)


def through(text: str) -> str:
    striker = Striker(facts())
    return striker.feed(text) + striker.finish()


@pytest.mark.parametrize("sentence", TRUE)
def test_what_is_true_is_let_through(sentence: str) -> None:
    assert through(sentence) == sentence


@pytest.mark.parametrize("sentence", FALSE)
def test_what_is_false_is_struck(sentence: str) -> None:
    assert not through(sentence)


@pytest.mark.parametrize("sentence", FALSE)
def test_a_true_sentence_before_a_false_one_stays_and_the_false_one_is_counted(sentence: str) -> None:
    striker = Striker(facts())
    said = striker.feed("The Dell G15 is a fine choice. ") + striker.feed(sentence) + striker.finish()
    assert said.strip() == "The Dell G15 is a fine choice."
    assert striker.struck >= 1


ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS: Final = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number: int) -> str:
    if number < 20:
        return ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return TENS[tens] + (f"-{ONES[ones]}" if ones else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            head, rest = divmod(number, size)
            return f"{in_words(head)} {name}" + (f" {in_words(rest)}" if rest else "")
    raise AssertionError(number)


PRICES: Final = {offer.price_minor for offer in DELL.offers}


@given(
    st.integers(2, 99_999),
    st.sampled_from(
        [
            "The Dell G15 costs ${}.",
            "The Dell G15 costs {} dollars.",
            "You get the Dell G15 for USD {}.",
            "The Dell G15 (${}) is a bargain!",
            "Dell G15: ${}",
            "For ${} the Dell G15 is yours.",
            "It's yours at {} euros.",
            "The price of the Dell is {}.",
        ]
    ),
    st.booleans(),
)
@example(price=1500, sentence="The Dell G15 costs ${}.", is_word=False)
def test_no_invented_price_is_let_through(price: int, sentence: str, is_word: bool) -> None:  # noqa: FBT001
    assume(price * 100 not in PRICES)
    number = in_words(price) if is_word else f"{price:,}"
    assert not through(sentence.format(number))


@given(
    st.integers(0, 50).map(lambda tenths: tenths / 10),
    st.sampled_from(["The Dell has {} stars.", "Dell: {}/5.", "It is rated {}."]),
)
def test_no_invented_rating_is_let_through(rating: float, sentence: str) -> None:
    assert bool(through(sentence.format(f"{rating:g}"))) is (rating == DELL.rating)


@given(
    st.integers(0, 9999),
    st.sampled_from(["The Dell has {} reviews.", "Reviews of the Dell: {}.", "{} people rated the Dell."]),
)
@example(DELL.reviews, "Reviews of the Dell: {}.")
def test_no_invented_number_of_reviews_is_let_through(count: int, sentence: str) -> None:
    assert bool(through(sentence.format(count))) is (count == DELL.reviews)


@given(
    st.integers(0, 999),
    st.sampled_from(["There are {} pieces left.", "{} units of the Dell are in stock.", "It has {} in stock."]),
)
def test_no_invented_stock_is_let_through(pieces: int, sentence: str) -> None:
    known = {DELL.pieces, *(offer.pieces for offer in DELL.offers)}
    assert bool(through(sentence.format(pieces))) is (pieces in known)


@given(
    st.floats(0.1, 9999, allow_nan=False).map(lambda number: round(number, 1)),
    st.sampled_from(["GB", "inch", "kg", "hours", "TB", "g"]),
    st.sampled_from(["The Dell has {} {}.", "It comes with {} {}.", "Dell G15, {} {}"]),
)
def test_no_invented_measure_is_let_through(number: float, unit: str, sentence: str) -> None:
    true = {(16, "GB"), (512, "GB"), (15.6, "inch"), (2.5, "kg"), (2500, "g"), (6, "hours")}
    near = {(0.5, "TB"), (0.8, "hours")}
    assume((number, unit) not in near)
    assert bool(through(sentence.format(f"{number:g}", unit))) is ((number, unit) in true)


def test_an_invented_number_in_any_place_of_a_true_answer_strikes_its_sentence() -> None:
    answer = "The Dell G15 costs $1,011.99, has 16 GB of memory, weighs 2.5 kg and is rated 4.2 of 5 by 49 people."
    assert through(answer) == answer
    for number in re.finditer(r"\d[\d,.]*\d|\d(?= of)", answer.replace("G15", "Gxx").replace("of 5", "of V")):
        start, end = number.span()
        assert not through(f"{answer[:start]}7{number.group()}{answer[end:]}"), number


@given(st.lists(st.sampled_from([*TRUE, *FALSE, "\n", "\n\n"]), max_size=6), st.data())
def test_what_is_shown_does_not_depend_on_the_pieces_in_which_it_comes(lines: list[str], data: st.DataObject) -> None:
    text = " ".join(lines)
    whole = Striker(facts())
    shown = whole.feed(text) + whole.finish()
    striker, said, at = Striker(facts()), "", 0
    while at < len(text):
        size = data.draw(st.integers(1, 40))
        said += striker.feed(text[at : at + size])
        at += size
    assert (said + striker.finish(), striker.struck) == (shown, whole.struck)


@given(st.text(max_size=300))
def test_any_text_is_judged_without_a_fault_and_nothing_is_added(text: str) -> None:
    shown = through(text)
    assert len(shown) <= len(text)
    assert not shown.strip() or all(line.strip() in text for line in shown.splitlines())


def test_a_sentence_is_held_back_until_it_is_whole() -> None:
    striker = Striker(facts())
    assert not striker.feed("The Dell G15 costs $1,011")
    assert not striker.feed(".99.")
    assert striker.feed(" It") == "The Dell G15 costs $1,011.99. "
    assert striker.finish() == "It"


def test_units_end_a_sentence_and_abbreviations_do_not() -> None:
    assert through("It weighs 2500 g. The Asus costs $5.") == "It weighs 2500 g. "
    assert not through("The Asus, i.e. the other one vs. the Dell, costs $5.")


def test_a_struck_sentence_changes_what_it_refers_to_for_no_reader() -> None:
    assert through("The Dell G15 is fine. The Asus costs $5. It has 32 GB of memory.") == "The Dell G15 is fine. "


def test_a_struck_item_of_a_list_takes_its_line_along() -> None:
    text = "- Dell G15: $1,011.99\n- Asus: $12\n- Asus: $1,077.99\n"
    assert through(text) == "- Dell G15: $1,011.99\n- Asus: $1,077.99\n"


def test_a_name_that_two_products_bear_means_the_one_that_was_named_whole() -> None:
    twin = replace(ASUS, product_id="other", name="Dell G15 Max", brand="Dell")
    matches = tuple(Match(one, 0.8, Worth(1, 1, 1)) for one in (DELL, twin))
    known = facts_of_advice(advisory(WANTED, ASKED, matches=matches), DELL.product_id)
    assert not Striker(known).is_true("The Dell has 32 GB of memory.")
    assert Striker(known).is_true("The Dell G15 Max has 32 GB of memory.")


def test_what_no_attribute_tells_may_be_told_as_unknown() -> None:
    lean = replace(DELL, attributes={name: text for name, text in DELL.attributes.items() if name != "touchscreen"})
    known = facts_of_advice(advisory(WANTED, ASKED, matches=(Match(lean, 0.8, Worth(1, 1, 1)),)))
    assert Striker(known).is_true("The catalogue does not say whether it has a touchscreen.")
    assert not Striker(known).is_true("It has a touchscreen.")
    assert not Striker(known).is_true("It has no touchscreen.")


def test_several_pieces_together_cost_what_they_cost() -> None:
    matches = (Match(DELL, 0.8, Worth(1, 1, 1)),)
    known = facts_of_advice(advisory(Constraints(category="Laptops", quantity=2), matches=matches))
    assert Striker(known).is_true("Two would be $2,023.98.") is False
    assert Striker(known).is_true("Together they cost $2,023.98.")
    assert not Striker(known).is_true("Together they cost $1,999.")


def test_words_of_code_pass_as_they_are() -> None:
    question = advisory(
        Constraints(category="Laptops", max_price_minor=100),
        matches=(),
        total=0,
        noted=("About 500 was read as $425.00 to $575.00.",),
        relaxations=(Relaxation("the limit of $1.00", 50),),
        corrected="rtx 4070 laptop",
    )
    striker = Striker(facts_of_advice(question))
    for sentence in (
        *question.noted,
        "If you give up the limit of $1.00, 50 products would fit.",
        "I looked for “rtx 4070 laptop”.",
    ):
        assert striker.is_true(sentence)
    assert not striker.is_true("If you give up the limit of $2.00, 50 products would fit.")
    assert not striker.is_true("There is one for $0.99.")


def test_a_question_may_name_its_options_and_the_shoppers_own_numbers() -> None:
    question = ClarificationQuestion(context(ASKED), Choice("screen size", ("15 in", "17 in")), WANTED)
    striker = Striker(facts_of_clarification(question))
    assert striker.is_true("Do you prefer 15-inch or 17-inch screens for your $1,500?")
    assert not striker.is_true("Would you pay $2,000 for 17 inches?")


def test_a_catalogue_of_thousands_of_names_costs_milliseconds() -> None:
    brands = tuple(f"Brand {number:04}x" for number in range(5_000))
    properties = tuple(
        Property(f"quality {number}", ("Laptops",), tuple(f"kind {number}{letter}" for letter in "abcdefgh"))
        for number in range(300)
    )
    vocabulary = Vocabulary(1, "USD", ("Laptops",), brands, properties)
    question = advisory(WANTED, ASKED, matches=facts().matches, vocabulary=vocabulary)
    Striker(facts_of_advice(question))
    begun = time.process_time()
    striker = Striker(facts_of_advice(question))
    striker.feed("The Dell G15 costs $1,011.99 and has 16 GB of memory. " * 20)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    "piece", ["you ", "1", "$1,", "not ", "the first ", "a half ", "Dell G15 ", "«", "nine ", ". "]
)
def test_hostile_lengths_are_judged_in_linear_time(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    begun = time.process_time()
    striker = Striker(facts())
    striker.feed(text)
    striker.finish()
    assert time.process_time() - begun < 5


def test_prices_are_read_in_every_currency_of_the_catalogue() -> None:
    for currency in ("EUR", "GBP", "CHF", "INR"):
        euro = replace(DELL, currency=currency)
        question = advisory(WANTED, matches=(Match(euro, 0.8, Worth(1, 1, 1)),), currency=currency)
        striker = Striker(facts_of_advice(question))
        assert striker.is_true(f"It costs {formatted(101_199, currency)}.")
        assert not striker.is_true(f"It costs {formatted(90_000, currency)}.")
