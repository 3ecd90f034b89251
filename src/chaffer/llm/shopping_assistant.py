"""A shopper's assistant who is a language model: each question a prompt, a typed reply back, its prose said on the way.

What a model may not do is settled by code: it plans in the catalogue's own words and inside the limits that were said,
learns from the shopper's words alone, recommends one of the matches, and says nothing false of a product. A reply that
is unfit is asked for once more; the second time the built-in assistant answers in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

import structlog
from msgspec import structs

from chaffer.conversation.policy import Voice
from chaffer.conversation.prompts import Prompt
from chaffer.llm.asking import Asking, Kind, Seat
from chaffer.llm.json_reader import Found, Value
from chaffer.llm.live_prose import LiveProse
from chaffer.llm.reply_fields import refuse
from chaffer.llm.retry import Retries
from chaffer.llm.shopping_replies import change_of, intent_of, planned_of, product_of, texts_of
from chaffer.llm.struck_prose import StruckProse, TrueWords, true_words
from chaffer.negotiation.questions import UnfitReplyError
from chaffer.shopping.events import Intent
from chaffer.shopping.facts import Facts, facts_of_advice, facts_of_clarification
from chaffer.shopping.preferences import PreferenceChange
from chaffer.shopping.prompts import (
    advise_prompt,
    clarify_prompt,
    learn_prompt,
    plan_prompt,
    reword_prompt,
    route_prompt,
)
from chaffer.shopping.questions import (
    Advice,
    AdvisoryQuestion,
    AssistantMind,
    Clarification,
    ClarificationQuestion,
    CollectionQuestion,
    FeedbackQuestion,
    Planned,
    PlanningQuestion,
    RoutingQuestion,
)
from chaffer.shopping.said import learned_from_what_was_said, within_what_was_said
from chaffer.shopping.speech import reasoning

MOST_REPLIES: Final = 2
"""So often a model is asked for a reply that is fit."""

QuestionT = TypeVar(
    "QuestionT",
    RoutingQuestion,
    FeedbackQuestion,
    PlanningQuestion,
    ClarificationQuestion,
    CollectionQuestion,
    AdvisoryQuestion,
)
ReplyT = TypeVar("ReplyT")

_log = structlog.get_logger("chaffer.llm")


class ModelAssistant:
    """An assistant whose mind is a model; `plain` is the built-in one, which reads beside it and stands in for it."""

    def __init__(self, seat: Seat, plain: AssistantMind) -> None:
        """Sit down."""
        self._seat = seat
        self._plain = plain

    async def route(self, question: RoutingQuestion) -> Intent:
        """Return what the shopper wants. Raises ModelFaultError after all retries."""
        intent = await _fit_reply(self._asking(_ROUTING), question)
        if intent is None:
            return await self._plain.route(question)
        is_first = question.context.constraints is None
        return Intent.SEARCH if intent is Intent.REFINE and is_first else intent

    async def learn(self, question: FeedbackQuestion) -> PreferenceChange:
        """Return what is to be learned of what the shopper said. Raises ModelFaultError after all retries."""
        read = await self._plain.learn(question)
        learned = await _fit_reply(self._asking(_LEARNING), question)
        return read if learned is None else learned_from_what_was_said(learned, read, question.context)

    async def plan(self, question: PlanningQuestion) -> Planned:
        """Return what is to be searched, within the limits that were said. Raises ModelFaultError after all retries."""
        read = await self._plain.plan(question)
        planning: Kind[_Put[PlanningQuestion], Planned, LiveProse] = _kind(
            "category",
            lambda asked, complaint: plan_prompt(asked, read.constraints, complaint),
            lambda asked, document: planned_of(asked.context, document),
        )
        planned = await _fit_reply(self._asking(planning), question)
        if planned is None:
            return read
        constraints = within_what_was_said(planned.constraints, read.constraints, question)
        # What the plain reading has to say of its own reading is true of this one where both are the same.
        is_same = structs.replace(constraints, text=read.constraints.text) == read.constraints
        if not is_same:
            return Planned(constraints, planned.noted, read.at_once)
        return replace(read, constraints=constraints, noted=(*planned.noted, *read.noted))

    async def clarify(self, question: ClarificationQuestion) -> Clarification:
        """Return how the shopper is asked; the labels are code's. Raises ModelFaultError after all retries."""
        plain = await self._plain.clarify(question)
        clarifying: Kind[_Put[ClarificationQuestion], str, LiveProse] = _kind(
            "message",
            lambda asked, complaint: clarify_prompt(asked, plain.options, complaint),
            lambda asked, document: _said_of(document, "message", facts_of_clarification(asked)).text,
        )
        message = await _fit_reply(self._asking(clarifying), question)
        return plain if message is None else Clarification(message, plain.options)

    async def reword(self, question: CollectionQuestion) -> tuple[str, ...]:
        """Return other texts to search by. Raises ModelFaultError after all retries."""
        texts = await _fit_reply(self._asking(_REWORDING), question)
        return await self._plain.reword(question) if texts is None else texts

    async def advise(self, question: AdvisoryQuestion, voice: Voice) -> Advice:
        """Say the answer and return it. Raises ModelFaultError after all retries."""
        if question.outcome:  # What was paid and saved stands in the books: a model could only say it otherwise.
            return await self._plain.advise(question, voice)
        asking = self._asking(_ADVISING, voice)
        told = await _fit_reply(asking, question)
        if told is None:
            return await self._plain.advise(question, voice)
        why = reasoning(question, told.product_id)
        return Advice(told.text, told.product_id, why, asking.making(), told.struck)

    def _asking(
        self, kind: Kind[_Put[QuestionT], ReplyT, LiveProse], voice: Voice | None = None
    ) -> Asking[_Put[QuestionT], ReplyT, LiveProse]:
        retries = Retries(self._seat.patience, told=self._seat.retried)
        return Asking(self._seat, kind, retries, _Silence() if voice is None else voice)


@dataclass(frozen=True, slots=True)
class _Put(Generic[QuestionT]):
    """A question as it is put to a model, with what was wrong with its last reply."""

    question: QuestionT
    complaint: str | None = None


async def _fit_reply(asking: Asking[_Put[QuestionT], ReplyT, LiveProse], question: QuestionT) -> ReplyT | None:
    """Return the model's reply, asked for again where it is unfit; None where it was unfit every time."""
    complaint: str | None = None
    for _ in range(MOST_REPLIES):
        try:
            return await asking.ask(_Put(question, complaint))
        except UnfitReplyError as unfit:
            asking.take_back()
            complaint = unfit.unfit.reason
    _log.warning("assistant.stood_in", question=type(question).__name__, reason=complaint)
    return None


class _Silence:
    """The voice and the prose of a question whose reply says nothing."""

    said: Final[Sequence[str]] = ()

    def address(self, message: int, hearers: frozenset[str]) -> None:
        """Address nobody."""

    def say(self, message: int, delta: str) -> None:
        """Say nothing."""

    def restart(self) -> None:
        """Take nothing back."""

    def take(self, found: Found) -> None:
        """Look for no prose."""


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer as it was said."""

    text: str
    product_id: str | None
    struck: int


def _kind(
    key: str,
    prompt_of: Callable[[QuestionT, str | None], Prompt],
    reply_of: Callable[[QuestionT, Mapping[str, Value]], ReplyT],
    live: Callable[[QuestionT, Voice], LiveProse] = lambda _question, _voice: _Silence(),
    text_of: Callable[[ReplyT], str] = lambda _reply: "",
) -> Kind[_Put[QuestionT], ReplyT, LiveProse]:
    """Return a kind of question; without `live` and `text_of` its reply says nothing."""
    return Kind(
        key=key,
        prompt_of=lambda put: prompt_of(put.question, put.complaint),
        reply_of=lambda put, document, _: reply_of(put.question, document),
        live=lambda put, voice: live(put.question, voice),
        words_of=lambda reply: tuple(filter(None, [text_of(reply)])),
        say=lambda reply, voice: voice.say(0, text_of(reply)),
        shortened=_with_half_the_history,
    )


def _with_half_the_history(put: _Put[QuestionT]) -> _Put[QuestionT] | None:
    """Return the question with the newer half of what was said before."""
    context = put.question.context
    if not context.history:
        return None
    shorter = replace(context, history=context.history[(len(context.history) + 1) // 2 :])
    return replace(put, question=replace(put.question, context=shorter))


def _told(question: AdvisoryQuestion, document: Mapping[str, Value]) -> _Told:
    product_id = product_of(question, document.get("product"))
    words = _said_of(document, "text", facts_of_advice(question, product_id))
    return _Told(words.text, product_id, words.struck)


def _said_of(document: Mapping[str, Value], field: str, facts: Facts) -> TrueWords:
    """Return what is left of the message in a field. Raises UnfitReplyError when nothing is."""
    words = true_words(document.get(field), facts)
    if words.struck and not words.text:
        refuse("nothing true", f"no sentence of the field {field} was true: state only what the data says")
    if not words.text:
        refuse(f"no {field}", f"the field {field} has to be a text that is not empty")
    return words


def _advice_prose(question: AdvisoryQuestion, voice: Voice) -> LiveProse:
    return StruckProse("product", "text", lambda number: facts_of_advice(question, product_of(question, number)), voice)


_ROUTING: Final[Kind[_Put[RoutingQuestion], Intent, LiveProse]] = _kind(
    "intent", route_prompt, lambda _, document: intent_of(document)
)
_LEARNING: Final[Kind[_Put[FeedbackQuestion], PreferenceChange, LiveProse]] = _kind("like", learn_prompt, change_of)
_REWORDING: Final[Kind[_Put[CollectionQuestion], tuple[str, ...], LiveProse]] = _kind(
    "texts", reword_prompt, lambda _, document: texts_of(document)
)
_ADVISING: Final[Kind[_Put[AdvisoryQuestion], _Told, LiveProse]] = _kind(
    "text", advise_prompt, _told, _advice_prose, lambda told: told.text
)
