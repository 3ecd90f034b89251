"""The value score: the documented formula, the cheaper one never behind, and nothing outside the constraints."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chaffer.shopping.catalogue.fitting import fits
from chaffer.shopping.catalogue.products import Offer, Product
from chaffer.shopping.catalogue.searching import Constraints, Need, Sort
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.value import ranked, worths
from tests.support.sample_catalogue import of

ROW: Final = re.compile(
    r"^\| (\w+) (\w+) \| ([\d.]+) \| ([\d.]+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$"
)

prices = st.integers(1, 10**7)
ratings = st.none() | st.integers(0, 50).map(lambda tenths: tenths / 10)
reviews = st.integers(0, 10**6)


def product(
    price_minor: int, rating: float | None = 4.0, reviews: int = 100, brand: str = "Acme", **attributes: str
) -> Product:
    return Product(
        product_id=f"{brand}-{price_minor}-{rating}-{reviews}",
        name=f"{brand} Thing",
        brand=brand,
        category="Things",
        description="",
        currency="USD",
        attributes=attributes,
        offers=(Offer("Shop", price_minor, 5),),
        rating=rating,
        reviews=reviews,
    )


made = st.builds(product, prices, ratings, reviews)


def test_worked_example_of_the_documents_is_what_the_code_computes() -> None:
    rows = [
        match.groups()
        for line in Path("docs/value-score.md").read_text("utf-8").splitlines()
        if (match := ROW.match(line))
    ]
    found = [
        product(round(float(price) * 100), float(stars), int(count), brand)
        for brand, _, price, stars, count, *_ in rows
    ]
    wanted = Constraints(text="comfortable", max_price_minor=20_000)
    matches = ranked(found, wanted, Preferences(liked_brands=("borea",)))
    told = {
        match.product.brand: [f"{part:.4f}" for part in (*vars_of(match.worth), match.value_score)] for match in matches
    }
    assert told == {brand: list(figures) for brand, _, _, _, _, *figures in rows}
    assert matches[0].product.brand == "Borea"


def vars_of(worth: object) -> tuple[float, ...]:
    return tuple(getattr(worth, name) for name in ("price", "rating", "fit"))


@given(st.lists(made, min_size=1, max_size=8), st.data(), st.none() | st.integers(0, 10**6))
def test_the_cheaper_one_never_scores_lower(found: list[Product], data: st.DataObject, above: int | None) -> None:
    place = data.draw(st.integers(0, len(found) - 1))
    dear = found[place].price_minor
    cheap = data.draw(st.integers(1, dear))
    budget = None if above is None else max(one.price_minor for one in found) + above
    wanted = Constraints(text="thing", max_price_minor=budget)
    lowered = [*found[:place], replace(found[place], offers=(Offer("Shop", cheap, 5),)), *found[place + 1 :]]
    before, after = worths(found, wanted, Preferences())[place], worths(lowered, wanted, Preferences())[place]
    assert after.price >= before.price
    assert (after.rating, after.fit) == (before.rating, before.fit)


@given(
    st.lists(made, max_size=8),
    st.builds(
        Constraints,
        text=st.sampled_from(["", "thing"]),
        max_price_minor=st.none() | prices,
        min_rating=st.none() | st.just(4.0),
        sort=st.sampled_from(Sort),
        quantity=st.integers(1, 9),
    ),
)
def test_scores_lie_between_0_and_1_and_every_match_is_inside_the_constraints(
    found: list[Product], wanted: Constraints
) -> None:
    matches = ranked(found, wanted, Preferences(liked_brands=("Acme",)))
    assert all(0 <= match.value_score <= 1 for match in matches)
    assert all(fits(match.product, wanted) for match in matches)
    assert len(matches) == sum(fits(one, wanted) for one in found)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        (Sort.CHEAPEST, lambda one: one.price_minor),
        (Sort.DEAREST, lambda one: -one.price_minor),
        (Sort.RELEVANCE, lambda _: 0),
    ],
)
def test_an_order_that_was_asked_for_goes_before_value_which_decides_among_equals(sort: Sort, key: object) -> None:
    assert callable(key)
    matches = ranked(of("Laptops"), Constraints(sort=sort), Preferences())
    keys = [(key(match.product), -match.value_score) for match in matches]
    assert len(keys) > 1
    assert keys == sorted(keys)


def test_one_enthusiast_does_not_lift_a_product_above_a_thousand_who_like_theirs() -> None:
    loved, praised = product(1000, 4.6, 1000), product(1000, 5.0, 1)
    assert [match.product for match in ranked([praised, loved], Constraints(), Preferences())] == [loved, praised]


def test_an_unrated_product_counts_as_an_average_one() -> None:
    unrated, bad, good = (
        worths([product(1000, rating, 500)], Constraints(), Preferences())[0] for rating in (None, 3.2, 4.8)
    )
    assert bad.rating < unrated.rating < good.rating


def test_what_the_shopper_is_known_to_want_lifts_a_product() -> None:
    plain, backlit = product(1000), product(1000, backlit="yes")
    known = Preferences(required=(Need("backlit", ("yes",)),))
    assert ranked([plain, backlit], Constraints(), known)[0].product == backlit


def test_a_wish_that_none_of_the_products_fulfils_lowers_none() -> None:
    known = Preferences(liked_brands=("Nobody",), required=(Need("wings", ("yes",)),))
    found = [product(1000), product(2000)]
    assert worths(found, Constraints(), known) == worths(found, Constraints(), Preferences())


def test_words_found_it_first_goes_before_words_found_it_last() -> None:
    found = [product(1000, reviews=count) for count in (10, 10, 10)]
    scores = [worth.fit for worth in worths(found, Constraints(text="thing"), Preferences())]
    assert all(one > other for one, other in pairwise(scores))


def test_price_is_that_of_who_has_enough_pieces() -> None:
    offers = (Offer("Small", 1000, 1), Offer("Large", 1500, 9))
    one = replace(product(1000), offers=offers)
    assert not ranked([one], Constraints(quantity=3, max_price_minor=1200), Preferences())
    assert ranked([one], Constraints(quantity=3, max_price_minor=1500), Preferences())
