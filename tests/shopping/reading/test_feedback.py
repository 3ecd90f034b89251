"""What is learned of a shopper's opinions, and what it changes at once."""

from __future__ import annotations

from chaffer.shopping.catalogue.searching import Need
from chaffer.shopping.events import Intent
from chaffer.shopping.preferences import PreferenceChange, Preferences
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


def test_a_refusal_reaches_over_a_verb_to_the_brand() -> None:
    for text in (
        "I never want Sony",
        "please never show Sony again",
        "never show me anything from Sony again",
        "Sony never again",
        "I no longer like Sony",
        "I'm no longer a fan of Sony",
        "I used to like Sony but not any more",
        "je n'aime plus Sony",
        "nie wieder Sony",
    ):
        shopper = after("headphones")
        found = shopper.says(text)
        assert (found.brands, found.not_brands) == ((), ("Sony",)), text
        assert shopper.learned == PreferenceChange(dislike=("Sony",)), text


def test_a_brand_that_is_ruled_out_for_now_is_left_out_and_not_learned() -> None:
    for text in ("rule out Sony", "I won't buy Sony again", "stop recommending Sony", "I don't want to see Sony"):
        shopper = after("headphones")
        assert shopper.says(text).not_brands == ("Sony",), text
        assert shopper.learned.is_empty, text


def test_whoever_wants_nothing_but_a_brand_wants_it() -> None:
    for text in ("I do not want anything but Sony", "nothing but Sony", "I never buy anything other than Sony"):
        found = after("headphones").says(text)
        assert (found.brands, found.not_brands) == (("Sony",), ()), text


def test_what_is_denied_or_taken_back_of_a_brand_is_forgotten() -> None:
    for text in ("I don't dislike Sony", "forget that I dislike Sony", "I no longer hate Sony", "I used to hate Sony"):
        shopper = after("headphones", "I hate Sony")
        assert shopper.says(text).not_brands == (), text
        assert shopper.preferences == Preferences(), text
    for text in ("forget that I like Bose", "I used to love Bose"):
        shopper = after("headphones", "I love Bose")
        found = shopper.says(text)
        assert (found.brands, found.not_brands, shopper.preferences) == ((), (), Preferences()), text
    assert after("headphones", "don't forget that I like Bose").preferences.liked_brands == ("Bose",)


def test_a_bound_behind_a_brand_is_no_refusal() -> None:
    for text in ("Sony but no more than 300", "Sony, but not any more than 300"):
        found = after("headphones").says(text)
        assert (found.brands, found.not_brands, found.max_price_minor) == (("Sony",), (), 30_000), text


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


def test_a_budget_that_is_said_for_good_is_learned() -> None:
    for text in ("remember that my budget for headphones is 120", "my budget for headphones is always 120"):
        shopper = after("headphones under 400")
        assert shopper.says(text).max_price_minor == 12_000, text
        assert shopper.learned == PreferenceChange(max_budget_minor=12_000, budget_category="Headphones"), text


def test_the_brand_as_a_reason_is_learned_and_left_out() -> None:
    shopper = after("smartphone with 5g")
    brand = shopper.recommended.brand
    assert shopper.says("I don't like this because Brand").not_brands == (brand,)
    assert shopper.noted == (f"I left out {brand}.",)
    assert shopper.learned == PreferenceChange(dislike=(brand,))


def test_a_rejection_without_a_reason_leaves_out_the_product_alone_says_so_and_learns_nothing() -> None:
    for text in ("I don't like it", "not for me", "meh", "it is ugly", "I don't like this because Features"):
        shopper = after("laptop")
        refused = shopper.recommended
        found = shopper.says(text)
        assert (found.not_products, found.not_brands) == ((refused.product_id,), ()), text
        assert shopper.noted[0].startswith(f"I left out the {refused.name}."), text
        assert shopper.learned.is_empty, text
        assert refused.product_id not in {match.product.product_id for match in shopper.shown}, text


def test_what_is_refused_stays_out_until_a_new_search() -> None:
    shopper = after("laptop")
    first = shopper.recommended.product_id
    shopper.says("I don't like it")
    second = shopper.shown[1].product.product_id
    assert shopper.says("I don't like the second one").not_products == (first, second)
    assert shopper.says("under 2000").not_products == (first, second)
    everything = tuple(match.product.product_id for match in shopper.shown)
    assert shopper.says("I don't like any of these").not_products == (first, second, *everything)
    assert shopper.says("headphones").not_products == ()


def test_an_attribute_that_is_not_liked_is_left_out_as_it_is_there() -> None:
    for text in (
        "I don't like the color",
        "I don't like this because Color",
        "hate its colour",
        "the color is ugly",
        "not for me because of the color",
    ):
        shopper = after("headphones")
        color = shopper.recommended.attributes["color"]
        assert shopper.says(text).needs == (Need("color", (color,), excluded=True),), text
        assert shopper.intent is Intent.FEEDBACK, text
        assert shopper.constraints is not None
        assert (shopper.constraints.text, shopper.constraints.not_products) == ("", ()), text
        assert shopper.noted == (f"I left out what has “color: {color}”.",), text
        assert shopper.learned.is_empty, text
    shopper = after("headphones")
    colors = [shopper.recommended.attributes["color"]]
    shopper.says("I don't like the color")
    colors.append(shopper.recommended.attributes["color"])
    assert shopper.says("I don't like the color").needs == (Need("color", tuple(colors), excluded=True),)
    shopper = after("laptop")
    assert shopper.says("I don't like the weight").needs == (Need("weight", (), 1800, 1800, "g", excluded=True),)
    assert shopper.says("I like the color but I don't like the screen size").needs[-1].name == "screen size"
    assert shopper.learned.is_empty


def test_a_value_that_was_wished_for_is_not_turned_round_by_a_fault() -> None:
    shopper = after("black or white headphones")
    color = shopper.recommended.attributes["color"]
    (other,) = {"black", "white"} - {color}
    assert shopper.says("I don't like the color").needs == (of("color", other),)
    refused = shopper.recommended
    found = shopper.says("I don't like the color")
    assert (found.needs, found.not_products) == ((of("color", other),), (refused.product_id,))


def test_a_fault_that_nothing_tells_leaves_out_the_product_and_is_said() -> None:
    for text in (
        "too heavy",
        "I don't like this because it's too heavy",
        "too small",
        "I don't like the sound",
        "don't like the headphones",
    ):
        shopper = after("headphones")
        refused = shopper.recommended
        found = shopper.says(text)
        assert (found.needs, found.not_products) == ((), (refused.product_id,)), text
        assert shopper.noted == (f"I have nothing to go by there, so I left out the {refused.name}.",), text


def test_a_critique_that_changes_nothing_is_told_as_that() -> None:
    told = []
    shopper = after("headphones")
    for _ in range(2):
        shopper.says("I don't like Sony")
        told.append(shopper.noted)
    assert told == [(), ("That was left out already.",)]


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
    shopper = after("headphones")
    assert shopper.says("I don't like the color black").needs == (Need("color", ("black",), excluded=True),)
    shopper = after("keyboard")
    shopper.says("I hate wired ones")
    assert shopper.learned == PreferenceChange(require=(Need("connection", ("wired",), excluded=True),))


def test_a_search_with_a_liking_in_it_is_a_search() -> None:
    shopper = Shopper()
    assert shopper.says("I need headphones, I like Sony").brands == ("Sony",)
    assert shopper.intent is Intent.SEARCH
