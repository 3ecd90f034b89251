"""Amounts in prose: what is one, what is none, and that no amount slips through while text is being generated."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.negotiation.amounts import AmountFilter, ForbiddenAmountError, amounts_in, numerals_of

FREE = numerals_of("4K Monitor X27-B", "Shop 7", "40")

AMOUNTS = {
    "I can do 912.38 in cash": 91_238,
    "912.38 in total": 91_238,
    "912.38-ish": 91_238,
    "at912.38 now": 91_238,
    "912.38x": 91_238,
    "912m": 91_200,
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
    "912.38%": 91_238,
    "round 912": 91_200,
    "950.": 95_000,
    "is it 42?": 4_200,
}

NONE = [
    "24/7 support",
    "in 3 days",
    "in 1-2 days or 10 to 12 weeks",
    "a 15.6 inch screen with 16GB and 1.25kg",
    "10% off, or 5-10 percent",
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


@given(text=st.sampled_from(sorted(AMOUNTS)), size=st.integers(1, 9))
def test_an_allowed_amount_is_shown_word_for_word(text: str, size: int) -> None:
    """What may be said is said, all of it."""
    filter_, whole = AmountFilter(frozenset({AMOUNTS[text]}), FREE), f"For you: {text}, gladly."
    pieces = [filter_.feed(whole[at : at + size]) for at in range(0, len(whole), size)]
    assert "".join((*pieces, filter_.finish())) == whole
