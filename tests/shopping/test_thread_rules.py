from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.errors import ChafferError, Code
from chaffer.shopping.commands import ConcludeNegotiation, FailTurn, OpenNegotiation, Record
from chaffer.shopping.events import (
    AdviceGiven,
    FeedbackTaken,
    Intent,
    NegotiationConcluded,
    NegotiationOpened,
    Node,
    StepBegun,
    ThreadStatus,
)
from chaffer.shopping.preferences import LearnPreferences, PreferenceChange
from chaffer.shopping.rules import MOST_NEGOTIATIONS, decide
from chaffer.shopping.thread import next_step
from tests.support.markets import START
from tests.support.threads import CHOICE, Walk, match

NEGOTIATION = NegotiationOpened("market", "room", "p1", "P1", 1, 100_00, 120_00)


def nodes(walk: Walk) -> list[Node]:
    return [event.node for event in walk.events if isinstance(event, StepBegun)]


def refused(walk: Walk, step: str, *arguments: Any) -> Code:
    with pytest.raises(ChafferError) as refusal:
        getattr(walk, step)(*arguments)
    return refusal.value.code


def test_a_search_goes_from_router_to_advice_and_each_step_is_told_before_it_is_done() -> None:
    walk = Walk()
    walk.speak()
    walk.route()
    walk.plan(category="Laptops")
    walk.collect(match("p1"), match("p2"))
    walk.advise("p2")
    assert nodes(walk) == [Node.ROUTER, Node.PLANNING, Node.COLLECTION, Node.ADVISORY]
    assert [event.step for event in walk.events if isinstance(event, StepBegun)] == [1, 2, 3, 4]
    assert walk.thread.status is ThreadStatus.IDLE
    assert walk.thread.shown.recommended_id == "p2"
    assert walk.thread.constraints is not None
    assert walk.thread.constraints.category == "Laptops"


def test_feedback_is_learned_before_the_search_is_planned_anew() -> None:
    walk = Walk()
    walk.speak("too expensive")
    walk.route(Intent.FEEDBACK)
    verdict = walk.learn(PreferenceChange(dislike=("Acer",)))
    assert verdict
    walk.plan()
    walk.collect()
    walk.advise()
    assert nodes(walk)[:3] == [Node.ROUTER, Node.FEEDBACK, Node.PLANNING]


def test_what_is_learned_is_written_with_the_event_that_tells_it() -> None:
    walk = Walk()
    walk.speak()
    walk.route(Intent.FEEDBACK)
    change = PreferenceChange(like=("Sony",))
    verdict = decide(walk.thread, Record(FeedbackTaken(walk.number, change)))
    assert verdict.effects == (LearnPreferences("user", change),)


@pytest.mark.parametrize("intent", [Intent.SMALLTALK, Intent.THANKS, Intent.OFF_TOPIC, Intent.QUESTION, Intent.BUY])
def test_words_that_want_no_search_are_answered_at_once(intent: Intent) -> None:
    walk = Walk()
    walk.speak()
    walk.route(intent)
    walk.advise()
    assert nodes(walk) == [Node.ROUTER, Node.ADVISORY]


def test_a_question_waits_for_its_answer_and_the_turn_goes_on_behind_it() -> None:
    walk = Walk()
    walk.speak()
    walk.route()
    walk.plan(asks=CHOICE)
    walk.ask()
    assert walk.thread.status is ThreadStatus.WAITING
    assert next_step(walk.thread) is None
    walk.answer()
    assert walk.thread.turn is not None
    assert walk.thread.turn.text == "15"
    walk.plan()
    walk.collect(match())
    walk.advise("p1")
    assert nodes(walk) == [
        Node.ROUTER,
        Node.PLANNING,
        Node.CLARIFICATION,
        Node.PLANNING,
        Node.COLLECTION,
        Node.ADVISORY,
    ]
    assert walk.thread.asked == ("screen size",)


def test_a_question_is_answered_once() -> None:
    walk = Walk()
    walk.speak()
    walk.route()
    walk.plan(asks=CHOICE)
    walk.ask()
    walk.answer()
    assert refused(walk, "answer") is Code.CONFLICT


def test_an_answer_that_comes_too_late_is_refused_and_the_shopper_can_still_speak() -> None:
    walk = Walk()
    walk.speak()
    walk.route()
    walk.plan(asks=CHOICE)
    walk.ask("q1", START)
    with pytest.raises(ChafferError, match="expired"):
        walk.answer(at=START + timedelta(seconds=1))
    walk.speak("something else")
    assert walk.thread.status is ThreadStatus.ANSWERING


def test_other_words_let_an_open_question_go() -> None:
    walk = Walk()
    walk.speak()
    walk.route()
    walk.plan(asks=CHOICE)
    walk.ask()
    walk.speak("a camera")
    assert walk.number == 1
    assert refused(walk, "answer") is Code.CONFLICT


def test_words_while_an_answer_is_made_are_refused() -> None:
    walk = Walk()
    walk.speak()
    assert refused(walk, "speak") is Code.CONFLICT


def test_only_what_was_shown_can_be_recommended() -> None:
    walk = Walk()
    walk.speak()
    walk.route()
    walk.plan()
    walk.collect(match("p1"))
    (advice,) = walk.advise("p9")
    assert isinstance(advice, AdviceGiven)
    assert advice.product_id is None


def test_a_fault_ends_the_turn_and_the_next_one_can_begin() -> None:
    walk = Walk()
    walk.speak()
    walk.do(FailTurn("LLM_TIMEOUT", "too slow"))
    assert walk.thread.status is ThreadStatus.IDLE
    assert walk.do(FailTurn("LLM_TIMEOUT", "too slow")) == ()
    walk.speak()
    assert walk.number == 1


def test_a_negotiation_is_told_once_and_its_brand_is_liked() -> None:
    walk = Walk()
    verdict = decide(walk.thread, OpenNegotiation(NEGOTIATION, "Sony"))
    assert verdict.effects == (LearnPreferences("user", PreferenceChange(like=("Sony",))),)
    walk.do(OpenNegotiation(NEGOTIATION, "Sony"))
    concluded = NegotiationConcluded("room", "m", "Deal!", "completed")
    assert walk.do(ConcludeNegotiation(concluded)) == (concluded,)
    assert walk.do(ConcludeNegotiation(concluded)) == ()


def test_negotiations_at_once_are_bounded() -> None:
    walk = Walk()
    for _ in range(MOST_NEGOTIATIONS):
        walk.do(OpenNegotiation(NEGOTIATION, ""))
    with pytest.raises(ChafferError, match="most"):
        walk.do(OpenNegotiation(NEGOTIATION, ""))


def test_a_negotiation_that_ends_in_the_middle_of_a_turn_repeats_no_step() -> None:
    walk = Walk()
    walk.do(OpenNegotiation(NEGOTIATION, ""))
    walk.speak()
    walk.do(ConcludeNegotiation(NegotiationConcluded("room", "m", "Deal!", "completed")))
    assert nodes(walk) == [Node.ROUTER]


STEPS = ("speak", "route", "learn", "plan", "ask", "answer", "collect", "advise")


@given(st.lists(st.sampled_from(STEPS), max_size=60))
def test_whatever_is_tried_a_step_is_only_done_when_it_is_due(steps: list[str]) -> None:
    walk = Walk()
    due = {"route": Node.ROUTER, "learn": Node.FEEDBACK, "plan": Node.PLANNING, "ask": Node.CLARIFICATION}
    due |= {"collect": Node.COLLECTION, "advise": Node.ADVISORY}
    for number, step in enumerate(steps):
        node, before = next_step(walk.thread), walk.thread
        if walk.thread.turn is None and step != "speak":
            if step == "answer":
                assert refused(walk, "answer") is Code.CONFLICT
            continue
        arguments: dict[str, tuple[Any, ...]] = {
            "plan": (CHOICE,) if number % 2 else (),
            "route": (list(Intent)[number % 8],),
        }
        may_come = node is None if step == "speak" else due.get(step) is node
        if step == "answer":
            may_come = walk.thread.question is not None
        if may_come:
            getattr(walk, step)(*arguments.get(step, ()))
        else:
            assert refused(walk, step, *arguments.get(step, ())) is Code.CONFLICT
            assert walk.thread == before
    begun = [event for event in walk.events if isinstance(event, StepBegun)]
    assert all(one.step != other.step or one.turn != other.turn for one, other in pairwise(begun))
