"""Sellers and buyers who are language models: a prompt to a provider, a typed reply back, prose said on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from chaffer.conversation.minds import Making, ModelChoice
from chaffer.conversation.policy import Voice
from chaffer.llm.context import fits
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.json_reader import Value
from chaffer.llm.live_prose import BuyerProse, LiveProse, SellerProse, say_all, words_of
from chaffer.llm.provider import Provider
from chaffer.llm.replies import BUYERS_KEY, SELLERS_KEY, WasSaid, buyer_reply, seller_reply
from chaffer.llm.requests import Account, Ending, ModelRequest, ReplyFormat, Said
from chaffer.llm.retry import Patience, Retries, persistently
from chaffer.llm.typed_reply import read_object
from chaffer.negotiation.prompts import Prompt, buyer_prompt, seller_prompt
from chaffer.negotiation.questions import BuyerReply, BuyerTurn, SellerReply, SellerTurn, UnfitReplyError

TurnT = TypeVar("TurnT", SellerTurn, BuyerTurn)
ReplyT = TypeVar("ReplyT", SellerReply, BuyerReply)


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
        latency_seconds = round(time.monotonic() - begun, 3)
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


class ModelSeller:
    """A seller whose mind is a model."""

    def __init__(self, seat: Seat) -> None:
        """Sit down."""
        self._seat = seat
        self._retries = Retries(seat.patience, told=seat.retried)

    async def ask(self, question: SellerTurn, voice: Voice) -> SellerReply:
        """Return the model's offer. Raises UnfitReplyError, and ModelFaultError after all retries."""
        return await _Asking(self._seat, _SELLER, self._retries, voice).ask(question)


class ModelBuyer:
    """A buyer whose mind is a model."""

    def __init__(self, seat: Seat) -> None:
        """Sit down."""
        self._seat = seat
        self._retries = Retries(seat.patience, told=seat.retried)

    async def ask(self, question: BuyerTurn, voice: Voice) -> BuyerReply:
        """Return the model's bids, acceptance or leave. Raises UnfitReplyError, ModelFaultError after all retries."""
        return await _Asking(self._seat, _BUYER, self._retries, voice).ask(question)


@dataclass(frozen=True, slots=True)
class _Kind(Generic[TurnT, ReplyT]):
    """What differs between a seller's reply and a buyer's. `key` is the field by which the reply is known."""

    key: str
    prompt_of: Callable[[TurnT], Prompt]
    live_prose: Callable[[TurnT, Voice], LiveProse]
    reply_of: Callable[[TurnT, Mapping[str, Value], WasSaid], ReplyT]


_SELLER: Final = _Kind(SELLERS_KEY, seller_prompt, SellerProse, seller_reply)
_BUYER: Final = _Kind(BUYERS_KEY, buyer_prompt, BuyerProse, buyer_reply)


class _Asking(Generic[TurnT, ReplyT]):
    """One question to a model, until it is answered or patience ends."""

    def __init__(self, seat: Seat, kind: _Kind[TurnT, ReplyT], retries: Retries, voice: Voice) -> None:
        self._seat = seat
        self._kind: _Kind[TurnT, ReplyT] = kind
        self._retries = retries
        self._voice = voice
        self._live: LiveProse | None = None
        self._attempts = 0
        self._begun = time.monotonic()
        self._ending: Ending | None = None

    async def ask(self, turn: TurnT) -> ReplyT:
        if turn.complaint is None:  # Else it is the same turn, asked again, and its retries go on counting.
            self._retries.renew()
        turn, request = self._fitting(turn)
        try:
            try:
                return await self._ask(turn, request)
            except PromptTooLongError:
                if not turn.heard():
                    raise
                self._start_again()
                return await self._ask(*self._fitting(_with_half_the_history(turn)))
        except UnfitReplyError as unfit:
            raise UnfitReplyError(unfit.unfit, self._making()) from None

    async def _ask(self, turn: TurnT, request: ModelRequest) -> ReplyT:
        return await persistently(lambda: self._attempt(turn, request), self._retries, self._start_again)

    def _fitting(self, turn: TurnT) -> tuple[TurnT, ModelRequest]:
        """Return the request that asks the turn, with as much of the newest history as the model can read."""
        seat = self._seat
        while True:
            request = self._request(self._kind.prompt_of(turn))
            if not turn.heard() or fits(seat.provider.name, request.model, request, context_told=seat.context_told):
                return turn, request
            turn = _with_half_the_history(turn)

    def _start_again(self) -> None:
        """Take back what was said."""
        if self._live is not None and self._live.said:
            self._voice.restart()

    async def _attempt(self, turn: TurnT, request: ModelRequest) -> ReplyT:
        self._attempts += 1
        live = self._live = self._kind.live_prose(turn, self._voice)
        document, self._ending = await read_object(self._seat.provider, request, self._kind.key, live)
        reply = self._kind.reply_of(turn, document, live.was_said)
        if tuple(live.said) != words_of(reply):
            self._start_again()
            say_all(reply, self._voice)
        answered: ReplyT = replace(reply, making=self._making())
        return answered

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

    def _making(self) -> Making:
        return self._seat.making(self._ending, self._attempts, self._begun)


def _with_half_the_history(turn: TurnT) -> TurnT:
    """Return the turn with the newer half of what was heard."""
    heard = turn.heard()
    return replace(turn, heard=lambda: heard[(len(heard) + 1) // 2 :])
