"""Words of a model reach readers cleaned, and no piece of an amount that may not be stated ever does."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.llm.prose import Limits, Prose, clean
from chaffer.negotiation.questions import UnfitReplyError

LIMITS = Limits(frozenset({110_000, 120_000, 70_000}), frozenset({"2", "1", "15"}))

WORDS = st.lists(
    st.sampled_from(
        [
            "I can do $1,100.00 apiece,",
            "and 1100 it is!",
            "You said 700?",
            "My list says 1,200.00.",
            "Well,",
            "Only 2 of them.",
            "Laptop 15",
            "by Monday.",
            "Round 3 already!",
            "In 5 days,",
            "I am 100% sure:",
            "no less.",
            "It weighs 2 kg;",
            "@Shop 1,",
            "eleven hundred dollars,",
            "one of you...",
            "Round the clock, 24/7,",
            "please.",
            "\n",
        ]
    ),
    max_size=12,
)
FORBIDDEN = st.sampled_from(
    ["$871.53", "871.53", "EUR 871", "eight hundred and seventy one", "871 dollars", "8 7 1", "8,71.5", "nine fifty"]
)


def said(text: str, cuts: list[int]) -> tuple[str, str, bool]:
    """Return what was said, live and in the end, and whether it was let through."""
    live: list[str] = []
    prose = Prose(live.append)
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    try:
        prose.open(LIMITS)
        for start, end in pairwise(places):
            prose.add(text[start:end])
        prose.close()
    except UnfitReplyError:
        return "".join(live), prose.said, False
    return "".join(live), prose.said, True


@given(words=WORDS, cuts=st.lists(st.integers(0, 500), max_size=12))
def test_words_that_are_let_through_are_said_whole_at_any_split(words: list[str], cuts: list[int]) -> None:
    text = " ".join(words)
    live, whole, is_fit = said(text, cuts)
    assert is_fit
    assert live == whole == clean(text)


@given(before=WORDS, forbidden=FORBIDDEN, after=WORDS, cuts=st.lists(st.integers(0, 500), max_size=12))
def test_no_piece_of_a_forbidden_amount_is_said_at_any_split(
    before: list[str], forbidden: str, after: list[str], cuts: list[int]
) -> None:
    text = " ".join([*before, "friend,", forbidden, "friend.", *after])
    live, _, is_fit = said(text, cuts)
    assert not is_fit
    assert len(live) <= len(" ".join([*before, "friend,"])) + 1


def test_what_is_held_back_is_said_once_it_is_open() -> None:
    live: list[str] = []
    prose = Prose(live.append)
    prose.add("  Good morning, it is a very long day today")
    assert live == []
    prose.open(LIMITS)
    prose.add(". \n")
    prose.close()
    assert "".join(live) == "Good morning, it is a very long day today."


def test_a_forbidden_amount_that_was_held_back_is_unfit_when_it_is_opened() -> None:
    prose = Prose(lambda _: None)
    prose.add("It cost me $871.53, and there is enough text behind it to tell what it is, is there not?")
    with pytest.raises(UnfitReplyError, match="an amount of money"):
        prose.open(LIMITS)


def test_only_what_was_said_to_its_end_within_the_same_limits_was_that() -> None:
    prose = Prose(lambda _: None)
    prose.open(LIMITS)
    prose.add("I can do $1,100.00.")
    assert not prose.was("I can do $1,100.00.", LIMITS)
    prose.close()
    assert prose.was("I can do $1,100.00.", replace(LIMITS))
    assert not prose.was("I can do $1,200.00.", LIMITS)
    assert not prose.was("I can do $1,100.00.", replace(LIMITS, allowed_minor=frozenset({120_000})))
    assert not prose.was("I can do $1,100.00.", replace(LIMITS, hearers=("seller_001",)))
