"""What reads the words of persons and models costs no more than their length.

A text that is built to be looked through again from each of its characters would hold up everybody else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import pytest

from chaffer.amounts.filter import AmountFilter, ForbiddenAmountError
from chaffer.amounts.numerals import numerals_in
from chaffer.amounts.reading import amounts_in, bid_in
from chaffer.assistant.figures import figures_not_returned
from chaffer.assistant.reading import courtesy_of, handovers
from chaffer.assistant.reading.billing import read_billing
from chaffer.assistant.reading.insights import read_insights
from chaffer.assistant.reading.limits import limits_in, ordered_pieces_in, pieces_in, rating_in
from chaffer.assistant.reading.memory import memory_of
from chaffer.assistant.reading.naming import brands_in
from chaffer.assistant.reading.negotiating import read_negotiation
from chaffer.assistant.reading.periods import period_in
from chaffer.assistant.reading.pointing import places_in
from chaffer.assistant.reading.shopping import read_shopping
from chaffer.assistant.reading.tastes import is_taste
from chaffer.assistant.saying import Sayable
from chaffer.conversation.mentions import without_mentions
from chaffer.llm.struck_prose import TrueWords
from chaffer.shopping.events import Intent
from chaffer.shopping.facts.sentences import SentenceGate
from chaffer.shopping.questions import FeedbackQuestion, PlanningQuestion, RoutingQuestion
from chaffer.shopping.reading import learn, noted_places, plan, products_named, route
from chaffer.shopping.reading.choosing import order_asked
from chaffer.shopping.reading.known import known_of
from tests.support.chat_results import FOUND, INVOICES, OPENED, STATUS, TODAY, context
from tests.support.shoppers import Shopper

SHAPES: Final = (
    *(
        "1",
        "1,",
        "1 ",
        "1.",
        "1-",
        "1, ",
        "$",
        "$1 ",
        "one ",
        "twenty one ",
        "hundred",
        "o ",
        "a",
        "a ",
        "Ab ",
        " ",
        "\n",
    ),
    *('"', "'", "“", "(", "[", "<", "<a ", "a.", "a@", "@", "٣", "😀", ". ", "then ", "which ", "my budget ", "what "),
    *(
        "with ",
        "i have 1 ",
        "take a",
        "and what ",
        ", what invoice, ",
        "find a and pay ",
        "mark ",
        "A's ",
        "between 1 and ",
    ),
)
FRONTED: Final = (("find me laptops ", "1"), ("i have ", "1"), ("take ", "a"), ("one ", "o "))
LONGEST: Final = 4_000
SHARE: Final = 4
"""The longest text is so many times as long as the one beside which it is measured."""
MOST_TIMES: Final = 9
"""Twice the length costs at most three times as much: quadratic would be 16."""
UNSEEN_SECONDS: Final = 0.05
"""What is done in less is not measured again."""
AT: Final = (OPENED, INVOICES, STATUS, FOUND)
SHOPPER: Final = Shopper()
SHOPPER.says("headphones under 300")


def filtered(text: str) -> None:
    held = AmountFilter(frozenset({100}))
    try:
        held.feed(text)
        held.finish()
    except ForbiddenAmountError:
        pass


def said(text: str) -> None:
    sayable = Sayable(context("What is there?", FOUND), (), "You help those who shop, and tell them what is true.")
    words = TrueWords(SentenceGate(sayable.may_be_said))
    words.add(text)
    words.close()
    sayable.may_be_said(text)


READERS: Final[dict[str, Callable[[str], Any]]] = {
    "numbers": lambda text: list(numerals_in(text.lower())),
    "amounts": amounts_in,
    "bid": bid_in,
    "amount filter": filtered,
    "figures": lambda text: figures_not_returned(text, AT, (text,)),
    "models' words": said,
    "mentions": lambda text: without_mentions(text, {"s1": "Shop 1", "s2": "A a"}),
    "limits": limits_in,
    "rating": rating_in,
    "pieces": lambda text: (pieces_in(text), ordered_pieces_in(text)),
    "places": lambda text: places_in(text, 5),
    "brands": brands_in,
    "period": lambda text: period_in(text, TODAY),
    "taste": is_taste,
    "courtesy": courtesy_of,
    "supervisor": lambda text: handovers(context(text, *AT)),
    "shopping": lambda text: read_shopping(text, memory_of(context(text, *AT))),
    "negotiation": lambda text: read_negotiation(text, memory_of(context(text, *AT))),
    "billing": lambda text: read_billing(text, memory_of(context(text, *AT))),
    "insights": lambda text: read_insights(text, memory_of(context(text, *AT))),
    "shop route": lambda text: route(RoutingQuestion(SHOPPER.context(text))),
    "shop plan": lambda text: plan(PlanningQuestion(SHOPPER.context(text), Intent.REFINE)),
    "shop opinion": lambda text: learn(FeedbackQuestion(SHOPPER.context(text))),
    "shop pointing": lambda text: (products_named(SHOPPER.context(text)), noted_places(SHOPPER.context(text))),
    "shop order": lambda text: order_asked(text, known_of(SHOPPER.vocabulary), None),
}


@pytest.mark.parametrize("reader", READERS)
def test_four_times_the_text_costs_a_reader_at_most_nine_times_as_much(reader: str) -> None:
    read = READERS[reader]
    slow = []
    for front, shape in (*FRONTED, *(("", shape) for shape in SHAPES)):
        text, short = (f"{(front + shape * LONGEST)[:length]}!x2" for length in (LONGEST, LONGEST // SHARE))
        if seconds(read, text) > UNSEEN_SECONDS and min(_times(read, text, short) for _ in range(3)) > MOST_TIMES:
            slow.append((front, shape))
    assert slow == []


def _times(read: Callable[[str], Any], text: str, short: str) -> float:
    return seconds(read, text) / min(seconds(read, short) for _ in range(3))


def seconds(read: Callable[[str], Any], text: str) -> float:
    begun = time.process_time()
    read(text)
    return time.process_time() - begun
