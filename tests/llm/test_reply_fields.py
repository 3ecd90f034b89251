"""Fields of replies are read as they are meant, or not at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from chaffer.llm.json_reader import Value
from chaffer.llm.prose import LONGEST_MESSAGE, clean
from chaffer.llm.reply_fields import addressees, bid_minor, intent_of, price_minor, rounds_or_none, seller_named
from chaffer.negotiation.questions import Intent, UnfitReplyError
from tests.support.model_calls import a_buyer_turn


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        (Decimal(1050), 105_000),
        (Decimal("1050.5"), 105_050),
        (Decimal("1050.005"), 105_001),
        (Decimal("1e3"), 100_000),
        ("1050", 105_000),
        ("1,050.00", 105_000),
        ("$1050", 105_000),
        ("$ 1,050.55", 105_055),
        ("1050 USD per unit", 105_000),
        ("1.050,25", 105_025),
        ("1050.555", 105_056),
        ("a thousand and fifty dollars", 105_000),
    ],
)
def test_a_price_is_read_as_it_is_meant(value: Value, minor: int) -> None:
    assert price_minor(value, "price") == minor


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        [],
        {},
        "",
        "free",
        "-5",
        "−$5",
        "$-5",
        "1e12",
        "between 900 and 1000",
        "9" * 80,
        Decimal(0),
        Decimal("0.004"),
        Decimal(-5),
        Decimal("1e12"),
        Decimal("1e400000"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("-Infinity"),
    ],
)
def test_what_is_no_price_is_unfit_and_says_so(value: Value) -> None:
    with pytest.raises(UnfitReplyError, match="the field price"):
        price_minor(value, "price")


@pytest.mark.parametrize("value", [None, "", "none", "NULL", " n/a "])
def test_no_bid_is_no_bid(value: Value) -> None:
    assert bid_minor(value) is None


@pytest.mark.parametrize(
    ("value", "rounds"),
    [(Decimal(2), 2), ("3", 3), (Decimal("2.9"), 2), (Decimal(-1), 0), (None, None), ("ever", None), (True, None)],
)
def test_rounds_are_counted_or_to_the_end(value: Value, rounds: int | None) -> None:
    assert rounds_or_none(value) == rounds


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (["Shop 1"], ["seller_001"]),
        (["@shop1", "TECH&CO"], ["seller_001", "seller_002"]),
        ("Bob's Best", ["seller_003"]),
        ("Shop 1, Bob's Best", ["seller_001", "seller_003"]),
        (["seller_002", "Tech & Co"], ["seller_002"]),
        ([], ["seller_001", "seller_002", "seller_003"]),
        (None, ["seller_001", "seller_002", "seller_003"]),
        ("@all", ["seller_001", "seller_002", "seller_003"]),
    ],
)
def test_addressees_are_found_by_name_or_id(value: Value, ids: list[str]) -> None:
    assert list(addressees(a_buyer_turn(), value)) == ids


@pytest.mark.parametrize("name", ["None", "null", "-", "n/a", "Nothing", "All"])
def test_a_seller_whose_name_means_nothing_is_spoken_to_alone(name: str) -> None:
    turn = a_buyer_turn()
    rivals = (replace(turn.rivals[0], name=name), *turn.rivals[1:])
    values: list[Value] = [[name], name, [name.upper()]]
    for value in values:
        assert addressees(replace(turn, rivals=rivals), value) == ("seller_002",)
    assert len(addressees(replace(turn, rivals=rivals), None)) == 3


@pytest.mark.parametrize("value", [["Nobody"], "Shop", ["Shop 1", "Shop 2"], [Decimal(1)], {"name": "Shop 1"}, True])
def test_an_unknown_addressee_is_unfit_and_the_known_are_named(value: Value) -> None:
    with pytest.raises(UnfitReplyError, match="Tech & Co, Shop 1, Bob's Best"):
        addressees(a_buyer_turn(), value)


def test_names_and_decisions_know_no_case() -> None:
    assert seller_named(a_buyer_turn(), " @SHOP 1 ") == "seller_001"
    assert intent_of(" Accept ") is Intent.ACCEPT
    with pytest.raises(UnfitReplyError, match="haggle, accept or leave"):
        intent_of("perhaps")


def test_a_long_text_is_cut_at_a_sentence() -> None:
    text = clean("This is a sentence of some length. " * 200)
    assert LONGEST_MESSAGE - 40 < len(text) <= LONGEST_MESSAGE
    assert text.endswith("length.")
    assert len(clean("x" * 5000)) == LONGEST_MESSAGE


def test_control_characters_go() -> None:
    assert clean(" a\x00b\x1b[2J\u202e\ud800\ufeff\tc\n") == "ab[2J c"
