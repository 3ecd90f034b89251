"""The supervisor without a model: it reads by rules, and speaks by templates of what tools returned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chaffer.assistant.questions import (
    RULES,
    AnswerQuestion,
    Routed,
    RoutingQuestion,
    Spoken,
    SummaryQuestion,
    Worked,
    WorkQuestion,
)
from chaffer.assistant.reading import Pending, handovers, progress
from chaffer.assistant.speech import answer_text, summary_text, work_text
from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Voice
from chaffer.conversation.voices import speak
from chaffer.vendors import BUILTIN

_MAKING: Final = Making(BUILTIN, RULES, attempts=1, latency_seconds=0.0)


@dataclass(frozen=True, slots=True)
class BuiltInSupervisor:
    """Answers by rules; `chars_per_second` is the pace at which it speaks, 0 for at once.

    The same seed, words and results give the same replies.
    """

    chars_per_second: float = 0

    async def route(self, question: RoutingQuestion) -> Routed:
        """Return who sees to it."""
        return Routed(handovers(question.context), _MAKING)

    async def work(self, question: WorkQuestion, voice: Voice) -> Worked:
        """Return the tool that is wanted next, or the specialist's text; it is said where it is the answer."""
        came = progress(question)
        if isinstance(came, Pending):
            return Worked((came.wish,), "", _MAKING)
        text = work_text(question, came)
        if question.alone:
            await speak(voice, 0, text, self.chars_per_second)
        return Worked((), text, _MAKING)

    async def answer(self, question: AnswerQuestion, voice: Voice) -> Spoken:
        """Say the answer and return it."""
        text = answer_text(question)
        await speak(voice, 0, text, self.chars_per_second)
        return Spoken(text, _MAKING)

    async def summarise(self, question: SummaryQuestion) -> Spoken:
        """Return what the person wanted, in short."""
        return Spoken(summary_text(question), _MAKING)
