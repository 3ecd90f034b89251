"""Numbers in every format that people write them in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.shopping.reading.numerals import spoken_value, value_of
from tests.support.shoppers import searched

GROUPS = (",", ".", "'", "’", "\u00a0", "\u202f", " ")
POINTS = {",": ".", ".": ",", "'": ".", "’": ".", "\u00a0": ",", "\u202f": ",", " ": ","}


def written(minor: int, group: str, *, with_decimals: bool) -> str:
    whole, rest = divmod(minor, 100)
    text = f"{whole:,}".replace(",", group)
    return f"{text}{POINTS[group]}{rest:02d}" if with_decimals else text


@given(minor=st.integers(0, 10_000_000_00), group=st.sampled_from(GROUPS[:-1]), with_decimals=st.booleans())
def test_a_number_is_read_back_from_every_format(minor: int, group: str, with_decimals: bool) -> None:  # noqa: FBT001  Drawn by Hypothesis.
    expected = Decimal(minor) / 100 if with_decimals else Decimal(minor // 100)
    assert value_of(written(minor, group, with_decimals=with_decimals)) == expected


@given(
    minor=st.integers(1_00, 1_000_000_00),
    group=st.sampled_from(GROUPS),
    money=st.sampled_from(("${}", "€{}", "{} €", "{}€", "CHF {}", "{} dollars", "£{}", "{} euros", "USD {}")),
    bound=st.sampled_from(("under {}", "up to {}", "unter {}", "höchstens {}", "moins de {}", "max {}", "<{}")),
)
def test_a_price_is_read_back_from_every_format(minor: int, group: str, money: str, bound: str) -> None:
    text = bound.format(money.format(written(minor, group, with_decimals=True)))
    assert searched(f"laptop {text}").max_price_minor == minor


@pytest.mark.parametrize("text", ["1.2.3", "12.05.2024", "1,50,0", "1'5", "1" * 5000, "1.234,56.7", "01.234.56"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert value_of(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("two", 2),
        ("fifteen hundred", 1500),
        ("a thousand", 1000),
        ("two thousand five hundred", 2500),
        ("twelve hundred and fifty", 1250),
        ("half", None),
        ("zweitausend", 2000),
        ("cinq cents", 500),
        ("a grand", 1000),
        ("grand", None),
        ("twenty five", 25),
    ],
)
def test_numbers_in_words_are_read(text: str, value: int | None) -> None:
    found = spoken_value(text.split(), 0)
    assert (None if found is None else int(found[0])) == value
