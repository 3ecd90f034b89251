"""Sellers and buyers who are language models: a prompt to a provider, a typed reply back, prose said on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

from chaffer.conversation.policy import Voice
from chaffer.llm.asking import Asking, Kind, Seat
from chaffer.llm.live_prose import BuyerProse, SellerProse, say_all, words_of
from chaffer.llm.replies import BUYERS_KEY, SELLERS_KEY, buyer_reply, seller_reply
from chaffer.llm.retry import Retries
from chaffer.negotiation.prompts import buyer_prompt, seller_prompt
from chaffer.negotiation.questions import BuyerReply, BuyerTurn, SellerReply, SellerTurn, UnfitReplyError

TurnT = TypeVar("TurnT", SellerTurn, BuyerTurn)
ReplyT = TypeVar("ReplyT", SellerReply, BuyerReply)
ProseT = TypeVar("ProseT", SellerProse, BuyerProse)


class ModelSeller:
    """A seller whose mind is a model."""

    def __init__(self, seat: Seat) -> None:
        """Sit down."""
        self._seat = seat
        self._retries = Retries(seat.patience, told=seat.retried)

    async def ask(self, question: SellerTurn, voice: Voice) -> SellerReply:
        """Return the model's offer. Raises UnfitReplyError, and ModelFaultError after all retries."""
        return await _asked(self._seat, _SELLER, self._retries, question, voice)


class ModelBuyer:
    """A buyer whose mind is a model."""

    def __init__(self, seat: Seat) -> None:
        """Sit down."""
        self._seat = seat
        self._retries = Retries(seat.patience, told=seat.retried)

    async def ask(self, question: BuyerTurn, voice: Voice) -> BuyerReply:
        """Return the model's bids, acceptance or leave. Raises UnfitReplyError, ModelFaultError after all retries."""
        return await _asked(self._seat, _BUYER, self._retries, question, voice)


async def _asked(seat: Seat, kind: Kind[TurnT, ReplyT, ProseT], retries: Retries, turn: TurnT, voice: Voice) -> ReplyT:
    """Return the reply, or the UnfitReplyError, with how it came about."""
    if turn.complaint is None:  # Else it is the same turn, asked again, and its retries go on counting.
        retries.renew()
    asking: Asking[TurnT, ReplyT, ProseT] = Asking(seat, kind, retries, voice)
    try:
        reply = await asking.ask(turn)
    except UnfitReplyError as unfit:
        raise UnfitReplyError(unfit.unfit, asking.making()) from None
    answered: ReplyT = replace(reply, making=asking.making())
    return answered


def _with_half_the_history(turn: TurnT) -> TurnT | None:
    """Return the turn with the newer half of what was heard."""
    heard = turn.heard()
    return replace(turn, heard=lambda: heard[(len(heard) + 1) // 2 :]) if heard else None


_SELLER: Final[Kind[SellerTurn, SellerReply, SellerProse]] = Kind(
    key=SELLERS_KEY,
    prompt_of=seller_prompt,
    reply_of=lambda turn, document, live: seller_reply(turn, document, live.was_said),
    live=SellerProse,
    words_of=words_of,
    say=say_all,
    shortened=_with_half_the_history,
)
_BUYER: Final[Kind[BuyerTurn, BuyerReply, BuyerProse]] = Kind(
    key=BUYERS_KEY,
    prompt_of=buyer_prompt,
    reply_of=lambda turn, document, live: buyer_reply(turn, document, live.was_said),
    live=BuyerProse,
    words_of=words_of,
    say=say_all,
    shortened=_with_half_the_history,
)
