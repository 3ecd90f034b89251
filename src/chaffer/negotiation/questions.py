"""What agents are asked and what they reply, typed. A question holds exactly what its agent may know, and no more.

No private limit is in a question: its band ends one minor unit inside the limit. The exact limit is behind
`objection`, which code calls and no prompt shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol, Self, TypeVar

from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Policy
from chaffer.conversation.views import Seen
from chaffer.money import plain
from chaffer.negotiation.confidences import Confidences
from chaffer.negotiation.events import Offer
from chaffer.negotiation.terms import Priority, SpeakingStyle


@dataclass(frozen=True, slots=True)
class Table:
    """What everybody at the table knows. Rounds count from 1."""

    room_index: int
    seed: int
    item_name: str
    quantity: int
    currency: str
    buyer_id: str
    buyer_name: str
    round: int
    rounds: int

    @property
    def is_last_round(self) -> bool:
        """Tell whether no round follows."""
        return self.round >= self.rounds


Heard = Callable[[], tuple[Seen, ...]]
"""Gives the last messages that an agent has heard, oldest first; seen lazily, since rules have no ear for them."""


@dataclass(frozen=True, slots=True)
class Band:
    """Prices per unit from `low_minor` to `high_minor`, both included."""

    low_minor: int
    high_minor: int


@dataclass(frozen=True, slots=True)
class Unfit:
    """A typed reply that breaks a limit: what was attempted, and why not, as its agent and the room read it."""

    attempted: str
    reason: str


ReplyT_contra = TypeVar("ReplyT_contra", contravariant=True)


class Question(Protocol[ReplyT_contra]):
    """What every question can do, whoever is asked."""

    @property
    def agent_id(self) -> str:
        """Return who is asked."""
        ...

    @property
    def table(self) -> Table:
        """Return what everybody at the table knows."""
        ...

    def objection(self, reply: ReplyT_contra, /) -> Unfit | None:
        """Return what is wrong with a reply, or None."""
        ...

    def again(self, complaint: str, /) -> Self:
        """Return the question with the reason why the last reply was not let through."""
        ...


@dataclass(frozen=True, slots=True)
class SellerReply:
    """A seller's typed reply. `valid_rounds` counts the rounds the offer stands after this one; None: to the end."""

    price_minor: int
    text: str
    conditions: str | None = None
    valid_rounds: int | None = None
    making: Making | None = None


@dataclass(frozen=True, slots=True)
class SellerTurn:
    """The seller has heard the buyer and has to offer.

    `prices` are its own so far, `bids` the buyer's to it, oldest first. `limits` are the hard limits, for code alone.
    """

    table: Table
    seller_id: str
    seller_name: str
    priority: Priority
    style: SpeakingStyle
    band: Band
    list_minor: int
    prices: tuple[int, ...]
    bids: tuple[int, ...]
    standing: Offer | None
    heard: Heard = field(repr=False)
    limits: Band = field(repr=False)
    complaint: str | None = None

    @property
    def agent_id(self) -> str:
        """Return who is asked."""
        return self.seller_id

    @property
    def fallback_minor(self) -> int:
        """Return the price that takes an unfit one's place: the last valid one, or the list price."""
        return self.prices[-1] if self.prices else self.list_minor

    def price_objection(self, price_minor: int) -> Unfit | None:
        """Return what is wrong with a price, or None."""
        if self.limits.low_minor <= price_minor <= self.limits.high_minor:
            return None
        side = "below the least that is allowed" if price_minor < self.limits.low_minor else "above the list price"
        return Unfit(f"a price of {plain(price_minor)}", f"the price is {side}")

    def objection(self, reply: SellerReply) -> Unfit | None:
        """Return what is wrong with a reply, or None."""
        return self.price_objection(reply.price_minor)

    def sayable(self, price_minor: int) -> frozenset[int]:
        """Return the amounts that this turn may state: its own offer, its list price, and the bid it was given."""
        return frozenset({price_minor, self.list_minor, *self.prices[-1:], *self.bids[-1:]})

    def again(self, complaint: str) -> SellerTurn:
        """Return the question with the reason why the last reply was not let through."""
        return replace(self, complaint=complaint)


@dataclass(frozen=True, slots=True)
class Rival:
    """A seller as the buyer sees it: what it asked and was bid so far, and what stands."""

    seller_id: str
    name: str
    list_minor: int
    prices: tuple[int, ...]
    bids: tuple[int, ...]
    standing: Offer | None


class Intent(StrEnum):
    """What the buyer wants to do with its turn."""

    HAGGLE = "haggle"
    ACCEPT = "accept"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class BuyerMessage:
    """One message of the buyer's turn: to whom, by id, with which bid, in which words."""

    to: tuple[str, ...]
    bid_minor: int | None
    text: str


@dataclass(frozen=True, slots=True)
class BuyerReply:
    """The buyer's typed reply: messages to haggle on, the seller whose offer it accepts, or that it leaves."""

    intent: Intent
    messages: tuple[BuyerMessage, ...] = ()
    accept: str | None = None
    reason: str = ""
    making: Making | None = None


@dataclass(frozen=True, slots=True)
class BuyerTurn:
    """The buyer has to bid, accept or leave. `rivals` stand in the order in which it weighs them.

    With `must_decide` it may not haggle on. `wish_minor` per unit is where it would like to end, 0 for no wish.
    `limit_minor` is the hard ceiling per unit, and `confidences` is what its words must not tell on, for code alone.
    """

    table: Table
    band: Band
    opening_minor: int
    wish_minor: int
    rivals: tuple[Rival, ...]
    must_decide: bool
    heard: Heard = field(repr=False)
    limit_minor: int = field(repr=False)
    confidences: Callable[[], Confidences] = field(repr=False)
    complaint: str | None = None

    @property
    def agent_id(self) -> str:
        """Return who is asked."""
        return self.table.buyer_id

    def rival(self, seller_id: str | None) -> Rival | None:
        """Return a seller at the table by id, or None."""
        return next((rival for rival in self.rivals if rival.seller_id == seller_id), None)

    def acceptable(self) -> tuple[Rival, ...]:
        """Return the sellers whose standing offer lies within the ceiling."""
        return tuple(r for r in self.rivals if r.standing is not None and r.standing.price_minor <= self.limit_minor)

    def bid_objection(self, message: BuyerMessage) -> Unfit | None:
        """Return what is wrong with a message's addressees or bid, or None."""
        if not message.to or any(self.rival(seller_id) is None for seller_id in message.to):
            return Unfit("a message to nobody at the table", "only sellers who are at the table can be addressed")
        bid = message.bid_minor
        if bid is not None and not 0 < bid <= self.band.high_minor:
            return Unfit(f"a bid of {plain(bid)}", "the bid is not above 0, or more than may be paid")
        return None

    def objection(self, reply: BuyerReply) -> Unfit | None:
        """Return what is wrong with a reply, or None."""
        if reply.intent is Intent.ACCEPT:
            if any(rival.seller_id == reply.accept for rival in self.acceptable()):
                return None
            named = self.rival(reply.accept)
            attempted = f"accepting {named.name if named else 'nobody at the table'}"
            return Unfit(attempted, "only a standing offer within what may be paid can be accepted")
        if reply.intent is Intent.LEAVE:
            return None
        if self.must_decide:
            return Unfit("haggling on", "a decision is due: to accept one of the standing offers or to leave")
        if not reply.messages:
            return Unfit("a turn without words", "haggling takes a message to at least one seller")
        return next((unfit for message in reply.messages if (unfit := self.bid_objection(message))), None)

    def sayable(self, message: BuyerMessage) -> frozenset[int]:
        """Return the amounts that all hearers of a message may hear: its bid, and what each of them knows anyway."""
        known = [
            {*rival.bids[-1:], rival.list_minor, *({rival.standing.price_minor} if rival.standing else ())}
            for seller_id in message.to
            if (rival := self.rival(seller_id)) is not None
        ]
        shared = frozenset.intersection(*(frozenset(amounts) for amounts in known)) if known else frozenset()
        return shared | ({message.bid_minor} if message.bid_minor is not None else set())

    def again(self, complaint: str) -> BuyerTurn:
        """Return the question with the reason why the last reply was not let through."""
        return replace(self, complaint=complaint)


SellerMind = Policy[SellerTurn, SellerReply]
BuyerMind = Policy[BuyerTurn, BuyerReply]


class UnfitReplyError(Exception):
    """A policy broke its own attempt off, because what it was saying breaks a limit."""

    def __init__(self, unfit: Unfit, making: Making | None = None) -> None:
        """Bear what was attempted, and how it was made."""
        super().__init__(unfit.reason)
        self.unfit = unfit
        self.making = making
