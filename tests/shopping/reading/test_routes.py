"""What a shopper wants with a sentence, and which products they mean by it."""

from __future__ import annotations

import pytest

from chaffer.shopping.events import Intent
from chaffer.shopping.reading import noted_places
from tests.support.shoppers import Shopper

FIRST = {
    Intent.SEARCH: (
        "I need a gaming laptop under $1500",
        "headphones",
        "hi! could you please help me find headphones?",
        "which laptop is best for students under 700?",
        "do you have wireless keyboards?",
        "I want to buy a laptop",
        "order two monitors",
        "i need something nice for my dad",
        "red shoes",
        "I would like to purchase an espresso machine. It should have a milk frother.",
        "something nice",
        "something for my mum",
        "gift for dad",
        "hi, something nice please",
        "surprise me",
        "I'm bored",
        "meh",
        "more",
        "what are my preferences? then find me headphones under 100",
        "show me my preferences and then a laptop under 500",
        "list my preferences: Dell, under 900",
    ),
    Intent.SMALLTALK: ("hello", "how are you?", "what can you do?", "???", "ok"),
    Intent.THANKS: ("thanks!", "merci beaucoup"),
    Intent.OFF_TOPIC: ("what's the weather like?", "tell me a joke", "who is the president of France?"),
    Intent.FEEDBACK: ("I like Sony",),
}
LATER = {
    Intent.SEARCH: (
        "show me keyboards",
        "now a monitor under 300",
        "I'm looking for a guitar",
        "and a backpack?",
        "a toaster",
        "a 100 inch TV",
        "I need running shoes",
        "show me a red scarf",
    ),
    Intent.REFINE: (
        "cheaper",
        "only Dell",
        "under 800",
        "with 32 GB",
        "are there any cheaper ones?",
        "what about Asus?",
        "only laptops with 32 GB",
        "something else",
        "any brand",
        "ok thanks, but show me cheaper ones",
        "do you have something in black?",
        "with rgb",
        "for travelling",
        "left-handed",
        "more",
        "show me 5 more",
        "can I see more?",
        "the next ones please",
        "surprise me",
        "something nice",
        "an HDMI port",
        "a webcam",
        "I need a webcam",
        "a newer model",
        "some discount",
        "a longer guarantee",
        "a quiet fan",
        "I want some bananas",
    ),
    Intent.FEEDBACK: (
        "too expensive",
        "I hate Dell",
        "I love it",
        "not for me",
        "that's too heavy",
        "I never buy Apple",
        "this is bad",
    ),
    Intent.QUESTION: (
        "how do the first two differ?",
        "is it good for gaming?",
        "how heavy is the second one?",
        "compare them",
        "what's the warranty?",
        "which is better?",
        "tell me more about the first one",
        "why this one?",
        "why?",
        "why do you say so?",
        "Warum?",
        "which has more storage?",
        "show me the second",
        "number 3 please",
        "what about the battery life of the third?",
        "what are my preferences? and which is the cheapest?",
    ),
    Intent.BUY: ("I'll take it", "buy the second one", "let's negotiate", "ok, order the first one", "I'll take two"),
    Intent.THANKS: ("great, thanks!", "thanks, that's all", "no thanks"),
    Intent.SMALLTALK: ("ok", "how are you?", "please", "What do you know about me?", "forget my preferences"),
    Intent.OFF_TOPIC: ("what's the weather like?", "write me a poem", "why is the sky blue?"),
}


@pytest.mark.parametrize(("text", "intent"), [(text, intent) for intent, texts in FIRST.items() for text in texts])
def test_a_first_sentence_is_routed(text: str, intent: Intent) -> None:
    assert Shopper().routed(text) is intent


@pytest.mark.parametrize(("text", "intent"), [(text, intent) for intent, texts in LATER.items() for text in texts])
def test_a_sentence_after_a_search_is_routed(text: str, intent: Intent) -> None:
    shopper = Shopper()
    shopper.says("laptop")
    assert shopper.routed(text) is intent


PLACES = {
    "how do the first two differ?": [1, 2],
    "compare the second and the third one": [2, 3],
    "what's the difference between 1 and 3?": [1, 3],
    "how heavy is the second one?": [2],
    "tell me about the 2nd": [2],
    "is #3 any good?": [3],
    "the last one": [10],
    "compare the last two": [9, 10],
    "is it quiet?": [1],
    "why?": [1],
    "why not the second one?": [2],
    "I'll take that one": [1],
    "which of both is lighter?": [1, 2],
    "which one is lighter?": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    "which one is better than it?": [1],
    "compare 1, 2 and 3": [1, 2, 3],
    "compare 1 and 3 please": [1, 3],
    "does it come with 2 or 4 ports?": [1],
    "under 300 please": [],
    "with 2 years of warranty": [],
}


@pytest.mark.parametrize(("text", "places"), PLACES.items(), ids=PLACES)
def test_products_are_meant_by_their_places(text: str, places: list[int]) -> None:
    shopper = Shopper()
    shopper.says("headphones")
    assert shopper.points_at(text) == places


def test_products_are_meant_by_brand_name_and_rank() -> None:
    shopper = Shopper()
    shopper.says("Sony or Bose headphones")
    shown = [match.product for match in shopper.shown]
    brands = [product.brand for product in shown]
    assert shopper.points_at("the Sony") == [brands.index("Sony") + 1]
    assert sorted(shopper.points_at("the Bose or the Sony?")) == sorted(
        [brands.index("Bose") + 1, brands.index("Sony") + 1]
    )
    last = shown[-1]
    assert shopper.points_at(f"does the {last.name} fold?") == [len(shown)]
    cheapest = min(shown, key=lambda product: product.price_minor)
    assert shopper.points_at("the cheapest one") == [shown.index(cheapest) + 1]
    prices = [product.price_minor for product in shown]
    assert shopper.points_at("I'll take the second cheapest") == [prices.index(sorted(set(prices))[1]) + 1]
    assert Shopper().points_at("the first one") == []


def test_what_a_product_has_names_it_only_where_it_is_pointed_at() -> None:
    shopper = Shopper()
    shopper.says("gaming laptops under 1500")
    shown = [match.product for match in shopper.shown]
    big = [place for place, product in enumerate(shown, start=1) if product.attributes["storage"] == "512 GB"]
    assert 0 < len(big) < len(shown)
    assert shopper.points_at("does it have 512 GB?") == [1]
    assert sorted(shopper.points_at("what about the 512 GB ones?")) == big
    price = shopper.recommended.price_minor
    assert shopper.says("something cheaper, with 512 GB").max_price_minor == price - 1


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("how do the first two differ?", True),
        ("I'll take the third one", True),
        ("are both quiet?", True),
        ("is #4 any good?", True),
        ("compare 1 and 3", True),
        ("does it have 2 and 4 GB?", False),
        ("the first one", False),
        ("tell me about the last one", False),
        ("does it have 12 hours of battery?", False),
    ],
)
def test_who_points_at_what_was_not_shown_is_told_how_much_was(text: str, noted: bool) -> None:  # noqa: FBT001
    shopper = Shopper()
    assert noted_places(shopper.context(text)) == ()
    shopper.says("headphones")
    assert noted_places(shopper.context(text)) == ()
    shopper.shown = shopper.shown[:1]
    assert noted_places(shopper.context(text)) == (("I showed you only one product.",) if noted else ())


@pytest.mark.parametrize("text", ["show me", "what do you recommend?", "recommend something"])
def test_who_asks_for_a_recommendation_goes_on_with_the_search(text: str) -> None:
    shopper = Shopper()
    searched = shopper.says("laptops under 900")
    assert shopper.says(text) == searched
    assert shopper.intent is Intent.REFINE
