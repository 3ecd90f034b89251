"""What minds are given with every question: of the conversation, no more than they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice, takewhile
from typing import Final

from chaffer.assistant.chat import UNSUMMARISED, Chat
from chaffer.assistant.events import (
    ApprovalAsked,
    ChatAnswered,
    ChatEvent,
    ChatStopped,
    HaggleConcluded,
    Line,
    PersonAsked,
    Role,
)
from chaffer.assistant.questions import Context, SummaryQuestion
from chaffer.assistant.visibility import MIND, chat_sight
from chaffer.conversation.journal import Recorded
from chaffer.conversation.views import seen_by

LINES: Final = 120
"""So much of what was said since the last summary goes with a question: more than that is hardly ever said."""


def context_of(chat: Chat, records: Sequence[Recorded], now: datetime) -> Context:
    """Return the context of the turn that is under way; `records` are those of the conversation up to now."""
    assert chat.turn is not None  # noqa: S101  Nobody is asked anything between the turns.
    summary = chat.summary
    lines = tuple(islice(_said_before(chat, records), LINES))
    return Context(
        conversation_id=chat.terms.conversation_id,
        turn=chat.turn.number,
        seed=chat.terms.seed,
        text=chat.turn.text,
        history=tuple(reversed(lines)),
        summary=None if summary is None else summary.text,
        outcomes=chat.outcomes,
        negotiations=chat.negotiations,
        today=now.date(),
        currency=chat.terms.currency,
    )


def summary_question(chat: Chat, records: Sequence[Recorded], now: datetime) -> tuple[int, SummaryQuestion]:
    """Return the turn up to which is to be summarised, which is left out, and the question."""
    assert chat.turn is not None  # noqa: S101  As above.
    before = chat.turn.number - UNSUMMARISED
    older = (line for turn, line in _lines(chat, records) if turn < before)
    return before, SummaryQuestion(context_of(chat, records, now), tuple(reversed(tuple(older))))


def _said_before(chat: Chat, records: Sequence[Recorded]) -> Iterator[Line]:
    """Yield what was said before what is answered now, newest first, down to the turn that a summary reaches."""
    return (line for _, line in islice(_lines(chat, records), _since_asked(records), None))


def _since_asked(records: Sequence[Recorded]) -> int:
    """Return how many lines there are from what is answered now on: news of a negotiation may stand behind it."""
    seen = (seen_by(MIND, record, chat_sight) for record in reversed(records))
    said = (look.event for look in seen if look is not None)
    return next(number for number, event in enumerate(said, start=1) if isinstance(event, PersonAsked))


def _lines(chat: Chat, records: Sequence[Recorded]) -> Iterator[tuple[int, Line]]:
    """Yield what no summary tells, newest first, each with its turn; news count to the turn before them."""
    held: list[Line] = []
    for record in reversed(records):
        seen = seen_by(MIND, record, chat_sight)
        if seen is None:
            continue
        line = line_of(seen.event)
        if not isinstance(seen.event, PersonAsked):
            held.append(line)
            continue
        turn = seen.event.turn
        if turn < chat.told_from:
            return
        yield from ((turn, one) for one in (*held, line))
        held.clear()
    yield from ((0, one) for one in held)
    given = ((-(place // 2) - 1, line) for place, line in enumerate(reversed(chat.terms.history)))
    yield from takewhile(lambda numbered: numbered[0] >= chat.told_from, given)


def line_of(event: ChatEvent) -> Line:
    """Return what was said with an event that minds hear."""
    match event:
        case PersonAsked():
            return Line(Role.PERSON, event.text)
        case ApprovalAsked() | ChatAnswered() | ChatStopped() | HaggleConcluded():
            return Line(Role.ASSISTANT, event.text)
        case _:
            raise TypeError(type(event).__name__)
