"""How far a specialist is with a request: what its tools returned, and which of them is to be called next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from chaffer.assistant.chat import Outcome
from chaffer.assistant.questions import WorkQuestion
from chaffer.assistant.reading.billing import read_billing
from chaffer.assistant.reading.insights import read_insights
from chaffer.assistant.reading.memory import Memory, memory_of
from chaffer.assistant.reading.negotiating import read_negotiation
from chaffer.assistant.reading.parts import parts_of
from chaffer.assistant.reading.shopping import read_shopping
from chaffer.assistant.reading.steps import Ask, Lookup, Step
from chaffer.assistant.reading.wording import plain_words
from chaffer.assistant.tools import Specialist, Wish

_READERS: Final[Mapping[Specialist, Callable[[str, Memory], Step]]] = {
    Specialist.SHOPPING: read_shopping,
    Specialist.NEGOTIATION: read_negotiation,
    Specialist.BILLING: read_billing,
    Specialist.INSIGHTS: read_insights,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A part of the request that is seen to: in whose words, and what came of it."""

    text: str
    came: Outcome | Ask


@dataclass(frozen=True, slots=True)
class Pending:
    """The tool that is to be called next."""

    wish: Wish


def progress(question: WorkQuestion) -> Pending | tuple[Seen, ...]:
    """Return the tool that is to be called next, or, when all is seen to, what came of each part.

    The parts are read again from the beginning, each by what was known when its turn came, so that a turn which was
    cut off goes on as it would have gone on.
    """
    own = [outcome for outcome in question.done if outcome.specialist is question.specialist]
    memory = memory_of(question.context)
    for outcome in question.done:
        if outcome.specialist is not question.specialist:
            memory = memory.with_outcome(outcome)
    seen: list[Seen] = []
    for text in _texts(question, memory):
        read = _READERS[question.specialist]
        step = read(text, memory)
        if isinstance(step, Lookup) and own:
            memory = memory.with_outcome(own.pop(0))
            step = read(text, replace(memory, looked_up=True))
        if isinstance(step, Ask):
            seen.append(Seen(text, step))
        elif own:
            seen.append(Seen(text, own[0]))
            memory = memory.with_outcome(own.pop(0))
        elif question.tools_left:
            return Pending(step.wish if isinstance(step, Lookup) else step)
    return tuple(seen)


def _texts(question: WorkQuestion, memory: Memory) -> tuple[str, ...]:
    """Return the parts of a request; a model's words for it, in which no part is the specialist's, are one."""
    parts = (part.text for part in parts_of(question.request, memory) if part.specialist is question.specialist)
    return tuple(parts) or (plain_words(question.request),)
