"""The built-in assistant's words: true whole, varied by the seed, and what a person can act on."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chaffer.shopping.built_in import BuiltInAssistant
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Need, Sort
from chaffer.shopping.catalogue.units import folded_text, measure_of, span_of
from chaffer.shopping.events import Choice, Intent, Match, Relaxation
from chaffer.shopping.facts import Striker, facts_of_advice, facts_of_clarification
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import RULES, AdvisoryQuestion, ClarificationQuestion
from chaffer.shopping.speech import advice_of, clarification_of, reasoning
from chaffer.vendors import BUILTIN
from tests.support.model_calls import Remembered
from tests.support.sample_catalogue import advisory, context, matches, products

GAMING: Final = Constraints(category="Laptops", max_price_minor=150_000, needs=(Need("use", ("gaming",)),))
QUESTIONS: Final = (
    "how much is it?",
    "who sells it?",
    "is it in stock?",
    "how is it rated?",
    "tell me more",
    "how heavy is it and how long does the battery last?",
    "does it have a touchscreen, noise cancelling and a milk frother?",
    "which color is it?",
)


def true(question: AdvisoryQuestion) -> str:
    """Return the answer, of which no sentence may be struck."""
    said = advice_of(question)
    striker = Striker(facts_of_advice(question, said.product_id))
    assert striker.feed(said.text) + striker.finish() == said.text
    assert not striker.struck
    return said.text


def need_of(product: Product, name: str) -> Need:
    text = product.attributes[name]
    measure = measure_of(text)
    if measure is None or not measure.unit:
        return Need(folded_text(name), (folded_text(text),))
    least, most = span_of(measure)
    return Need(folded_text(name), (), least, most, measure.unit)


@st.composite
def searches(draw: st.DrawFn) -> Constraints:
    product = draw(st.sampled_from(products()))
    names = draw(st.lists(st.sampled_from(sorted(product.attributes)), max_size=2, unique=True))
    above = draw(st.none() | st.integers(0, 50_000))
    return Constraints(
        category=product.category,
        brands=draw(st.sampled_from([(), (product.brand,)])),
        max_price_minor=None if above is None else product.price_minor + above,
        needs=tuple(need_of(product, name) for name in names),
        quantity=draw(st.integers(1, 3)),
        in_stock=draw(st.booleans()),
        sort=draw(st.sampled_from(Sort)),
    )


@settings(max_examples=60, deadline=None)
@given(searches(), st.integers(0, 99), st.integers(0, 9), st.lists(st.sampled_from(products()), max_size=3))
def test_recommendations_name_nothing_that_is_not_true(
    wanted: Constraints, seed: int, turn: int, liked: list[Product]
) -> None:
    known = Preferences(liked_brands=tuple(one.brand for one in liked))
    question = advisory(wanted, seed=seed, turn=turn, preferences=known)
    text = true(question)
    assert advice_of(question).product_id == (question.matches[0].product.product_id if question.matches else None)
    assert not re.search(r"[{}]| {2}|\.\.", text)


@settings(max_examples=60, deadline=None)
@given(searches(), st.data(), st.sampled_from(QUESTIONS))
def test_answers_and_comparisons_name_nothing_that_is_not_true(
    wanted: Constraints, data: st.DataObject, asked: str
) -> None:
    found = matches(wanted)
    about = (
        data.draw(st.lists(st.sampled_from(found), max_size=4, unique_by=lambda one: one.product.product_id))
        if found
        else []
    )
    for intent in (Intent.QUESTION, Intent.BUY):
        question = advisory(
            wanted, asked, intent, asked_about=tuple(about), shown=found, turn=data.draw(st.integers(0, 9))
        )
        assert true(question)


def test_what_was_asked_for_in_the_specification_is_recommended_with_reasons() -> None:
    question = advisory(GAMING, "I need a gaming laptop under $1500")
    said = advice_of(question)
    best = question.matches[0].product
    assert said.product_id == best.product_id
    assert all(part in said.text for part in (best.name, "$1,011.99", "rated 4.2 of 5 by 49 people", "made for gaming"))
    assert "$488.01" in said.text
    assert any(match.product.name in said.text for match in question.matches[1:])


def test_another_value_than_a_refused_one_is_not_told_as_a_wish() -> None:
    refused = Need("color", ("white",), excluded=True)
    text = true(advisory(Constraints(category="Headphones", needs=(refused, Need("type", ("over-ear",))))))
    assert "over-ear" in text
    assert "color" not in text.partition("Against it")[0]
    flat = Constraints(category="Monitors", needs=(Need("curved", ("yes",), excluded=True),))
    assert "not curved" in true(advisory(flat))


def test_the_first_by_an_attribute_is_told_by_it() -> None:
    wanted = replace(GAMING, sort=Sort.LEAST, sort_by="weight")
    found = matches(wanted)
    weights = [measure_of(match.product.attributes["weight"]) for match in found]
    assert weights == sorted(weights, key=lambda weight: 0 if weight is None else weight.number)
    text = true(advisory(wanted, matches=found))
    assert f"weight of {found[0].product.attributes['weight']}" in text


def test_the_reasoning_tells_the_parts_of_the_score_in_one_line() -> None:
    question = advisory(GAMING)
    match = question.matches[0]
    line = reasoning(question, match.product.product_id)
    parts = [float(part) for part in re.findall(r"× ([\d.]+) ", line)]
    assert line.startswith(f"Value score {match.value_score:.2f} = ")
    assert parts == [round(part, 2) for part in (match.worth.price, match.worth.rating, match.worth.fit)]
    assert reasoning(question, None) == "No product is recommended."


def test_where_nothing_fits_nothing_is_recommended_and_the_shopper_reads_what_to_give_up() -> None:
    relaxations = (Relaxation("the limit of $1.00", 50), Relaxation("the brand Sony", 1))
    said = advice_of(advisory(Constraints(category="Mice", max_price_minor=100), relaxations=relaxations))
    assert said.product_id is None
    assert "the limit of $1.00" in said.text
    assert "50 products would fit" in said.text
    assert "1 product would fit" in said.text


def test_who_named_but_one_thing_that_is_not_there_reads_its_name() -> None:
    question = dataclasses.replace(advisory(Constraints(text="desk lamp")), matches=(), total=0)
    assert "“desk lamp”" in advice_of(question).text


def test_what_was_understood_otherwise_is_said_first() -> None:
    said = advice_of(advisory(GAMING, noted=("I read € as USD.",), corrected="laptop"))
    assert said.text.startswith("I read € as USD. ")
    assert "“laptop”" in said.text


def test_two_products_are_compared_attribute_by_attribute() -> None:
    found = matches(Constraints(category="Laptops"))
    one, other = found[0].product, found[1].product
    text = true(
        advisory(
            Constraints(category="Laptops"), "how do the first two differ?", Intent.QUESTION, asked_about=found[:2]
        )
    )
    assert one.name in text
    assert other.name in text
    for name, value in one.attributes.items():
        assert (f"- {name}: " in text) is (other.attributes.get(name) != value)
        assert value in text or (measure_of(value) is not None and name == "screen size") or value in {"yes", "no"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Does it have a touchscreen?", "No, the Dell G15 16 GB 512 GB has no touchscreen."),
        ("how heavy is it?", "weight of 2.5 kg"),
        ("How much RAM does it have?", "16 GB of memory"),
        ("how much is it?", "costs $1,011.99 at Bargain Barn"),
        ("who sells it?", "at Harbour & Sons for $1,125.99 (25 in stock)"),
        ("is it still available?", "78 pieces are in stock at 4 sellers"),
        ("what do people say in reviews?", "rated 4.2 of 5 by 49 people"),
        ("is it good for gaming?", "made for gaming"),
        ("does it have 32 GB?", "16 GB of memory"),
        ("is it waterproof?", "waterproof"),
    ],
)
def test_a_question_about_a_product_gets_the_answer_to_it(asked: str, expected: str) -> None:
    found = matches(GAMING)
    dell = next(match for match in found if match.product.name == "Dell G15 16 GB 512 GB")
    question = advisory(GAMING, asked, Intent.QUESTION, asked_about=(dell,), shown=found)
    assert expected in true(question)
    assert advice_of(question).product_id == dell.product.product_id


@pytest.mark.parametrize("sort", [Sort.RELEVANCE, Sort.CHEAPEST])
def test_who_asks_why_is_told_the_reasons(sort: Sort) -> None:
    wanted = replace(GAMING, sort=sort)
    found = matches(wanted)
    given = {"matches": found, "shown": found, "recommended_id": found[0].product.product_id}
    text = true(advisory(wanted, "why?", Intent.QUESTION, asked_about=found[:1], **given))
    assert found[0].product.name in text
    assert "made for gaming" in text
    assert "of $1,500" in text
    other = true(advisory(wanted, "why not the second one?", Intent.QUESTION, asked_about=found[1:2], **given))
    assert all(match.product.name in other for match in found[:2])


def test_what_the_catalogue_does_not_tell_is_not_invented() -> None:
    found = matches(GAMING)
    lean = replace(found[0], product=replace(found[0].product, attributes={}))
    text = true(advisory(GAMING, "does it have a touchscreen?", Intent.QUESTION, asked_about=(lean,), matches=(lean,)))
    assert re.search(r"does not (?:say|tell)", text)


@pytest.mark.parametrize("intent", [Intent.QUESTION, Intent.BUY])
def test_who_means_a_product_that_was_not_shown_is_asked_which_one(intent: Intent) -> None:
    one, *_ = found = matches(GAMING)[:1]
    told = ("I showed you only one product.",)
    given = {"matches": found, "shown": found, "recommended_id": one.product.product_id, "noted": told}
    question = advisory(GAMING, "the third one", intent, **given)
    assert true(question).startswith(told[0])
    assert advice_of(question).product_id is None
    both = advisory(GAMING, "the first two", Intent.QUESTION, asked_about=found, **given)
    assert true(both).startswith(told[0])
    assert one.product.name in true(both)
    assert advice_of(both).product_id == one.product.product_id


def test_what_is_sold_out_everywhere_is_told_and_not_sold() -> None:
    sold_out = next(product for product in products() if not product.pieces)
    wanted = Constraints(category=sold_out.category, brands=(sold_out.brand,), in_stock=False)
    gone = tuple(match for match in matches(wanted) if match.product == sold_out) or (
        replace(matches(wanted)[0], product=sold_out),
    )
    assert re.search("out of stock|sold out", true(advisory(wanted, matches=gone, total=1)))
    assert "sold out" in true(advisory(wanted, "I take it", Intent.BUY, matches=gone, shown=gone))


def test_who_wants_to_buy_is_told_how_to_haggle_and_with_how_many() -> None:
    text = true(advisory(GAMING, "I take it", Intent.BUY, asked_about=matches(GAMING)[:1]))
    assert "negotiation" in text
    assert "4 sellers" in text


@pytest.mark.parametrize("intent", [Intent.QUESTION, Intent.BUY])
def test_before_anything_was_shown_the_shopper_is_asked_what_they_need(intent: Intent) -> None:
    said = advice_of(advisory(GAMING, "how much is it?", intent, matches=()))
    assert said.product_id is None
    assert said.text.endswith("?")


def test_who_asks_is_told_that_there_is_no_model() -> None:
    said = advice_of(advisory(GAMING, "are you a robot?", Intent.SMALLTALK))
    assert "no language model" in said.text


@pytest.mark.parametrize("intent", [Intent.SMALLTALK, Intent.THANKS, Intent.OFF_TOPIC])
def test_small_talk_recommends_nothing_and_names_no_product(intent: Intent) -> None:
    for turn in range(6):
        said = advice_of(advisory(GAMING, "hm", intent, turn=turn, shown=matches(GAMING)))
        assert said.product_id is None
        assert not any(match.product.brand in said.text for match in matches(GAMING))


def test_the_same_seed_says_the_same_and_turns_next_to_each_other_do_not() -> None:
    texts = [advice_of(advisory(GAMING, turn=turn)).text for turn in range(6)]
    assert texts == [advice_of(advisory(GAMING, turn=turn)).text for turn in range(6)]
    assert all(one.split(":")[0] != other.split(":")[0] for one, other in pairwise(texts))
    assert len({advice_of(advisory(GAMING, seed=seed)).text for seed in range(20)}) > 10


CHOICES: Final = (
    (Choice("screen size", ("15 in", "17 in")), ("15-inch", "17-inch"), "15-inch or 17-inch screens"),
    (Choice("memory", ("16 GB", "32 GB")), ("16 GB or more", "32 GB or more"), "memory"),
    (Choice("curved", ("yes", "no")), ("Yes", "No"), "curved"),
    (Choice("noise cancelling", ("yes", "no")), ("Yes", "No"), "noise cancelling"),
    (Choice("use", ("gaming", "office")), ("gaming", "office"), "gaming or office"),
    (Choice("layout", ("full size", "tenkeyless", "60%")), ("full size", "tenkeyless", "60%"), "tenkeyless"),
    (Choice("category", ("Laptops", "Mice")), ("Laptops", "Mice"), "something else"),
    (Choice("brand", ("Dell", "HP")), ("Dell", "HP"), "Dell or HP"),
)


@pytest.mark.parametrize(
    ("choice", "labels", "part"), CHOICES, ids=lambda one: one.name if isinstance(one, Choice) else ""
)
def test_a_question_names_its_choice_and_has_a_label_for_each_value(
    choice: Choice, labels: tuple[str, ...], part: str
) -> None:
    for turn in range(3):
        question = ClarificationQuestion(context(turn=turn), choice, Constraints())
        asked = clarification_of(question)
        assert asked.options == labels
        assert part in asked.message
        assert asked.message.endswith("?")
        assert Striker(facts_of_clarification(question)).is_true(asked.message)


def test_the_built_in_assistant_says_as_its_message_what_it_returns() -> None:
    voice = Remembered()
    question = advisory(GAMING, "I need a gaming laptop under $1500")
    advice = asyncio.run(BuiltInAssistant().advise(question, voice))
    assert voice.said == [{0: advice.text}]
    assert (advice.making.provider, advice.making.model, advice.struck) == (BUILTIN, RULES, 0)
    assert advice.reasoning == reasoning(question, advice.product_id)
    assert advice.product_id is not None


def test_it_speaks_word_by_word_where_it_has_a_pace() -> None:
    voice = Remembered()
    asyncio.run(BuiltInAssistant(chars_per_second=1_000_000).advise(advisory(GAMING), voice))
    assert len(voice.deltas) > 20
    assert "".join(voice.deltas) == advice_of(advisory(GAMING)).text


def test_a_recommended_product_is_the_best_of_what_fits() -> None:
    found: tuple[Match, ...] = matches(GAMING)
    assert advice_of(advisory(GAMING)).product_id == max(found, key=lambda one: one.value_score).product.product_id
