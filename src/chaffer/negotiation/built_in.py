"""The minds of the built-in agents: classic strategies for the numbers, templates for the words. No model, no key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Voice
from chaffer.conversation.voices import speak
from chaffer.errors import ChafferError, Code, Detail
from chaffer.money import formatted
from chaffer.negotiation import strategies
from chaffer.negotiation.questions import (
    BuyerMessage,
    BuyerReply,
    BuyerTurn,
    Intent,
    Rival,
    SellerReply,
    SellerTurn,
)
from chaffer.negotiation.stand_ins import BUYER, buyer_words, seller_words
from chaffer.negotiation.strategies import Side, Situation, Strategy, UnknownStrategyError
from chaffer.negotiation.strategies.acceptance import ac_combi
from chaffer.negotiation.strategies.draws import draw_for
from chaffer.negotiation.strategies.reservation import against_rivals
from chaffer.negotiation.terms import Priority
from chaffer.vendors import BUILTIN

BUYERS_OWN: Final = "linear"
SELLERS_OWN: Final = {Priority.MAXIMIZE_PROFIT: "boulware", Priority.CUSTOMER_RETENTION: "conceder"}

_VALID_ROUNDS: Final = {Priority.MAXIMIZE_PROFIT: 1, Priority.CUSTOMER_RETENTION: None}


def strategy_named(name: str) -> Strategy:
    """Return a built-in strategy. Raises VALIDATION_ERROR that lists the names."""
    try:
        return strategies.strategy_named(name)
    except UnknownStrategyError as unknown:
        issue = f"must be one of {', '.join(strategies.STRATEGIES)}"
        raise ChafferError(
            Code.VALIDATION_ERROR,
            f"{unknown} Name one of them as the model of `builtin`, or leave `model` out.",
            details=(Detail("llm_config.model", issue),),
        ) from None


@dataclass(frozen=True, slots=True)
class BuiltInSeller:
    """A seller by strategy. `chars_per_second` is the pace at which it speaks, 0 at once."""

    strategy_name: str
    chars_per_second: float = 0

    async def ask(self, question: SellerTurn, voice: Voice) -> SellerReply:
        """Return the strategy's offer, or agree to the bid when that is as good."""
        price = self.price(question)
        text = seller_words(question, price)
        await speak(voice, 0, text, self.chars_per_second)
        making = _made_by(self.strategy_name)
        return SellerReply(price, text, valid_rounds=_VALID_ROUNDS[question.priority], making=making)

    def price(self, question: SellerTurn) -> int:
        """Return the price to offer, in minor units."""
        table = question.table
        situation = Situation(
            side=Side.SELLER,
            turn=table.round - 1,
            turns=table.rounds,
            opening_minor=question.list_minor,
            reservation_minor=question.band.low_minor,
            own=question.prices,
            theirs=question.bids,
            draw=draw_for(table.seed, table.room_index, question.seller_id, table.round, "price"),
        )
        proposal = strategy_named(self.strategy_name)(situation)
        if question.bids and ac_combi(situation, question.bids[-1], proposal):
            return min(question.bids[-1], question.list_minor)
        return proposal


@dataclass(frozen=True, slots=True)
class BuiltInBuyer:
    """A buyer by strategy, haggling with each seller against the best offer of the others."""

    strategy_name: str
    chars_per_second: float = 0

    async def ask(self, question: BuyerTurn, voice: Voice) -> BuyerReply:
        """Return bids, an acceptance by AC_combi, or, when it must decide, the best offer it can pay for."""
        reply = self.reply(question)
        for number, message in enumerate(reply.messages):
            voice.address(number, frozenset(message.to))
            await speak(voice, number, message.text, self.chars_per_second)
        return reply

    def reply(self, question: BuyerTurn) -> BuyerReply:
        """Return the reply without a word being said."""
        making = _made_by(self.strategy_name)
        bids = {rival.seller_id: self._bid(question, rival) for rival in question.rivals}
        best = _cheapest(question.acceptable())
        if best is not None and best.standing is not None:
            situation = self._situation(question, best, answers_to_come=0 if question.must_decide else 1)
            bid = bids[best.seller_id]
            if question.must_decide or ac_combi(situation, best.standing.price_minor, bid):
                return BuyerReply(Intent.ACCEPT, accept=best.seller_id, reason=_why(question, best), making=making)
        if question.must_decide:
            return BuyerReply(Intent.LEAVE, reason="No offer was good enough.", making=making)
        messages = tuple(
            BuyerMessage(to, bid, buyer_words(question, to, bid)) for bid, to in _grouped(bids).items() if bid > 0
        )
        if not messages:
            return BuyerReply(Intent.LEAVE, reason="Nothing is left of the budget for this item.", making=making)
        return BuyerReply(Intent.HAGGLE, messages, making=making)

    def _bid(self, question: BuyerTurn, rival: Rival) -> int:
        proposal = strategy_named(self.strategy_name)(self._situation(question, rival))
        return min(proposal, question.band.high_minor)

    def _situation(self, question: BuyerTurn, rival: Rival, *, answers_to_come: int = 0) -> Situation:
        table = question.table
        others = [r.standing.price_minor for r in question.rivals if r is not rival and r.standing is not None]
        reservation = max(min(against_rivals(question.band.high_minor, min(others, default=None)), rival.list_minor), 0)
        return Situation(
            side=Side.BUYER,
            turn=table.round - 1,
            turns=table.rounds + answers_to_come,
            opening_minor=min(question.opening_minor, reservation),
            reservation_minor=reservation,
            own=rival.bids,
            theirs=rival.prices,
            draw=draw_for(table.seed, table.room_index, f"{BUYER} to {rival.seller_id}", table.round, "price"),
        )


def _cheapest(rivals: Sequence[Rival]) -> Rival | None:
    """Return the rival with the lowest standing price; of equals the one weighed first."""
    return min(rivals, key=lambda rival: rival.standing.price_minor if rival.standing else 0, default=None)


def _grouped(bids: dict[str, int]) -> dict[int, tuple[str, ...]]:
    """Return the sellers by the bid they get, so that equal bids share a message."""
    groups: dict[int, tuple[str, ...]] = {}
    for seller_id, bid in bids.items():
        groups[bid] = (*groups.get(bid, ()), seller_id)
    return groups


def _why(question: BuyerTurn, best: Rival) -> str:
    price = formatted(best.standing.price_minor, question.table.currency) if best.standing else ""
    standing = sum(rival.standing is not None for rival in question.rivals)
    among = f"the best of {standing} standing offers" if standing > 1 else "the only standing offer"
    return f"{best.name} asked {price} apiece, {among}."


def _made_by(strategy_name: str) -> Making:
    return Making(BUILTIN, strategy_name, attempts=1, latency_seconds=0.0)
