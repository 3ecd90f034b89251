"""A state machine over the rules and the ledger: whatever is asked of rooms in whatever order, money holds."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chaffer.conversation.journal import EffectRefusedError
from chaffer.conversation.live import Verdict
from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import Account, Claim, CommitPurchase
from chaffer.ledger.rules import ceiling_minor, check_purchase
from chaffer.negotiation.commands import (
    AcceptOffer,
    BeginRound,
    BuyerSpeaks,
    CallDecision,
    EndRoom,
    PersonSpeaks,
    RoomCommand,
    SellerFails,
    SellerReplies,
    StartRoom,
    Utterance,
)
from chaffer.negotiation.events import DealMade, RoomEnded, RoomOpened, SellerReplied
from chaffer.negotiation.room import Room, evolve
from chaffer.negotiation.rules import RoomKind
from chaffer.negotiation.terms import RoomStatus
from tests.support.markets import START, seller, terms

ROOMS = 3
REFUSALS = {
    Code.CONFLICT,
    Code.VALIDATION_ERROR,
    Code.NEGOTIATION_ALREADY_ACTIVE,
    Code.BUDGET_CONSTRAINT_VIOLATION,
}
PRICES = st.integers(min_value=-100, max_value=200_000)
SELLERS = st.sampled_from(["seller_001", "seller_002", "seller_003", "seller_999"])
ROOM = st.integers(min_value=0, max_value=ROOMS - 1)
QUANTITY = 2


class Market(RuleBasedStateMachine):
    """Three rooms over one budget and one stock, with commands in any order and with any numbers."""

    @initialize(budget=st.integers(min_value=100_000, max_value=500_000), pieces=st.integers(min_value=2, max_value=5))
    def open(self, budget: int, pieces: int) -> None:
        """Open the rooms."""
        kind = RoomKind()
        self.kind = kind
        self.stock = {f"seller_{number:03d}": pieces for number in (1, 2, 3)}
        sellers = tuple(seller(number, least_minor=80_000 + 3_000 * number, pieces=pieces) for number in (1, 2, 3))
        self.rooms: list[Room] = []
        for index in range(ROOMS):
            made = terms(*sellers, room_id=f"room_{index}", index=index, quantity=QUANTITY)
            self.rooms.append(evolve(None, RoomOpened(made)))
        claims = tuple(Claim(f"room_{index}", 240_000) for index in range(ROOMS))
        self.account = Account("session", budget, 0, claims)
        self.deals: list[DealMade] = []
        self.said = 0

    def give(self, index: int, command: RoomCommand) -> None:
        """Give a command as the live conversation does, with the ledger in one transaction."""
        room = self.rooms[index]
        try:
            verdict = self.kind.decide(room, command)
            self.commit(verdict)
        except EffectRefusedError as refusal:
            instead = self.kind.refused(command, refusal)
            if instead is not None:
                self.give(index, instead)
            return
        except ChafferError as refusal:
            if refusal.code not in REFUSALS:
                raise
            return
        for event in verdict.events:
            assert room.ended is None, "ended is ended"
            self.check(room, event, command)
            room = evolve(room, event)
        self.rooms[index] = room

    def commit(self, verdict: Verdict) -> None:
        """Apply the purchase of a verdict, or raise its refusal."""
        for effect in verdict.effects:
            if isinstance(effect, CommitPurchase):
                purchase = effect.purchase
                check_purchase(self.account, self.stock.get(purchase.seller_id, 0), effect)
                committed = self.account.committed_minor + purchase.total_minor
                self.account = replace(self.account, committed_minor=committed)
                self.stock[purchase.seller_id] -= purchase.quantity

    def check(self, room: Room, event: Any, command: RoomCommand) -> None:
        """Hold the limits of an event against the room as it was before it."""
        if isinstance(event, SellerReplied):
            made = room.terms.seller(event.seller_id)
            assert made.least_minor <= event.offer.price_minor <= made.list_minor
            assert room.round <= event.offer.valid_until <= room.terms.max_rounds
        if isinstance(event, DealMade):
            standing = room.standing_offers()[event.seller_id]
            assert standing.price_minor == event.price_minor
            assert standing.valid_until >= room.round
            assert not room.seats[event.seller_id].withdrawn
            assert isinstance(command, AcceptOffer)
            assert command.forced or event.price_minor <= room.ceiling_minor
            self.deals.append(event)

    @rule(index=ROOM)
    def start(self, index: int) -> None:
        """Start a room."""
        room = self.rooms[index]
        ceiling = ceiling_minor(self.account, room.terms.room_id, QUANTITY)
        opening = Utterance("m", tuple(room.seats), 1, "Hello")
        self.give(index, StartRoom(opening, ceiling, self.account.remaining_minor, START))

    @rule(index=ROOM, step=st.integers(min_value=0, max_value=2))
    def begin_round(self, index: int, step: int) -> None:
        """Begin a round, the next or another."""
        room = self.rooms[index]
        ceiling = ceiling_minor(self.account, room.terms.room_id, QUANTITY)
        self.give(index, BeginRound(room.round + step, ceiling, self.account.remaining_minor))

    @rule(index=ROOM, to=SELLERS, bid=st.none() | PRICES)
    def buyer_speaks(self, index: int, to: str, bid: int | None) -> None:
        """Say something as the buyer."""
        hearers = (to,) if to in self.rooms[index].seats else tuple(self.rooms[index].seats)
        self.give(index, BuyerSpeaks(self.rooms[index].round, (Utterance("m", hearers, bid, "Well?"),)))

    @rule(
        index=ROOM, text=st.sampled_from(["@Shop 1 can you do $900?", "all of you?", "@Nobody hi", "$1 or $2", "₹950"])
    )
    def person_speaks(self, index: int, text: str) -> None:
        """Say something by hand."""
        self.said += 1
        self.give(index, PersonSpeaks(f"p{self.said}", text))

    @rule(index=ROOM, who=SELLERS, price=PRICES, until=st.none() | st.integers(min_value=-2, max_value=9))
    def seller_replies(self, index: int, who: str, price: int, until: int | None) -> None:
        """Offer at any price."""
        room = self.rooms[index]
        heard = room.seats[who].heard_turn if who in room.seats else 1
        self.give(index, SellerReplies(who, room.round, heard, "m", price, "There.", valid_until=until))

    @rule(index=ROOM, who=SELLERS)
    def seller_fails(self, index: int, who: str) -> None:
        """Let a seller's model fail."""
        room = self.rooms[index]
        heard = room.seats[who].heard_turn if who in room.seats else 1
        self.give(index, SellerFails(who, room.round, heard, "LLM_TIMEOUT", "too slow"))

    @rule(index=ROOM, who=SELLERS, forced=st.booleans(), stale=st.integers(min_value=-5, max_value=5))
    def accept(self, index: int, who: str, stale: int, *, forced: bool) -> None:
        """Accept whatever stands, perhaps with an old look at the budget."""
        remaining = self.account.remaining_minor + stale
        self.give(index, AcceptOffer(who, "good", "p", "i", remaining, START, forced=forced))

    @rule(index=ROOM, status=st.sampled_from(["completed", "cancelled", "failed"]))
    def end(self, index: int, status: str) -> None:
        """End a room."""
        self.give(index, EndRoom(status, "enough", START))

    @rule(index=ROOM)
    def call_decision(self, index: int) -> None:
        """Ask for a decision."""
        self.give(index, CallDecision())

    @invariant()
    def money_holds(self) -> None:
        """Neither the budget nor a stock is ever exceeded, and no room is sold twice."""
        if not hasattr(self, "account"):
            return
        assert self.account.remaining_minor >= 0
        assert all(pieces >= 0 for pieces in self.stock.values())
        assert self.account.committed_minor == sum(deal.total_minor for deal in self.deals)

    @invariant()
    def an_ended_room_says_how(self) -> None:
        """A room that is over bears its end, and its deal if it has one."""
        for room in getattr(self, "rooms", []):
            ended: RoomEnded | None = room.ended
            assert (ended is None) == room.is_open
            if room.deal is not None:
                assert ended is not None
                assert ended.status is RoomStatus.COMPLETED
                assert ended.total_minor == room.deal.total_minor == room.deal.price_minor * QUANTITY


TestMarket = Market.TestCase


def test_folding_from_the_start_gives_the_same_room() -> None:
    """State is a fold: the same events give the same room, however often they are folded."""
    events: list[Any] = [RoomOpened(terms())]
    room = evolve(None, events[0])
    kind = RoomKind()
    opening = Utterance("m", tuple(room.seats), 50_000, "Hello")
    for command in (
        StartRoom(opening, 150_000, 300_000, START),
        SellerReplies("seller_001", 1, 1, "a", 110_000, "Mine."),
        SellerFails("seller_002", 1, 1, "LLM_TIMEOUT", "too slow"),
        AcceptOffer("seller_001", "good", "p", "i", 300_000, START),
    ):
        verdict = kind.decide(room, command)
        events.extend(verdict.events)
        room = reduce(evolve, verdict.events, room)
    again = reduce(evolve, events[1:], evolve(None, events[0]))
    assert again == room
