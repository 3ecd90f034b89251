"""One typed question to a model, until it is answered or patience ends: retries, windowing, prose said on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chaffer.conversation.minds import Making, ModelChoice
from chaffer.conversation.policy import Voice
from chaffer.conversation.prompts import Prompt
from chaffer.llm.context import fits
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.json_reader import Value
from chaffer.llm.live_prose import LiveProse
from chaffer.llm.provider import Provider
from chaffer.llm.requests import Account, Ending, ModelRequest, ReplyFormat, Said
from chaffer.llm.retry import Patience, Retries, persistently
from chaffer.llm.typed_reply import read_object

QuestionT = TypeVar("QuestionT")
ReplyT = TypeVar("ReplyT")
ProseT = TypeVar("ProseT", bound=LiveProse)


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a model sits: whom to ask, which model and how, on whose account, and how long to bear with it."""

    provider: Provider
    choice: ModelChoice
    account: Account
    patience: Patience
    context_told: int | None = None
    retried: Callable[[ModelFaultError], None] | None = None
    key: str | None = field(default=None, repr=False)

    def making(self, ending: Ending | None, attempts: int, begun: float) -> Making:
        """Return how a reply came about, of which no more than the ending is known; `begun` is of time.monotonic."""
        latency_seconds = time.monotonic() - begun
        if ending is None:
            return Making(self.provider.name, self.choice.model or "", attempts, latency_seconds)
        return Making(
            provider=self.provider.name,
            model=ending.model,
            attempts=attempts,
            latency_seconds=latency_seconds,
            first_token_seconds=ending.first_token_seconds,
            prompt_tokens=ending.usage.prompt_tokens,
            completion_tokens=ending.usage.completion_tokens,
            cost_micros=ending.usage.cost_micros,
        )


@dataclass(frozen=True, slots=True)
class Kind(Generic[QuestionT, ReplyT, ProseT]):
    """What a kind of question is to a model.

    `key` is the field by which the reply is known. `live` says its prose while it is written, and `reply_of` is given
    it, too; `words_of` returns what a whole reply says, by message, and `say` says that at once. `shortened` returns
    the question with about half of its history, None where it has none.
    """

    key: str
    prompt_of: Callable[[QuestionT], Prompt]
    reply_of: Callable[[QuestionT, Mapping[str, Value], ProseT], ReplyT]
    live: Callable[[QuestionT, Voice], ProseT]
    words_of: Callable[[ReplyT], tuple[str, ...]]
    say: Callable[[ReplyT, Voice], None]
    shortened: Callable[[QuestionT], QuestionT | None]


class Asking(Generic[QuestionT, ReplyT, ProseT]):
    """One question of a kind. What it says is taken back before it is said again."""

    def __init__(self, seat: Seat, kind: Kind[QuestionT, ReplyT, ProseT], retries: Retries, voice: Voice) -> None:
        """Begin; `retries` are those of the whole turn."""
        self._seat = seat
        self._kind: Kind[QuestionT, ReplyT, ProseT] = kind
        self._retries = retries
        self._voice = voice
        self._live: ProseT | None = None
        self._attempts = 0
        self._begun = time.monotonic()
        self._ending: Ending | None = None

    async def ask(self, question: QuestionT) -> ReplyT:
        """Return the model's reply. Raises UnfitReplyError, and ModelFaultError after all retries."""
        question, request = self._fitting(question)
        try:
            return await self._ask(question, request)
        except PromptTooLongError:
            shorter = self._kind.shortened(question)
            if shorter is None:
                raise
            self.take_back()
            return await self._ask(*self._fitting(shorter))

    def take_back(self) -> None:
        """Take back what was said."""
        if self._live is not None and self._live.said:
            self._voice.restart()
        self._live = None

    def making(self) -> Making:
        """Return how the reply came about, as far as it did."""
        return self._seat.making(self._ending, self._attempts, self._begun)

    async def _ask(self, question: QuestionT, request: ModelRequest) -> ReplyT:
        return await persistently(lambda: self._attempt(question, request), self._retries, self.take_back)

    def _fitting(self, question: QuestionT) -> tuple[QuestionT, ModelRequest]:
        """Return the request that asks the question, with as much of the newest history as the model can read."""
        seat = self._seat
        while True:
            request = self._request(self._kind.prompt_of(question))
            if fits(seat.provider.name, request.model, request, context_told=seat.context_told):
                return question, request
            shorter = self._kind.shortened(question)
            if shorter is None:
                return question, request
            question = shorter

    async def _attempt(self, question: QuestionT, request: ModelRequest) -> ReplyT:
        self._attempts += 1
        live = self._live = self._kind.live(question, self._voice)
        document, self._ending = await read_object(self._seat.provider, request, self._kind.key, live)
        reply = self._kind.reply_of(question, document, live)
        if tuple(live.said) != self._kind.words_of(reply):
            self.take_back()
            self._kind.say(reply, self._voice)
        return reply

    def _request(self, prompt: Prompt) -> ModelRequest:
        seat = self._seat
        return ModelRequest(
            model=seat.choice.model or "",
            messages=(Said("user", prompt.user),),
            max_tokens=seat.choice.max_tokens,
            system=prompt.system,
            temperature=seat.choice.temperature,
            reply_format=ReplyFormat(prompt.schema_name, prompt.schema),
            key=seat.key,
            account=seat.account,
        )
