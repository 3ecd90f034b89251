"""What the assistant's mind is given with every question: of the thread, no more than it needs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from chaffer.conversation.journal import Recorded
from chaffer.conversation.views import Viewer, seen_by
from chaffer.shopping.catalogue.searching import Vocabulary
from chaffer.shopping.events import (
    AdviceGiven,
    NegotiationConcluded,
    QuestionAnswered,
    QuestionAsked,
    ShopperSpoke,
    ThreadEvent,
)
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import Context, Line, Part
from chaffer.shopping.thread import Thread
from chaffer.shopping.visibility import ASSISTANT, thread_sight

LINES: Final = 12
"""So much of what was said before goes with a question, however long the thread is."""


def context_of(
    thread: Thread, records: Sequence[Recorded], vocabulary: Vocabulary, preferences: Preferences
) -> Context:
    """Return the context of the turn that is under way; `records` are those of the thread up to now."""
    assert thread.turn is not None  # noqa: S101  Nobody is asked anything between the turns.
    return Context(
        session_id=thread.terms.session_id,
        turn=thread.turn.number,
        seed=thread.terms.seed,
        text=thread.turn.text,
        history=_said_before(records),
        shown=thread.shown.matches,
        recommended_id=thread.shown.recommended_id,
        constraints=thread.constraints,
        vocabulary=vocabulary,
        preferences=preferences,
        currency=thread.terms.currency,
        haggled=thread.negotiations,
        news=thread.news,
    )


def context_of_sentence(
    text: str, vocabulary: Vocabulary, preferences: Preferences, currency: str, *, session_id: str = "", seed: int = 0
) -> Context:
    """Return the context of a sentence that stands alone: nothing was said or shown before."""
    return Context(
        session_id=session_id,
        turn=0,
        seed=seed,
        text=text,
        history=(),
        shown=(),
        recommended_id=None,
        constraints=None,
        vocabulary=vocabulary,
        preferences=preferences,
        currency=currency,
    )


def _said_before(records: Sequence[Recorded]) -> tuple[Line, ...]:
    """Return the last lines but the one that is answered now, behind which news may stand; oldest first."""
    now = next(one for one in reversed(records) if isinstance(one.event, ShopperSpoke | QuestionAnswered))
    seen = (seen_by(Viewer(ASSISTANT), record, thread_sight) for record in reversed(records) if record is not now)
    lines = (line_of(look.event) for look in seen if look is not None)
    return tuple(reversed(tuple(islice(lines, LINES))))


def line_of(event: ThreadEvent) -> Line:
    """Return what was said with an event that the assistant hears."""
    match event:
        case ShopperSpoke() | QuestionAnswered():
            return Line(Part.SHOPPER, event.text)
        case QuestionAsked():
            return Line(Part.ASSISTANT, event.message)
        case AdviceGiven() | NegotiationConcluded():
            return Line(Part.ASSISTANT, event.text)
        case _:
            raise TypeError(type(event).__name__)
