"""What the minds behind the assistant are asked, typed, and what they reply.

A question holds exactly what may be known to answer it: what was said, and what tools returned. Texts of products,
sellers and notes in those results are data; nothing in them is an instruction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from chaffer.assistant.chat import Outcome, Report
from chaffer.assistant.events import Handover, Line
from chaffer.assistant.results import NegotiationStarted
from chaffer.assistant.tools import Specialist, Wish
from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Voice

RULES: Final = "rules"
"""The name of the one built-in mind, where a model is named."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every question comes with.

    `text` is what the person said now; `history` the lines before, oldest first; `summary` tells what is older still.
    `outcomes` are what tools returned in the turns before, oldest first, and `negotiations` those that go on.
    """

    conversation_id: str
    turn: int
    seed: int
    text: str
    history: tuple[Line, ...]
    summary: str | None
    outcomes: tuple[Outcome, ...]
    negotiations: tuple[NegotiationStarted, ...]
    today: date
    currency: str


@dataclass(frozen=True, slots=True)
class RoutingQuestion:
    """Who is to see to what the person said?"""

    context: Context


@dataclass(frozen=True, slots=True)
class Routed:
    """The reply: parts of it and who sees to each, in order; none where the supervisor itself answers."""

    handovers: tuple[Handover, ...]
    making: Making


@dataclass(frozen=True, slots=True)
class WorkQuestion:
    """What does a specialist do next for a request: which tools, or what does it say?

    `done` are the outcomes of this turn so far, oldest first, other specialists' among them. With `tools_left` 0 there
    is nothing left but to say something. `alone` tells that its text is the answer; else it reports to the supervisor.
    """

    context: Context
    specialist: Specialist
    request: str
    done: tuple[Outcome, ...]
    tools_left: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Worked:
    """The reply: tools to be called, and then it is asked again; or, without any, its text."""

    wishes: tuple[Wish, ...]
    text: str
    making: Making
    struck: int = 0


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """What is the person told? Asked where several specialists reported, or none was needed."""

    context: Context
    reports: tuple[Report, ...]
    done: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The reply, exactly as it was said."""

    text: str
    making: Making
    struck: int = 0


@dataclass(frozen=True, slots=True)
class SummaryQuestion:
    """What is worth knowing of what was said? `lines` follow on `context.summary`, oldest first."""

    context: Context
    lines: tuple[Line, ...]


class SupervisorMind(Protocol):
    """The mind behind the assistant, of the supervisor and of the specialists alike.

    Every method raises ChafferError on a fault of its model.
    """

    async def route(self, question: RoutingQuestion) -> Routed:
        """Return who sees to it."""
        ...

    async def work(self, question: WorkQuestion, voice: Voice) -> Worked:
        """Return the tools that are wanted next, or say the specialist's text as message 0 and return it."""
        ...

    async def answer(self, question: AnswerQuestion, voice: Voice) -> Spoken:
        """Say the answer as message 0 and return it."""
        ...

    async def summarise(self, question: SummaryQuestion) -> Spoken:
        """Return a summary, which nobody hears."""
        ...
