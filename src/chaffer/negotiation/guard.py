"""Asking an agent under guard: an unfit reply is asked for again once, with the reason, then replaced by a fit one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from chaffer.conversation.policy import Policy, Voice
from chaffer.negotiation.events import OfferCorrected
from chaffer.negotiation.questions import (
    BuyerReply,
    BuyerTurn,
    Question,
    SellerReply,
    SellerTurn,
    UnfitReplyError,
)

ATTEMPTS: Final = 2

QuestionT = TypeVar("QuestionT", bound=Question[Any])
ReplyT = TypeVar("ReplyT", SellerReply, BuyerReply)


async def ask_seller(
    mind: Policy[SellerTurn, SellerReply],
    turn: SellerTurn,
    voice: Voice,
    instead: Callable[[SellerTurn], SellerReply],
) -> tuple[SellerReply, tuple[OfferCorrected, ...]]:
    """Return a reply within the seller's limits, and what was not let through on the way.

    `instead` gives the reply that takes the place of a second unfit one. Faults of the mind pass.
    """
    return await _ask(mind, turn, voice, instead, lambda reply: reply.price_minor)


async def ask_buyer(
    mind: Policy[BuyerTurn, BuyerReply],
    turn: BuyerTurn,
    voice: Voice,
    instead: Callable[[BuyerTurn], BuyerReply],
) -> tuple[BuyerReply, tuple[OfferCorrected, ...]]:
    """Return a reply within the buyer's limits, and what was not let through on the way; see `ask_seller`."""
    return await _ask(mind, turn, voice, instead, _first_bid)


async def _ask(
    mind: Policy[QuestionT, ReplyT],
    turn: QuestionT,
    voice: Voice,
    instead: Callable[[QuestionT], ReplyT],
    price_of: Callable[[ReplyT], int | None],
) -> tuple[ReplyT, tuple[OfferCorrected, ...]]:
    corrections: list[OfferCorrected] = []
    question, round_ = turn, turn.table.round
    for _ in range(ATTEMPTS):
        try:
            reply = await mind.ask(question, voice)
        except UnfitReplyError as broken_off:
            unfit, making = broken_off.unfit, broken_off.making
        else:
            objection = question.objection(reply)
            if objection is None:
                return reply, tuple(corrections)
            unfit, making = objection, reply.making
        corrections.append(OfferCorrected(turn.agent_id, round_, unfit.attempted, unfit.reason, making=making))
        question = turn.again(unfit.reason)
        voice.restart()
    reply = instead(turn)
    _say(reply, voice)
    last = corrections.pop()
    return reply, (*corrections, replace(last, replaced_minor=price_of(reply)))


def _say(reply: SellerReply | BuyerReply, voice: Voice) -> None:
    if isinstance(reply, SellerReply):
        voice.say(0, reply.text)
        return
    for number, message in enumerate(reply.messages):
        voice.address(number, frozenset(message.to))
        voice.say(number, message.text)


def _first_bid(reply: BuyerReply) -> int | None:
    return next((message.bid_minor for message in reply.messages if message.bid_minor is not None), None)
