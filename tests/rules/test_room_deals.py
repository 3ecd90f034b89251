"""What of a room may be accepted, by whom, and what a deal leads to."""

from __future__ import annotations

import pytest

from chaffer.conversation.journal import EffectRefusedError
from chaffer.errors import Code
from chaffer.ledger.books import CommitPurchase, ReleaseClaim
from chaffer.negotiation.commands import (
    AcceptOffer,
    PersonSpeaks,
    RecordRefusal,
    RoomCommand,
)
from chaffer.negotiation.events import (
    BudgetUpdated,
    DealRefused,
    RoomEnded,
    SellerWithdrew,
)
from chaffer.negotiation.rules import RoomKind, decide
from chaffer.negotiation.terms import RoomStatus
from tests.support.rooms import (
    BUDGET,
    CEILING,
    ONE,
    TWO,
    WITHDRAWN,
    accepts,
    after,
    begun,
    ends,
    next_round,
    offers,
    refusal,
)


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(
    ("before", "accepted", "code", "words"),
    [
        ((), accepts(ONE), Code.CONFLICT, "no standing offer"),
        ((offers(TWO, 100_000),), accepts(ONE), Code.CONFLICT, "no standing offer"),
        ((offers(ONE, 100_000, until=1), next_round(2)), accepts(ONE), Code.CONFLICT, "no standing offer"),
        (WITHDRAWN, accepts(ONE), Code.CONFLICT, "no standing offer"),
        ((offers(ONE, 100_000),), accepts("seller_003"), Code.VALIDATION_ERROR, "seller_001, seller_002"),
        ((offers(ONE, 100_000),), accepts(ONE, price_minor=99_999), Code.CONFLICT, "has changed to 1000."),
    ],
    ids=["never made", "another's", "expired", "withdrawn", "foreign", "changed"],
)
def test_what_does_not_stand_is_not_accepted_by_an_agent_or_a_person(
    before: tuple[RoomCommand, ...], accepted: AcceptOffer, code: Code, words: str, *, forced: bool
) -> None:
    refused = refusal(begun(*before), accepts(accepted.seller_id, price_minor=accepted.price_minor, forced=forced))
    assert refused.code is code
    assert words in refused.message


def test_a_price_above_the_ceiling_is_accepted_by_a_person_alone() -> None:
    room = begun(offers(ONE, CEILING + 1), offers(TWO, CEILING))
    refused = refusal(room, accepts(ONE))
    assert refused.code is Code.BUDGET_CONSTRAINT_VIOLATION
    assert "1100.01" in refused.message
    assert after(room, accepts(ONE, forced=True)).deal is not None
    assert after(room, accepts(TWO)).deal is not None, "the ceiling itself may be paid"


def test_an_offer_stands_to_the_end_of_its_last_round() -> None:
    room = begun(offers(ONE, 100_000, until=2), offers(TWO, 100_000), next_round(2))
    assert list(room.standing_offers()) == [ONE, TWO]
    assert after(room, accepts(ONE, price_minor=100_000)).deal is not None
    assert list(after(room, next_round(3)).standing_offers()) == [TWO], "one that names no round stands to the last"


def test_a_deal_ends_the_room_and_takes_what_was_agreed() -> None:
    verdict = decide(room := begun(offers(ONE, 100_000)), accepts(ONE, forced=True))
    made, budget, ended = verdict.events
    commit, release = verdict.effects
    assert isinstance(commit, CommitPurchase)
    assert (commit.purchase.seller_id, commit.purchase.total_minor, commit.seen_remaining_minor) == (
        ONE,
        200_000,
        BUDGET,
    )
    assert release == ReleaseClaim("session", room.terms.room_id)
    assert budget == BudgetUpdated(BUDGET - 200_000)
    assert isinstance(ended, RoomEnded)
    assert (ended.status, ended.rounds, ended.duration_seconds) == (RoomStatus.COMPLETED, 1, 9.0)
    closed = after(room, accepts(ONE))
    assert (closed.status, closed.reason, closed.is_open) == (RoomStatus.COMPLETED, "good", False)
    assert made.price_minor == 100_000


def test_an_acceptance_that_the_ledger_refused_is_written_down() -> None:
    room = begun(offers(ONE, 100_000))
    dear = RecordRefusal(accepts(ONE), Code.BUDGET_CONSTRAINT_VIOLATION, "too dear", 150_001)
    assert decide(room, dear).events == (
        DealRefused(ONE, 1, 100_000, Code.BUDGET_CONSTRAINT_VIOLATION, "too dear", 150_001),
        BudgetUpdated(150_001),
    )
    lower = after(room, dear)
    assert (lower.ceiling_minor, lower.remaining_minor) == (75_000, 150_001), "what two pieces may cost now"
    rich = after(room, RecordRefusal(accepts(ONE), Code.BUDGET_CONSTRAINT_VIOLATION, "too dear", 900_000))
    assert rich.ceiling_minor == CEILING, "a refusal never raises it"
    sold = RecordRefusal(accepts(ONE, price_minor=100_000), Code.INSUFFICIENT_INVENTORY, "none left", BUDGET)
    assert [type(event) for event in decide(room, sold).events] == [DealRefused, SellerWithdrew]
    assert after(room, sold).standing_offers() == {}
    two = after(room, PersonSpeaks("p", "@Shop 1 less?"), offers(ONE, 95_000, heard=3))
    for seen, price in ((None, 95_000), (96_000, 96_000)):
        dear = RecordRefusal(accepts(ONE, price_minor=seen), Code.BUDGET_CONSTRAINT_VIOLATION, "too dear", BUDGET)
        assert decide(two, dear).events[0].price_minor == price, "what was seen, or else what stands"
    never = RecordRefusal(accepts(TWO), Code.BUDGET_CONSTRAINT_VIOLATION, "too dear", BUDGET)
    assert decide(room, never).events[0].price_minor == 0


@pytest.mark.parametrize("forced", [False, True])
def test_what_follows_a_refusal_of_the_ledger(*, forced: bool) -> None:
    def refused(code: Code, remaining: int | None = 7) -> RoomCommand | None:
        return RoomKind().refused(
            accepts(ONE, forced=forced), EffectRefusedError(code, "no", remaining_minor=remaining)
        )

    again = refused(Code.CONFLICT)
    assert isinstance(again, AcceptOffer)
    assert (again.remaining_minor, again.forced) == (7, forced), "a changed budget is looked at again"
    for code in (Code.BUDGET_CONSTRAINT_VIOLATION, Code.INSUFFICIENT_INVENTORY):
        assert isinstance(refused(code), type(None) if forced else RecordRefusal), "a person is told instead"
    assert refused(Code.CONFLICT, None) is None, "the room has bought"
    assert RoomKind().refused(ends(), EffectRefusedError(Code.CONFLICT, "no", remaining_minor=7)) is None
