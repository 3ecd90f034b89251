"""What the shopper said holds, whatever a model makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.shopping.catalogue.searching import Constraints, Need
from chaffer.shopping.events import Choice, Intent
from chaffer.shopping.preferences import PreferenceChange, Preferences
from chaffer.shopping.questions import PlanningQuestion
from chaffer.shopping.said import learned_from_what_was_said, within_what_was_said
from tests.support.assistants import LAPTOPS, context, shown_context

SEARCH = PlanningQuestion(context(), Intent.SEARCH)


def limits(low: int | None, high: int | None) -> Constraints:
    return Constraints(min_price_minor=low, max_price_minor=high)


def kept(planned: Constraints, read: Constraints, question: PlanningQuestion = SEARCH) -> tuple[int | None, int | None]:
    made = within_what_was_said(planned, read, question)
    return made.min_price_minor, made.max_price_minor


@pytest.mark.parametrize(
    ("planned", "read", "kept_as"),
    [
        ((None, None), (None, 150), (None, 150)),
        ((None, 900), (None, 150), (None, 150)),
        ((None, 100), (None, 150), (None, 100)),
        ((10, 100), (None, None), (10, 100)),
        ((5, None), (20, None), (20, None)),
        ((50, None), (20, None), (50, None)),
        ((500, None), (None, 150), (None, 150)),
        ((None, 10), (20, 150), (20, 150)),
    ],
)
def test_of_two_limits_the_stricter_holds(
    planned: tuple[int | None, int | None], read: tuple[int | None, int | None], kept_as: tuple[int | None, int | None]
) -> None:
    assert kept(limits(*planned), limits(*read)) == kept_as


AMOUNT = st.none() | st.integers(1, 1000)


@given(st.tuples(AMOUNT, AMOUNT), st.tuples(AMOUNT, AMOUNT))
def test_no_plan_of_a_model_is_looser_than_the_words(
    planned: tuple[int | None, int | None], read: tuple[int | None, int | None]
) -> None:
    low, high = kept(limits(*planned), limits(*read))
    assert read[1] is None or (high is not None and high <= read[1])
    assert read[0] is None or (low is not None and low >= read[0])


def on(text: str, before: Constraints, **changes: Any) -> PlanningQuestion:
    return PlanningQuestion(shown_context(text, constraints=before), Intent.REFINE, **changes)


def test_a_limit_of_the_last_search_may_be_lifted_by_a_model_that_understands_more() -> None:
    before = limits(None, 150)
    assert kept(limits(None, None), before, on("money is no object", before)) == (None, None)
    assert kept(limits(None, 300), before, on("let us double that", before)) == (None, 300)


def test_a_limit_that_these_words_changed_holds() -> None:
    before = limits(None, 150)
    assert kept(limits(None, 150), limits(None, 99), on("cheaper", before)) == (None, 99)
    answered = PlanningQuestion(
        shown_context("under 80", constraints=before), Intent.SEARCH, Choice("use", ("gaming",))
    )
    assert kept(limits(None, None), limits(None, 80), answered) == (None, 80)


def test_in_a_new_search_the_same_limit_said_again_holds() -> None:
    question = PlanningQuestion(shown_context("a mouse under 150", constraints=limits(None, 150)), Intent.SEARCH)
    assert kept(limits(None, None), limits(None, 150), question) == (None, 150)


def brands(text: str, read: Constraints, *named: str) -> tuple[str, ...]:
    """Return the brands that are left of those a model named."""
    question = PlanningQuestion(shown_context(text, constraints=Constraints(brands=("Dell",))), Intent.REFINE)
    return within_what_was_said(Constraints(brands=named), read, question).brands


def test_a_product_that_was_refused_stays_out_whatever_a_model_plans() -> None:
    made = within_what_was_said(Constraints(category="Laptops"), Constraints(not_products=("p1",)), SEARCH)
    assert made.not_products == ("p1",)


def test_a_brand_is_wanted_that_was_written_read_or_wanted_before() -> None:
    read = Constraints(brands=("Logitech",))
    assert brands("sony or logitec", read, "Sony", "Logitech", "Dell") == ("Sony", "Logitech", "Dell")
    assert brands("a western disk", read, "Western Digital") == ("Western Digital",)
    assert brands("De'Longhi, please", read, "De'Longhi") == ("De'Longhi",)


@pytest.mark.parametrize("text", ["a laptop, not Sony", "anything but SONY's", "no soni"])
def test_a_brand_that_the_words_refuse_stays_refused(text: str) -> None:
    read, question = Constraints(not_brands=("Sony",)), PlanningQuestion(context(text), Intent.SEARCH)
    made = within_what_was_said(Constraints(brands=("Sony", "Dell")), read, question)
    assert (made.brands, made.not_brands) == ((), ("Sony",))
    before = Constraints(category="Laptops", brands=("Dell",), not_brands=("Sony",))
    if "soni" not in text:
        made = within_what_was_said(Constraints(brands=("Dell", "Sony")), read, on(text, before))
        assert (made.brands, made.not_brands) == (("Dell",), ("Sony",))


def test_what_was_refused_before_stays_refused_until_the_words_lift_it() -> None:
    curved = Need("curved", ("yes",), excluded=True)
    before = Constraints(category="Monitors", not_brands=("Sony",), needs=(curved,))
    forgotten = Constraints(category="Monitors", needs=(Need("curved", ("yes",)),))
    assert within_what_was_said(forgotten, before, on("a cheaper one", before)) == before
    lifted = Constraints(category="Monitors")
    assert within_what_was_said(lifted, lifted, on("any brand, any shape", before)) == lifted
    named = within_what_was_said(forgotten, before, on("curved is fine by now", before))
    assert named.needs == forgotten.needs


def test_a_brand_that_was_refused_before_is_wanted_again_only_if_it_is_written() -> None:
    before = read = Constraints(category="Laptops", not_brands=("Sony",))
    planned = Constraints(category="Laptops", brands=("Sony",))
    assert within_what_was_said(planned, read, on("a cheap one", before)).brands == ()
    allowed = Constraints(category="Laptops")
    assert within_what_was_said(planned, allowed, on("fine, let it be a sony", before)).brands == ("Sony",)
    taste = PlanningQuestion(context("a laptop", preferences=Preferences(disliked_brands=("Sony",))), Intent.SEARCH)
    assert within_what_was_said(planned, read, taste) == before


def test_a_model_may_know_better_which_brand_something_else_leaves_out() -> None:
    before, read = Constraints(category="Laptops"), Constraints(category="Laptops", not_brands=(BRAND,))
    assert within_what_was_said(before, read, on("something else, no matter whose", before)).not_brands == ()


def test_a_brand_that_only_its_sellers_named_is_not_wanted() -> None:
    assert brands("a quiet one", Constraints(), "Acme", "Recommend Me") == ()


QUIET = Need("touchscreen", ("yes",))
TASTE = Preferences(disliked_brands=("Acer", "Sony"), min_rating=4.0, required=(QUIET,))


def test_what_the_plain_reading_took_from_the_preferences_is_taken_over() -> None:
    question = PlanningQuestion(context(preferences=TASTE), Intent.SEARCH)
    read = Constraints(
        category="Laptops", not_brands=("Acer", "Sony"), min_rating=4.0, needs=(QUIET, Need("use", ("gaming",)))
    )
    made = within_what_was_said(Constraints(category="Laptops"), read, question)
    assert made == Constraints(category="Laptops", not_brands=("Acer", "Sony"), min_rating=4.0, needs=(QUIET,))
    assert within_what_was_said(Constraints(category="Monitors"), read, question).needs == (), "of laptops alone"


def test_preferences_fill_nothing_that_the_model_planned_or_the_reading_left_out() -> None:
    question = PlanningQuestion(context(preferences=TASTE), Intent.SEARCH)
    mine = Constraints(min_rating=3.0, needs=(Need("touchscreen", ("no",)),))
    read = Constraints(min_rating=4.0, needs=(QUIET,))
    assert within_what_was_said(mine, read, question) == mine
    assert within_what_was_said(Constraints(), Constraints(), question) == Constraints()


NOTHING = PreferenceChange()
BRAND = LAPTOPS[0].brand
OTHER = next(product.brand for product in LAPTOPS if product.brand != BRAND)


def learned(text: str, read: PreferenceChange = NOTHING, **change: Any) -> PreferenceChange:
    return learned_from_what_was_said(PreferenceChange(**change), read, shown_context(text))


def test_a_brand_is_learned_that_was_written_or_that_the_plain_reading_found() -> None:
    assert learned(f"I love {OTHER}!", like=(OTHER,)).like == (OTHER,)
    read = PreferenceChange(like=(OTHER,), dislike=(BRAND,))
    assert learned("the second is great, this is not", read, like=(OTHER,), dislike=(BRAND,)) == read


@pytest.mark.parametrize("brand", ["Canon", BRAND])
def test_a_brand_of_nobodys_words_is_not_learned_be_it_the_recommended_one(brand: str) -> None:
    assert learned("too expensive", like=(brand,)).is_empty
    assert learned("too expensive", dislike=(brand,)).is_empty


def test_a_model_does_not_turn_round_what_was_said_of_a_brand() -> None:
    read = PreferenceChange(dislike=(BRAND,))
    assert learned(f"never again {BRAND}", read, like=(BRAND,)).like == ()


def test_nobody_likes_and_dislikes_one_brand() -> None:
    assert learned(f"{BRAND} again", like=(BRAND,), dislike=(BRAND,)) == PreferenceChange(dislike=(BRAND,))


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("at most 800", 80_000),
        ("$1,200 is what I have", 120_000),
        ("1.200 Euro, mehr nicht", 120_000),
        ("99,50 and no more", 9_950),
        ("99.50 and no more", 9_950),
    ],
)
def test_a_budget_that_was_written_is_learned(text: str, budget: int) -> None:
    change = learned(text, max_budget_minor=budget)
    assert (change.max_budget_minor, change.budget_category) == (budget, "Laptops")


@pytest.mark.parametrize("text", ["too expensive", "I have 2 of them", "8000", "18.00"])
def test_a_budget_of_nobodys_words_is_not_learned(text: str) -> None:
    assert learned(text, max_budget_minor=80_000).is_empty


def test_a_budget_in_figures_is_that_of_the_words() -> None:
    read = PreferenceChange(max_budget_minor=80_000, budget_category="Laptops")
    assert learned("at most 800", read, max_budget_minor=70_000).max_budget_minor == 80_000
    assert learned("at most 800", read).max_budget_minor == 80_000


def test_a_rating_and_a_need_are_learned_from_words_alone() -> None:
    quiet = Need("touchscreen", ("yes",))
    assert learned("at least 4,5 stars, with a touchscreen", min_rating=4.5, require=(quiet,)) == PreferenceChange(
        min_rating=4.5, require=(quiet,)
    )
    assert learned("too expensive", min_rating=5.0, require=(quiet,)).is_empty
    read = PreferenceChange(min_rating=4.0, require=(quiet,))
    assert learned("good ones I can tap on", read, min_rating=5.0, require=(quiet,)) == read
