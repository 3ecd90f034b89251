"""The sample catalogue: large enough, consistent, and fit for a negotiation."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import mean

import pytest

from chaffer.conversation.mentions import is_name
from chaffer.negotiation.terms import Priority, SpeakingStyle
from chaffer.shopping.catalogue.products import Product, in_order
from chaffer.shopping.catalogue.sample import sample_products
from chaffer.shopping.catalogue.units import measure_of

STOCKED, SELLERS = sample_products()
PRODUCTS = [stocked.product for stocked in STOCKED]


def of(category: str) -> list[Product]:
    return [product for product in PRODUCTS if product.category == category]


def test_sample_has_twelve_categories_of_fifty_products_and_eight_sellers() -> None:
    """Issue 5: at least 600 products in 12 categories, and 8 sellers."""
    counted = Counter(product.category for product in PRODUCTS)
    assert (len(counted), len(SELLERS)) == (12, 8)
    assert min(counted.values()) >= 50
    assert len({product.product_id for product in PRODUCTS}) == len(PRODUCTS) >= 600


def test_sellers_can_sit_in_a_negotiation_room() -> None:
    for seller in SELLERS:
        assert is_name(seller.name)
        assert Priority(seller.priority)
        assert SpeakingStyle(seller.speaking_style)


def test_every_offer_leaves_room_to_haggle() -> None:
    for stocked in STOCKED:
        assert 2 <= len(stocked.product.offers) <= 6
        assert stocked.product.offers == in_order(stocked.product.offers)
        for offer in stocked.product.offers:
            limits = stocked.limits[offer.seller]
            assert 0 < limits.cost_minor < limits.least_minor < offer.price_minor


def test_some_products_are_sold_out_and_some_have_one_piece_left() -> None:
    pieces = Counter(product.pieces for product in PRODUCTS)
    assert 3 <= pieces[0] <= 20
    assert pieces[1] >= 10


def test_attributes_of_a_kind_are_given_in_one_unit() -> None:
    units: defaultdict[tuple[str, str], set[str | None]] = defaultdict(set)
    for product in PRODUCTS:
        for name, text in product.attributes.items():
            measure = measure_of(text)
            units[product.category, name].add(None if measure is None else measure.unit)
    mixed = {key: found for key, found in units.items() if len(found) > 1}
    # The layout of a keyboard in percent is a name, and not a measure.
    assert set(mixed) <= {("Keyboards", "layout")}


def test_more_memory_costs_more() -> None:
    prices: defaultdict[str, list[int]] = defaultdict(list)
    for laptop in of("Laptops"):
        prices[laptop.attributes["memory"]].append(laptop.price_minor)
    assert mean(prices["8 GB"]) < mean(prices["16 GB"]) < mean(prices["32 GB"])


def test_gaming_laptops_have_dedicated_graphics_and_some_cost_less_than_1500() -> None:
    """The specification's own query: a gaming laptop under $1500."""
    gaming = [laptop for laptop in of("Laptops") if laptop.attributes["use"] == "gaming"]
    assert {laptop.attributes["graphics"] for laptop in gaming} == {"dedicated"}
    cheap = [laptop for laptop in gaming if laptop.pieces and laptop.price_minor <= 150_000]
    assert len({laptop.attributes["screen size"] for laptop in cheap}) >= 2


@pytest.mark.parametrize("currency", ["USD", "CHF"])
def test_sample_is_in_the_currency_of_the_market(currency: str) -> None:
    products, _ = sample_products(currency)
    assert {stocked.product.currency for stocked in products} == {currency}
