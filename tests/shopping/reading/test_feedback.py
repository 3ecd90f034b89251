"""What is learned of a shopper's opinions, and what it changes at once."""

from __future__ import annotations

from chaffer.shopping.catalogue.searching import Need
from chaffer.shopping.events import Intent
from chaffer.shopping.preferences import PreferenceChange
from tests.support.shoppers import Shopper, of


def after(*texts: str) -> Shopper:
    shopper = Shopper()
    shopper.says(*texts)
    assert shopper.intent.searches
    return shopper


def test_brands_are_learned_as_liked_and_disliked() -> None:
    for text in ("I don't like Sony", "I hate Sony", "Sony sucks", "not a fan of Sony", "never show me Sony again"):
        shopper = after("headphones")
        found = shopper.says(text)
        assert shopper.intent is Intent.FEEDBACK, text
        assert shopper.learned == PreferenceChange(dislike=("Sony",)), text
        assert found.not_brands == ("Sony",), text
    for text in ("I love Bose", "I like Bose", "Bose is great", "I'm a big fan of Bose"):
        shopper = after("headphones")
        found = shopper.says(text)
        assert shopper.learned == PreferenceChange(like=("Bose",)), text
        assert (found.brands, found.not_brands) == ((), ()), text


def test_too_expensive_is_learned_as_a_budget_just_below() -> None:
    for text in ("That's too expensive", "too pricey", "I don't like this because Price", "it costs too much"):
        shopper = after("creative laptop")
        price = shopper.recommended.price_minor
        found = shopper.says(text)
        assert shopper.learned == PreferenceChange(max_budget_minor=price - 1, budget_category="Laptops"), text
        assert found.max_price_minor == price - 1, text


def test_a_stated_limit_goes_before_the_price_that_was_too_much() -> None:
    shopper = after("desk chair")
    assert shopper.says("too expensive, my limit is 200").max_price_minor == 20_000
    assert shopper.learned == PreferenceChange(max_budget_minor=20_000, budget_category="Office Chairs")


def test_the_brand_as_a_reason_is_learned_and_left_out() -> None:
    shopper = after("smartphone with 5g")
    brand = shopper.recommended.brand
    assert shopper.says("I don't like this because Brand").not_brands == (brand,)
    assert shopper.learned == PreferenceChange(dislike=(brand,))


def test_a_rejection_without_a_reason_shows_another_brand_and_learns_nothing() -> None:
    for text in ("I don't like it", "not for me", "I don't like this because Features", "meh"):
        shopper = after("laptop")
        brand = shopper.recommended.brand
        assert shopper.says(text).not_brands == (brand,), text
        assert shopper.learned.is_empty, text


def test_praise_teaches_the_brand_of_what_it_is_for() -> None:
    shopper = after("coffee machine")
    second = shopper.shown[1].product.brand
    shopper.says("I love it")
    assert shopper.learned == PreferenceChange(like=(shopper.recommended.brand,))
    shopper.says("I like the second one")
    assert shopper.learned == PreferenceChange(like=(second,))


def test_faults_are_mended_in_this_search_alone() -> None:
    shopper = after("waterproof backpack")
    found = shopper.says("too heavy")
    assert shopper.intent is Intent.FEEDBACK
    assert [need.name for need in found.needs] == ["waterproof", "weight"]
    assert shopper.learned.is_empty
    shopper = after("laptop")
    assert shopper.says("the screen is too small").needs[0].name == "screen size"
    assert shopper.says("not enough memory").needs[1].name == "memory"


def test_bad_reviews_teach_a_least_rating() -> None:
    shopper = after("headphones")
    shopper.says("the ratings are too low")
    assert shopper.learned == PreferenceChange(min_rating=4.0)


def test_what_is_always_needed_or_hated_is_learned_as_a_need() -> None:
    shopper = after("mouse")
    shopper.says("I always need wireless")
    assert shopper.learned == PreferenceChange(require=(of("connection", "wireless"),))
    assert shopper.says("mechanical keyboard").needs == (of("switch", "mechanical"), of("connection", "wireless"))
    shopper = after("keyboard")
    shopper.says("I hate wired ones")
    assert shopper.learned == PreferenceChange(require=(Need("connection", ("wired",), excluded=True),))


def test_a_search_with_a_liking_in_it_is_a_search() -> None:
    shopper = Shopper()
    assert shopper.says("I need headphones, I like Sony").brands == ("Sony",)
    assert shopper.intent is Intent.SEARCH
