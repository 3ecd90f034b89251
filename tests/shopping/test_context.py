"""What the assistant's mind is given of a thread (issue 5)."""

from __future__ import annotations

from chaffer.conversation.journal import Recorded
from chaffer.shopping.catalogue.searching import Vocabulary
from chaffer.shopping.context import LINES, context_of
from chaffer.shopping.events import NegotiationConcluded, NegotiationOpened
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import Context
from chaffer.shopping.thread import evolve
from tests.support.markets import START
from tests.support.threads import Walk, match


def context(walk: Walk) -> Context:
    """Return the context of the turn that is under way."""
    records = [Recorded(place, START, event) for place, event in enumerate(walk.events, start=1)]
    return context_of(walk.thread, records, Vocabulary(1, "USD", (), (), ()), Preferences())


def answered(walk: Walk, text: str) -> None:
    """Have one turn asked and answered."""
    walk.speak(text)
    walk.route()
    walk.plan()
    walk.collect(match())
    walk.advise()


def test_what_is_answered_now_is_no_history_even_with_news_behind_it() -> None:
    walk = Walk()
    answered(walk, "a laptop")
    walk.speak("cheaper")
    haggled = NegotiationOpened("session", "room", "p1", "P1", 1, 100_00, 100_00)
    for event in (haggled, NegotiationConcluded("room", "m", "Deal!", "completed")):
        walk.events.append(event)
        walk.thread = evolve(walk.thread, event)
    found = context(walk)
    assert found.text == "cheaper"
    assert [line.text for line in found.history] == ["a laptop", "Take it.", "Deal!"]


def test_of_a_long_thread_the_last_lines_are_told() -> None:
    walk = Walk()
    for number in range(LINES):
        answered(walk, f"laptop {number}")
    walk.speak("cheaper")
    history = [line.text for line in context(walk).history]
    assert len(history) == LINES
    assert history[-2:] == [f"laptop {LINES - 1}", "Take it."]
