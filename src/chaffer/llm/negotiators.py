"""Sellers and buyers who are language models: a prompt to a provider, a typed reply back, prose said on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from chaffer.conversation.policy import Voice
from chaffer.llm.faults import PromptTooLongError
from chaffer.llm.json_reader import Value
from chaffer.llm.live_prose import BuyerProse, LiveProse, SellerProse, say_all, words_of
from chaffer.llm.provider import Ending, ModelRequest, Provider
from chaffer.llm.replies import BUYERS_KEY, SELLERS_KEY, buyer_reply, seller_reply
from chaffer.llm.retry import persistently
from chaffer.llm.typed_reply import read_object
from chaffer.negotiation.events import Making
from chaffer.negotiation.prompts import Prompt, buyer_prompt, seller_prompt
from chaffer.negotiation.questions import BuyerReply, BuyerTurn, SellerReply, SellerTurn, UnfitReplyError
from chaffer.negotiation.terms import ModelChoice

TurnT = TypeVar("TurnT", SellerTurn, BuyerTurn)
ReplyT = TypeVar("ReplyT", SellerReply, BuyerReply)


@dataclass(frozen=True, slots=True)
class ModelSeller:
    """A seller whose mind is a model."""

    provider: Provider
    choice: ModelChoice

    async def ask(self, question: SellerTurn, voice: Voice) -> SellerReply:
        """Return the model's offer. Raises UnfitReplyError, and ModelFaultError after all retries."""
        kind = _Kind(SELLERS_KEY, seller_prompt, SellerProse, seller_reply)
        return await _Asking(self.provider, self.choice, voice, kind).ask(question)


@dataclass(frozen=True, slots=True)
class ModelBuyer:
    """A buyer whose mind is a model."""

    provider: Provider
    choice: ModelChoice

    async def ask(self, question: BuyerTurn, voice: Voice) -> BuyerReply:
        """Return the model's bids, acceptance or leave. Raises UnfitReplyError, ModelFaultError after all retries."""
        kind = _Kind(BUYERS_KEY, buyer_prompt, BuyerProse, buyer_reply)
        return await _Asking(self.provider, self.choice, voice, kind).ask(question)


@dataclass(frozen=True, slots=True)
class _Kind(Generic[TurnT, ReplyT]):
    """What differs between a seller's reply and a buyer's. `key` is the field by which the reply is known."""

    key: str
    prompt_of: Callable[[TurnT], Prompt]
    live_prose: Callable[[TurnT, Voice], LiveProse]
    reply_of: Callable[[TurnT, Mapping[str, Value]], ReplyT]


class _Asking(Generic[TurnT, ReplyT]):
    """One question to a model, until it is answered or patience ends."""

    def __init__(self, provider: Provider, choice: ModelChoice, voice: Voice, kind: _Kind[TurnT, ReplyT]) -> None:
        self._provider = provider
        self._choice = choice
        self._voice = voice
        self._kind: _Kind[TurnT, ReplyT] = kind
        self._live: LiveProse | None = None
        self._attempts = 0
        self._begun = time.monotonic()
        self._ending: Ending | None = None

    async def ask(self, turn: TurnT) -> ReplyT:
        try:
            try:
                return await self._ask(turn)
            except PromptTooLongError:
                if not turn.heard():
                    raise
                self._start_again()
                return await self._ask(_with_half_the_history(turn))
        except UnfitReplyError as unfit:
            raise UnfitReplyError(unfit.unfit, self._making()) from None

    async def _ask(self, turn: TurnT) -> ReplyT:
        request = self._request(self._kind.prompt_of(turn))
        return await persistently(lambda: self._attempt(turn, request), self._provider.patience, self._start_again)

    def _start_again(self) -> None:
        """Take back what was said."""
        if self._live is not None and self._live.said:
            self._voice.restart()

    async def _attempt(self, turn: TurnT, request: ModelRequest) -> ReplyT:
        self._attempts += 1
        live = self._live = self._kind.live_prose(turn, self._voice)
        document, self._ending = await read_object(self._provider, request, self._kind.key, live)
        reply = self._kind.reply_of(turn, document)
        if tuple(live.said) != words_of(reply):
            self._start_again()
            say_all(reply, self._voice)
        answered: ReplyT = replace(reply, making=self._making())
        return answered

    def _request(self, prompt: Prompt) -> ModelRequest:
        choice = self._choice
        return ModelRequest(
            model=choice.model or "",
            system=prompt.system,
            user=prompt.user,
            schema_name=prompt.schema_name,
            schema=prompt.schema,
            temperature=choice.temperature,
            max_tokens=choice.max_tokens,
        )

    def _making(self) -> Making:
        ending = self._ending
        return Making(
            provider=self._provider.name,
            model=ending.model if ending is not None else self._choice.model or "",
            attempts=self._attempts,
            latency_seconds=round(time.monotonic() - self._begun, 3),
            first_token_seconds=None if ending is None else ending.first_token_seconds,
            prompt_tokens=ending.prompt_tokens if ending is not None else None,
            completion_tokens=ending.completion_tokens if ending is not None else None,
        )


def _with_half_the_history(turn: TurnT) -> TurnT:
    """Return the turn with the newer half of what was heard."""
    heard = turn.heard()
    return replace(turn, heard=lambda: heard[(len(heard) + 1) // 2 :])
