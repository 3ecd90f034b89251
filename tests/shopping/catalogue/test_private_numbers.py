"""What a seller keeps to itself leaves room to haggle, whoever puts a product into the catalogue (issue 5)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chaffer.errors import ChafferError, Code
from chaffer.shopping.catalogue.products import Limits, Stocked
from tests.contract.goods import priced

LAMP = priced("lamp", 10_00)


@pytest.mark.parametrize(
    ("own", "field", "told"),
    [
        (Limits(5_00, 10_00), "least_price", "must be below the price (10); got 10"),
        (Limits(5_00, 11_00), "least_price", "must be below the price (10); got 11"),
        (Limits(8_00, 8_00), "cost_price", "must be 0 or more and below the least price (8); got 8"),
        (Limits(-1, 8_00), "cost_price", "must be 0 or more and below the least price (8); got -0.01"),
    ],
)
def test_a_seller_with_whom_no_room_could_open_is_refused_with_the_reason(own: Limits, field: str, told: str) -> None:
    with pytest.raises(ChafferError) as refused:
        Stocked(LAMP.product, {"Bargain Barn": own})
    assert refused.value.code is Code.VALIDATION_ERROR
    assert [(detail.field, detail.issue) for detail in refused.value.details] == [(field, told)]


def test_a_price_that_falls_to_the_least_one_is_refused() -> None:
    cheaper = replace(LAMP.product, offers=priced("lamp", 5_01).product.offers)
    with pytest.raises(ChafferError):
        replace(LAMP, product=cheaper)


def test_a_seller_who_goes_down_by_the_smallest_unit_is_taken() -> None:
    own = Limits(0, 10_00 - 1)
    assert Stocked(LAMP.product, {"Bargain Barn": own}).limits == {"Bargain Barn": own}
