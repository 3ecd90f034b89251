"""A state machine over the rules and the ledger: whatever is asked of rooms in whatever order, money holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from itertools import product
from typing import Any, ClassVar, Final

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chaffer.conversation.journal import EffectRefusedError
from chaffer.conversation.live import Verdict
from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import Account, Claim, CommitPurchase, ReleaseClaim
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
from chaffer.negotiation.events import (
    DealMade,
    DealRefused,
    Offer,
    RoomEnded,
    RoomOpened,
    RoundStarted,
    SellerReplied,
    SellerWithdrew,
)
from chaffer.negotiation.room import SKIPS_TO_WITHDRAW, Room, evolve
from chaffer.negotiation.rules import RoomKind
from chaffer.negotiation.terms import RoomStatus
from tests.support.markets import START, seller, terms

QUANTITY: Final = 2
LEAST: Final = {1: 83_000, 2: 86_000, 3: 89_000}
LIST: Final = 120_000
SEATED: Final = ((1, 2, 3), (1, 2), (2, 3))
"""Who sits in which room: the third seller may have an offer in the first that is foreign to the second."""

# At every limit that a price can meet, and on both sides of it; budgets put the ceilings among them.
PRICES = st.integers(LEAST[1] - 5_000, LIST + 5_000) | st.sampled_from(
    [-1, 0, 1, *(least + by for least in LEAST.values() for by in (-1, 0)), LIST, LIST + 1]
)
LEGAL = st.integers(LEAST[3], LIST)
# The second one most, as it sits in every room and so sells out.
SELLER_IDS: Final = ("seller_002", "seller_001", "seller_003", "seller_999")
SELLERS = st.sampled_from(("seller_002", *SELLER_IDS))
ROOM = st.integers(0, len(SEATED) - 1)
UNTIL = st.sampled_from([0, 0, 1, 2, 3, 9, None])
REFUSALS: Final = {
    Code.CONFLICT,
    Code.VALIDATION_ERROR,
    Code.NEGOTIATION_ALREADY_ACTIVE,
    Code.BUDGET_CONSTRAINT_VIOLATION,
}


def someone(is_one: Callable[[Room], bool]) -> Callable[[Any], Any]:
    """Let a rule be drawn only while that holds for one of the rooms."""
    return precondition(lambda market: any(is_one(room) for room in market.rooms))


def is_active(room: Room) -> bool:
    return room.status is RoomStatus.ACTIVE


def has_rounds_left(room: Room) -> bool:
    return room.is_open and room.round < room.terms.max_rounds


def is_buyer_s_turn(room: Room) -> bool:
    return is_active(room) and room.buyer_round < room.round


def is_owed_a_reply(room: Room) -> bool:
    return is_active(room) and any(seat.owes_reply for seat in room.seats.values())


def is_late(room: Room) -> bool:
    return is_active(room) and not has_rounds_left(room)


def has_ended(room: Room) -> bool:
    return not room.is_open


class Market(RuleBasedStateMachine):
    """Three rooms over one budget and one stock, with commands in any order and with any numbers.

    What stands in a room it tells from the events by itself, not by what the rules make of them.
    """

    tried: ClassVar[Counter[str]] = Counter()
    """What came of trying to accept, over all runs: a deal, or what stood against it."""
    bought: ClassVar[int] = 0

    @initialize(budget=st.sampled_from(range(200_000, 900_000, 50_000)), pieces=st.sampled_from([2, 3, 5]))
    def open(self, budget: int, pieces: int) -> None:
        """Open the rooms."""
        self.kind = RoomKind()
        self.stock = {f"seller_{number:03d}": pieces for number in LEAST}
        self.rooms: list[Room] = []
        for index, seated in enumerate(SEATED):
            sellers = (seller(n, list_minor=LIST, least_minor=LEAST[n], pieces=pieces) for n in seated)
            made = terms(*sellers, room_id=f"room_{index}", index=index, quantity=QUANTITY)
            self.rooms.append(evolve(None, RoomOpened(made)))
        claims = tuple(Claim(room.terms.room_id, LIST * QUANTITY) for room in self.rooms)
        self.account = Account("session", budget, 0, claims)
        self.offers: list[dict[str, Offer]] = [{} for _ in SEATED]
        self.withdrawn: list[set[str]] = [set() for _ in SEATED]
        self.rounds = [0 for _ in SEATED]
        self.ceilings = [0 for _ in SEATED]
        self.deals: list[DealMade] = []
        self.said = 0
        self.play_round(0, (LIST, LIST, LIST), None)
        self.play_round(1, (LIST, LIST, None), None)

    def give(self, index: int, command: RoomCommand) -> Code | None:
        """Give a command as the live conversation does, the ledger in one transaction; return how it was refused."""
        try:
            verdict = self.kind.decide(self.rooms[index], command)
            self.commit(verdict)
        except EffectRefusedError as refusal:
            instead = self.kind.refused(command, refusal)
            return refusal.code if instead is None else self.give(index, instead)
        except ChafferError as refusal:
            if refusal.code not in REFUSALS:
                raise
            return refusal.code
        for event in verdict.events:
            assert self.rooms[index].ended is None, "ended is ended"
            self.check(index, event)
            self.rooms[index] = evolve(self.rooms[index], event)
        return None

    def commit(self, verdict: Verdict) -> None:
        """Apply the effects of a verdict, or raise the refusal of its purchase."""
        for effect in verdict.effects:
            if isinstance(effect, CommitPurchase):
                purchase = effect.purchase
                check_purchase(self.account, self.stock.get(purchase.seller_id, 0), effect)
                committed = self.account.committed_minor + purchase.total_minor
                self.account = replace(self.account, committed_minor=committed)
                self.stock[purchase.seller_id] -= purchase.quantity
            if isinstance(effect, ReleaseClaim):
                claims = self.account.claims
                kept = (replace(c, is_open=False) if c.room_id == effect.room_id else c for c in claims)
                self.account = replace(self.account, claims=tuple(kept))

    def check(self, index: int, event: Any) -> None:
        """Hold an event against the limits, and note what it changes."""
        if isinstance(event, RoundStarted):
            self.rounds[index], self.ceilings[index] = event.round, event.ceiling_minor or 0
        if isinstance(event, DealRefused):
            self.ceilings[index] = min(self.ceilings[index], event.remaining_minor // QUANTITY)
        if isinstance(event, SellerWithdrew):
            self.withdrawn[index].add(event.seller_id)
        if isinstance(event, SellerReplied):
            assert event.seller_id not in self.withdrawn[index]
            assert LEAST[int(event.seller_id[-1])] <= event.offer.price_minor <= LIST
            assert self.rounds[index] <= event.offer.valid_until <= self.rooms[index].terms.max_rounds
            self.offers[index][event.seller_id] = event.offer
        if isinstance(event, DealMade):
            assert event.price_minor == self.offers[index][event.seller_id].price_minor
            self.deals.append(event)
            Market.bought += 1

    @invariant()
    def exactly_what_stands_may_be_accepted(self) -> None:
        """Try to accept every offer of everybody in every room, and what never was one, without keeping it."""
        for index, who, forced in product(range(len(self.rooms)), SELLER_IDS, (False, True)):
            if is_active(self.rooms[index]):
                why, code = self.objection(index, who, forced=forced)
                self.tried[why] += 1
                command = AcceptOffer(who, "good", "p", "i", self.account.remaining_minor, START, forced=forced)
                assert self.refusal(index, command) == code, why

    def refusal(self, index: int, command: AcceptOffer) -> Code | None:
        """Return how the rules and the ledger would refuse an acceptance."""
        try:
            verdict = self.kind.decide(self.rooms[index], command)
            for effect in verdict.effects:
                if isinstance(effect, CommitPurchase):
                    check_purchase(self.account, self.stock.get(command.seller_id, 0), effect)
        except (ChafferError, EffectRefusedError) as refusal:
            return refusal.code
        return None

    def objection(self, index: int, who: str, *, forced: bool) -> tuple[str, Code | None]:
        """Return what stands against accepting that seller's offer, and the code that tells so."""
        if who not in self.rooms[index].seats:
            return ("foreign", Code.VALIDATION_ERROR)
        offer = self.offers[index].get(who)
        if offer is None:
            return ("never made", Code.CONFLICT)
        price, violates = offer.price_minor, Code.BUDGET_CONSTRAINT_VIOLATION
        against = (
            ("withdrawn", Code.CONFLICT, who in self.withdrawn[index]),
            ("expired", Code.CONFLICT, offer.valid_until < self.rounds[index]),
            ("above the ceiling", violates, not forced and price > self.ceilings[index]),
            ("above the budget", violates, price * QUANTITY > self.account.remaining_minor),
            ("out of stock", Code.INSUFFICIENT_INVENTORY, self.stock[who] < QUANTITY),
        )
        return next(((why, code) for why, code, is_so in against if is_so), ("a deal", None))

    def one(self, index: int, is_one: Callable[[Room], bool]) -> int:
        """Return the first room from `index` on, around the corner, for which that holds."""
        turned = [(index + by) % len(self.rooms) for by in range(len(self.rooms))]
        return next(at for at in turned if is_one(self.rooms[at]))

    def budget(self, index: int) -> tuple[int, int]:
        """Return the ceiling of a room and what remains, as its buyer is told them when a round begins."""
        shares = [ceiling_minor(self.account, room.terms.room_id, QUANTITY) for room in self.rooms]
        assert sum(shares) * QUANTITY <= self.account.remaining_minor, "rooms may spend no more than there is"
        return shares[index], self.account.remaining_minor

    @someone(has_rounds_left)
    @rule(index=ROOM, prices=st.tuples(*[st.none() | LEGAL] * 3), until=UNTIL)
    def play_round(self, index: int, prices: tuple[int | None, ...], until: int | None) -> None:
        """Start a room or begin its next round, and let speak who has something to say."""
        index = self.one(index, has_rounds_left)
        room = self.rooms[index]
        if is_active(room):
            self.give(index, BeginRound(room.round + 1, *self.budget(index)))
            self.buyer_speaks(index, "all", None)
        else:
            opening = Utterance("m", tuple(room.seats), 1, "Hello")
            self.give(index, StartRoom(opening, *self.budget(index), START))
        for who, price in zip(room.seats, prices, strict=False):
            if price is not None:
                self.reply(index, who, price, until)

    @someone(is_buyer_s_turn)
    @rule(index=ROOM, to=SELLERS, bid=st.none() | PRICES)
    def buyer_speaks(self, index: int, to: str, bid: int | None) -> None:
        """Say something as the buyer, to one or to all."""
        index = self.one(index, is_buyer_s_turn)
        hearers = (to,) if to in self.rooms[index].seats else tuple(self.rooms[index].seats)
        self.give(index, BuyerSpeaks(self.rooms[index].round, (Utterance("m", hearers, bid, "Well?"),)))

    @someone(is_active)
    @rule(index=ROOM, text=st.sampled_from(["@Shop 2 can you do $900?", "@Nobody hi", "$1 or $2", "₹950", None]))
    def person_acts(self, index: int, text: str | None) -> None:
        """Say something by hand, or ask for a decision."""
        index = self.one(index, is_active)
        self.said += 1
        self.give(index, CallDecision() if text is None else PersonSpeaks(f"p{self.said}", text))

    def reply(self, index: int, who: str, price: int, until: int | None) -> None:
        """Offer at any price."""
        room = self.rooms[index]
        heard = room.seats[who].heard_turn if who in room.seats else 1
        self.give(index, SellerReplies(who, room.round, heard, "m", price, "There.", valid_until=until))

    @someone(is_owed_a_reply)
    @rule(index=ROOM, who=SELLERS, price=PRICES, until=UNTIL)
    def seller_replies(self, index: int, who: str, price: int, until: int | None) -> None:
        """Let a seller reply, whether it was spoken to or not."""
        self.reply(self.one(index, is_owed_a_reply), who, price, until)

    @someone(is_active)
    @rule(index=ROOM, who=SELLERS, times=st.sampled_from([1, SKIPS_TO_WITHDRAW]))
    def seller_fails(self, index: int, who: str, times: int) -> None:
        """Let a seller's model fail, perhaps so often that it is out."""
        index = self.one(index, is_active)
        for _ in range(times):
            self.person_acts(index, "all of you?")
            heard = self.rooms[index].turn
            self.give(index, SellerFails(who, self.rooms[index].round, heard, "LLM_TIMEOUT", "too slow"))

    @someone(is_active)
    @rule(index=ROOM, who=SELLERS, stale=st.integers(min_value=-5, max_value=5), forced=st.booleans())
    def accept(self, index: int, who: str, stale: int, *, forced: bool) -> None:
        """Accept whatever stands, perhaps with an old look at the budget."""
        index = self.one(index, is_active)
        self.give(index, AcceptOffer(who, "good", "p", "i", self.account.remaining_minor + stale, START, forced=forced))

    @someone(is_late)
    @rule(index=ROOM, status=st.sampled_from(["completed", "cancelled", "failed"]))
    def end(self, index: int, status: str) -> None:
        """End a room that has been haggled in for long: else few would come so far."""
        self.give(self.one(index, is_late), EndRoom(status, "enough", START))

    @someone(has_ended)
    @rule(index=ROOM)
    def go_on_after_the_end(self, index: int) -> None:
        """Ask for anything in a room that has ended."""
        index = self.one(index, has_ended)
        room, who = self.rooms[index], next(iter(self.rooms[index].seats))
        said = Utterance("m", (who,), 1, "Well?")
        commands: tuple[RoomCommand, ...] = (
            StartRoom(said, *self.budget(index), START),
            BeginRound(room.round + 1, *self.budget(index)),
            BuyerSpeaks(room.round, (said,)),
            PersonSpeaks("p", "Well?"),
            SellerReplies(who, room.round, room.turn, "m", LIST, "There."),
            SellerFails(who, room.round, room.turn, "LLM_TIMEOUT", "too slow"),
            CallDecision(),
            AcceptOffer(who, "good", "p", "i", self.account.remaining_minor, START, forced=True),
            EndRoom("completed", "enough", START),
        )
        codes = {self.give(index, command) for command in commands}
        assert codes == {Code.CONFLICT, Code.NEGOTIATION_ALREADY_ACTIVE}

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


def test_the_machine_comes_to_every_limit_of_an_acceptance() -> None:
    """A machine in which no offer ever expires shows nothing of expired offers."""
    Market.tried.clear()
    Market.bought = 0
    run_state_machine_as_test(Market, settings=settings(derandomize=True, max_examples=20, phases=[Phase.generate]))
    assert set(Market.tried) == {
        "a deal",
        "foreign",
        "never made",
        "withdrawn",
        "expired",
        "above the ceiling",
        "above the budget",
        "out of stock",
    }
    assert Market.bought > 5


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
