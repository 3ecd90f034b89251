"""Periods and amounts as people say them, read on Friday, 20 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.assistant.reading.limits import limits_in, ordered_pieces_in, pieces_in, rating_in
from chaffer.assistant.reading.periods import period_in

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("today", "2026-11-20", "2026-11-20"),
        ("yesterday", "2026-11-19", "2026-11-19"),
        ("this week", "2026-11-16", None),
        ("last week", "2026-11-09", "2026-11-15"),
        ("since Monday", "2026-11-16", None),
        ("this month", "2026-11-01", None),
        ("last month", "2026-10-01", "2026-10-31"),
        ("last quarter", "2026-07-01", "2026-09-30"),
        ("the year so far", "2026-01-01", None),
        ("since the beginning of the year", "2026-01-01", None),
        ("last year", "2025-01-01", "2025-12-31"),
        ("in 2026", "2026-01-01", "2026-12-31"),
        ("in August", "2026-08-01", "2026-08-31"),
        ("in December", "2025-12-01", "2025-12-31"),
        ("in February 2024", "2024-02-01", "2024-02-29"),
        ("since 1 October", "2026-10-01", None),
        ("since October", "2026-10-01", None),
        ("since the 3rd of May 2025", "2025-05-03", None),
        ("before December", None, "2025-11-30"),
        ("until 15 November", None, "2026-11-15"),
        ("after October", "2026-11-01", None),
        ("between 1 September and 15 November", "2026-09-01", "2026-11-15"),
        ("from December to February 2026", "2025-12-01", "2026-02-28"),
        ("on 2026-10-05", "2026-10-05", "2026-10-05"),
        ("on 5.10.2026", "2026-10-05", "2026-10-05"),
        ("the last 30 days", "2026-10-21", None),
        ("over the past three months", "2026-08-20", None),
        ("in the past year", "2025-11-20", None),
        ("on 31 February", None, None),
        ("may I see it", None, None),
        ("the last one", None, None),
    ],
)
def test_period_is_counted_from_today(text: str, since: str | None, until: str | None) -> None:
    period = period_in(f"what did I buy {text}", TODAY)
    assert (period.since, period.until) == tuple(
        None if day is None else date.fromisoformat(day) for day in (since, until)
    )


def test_rest_of_a_text_is_what_names_no_period() -> None:
    assert period_in("bills from Pixel Street since October please", TODAY).rest.split() == [
        *("bills", "from", "Pixel", "Street", "please")
    ]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("a quiet keyboard under 120", None, 12_000),
        ("at most $1,500", None, 150_000),
        ("for 500 bucks", None, 50_000),
        ("between 150 and 300 dollars", 15_000, 30_000),
        ("over 80 and under 200", 8_000, 20_000),
        ("with a budget of $1,000", None, 100_000),
        ("two hundred tops", None, 20_000),
        ("1.5k max", None, 150_000),
        ("max 250 each", None, 25_000),
        ("haggle for two", None, None),
        ("a 27 inch screen", None, None),
        ("at least 16 GB", None, None),
        ("under 2 kg", None, None),
        ("at most 3 pieces", None, None),
    ],
)
def test_limits_are_prices_and_no_other_numbers(text: str, least: int | None, most: int | None) -> None:
    limits = limits_in(text)
    assert (limits.least_minor, limits.most_minor) == (least, most)


@pytest.mark.parametrize(
    ("text", "stars"),
    [("at least 4.5 stars", 4.5), ("rated 4 or better", 4), ("four stars or more", 4), ("7 stars", None)],
)
def test_rating_is_read_in_stars(text: str, stars: float | None) -> None:
    assert rating_in(text)[0] == stars


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("haggle for two", 2),
        ("10 pieces", 10),
        ("5x", 5),
        ("for both of us a pair", 2),
        ("for one", 1),
        ("a 4k screen", None),
    ],
)
def test_pieces_of_a_negotiation(text: str, pieces: int | None) -> None:
    assert (pieces_in(text) or None) == pieces


def test_size_of_what_is_searched_is_no_count_of_it() -> None:
    assert ordered_pieces_in("I need two office chairs") == 2
    assert ordered_pieces_in("I need a 27 inch screen") is None
    assert ordered_pieces_in("I need 27 inch screens") is None


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    period_in(text, TODAY)
    limits_in(rating_in(text)[1])
    pieces_in(text)
