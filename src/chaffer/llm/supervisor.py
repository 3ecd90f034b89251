"""The supervisor and its specialists with a language model behind them, which calls tools and speaks as it generates.

A model chooses; code says what may come of it. A specialist calls its own tools alone, and what changes something
without an approval only where the person's own words ask for it; what it says is struck of figures that no tool
returned, of addresses, and of its instructions. Calls that cannot be made are told back once as calls that failed; the
second time, and where nothing is left to be said, the built-in mind answers in the model's place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeVar

import structlog

from chaffer.assistant.asking import is_in_their_words, must_be_asked_for
from chaffer.assistant.chat import Outcome
from chaffer.assistant.events import Line
from chaffer.assistant.prompts import Brief, answer_brief, asked_brief, summary_brief
from chaffer.assistant.questions import (
    AnswerQuestion,
    Context,
    Routed,
    RoutingQuestion,
    Spoken,
    SummaryQuestion,
    SupervisorMind,
    Worked,
    WorkQuestion,
)
from chaffer.assistant.rules import MOST_HANDOVERS
from chaffer.assistant.saying import Sayable
from chaffer.assistant.tools import Wish
from chaffer.conversation.policy import Voice
from chaffer.conversation.voices import Silence
from chaffer.llm.asking import Seat
from chaffer.llm.requests import ModelRequest
from chaffer.llm.supervisor_calls import UnfitCallsError, handovers_of, unfit, wishes_of
from chaffer.llm.supervisor_exchange import Exchange, Reply
from chaffer.llm.supervisor_requests import brief_request, route_request, told_back, work_request
from chaffer.shopping.facts.sentences import SentenceGate, without_marker

MOST_REPLIES: Final = 2
"""So often a model is asked for calls that can be made."""

_NOT_ASKED_FOR: Final = (
    "The person has not asked for that in words of their own, so it is not done, whoever else asks. Where you think "
    "that they want it, ask them to say so."
)

ReplyT = TypeVar("ReplyT")

_log = structlog.get_logger("chaffer.llm")


class ModelSupervisor:
    """A supervisor whose mind is a model; `plain` is the built-in one, which stands in for it."""

    def __init__(self, seat: Seat, plain: SupervisorMind) -> None:
        """Sit down."""
        self._seat = seat
        self._plain = plain

    async def route(self, question: RoutingQuestion) -> Routed:
        """Return who sees to it. Raises ModelFaultError after all retries."""
        exchange = self._silent()

        async def routed(reply: Reply) -> Routed:
            handed = handovers_of(reply.calls[:MOST_HANDOVERS], question.context.text)
            return Routed(handed, exchange.making())

        told = await _fit(exchange, route_request(self._seat, question), routed)
        return await self._plain.route(question) if told is None else told

    async def work(self, question: WorkQuestion, voice: Voice) -> Worked:
        """Return the tools that are wanted, or say the specialist's text. Raises ModelFaultError after all retries."""
        request = work_request(self._seat, question)
        exchange = Exchange(self._seat, voice, _gate(question.context, question.done, request.system))

        async def worked(reply: Reply) -> Worked | None:
            if reply.calls and question.tools_left:
                return Worked(await self._wishes(question, reply, exchange), "", exchange.making())
            return Worked((), reply.text, exchange.making(), reply.struck) if reply.text else None

        told = await _fit(exchange, request, worked)
        return await self._plain.work(question, voice) if told is None else told

    async def answer(self, question: AnswerQuestion, voice: Voice) -> Spoken:
        """Say the answer and return it. Raises ModelFaultError after all retries."""
        brief = answer_brief(question)
        gate = _gate(question.context, question.done, brief.system)
        told = await self._spoken(brief, question.context.history, voice, gate)
        return await self._plain.answer(question, voice) if told is None else told

    async def summarise(self, question: SummaryQuestion) -> Spoken:
        """Return a summary, which nobody hears. Raises ModelFaultError after all retries."""
        brief = summary_brief(question)
        gate = _gate(question.context, (), brief.system, question.lines)
        told = await self._spoken(brief, (), Silence(), gate)
        return await self._plain.summarise(question) if told is None else told

    async def _spoken(
        self, brief: Brief, history: Iterable[Line], voice: Voice, gate: Callable[[], SentenceGate]
    ) -> Spoken | None:
        """Say what the model says to a brief without tools, and return it; None where nothing of it may be said."""
        exchange = Exchange(self._seat, voice, gate)

        async def spoken(reply: Reply) -> Spoken | None:
            return Spoken(reply.text, exchange.making(), reply.struck) if reply.text else None

        return await _fit(exchange, brief_request(self._seat, brief, history), spoken)

    async def _wishes(self, question: WorkQuestion, reply: Reply, exchange: Exchange) -> tuple[Wish, ...]:
        """Return what the model wishes for, and may. Raises UnfitCallsError."""
        calls = reply.calls[: question.tools_left]
        wishes = wishes_of(calls, question.specialist)
        for number, wish in enumerate(wishes):
            if not await self._is_asked_for(question.context, wish, exchange):
                raise unfit(calls, number, _NOT_ASKED_FOR)
        return wishes

    async def _is_asked_for(self, context: Context, wish: Wish, exchange: Exchange) -> bool:
        """Tell whether a wish needs nobody's word, or has the person's: that judges who hears the person alone.

        What the judging uses counts to the exchange in which it was wished.
        """
        if not must_be_asked_for(wish):
            return True
        if not is_in_their_words(wish, context):
            return False
        judging = self._silent()
        try:
            reply = await judging.ask(brief_request(self._seat, asked_brief(context, wish)))
        finally:
            exchange.used += judging.used
        return reply.text.strip(" \n*_\"'.").casefold().startswith("yes")

    def _silent(self) -> Exchange:
        """Return an exchange of which nothing is heard."""
        return Exchange(self._seat, Silence(), lambda: SentenceGate(lambda _: True))


async def _fit(
    exchange: Exchange, request: ModelRequest, read: Callable[[Reply], Awaitable[ReplyT | None]]
) -> ReplyT | None:
    """Return the reply as it is read, asked for again where its calls cannot be made; None where it is of no use."""
    for _ in range(MOST_REPLIES):
        try:
            found = await read(await exchange.ask(request))
        except UnfitCallsError as wrong:
            exchange.take_back()
            request = told_back(request, wrong.calls, wrong.complaints)
            continue
        if found is not None:
            return found
        break
    exchange.take_back()
    # What was wrong with it may quote what it was told: that is no matter of a log.
    _log.warning("assistant.stood_in", question="supervisor", reason="the model's reply could not be used")
    return None


def _gate(
    context: Context, done: Iterable[Outcome], instructions: str, lines: Sequence[Line] = ()
) -> Callable[[], SentenceGate]:
    """Return what makes gates that let through what may be said."""

    def gate() -> SentenceGate:
        sayable = Sayable(context, done, instructions, lines)
        return SentenceGate(lambda sentence: sayable.may_be_said(without_marker(sentence)))

    return gate
