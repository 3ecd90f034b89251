"""Numbers and prices of a cell, in the ways of three languages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chaffer.errors import ChafferError
from chaffer.shopping.catalogue.feeds.prices import number_of, price_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1500", "1500"),
        ("1,500", "1500"),
        ("1.500", "1500"),
        ("1 500", "1500"),
        ("1\u202f500,5", "1500.5"),
        ("1'500.25", "1500.25"),
        ("1’500,25", "1500.25"),
        ("1,500.00", "1500.00"),
        ("1.500,00", "1500.00"),
        ("1.234.567,89", "1234567.89"),
        ("4,5", "4.5"),
        ("0.500", "0.500"),
        ("12.3456", "12.3456"),
    ],
)
def test_number_is_read_in_the_ways_of_three_languages(text: str, number: str) -> None:
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "1,23,456", "1500 each", "--5", "٣٤", "1e5", "1" * 41, "."])
def test_what_is_no_number_is_not_guessed(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    "text", ["1,499.50", "$1499.50", "1.499,50 USD", "USD 1 499.50", "1499.5", "$ 1,499.50", "1499,50$"]
)
def test_price_is_read_with_its_currency_before_or_behind(text: str) -> None:
    assert price_of("price", text, "USD") == 149_950


def test_whole_francs_may_end_in_a_dash() -> None:
    assert price_of("price", "CHF 1'499.–", "CHF") == price_of("price", "1499,- CHF", "CHF") == 149_900


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("15.00 EUR", "must be in USD"),
        ("€15", "must be in USD"),
        ("free", "must be a price"),
        ("-15", "must be a price"),
        ("15.0050", "at most two decimals"),
        ("9999999999", "must not exceed"),
    ],
)
def test_what_is_no_price_of_this_market_is_refused_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(ChafferError) as refused:
        price_of("price", text, "USD")
    assert refused.value.details[0].field == "price"
    assert told in refused.value.details[0].issue
