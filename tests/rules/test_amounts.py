"""Amounts in prose: what is one, what is none, and that no amount slips through while text is being generated."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.amounts import filter as amount_filter
from chaffer.amounts.filter import AmountFilter, ForbiddenAmountError
from chaffer.amounts.reading import LONGEST_NUMBER, amounts_in, bid_in, next_number, numerals_of
from chaffer.amounts.words import value_of_roman, value_of_words
from tests.support.amount_phrases import FORBIDDEN, INNOCENT

FREE = numerals_of("4K Monitor X27-B", "Shop 7", "40")

AMOUNTS = {
    "I can do 912.38 in cash": 91_238,
    "912.38 in total": 91_238,
    "912.38-ish": 91_238,
    "at912.38 now": 91_238,
    "912.38x": 91_238,
    "912m": 91_200,
    "2m": 200,
    "2g": 200,
    "The number: 912.38": 91_238,
    "nine hundred twelve in total": 91_200,
    "nine hundred and fifty": 95_000,
    "twelve hundred, take it": 120_000,
    "$5": 500,
    "5 dollars": 500,
    "five dollars": 500,
    "EUR 7": 700,
    "1,150.00 apiece": 115_000,
    "1 150 apiece": 115_000,
    "1.150,50 apiece": 115_050,
    "9 5 0": 95_000,
    "9-5-0 it is": 95_000,
    "9, 5, 0": 95_000,
    "1.2k": 120_000,
    "9\u200b12": 91_200,
    "٩١٢": 91_200,
    "\uff19\uff11\uff12": 91_200,
    "$40": 4_000,
    "$4k": 400_000,
    "912.38 kg": 91_238,
    "912.38%": 0,
    "round 912": 91_200,
    "950.": 95_000,
    "twelve is my floor": 1_200,
    "USD twelve": 1_200,
    "ninehundred": 90_000,
    "nine, five, zero": 95_000,
    "nine o five": 90_500,
    "low nine hundreds": 90_000,
    "CML": 95_000,
    "9 hundred": 90_000,
    "95 cents": 95,
    "79.2% of the list price": 0,
    "950th": 95_000,
    "950 oz": 95_000,
    "950 of you": 95_000,
    'it was "95"': 9_500,
    "is it 42?": 4_200,
}

NONE = [
    "24/7 support",
    "in 3 days",
    "in 1-2 days or 10 to 12 weeks",
    "a 15.6 inch screen with 16GB and 1.25kg",
    "100% genuine",
    "the 2nd of them, the 1st",
    "round 3 of the talks",
    "the 4K Monitor X27-B for 40 desks at Shop 7",
    "a 4k screen",
    "one of you, the two of us",
    "thirty days",
    "2 of them",
]


@pytest.mark.parametrize("text", AMOUNTS)
def test_what_may_be_an_amount_is_one(text: str) -> None:
    """CONTRACT §2: an amount this turn may not state ends the attempt; in doubt a number is an amount."""
    assert [amount.minor for amount in amounts_in(text, FREE)] == [AMOUNTS[text]]


@pytest.mark.parametrize("text", NONE)
def test_sizes_counts_and_days_pass(text: str) -> None:
    """CONTRACT §2: sizes, counts and days are no amounts and pass."""
    assert amounts_in(text, FREE) == []


def test_two_amounts_are_two() -> None:
    """A full stop between sentences joins no numbers."""
    found = amounts_in("I ask 1,200.00. 2 of them come at once, or 1050, 3 days later.", FREE)
    assert [amount.minor for amount in found] == [120_000, 105_000]


SAYABLE = frozenset({100_000, 105_000, 120_000})
OF_TWO_LAPTOPS = numerals_of("Laptop", "John Doe", "TechStore", "2")


def shown_of(pieces: list[str], allowed: frozenset[int] = SAYABLE) -> tuple[str, bool]:
    """Return what a filter shows of a text that comes in pieces, and whether it lets all of it through."""
    filter_, shown = AmountFilter(allowed, OF_TWO_LAPTOPS), ""
    try:
        for piece in pieces:
            shown += filter_.feed(piece)
        shown += filter_.finish()
    except ForbiddenAmountError:
        return shown, False
    return shown, True


def first_forbidden(text: str) -> int:
    """Return where the first amount begins that may not be said."""
    return next(amount.start for amount in amounts_in(text, OF_TWO_LAPTOPS) if amount.minor not in SAYABLE)


@pytest.mark.parametrize("phrase", FORBIDDEN)
def test_a_phrase_that_tells_an_amount_is_stopped(phrase: str) -> None:
    assert not shown_of([phrase])[1]


@pytest.mark.parametrize("phrase", INNOCENT)
def test_a_phrase_that_tells_no_private_amount_passes_letter_by_letter(phrase: str) -> None:
    assert shown_of([phrase]) == (phrase, True)
    assert shown_of([*phrase]) == (phrase, True)


@pytest.mark.parametrize("phrase", FORBIDDEN)
def test_no_part_of_a_forbidden_amount_is_shown_at_any_alignment(phrase: str) -> None:
    """Letter by letter is the finest split: what is shown depends on the text so far and not on its pieces."""
    for lead in ("", "Well, I could go down to ", "x" * 70 + " ", "They ask 1,050.00 - "):
        for tail in ("", ".", " and that is all that I can tell you of it, my dear friend, for ever and a day."):
            text = f"{lead}{phrase}{tail}"
            shown, is_through = shown_of([*text])
            assert not is_through
            assert len(shown) <= first_forbidden(text), shown


@pytest.mark.parametrize("phrase", FORBIDDEN)
def test_no_part_of_a_forbidden_amount_is_shown_at_any_split_in_two_and_in_three(phrase: str) -> None:
    text = f"I could go down to {phrase} if I must, and that is all that I can tell you about it, my dear friend."
    limit = first_forbidden(text)
    for cut in range(1, len(text)):
        for width in (len(text), 7):
            shown, is_through = shown_of([text[:cut], text[cut : cut + width], text[cut + width :]])
            assert not is_through
            assert len(shown) <= limit, shown


@given(phrases=st.lists(st.sampled_from((*FORBIDDEN, *INNOCENT)), max_size=4), size=st.integers(1, 30))
def test_what_is_shown_live_is_what_the_whole_text_is_judged_by(phrases: list[str], size: int) -> None:
    text = ". ".join(phrases)
    shown, is_through = shown_of([text[at : at + size] for at in range(0, len(text), size)])
    assert is_through == all(amount.minor in SAYABLE for amount in amounts_in(text, OF_TWO_LAPTOPS))
    assert text.startswith(shown)


@pytest.mark.parametrize("piece", ["2 ", "one ", "one-", "nine, ", "2.", "2/", "one and "])
def test_a_run_of_numbers_without_end_is_broken_off(piece: str) -> None:
    filter_, fed = AmountFilter(SAYABLE, OF_TWO_LAPTOPS), iter(piece * (2 * LONGEST_NUMBER))
    shown: list[str] = []
    with pytest.raises(ForbiddenAmountError):
        shown.extend(filter_.feed(letter) for letter in fed)
    assert not any(shown)
    assert len([*fed]) >= LONGEST_NUMBER // 2, "long before its end"


@pytest.mark.parametrize(
    "piece", ["a ", "x", "and ", "\u00e9", "2 units, ", "$1,050 or ", "half ", "$ ", "one of you and ", "a   "]
)
def test_each_number_is_looked_for_in_a_bounded_tail(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of any length costs the same at each letter."""
    looked_at = []

    def counted(read: str, at: int) -> object:
        looked_at.append(len(read) - at)
        return next_number(read, at)

    monkeypatch.setattr(amount_filter, "next_number", counted)
    text = piece * (4000 // len(piece))
    shown, is_through = shown_of([*text])
    assert is_through
    assert shown == text
    assert max(looked_at) <= 2 * LONGEST_NUMBER
    assert len(looked_at) <= 2 * len(text)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("nine fifty", 950),
        ("nine hundred and fifty-five", 955),
        ("twelve hundred", 1200),
        ("one thousand two hundred thirty four", 1234),
        ("a million", 1_000_000),
        ("half a thousand", 500),
        ("five dozen", 60),
        ("one four five oh", 1450),
        ("one and a half thousand", 0),
    ],
)
def test_words_are_read_as_people_say_prices(words: str, value: int) -> None:
    assert value_of_words(words) == value


@pytest.mark.parametrize(("numeral", "value"), [("CML", 950), ("MCDL", 1450), ("XLIX", 49), ("MMXXVI", 2026)])
def test_roman_numerals_are_read(numeral: str, value: int) -> None:
    assert value_of_roman(numeral) == value


@pytest.mark.parametrize(
    ("text", "bid"),
    [
        ("Can you both do $1000 per laptop?", 100_000),
        ("I can pay 950", 95_000),
        ("1,050.50?", 105_050),
        ("950 USD", 95_000),
        ("950\u20ac, delivered in 3 days", 95_000),
        ("USD nine hundred", 90_000),
        ("nine fifty, deal?", 95_000),
        ("Any chance of 950 for 2?", 95_000),
        ("Would you go 950/unit?", 95_000),
        ("$1000 for the 512 version", 100_000),
        ("Could you do 950 and include a 2-year warranty?", 95_000),
        ("950, that is 10% off", 95_000),
        ("950. Yes, 950!", 95_000),
        ("@TechStore $950", 95_000),
        ("I can pay 1 050", 105_000),
    ],
)
def test_a_message_that_states_one_price_is_a_bid(text: str, bid: int) -> None:
    assert bid_in(text, OF_TWO_LAPTOPS) == bid


@pytest.mark.parametrize(
    "text",
    [
        "Does it come with a 12-month warranty?",
        "Is it the 2025 model?",
        "Is it from 2025?",
        "Can I have it within 24 hours or 2 working days?",
        "Can I return it within 100 days?",
        "Do you have the RTX 4060?",
        "Is the 512 version cheaper?",
        'Is it 15.6"?',
        "I need 3",
        "give me two",
        "10% off?",
        "Is model 950 in stock?",
        "I live at 221 Baker Street",
        "900, not 950",
        "$900 or $950?",
        "@Shop 1 950?",
        "My budget is tight.",
        "",
    ],
)
def test_a_message_without_one_price_is_no_bid(text: str) -> None:
    assert bid_in(text, OF_TWO_LAPTOPS) is None


@given(text=st.sampled_from(sorted(AMOUNTS)), cuts=st.lists(st.integers(0, 60)), padding=st.integers(0, 120))
def test_no_amount_is_shown_however_the_text_is_cut(text: str, cuts: list[int], padding: int) -> None:
    """The filter holds a number back until it is whole."""
    whole = f"{'well, ' * (padding // 6)}{text} and {'so ' * (padding // 3)}"
    places = sorted({0, len(whole), *(cut % len(whole) for cut in cuts)})
    filter_, shown = AmountFilter(frozenset(), FREE), ""
    try:
        for start, end in pairwise(places):
            shown += filter_.feed(whole[start:end])
        shown += filter_.finish()
    except ForbiddenAmountError:
        assert amounts_in(shown, FREE) == []
    else:
        pytest.fail(f"shown: {shown}")


@given(text=st.sampled_from(sorted(text for text, minor in AMOUNTS.items() if minor)), size=st.integers(1, 9))
def test_an_allowed_amount_is_shown_word_for_word(text: str, size: int) -> None:
    """What may be said is said, all of it."""
    filter_, whole = AmountFilter(frozenset({AMOUNTS[text]}), FREE), f"For you: {text}, gladly."
    pieces = [filter_.feed(whole[at : at + size]) for at in range(0, len(whole), size)]
    assert "".join((*pieces, filter_.finish())) == whole
