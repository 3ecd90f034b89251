"""JSON Lines: products and sellers a line each, and lines that are neither."""

from __future__ import annotations

import json
from io import BufferedReader, RawIOBase
from typing import Any

import pytest

from chaffer.errors import ChafferError
from chaffer.shopping.catalogue.products import Seller
from tests.support.feeds import feed_of

KETTLE: dict[str, Any] = {"id": "k1", "name": "Kettle", "price": 40}


class EndlessLine(RawIOBase):
    """A file of one line without an end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def line(**changes: Any) -> str:
    return json.dumps({**KETTLE, **changes}) + "\n"


def test_product_of_a_single_seller_needs_a_price_alone() -> None:
    (offer,) = feed_of(line(stock=3, seller="Alpha")).only.offers
    assert (offer.seller, offer.price_minor, offer.pieces) == ("Alpha", 4_000, 3)


def test_sellers_and_how_they_haggle_are_taken() -> None:
    told = {"seller": "Alpha", "priority": "maximize_profit", "speaking_style": "rude"}
    offers = [{"seller": "Alpha", "price": 40.5, "stock": 0}, {"seller": "Beta", "price": 41, "least_price": 30}]
    feed = feed_of(json.dumps(told) + "\n" + line(price=None, sellers=offers))
    assert feed.sellers == [Seller("Alpha", "maximize_profit", "rude")]
    assert [offer.seller for offer in feed.only.offers] == ["Beta", "Alpha"]
    limits = feed.stocked[0].limits["Beta"]
    assert (limits.least_minor, limits.cost_minor) == (3_000, 2_999)


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"prise": 1}, "prise", "is not a known field; check its spelling"),
        ({"price": 1.005}, "price", "must have at most two decimals; got 1.005"),
        ({"price": "NaN"}, "price", "must be a finite number"),
        ({"price": "Infinity"}, "price", "must be a finite number"),
        ({"price": 10**12}, "price", "must not exceed 1000000000"),
        ({"price": []}, "price", "expected"),
        ({"price": None}, "price", "is required"),
        ({"sellers": [{"seller": "A"}]}, "sellers[0].price", "is required"),
        ({"sellers": [{"seller": "A", "price": 1, "stock": 1.5}]}, "sellers[0].stock", "expected int"),
        ({"seller": "A", "sellers": [{"seller": "a", "price": 1}]}, "seller", "must differ"),
        ({"attributes": {"RAM": 16}}, "attributes", "expected str"),
        ({"attributes": {"a": "x", "A": "y"}}, "attributes", "must have names that differ"),
        ({"attributes": {str(n): "x" for n in range(51)}}, "attributes", "must be at most 50; got 51"),
        ({"rating": -1}, "rating", "must be 0 to 5; got -1"),
        ({"currency": "EUR"}, "currency", "must be USD"),
        ({"description": "x" * 5_001}, "description", "must have at most 5000 characters; got 5001"),
        ({"id": ""}, "id", "is required"),
    ],
)
def test_product_is_refused_by_line_field_and_reason(changes: dict[str, Any], field: str, told: str) -> None:
    feed = feed_of(line(id="before") + line(**changes) + line(id="behind"))
    ((number, found, reason),) = feed.refused
    assert number == 2
    assert found.startswith(field)
    assert told in reason
    assert [product.product_id for product in feed.products] == ["before", "behind"]


@pytest.mark.parametrize(
    "name",
    ["price", "Price", "prices", "PRICE (USD)", "list price", "List_Price", "sale-price", "cost", "rating", "Ratings",
     "star rating", "stars", "reviews", "customer reviews", "Review Count", "number of reviews", "stock", "in stock",
     "Stock Level", "availability", "seller", "Sellers", "sold by", "brand", "least_price", "Prïce"],
)  # fmt: skip
def test_an_attribute_that_is_named_like_a_field_is_refused(name: str) -> None:
    feed = feed_of(line(attributes={name: "1", "color": "red"}))
    ((_, found, reason),) = feed.refused
    assert found == f"attributes.{name}"
    assert "leave it out, or give it another name" in reason


def test_attributes_that_only_sound_like_fields_are_taken() -> None:
    said = dict.fromkeys(("energy rating", "pieces", "energy star", "stock photo", "warranty", "rolling stock"), "1")
    assert feed_of(line(attributes=said)).only.attributes == said


@pytest.mark.parametrize(
    "text", ["nope", "[1]", "1", "{", "[" * 100_000, '{"id": "\\ud800"}', '{"price": 1e999999999}']
)
def test_line_that_is_no_object_is_refused(text: str) -> None:
    feed = feed_of(f"{line()}{text}\n")
    assert [number for number, _, _ in feed.refused] == [2]
    assert len(feed.products) == 1


def test_seller_that_no_scenario_would_take_is_refused() -> None:
    feed = feed_of('{"seller": "A", "priority": "win", "speaking_style": "rude"}\n')
    assert feed.refused == [(1, "priority", "must be customer_retention or maximize_profit; got 'win'")]


def test_description_is_one_line_without_what_steers_a_terminal() -> None:
    assert feed_of(line(description="one\n\ttwo \x1b[31mred\u202e")).only.description == "one two red"


def test_line_without_an_end_is_refused_with_its_number_and_the_limit() -> None:
    with pytest.raises(ChafferError) as refused:
        feed_of(BufferedReader(EndlessLine()))
    assert refused.value.details[0].field == "line 1"
    assert "1048576 characters" in refused.value.details[0].issue
