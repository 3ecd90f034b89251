"""Who asks which of the shown products it is gets that one, by the fact; who lacks the fact is named, too."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chaffer.shopping.catalogue.products import Offer, Product
from chaffer.shopping.catalogue.searching import Constraints, Need
from chaffer.shopping.events import Intent
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.speech import advice_of
from chaffer.shopping.speech.choosing import chosen_among
from tests.support.sample_catalogue import advisory, matches, of, vocabulary

LAPTOPS = {product.product_id: product for product in of("Laptops")}
LIGHT, HEAVY = (
    next(product for product in LAPTOPS.values() if product.attributes["weight"] == weight)
    for weight in ("1.3 kg", "1.8 kg")
)
MUTE = replace(HEAVY, product_id="mute", name="Mute Book", attributes={}, rating=None, offers=())
WANTED = Constraints(category="Laptops", max_price_minor=120_000)


def chosen(text: str, *products: Product) -> tuple[str, str | None] | None:
    """Return what is said of the products, and which one is chosen."""
    found = chosen_among(products, text, vocabulary())
    return None if found is None else (found.text, found.product_id)


def test_the_lightest_is_named_with_its_weight_and_who_tells_none_is_named_too() -> None:
    told = f"Going by the weight, the {LIGHT.name} comes first: weight of 1.3 kg."
    assert chosen("which is the lightest?", HEAVY, LIGHT) == (told, LIGHT.product_id)
    assert chosen("what's the lightest one?", HEAVY, LIGHT) == (told, LIGHT.product_id)
    assert chosen("which one is lighter?", HEAVY, LIGHT) == (told, LIGHT.product_id)
    lacking = f"{told} What I know of the Mute Book does not tell it."
    assert chosen("which of them is the lightest?", HEAVY, LIGHT, MUTE) == (lacking, LIGHT.product_id)


def test_equal_ones_are_all_named_and_none_is_chosen() -> None:
    twin = replace(LIGHT, product_id="twin", name="Twin Book")
    told = f"the {LIGHT.name} and the Twin Book come first, and are alike in it: weight of 1.3 kg."
    assert chosen("which is the lightest?", LIGHT, twin, HEAVY) == (f"Going by the weight, {told}", None)


def test_price_and_rating_have_their_first_as_well() -> None:
    cheap, dear = sorted((LIGHT, HEAVY), key=lambda product: product.price_minor)
    loved = max((LIGHT, HEAVY), key=lambda product: product.rating or 0)
    for text, first in (
        ("which is cheapest?", cheap),
        ("which is cheaper?", cheap),
        ("which is the most expensive?", dear),
        ("which one has the best rating?", loved),
    ):
        told = chosen(text, LIGHT, HEAVY)
        assert told is not None
        assert (first.name in told[0], told[1]) == (True, first.product_id), text


def test_the_second_in_an_order_is_the_second_in_it_and_not_of_the_list() -> None:
    cheap, dear = sorted((LIGHT, HEAVY), key=lambda product: product.price_minor)
    dearest = replace(dear, product_id="dearest", name="Gold Book", offers=(Offer("Shop", 9_999_00, 1),))
    told = f"The second cheapest of them is the {dear.name}"
    for products in ((cheap, dear, dearest), (dearest, dear, cheap)):
        found = chosen("which is the second cheapest?", *products)
        assert found is not None
        assert (told in found[0], found[1]) == (True, dear.product_id)
    found = chosen("what's the second lightest?", LIGHT, HEAVY)
    assert found == (f"Going by the weight, the {HEAVY.name} comes second: weight of 1.8 kg.", HEAVY.product_id)
    assert chosen("which is the third cheapest?", LIGHT, HEAVY) == (
        "There is no third one in that order among them.",
        None,
    )


def test_what_none_of_them_tells_is_said_so() -> None:
    told = "I cannot tell: what I know of them does not tell their noise level."
    assert chosen("which is the quietest?", LIGHT, HEAVY) == (told, None)


def test_who_is_in_stock_is_told_with_the_pieces_and_who_is_sold_out() -> None:
    told = chosen("which of them is in stock?", LIGHT, MUTE)
    assert told == (
        f"These are in stock: the {LIGHT.name} ({LIGHT.pieces} pieces). Sold out: the Mute Book.",
        LIGHT.product_id,
    )
    assert chosen("which are left?", LIGHT, MUTE) == told
    assert chosen("which ones are available?", MUTE, replace(MUTE, product_id="other")) == (
        "None of them is in stock at the moment.",
        None,
    )


@pytest.mark.parametrize(
    "text",
    [
        "which is better?",
        "compare them",
        "how heavy is the lightest one?",
        "is it in stock?",
        "which has less weight than 2 kg?",
        "which is the cheapest under 450?",
        "which of them is not the cheapest?",
        "which one isn't the lightest?",
        "which one is on the left?",
        "what is the",
        "number 2 what is the?",
    ],
)
def test_other_questions_are_left_to_other_answers(text: str) -> None:
    assert chosen(text, LIGHT, HEAVY) is None


def test_the_answer_of_the_assistant_recommends_the_one_that_was_asked_for() -> None:
    shown = matches(Constraints(category="Laptops", max_price_minor=120_000))
    said = advice_of(advisory(WANTED, "which is cheapest?", intent=Intent.QUESTION, shown=shown))
    cheapest = min(shown, key=lambda match: match.product.price_minor).product
    assert said.product_id == cheapest.product_id
    assert said.text.startswith(f"The cheapest of them is the {cheapest.name}")


def test_a_third_that_was_not_shown_is_told_and_the_two_that_were_are_compared() -> None:
    two = matches(WANTED)[:2]
    noted = ("I showed you only 2 products.",)
    said = advice_of(
        advisory(WANTED, "compare 1 and 3", Intent.QUESTION, asked_about=two[:1], noted=noted, shown=two, matches=two)
    )
    assert said.text.startswith(noted[0])
    assert all(f"- {match.product.name}: " in said.text for match in two)


def test_after_a_search_that_found_nothing_that_is_said() -> None:
    said = advice_of(advisory(WANTED, "how do the first two differ?", Intent.QUESTION, matches=()))
    assert "last search" in said.text
    assert said.product_id is None


def test_who_asks_what_is_known_of_them_is_told_all_of_it_and_how_to_change_it() -> None:
    taste = Preferences(("Sony",), ("HP",), 90_000, "Laptops", 4.0, (Need("touchscreen", ("yes",)),))
    asked = "What do you know about me?"
    said = advice_of(advisory(WANTED, asked, Intent.SMALLTALK, preferences=taste)).text
    for fact in (
        "like Sony",
        "not want HP",
        "at most $900.00 on Laptops",
        "at least 4 stars",
        "always want touchscreen",
    ):
        assert fact in said
    assert "To change it" in said
    assert "I know nothing of your taste yet." in advice_of(advisory(WANTED, asked, Intent.SMALLTALK)).text


def test_who_asks_for_the_cheapest_too_is_told_both() -> None:
    asked = "what are my preferences? and which is the cheapest?"
    said = advice_of(advisory(WANTED, asked, Intent.QUESTION, shown=matches(WANTED)))
    assert said.text.startswith("I know nothing of your taste yet.")
    assert "The cheapest of them is" in said.text
    assert said.product_id is not None
