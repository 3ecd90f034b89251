"""What happened in a room beside its messages, in sentences and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from chaffer.conversation.codec import wire_name
from chaffer.conversation.views import Seen
from chaffer.money import formatted, number_from_minor
from chaffer.negotiation.events import (
    BudgetUpdated,
    DealMade,
    DealRefused,
    DecisionCalled,
    NegotiationStarted,
    OfferCorrected,
    RoomEnded,
    RoomOpened,
    RoundStarted,
    SellerSkipped,
    SellerWithdrew,
)
from chaffer.negotiation.terms import RoomTerms


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that is no message. `round` and `agent_id` are None where it is of none; amounts are per unit or whole.

    `type` is the name of the event in the journal; `text` says it as a sentence.
    """

    position: int
    at: datetime
    type: str
    round: int | None
    agent_id: str | None
    text: str
    code: str | None = None
    amounts: Mapping[str, float] = field(default_factory=dict)


def happening_of(look: Seen, terms: RoomTerms) -> Happening | None:
    """Return what happened, or None for a message."""
    tell = _TOLD.get(type(look.event))
    if tell is None:
        return None
    event = look.event
    agent_id = getattr(event, "agent_id", None) or getattr(event, "seller_id", None)
    amounts = {name: getattr(event, f"{name}_minor", None) for name in _AMOUNTS}
    return Happening(
        position=look.position,
        at=look.at,
        type=wire_name(type(event)),
        round=getattr(event, "round", None),
        agent_id=agent_id,
        text=tell(event, terms),
        code=getattr(event, "code", None),
        amounts={name: number_from_minor(minor) for name, minor in amounts.items() if minor is not None},
    )


_AMOUNTS: Final = ("ceiling", "remaining", "replaced", "price", "list", "total")


def _opened(event: RoomOpened, _: RoomTerms) -> str:
    return f"The room was opened. {event.reason}." if event.reason else "The room was opened."


def _started(_: NegotiationStarted, terms: RoomTerms) -> str:
    return f"The negotiation began, for at most {terms.max_rounds} rounds."


def _round_started(event: RoundStarted, terms: RoomTerms) -> str:
    if event.ceiling_minor is None:
        return f"Round {event.round} began."
    return f"Round {event.round} began; the buyer pays at most {formatted(event.ceiling_minor, terms.currency)} a unit."


def _budget_updated(event: BudgetUpdated, terms: RoomTerms) -> str:
    return f"{formatted(event.remaining_minor, terms.currency)} of the session's budget remain."


def _corrected(event: OfferCorrected, terms: RoomTerms) -> str:
    who = terms.names.get(event.agent_id, terms.buyer.name)
    if event.replaced_minor is None:
        what = "It was asked again."
    else:
        what = f"{formatted(event.replaced_minor, terms.currency)} stands in its place."
    return f"{who} was held to its limits ({event.reason}): “{event.attempted}” was not let through. {what}"


def _skipped(event: SellerSkipped, terms: RoomTerms) -> str:
    why = f": {event.explanation}" if event.explanation else "."
    return f"{terms.names[event.seller_id]} said nothing in this round, because its model failed{why}"


def _withdrew(event: SellerWithdrew, terms: RoomTerms) -> str:
    return f"{terms.names[event.seller_id]} left the table: {event.reason}"


def _called(_: DecisionCalled, terms: RoomTerms) -> str:
    return f"{terms.buyer.name} was asked to decide now."


def _refused(event: DealRefused, terms: RoomTerms) -> str:
    price = formatted(event.price_minor, terms.currency)
    return f"The deal with {terms.names[event.seller_id]} at {price} was not committed: {event.reason}"


def _deal(event: DealMade, terms: RoomTerms) -> str:
    price, total = (formatted(minor, terms.currency) for minor in (event.price_minor, event.total_minor))
    return f"Deal: {event.quantity} from {event.seller_name} at {price} a unit, {total} in all."


def _ended(event: RoomEnded, _: RoomTerms) -> str:
    return f"The negotiation ended ({event.status.value}): {event.reason}"


_TOLD: Final[Mapping[type[Any], Callable[[Any, RoomTerms], str]]] = {
    RoomOpened: _opened,
    NegotiationStarted: _started,
    RoundStarted: _round_started,
    BudgetUpdated: _budget_updated,
    OfferCorrected: _corrected,
    SellerSkipped: _skipped,
    SellerWithdrew: _withdrew,
    DecisionCalled: _called,
    DealRefused: _refused,
    DealMade: _deal,
    RoomEnded: _ended,
}
