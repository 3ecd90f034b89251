"""The rules of a room, one by one: what each of them lets through, and how it refuses what it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chaffer.conversation.minds import Making
from chaffer.errors import Code
from chaffer.ledger.books import ReleaseClaim
from chaffer.negotiation.commands import (
    BeginRound,
    BuyerSpeaks,
    CallDecision,
    PersonSpeaks,
    RecordRefusal,
    RoomCommand,
    SellerReplies,
    StartRoom,
)
from chaffer.negotiation.events import (
    BudgetUpdated,
    BuyerSpoke,
    DecisionCalled,
    NegotiationStarted,
    OfferCorrected,
    RoomOpened,
    RoundStarted,
    SellerSkipped,
    SellerWithdrew,
)
from chaffer.negotiation.room import (
    AskBuyer,
    AskDecision,
    AskSellers,
    BeginNextRound,
    NobodyLeft,
    Nothing,
    evolve,
    next_step,
)
from chaffer.negotiation.rules import RoomKind, decide
from chaffer.negotiation.terms import RoomStatus
from tests.support.markets import START, seller, terms
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
    fails,
    next_round,
    offers,
    refusal,
    said,
)


@pytest.mark.parametrize(("wished", "until"), [(0, 1), (1, 1), (2, 2), (3, 3), (4, 3), (None, 3)])
def test_an_offer_names_a_round_from_this_to_the_last(wished: int | None, until: int) -> None:
    offer = begun(offers(ONE, 100_000, until=wished)).seats[ONE].offer
    assert offer is not None
    assert (offer.price_minor, offer.quantity, offer.valid_until) == (100_000, 2, until)


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (89_999, "below what you may accept"),
        (120_001, "above your list price of 1200."),
        (0, "below what you may accept"),
        (-100_000, "below what you may accept"),
    ],
)
def test_an_offer_outside_a_seller_s_limits_is_not_placed(price: int, words: str) -> None:
    refused = refusal(begun(), offers(ONE, price))
    assert refused.code is Code.VALIDATION_ERROR
    assert words in refused.message
    assert "900" not in refused.message, "the least price is the seller's own"


@pytest.mark.parametrize("price", [90_000, 120_000])
def test_a_seller_s_limits_themselves_may_be_offered(price: int) -> None:
    assert begun(offers(ONE, price)).seats[ONE].prices == (price,)


@pytest.mark.parametrize(
    ("before", "reply"),
    [
        ((offers(ONE, 100_000),), offers(ONE, 95_000)),
        ((), offers(ONE, 100_000, heard=2)),
        ((), offers(ONE, 100_000, heard=0)),
        (WITHDRAWN, offers(ONE, 100_000, heard=5)),
        ((*WITHDRAWN, PersonSpeaks("p", "@Shop 1 hello?")), offers(ONE, 100_000, heard=6)),
    ],
    ids=["twice", "to what was not said", "to nothing", "after it left", "spoken to after it left"],
)
def test_only_who_owes_a_reply_replies(before: tuple[RoomCommand, ...], reply: SellerReplies) -> None:
    room = begun(*before)
    assert refusal(room, reply).code is Code.CONFLICT
    assert refusal(room, fails(ONE, reply.heard_turn)).code is Code.CONFLICT


def test_who_is_sold_out_owes_no_reply_any_more() -> None:
    sold = RecordRefusal(accepts(ONE), Code.INSUFFICIENT_INVENTORY, "none left", BUDGET)
    room = begun(offers(ONE, 100_000), PersonSpeaks("p", "Well?"), sold)
    assert next_step(room) == AskSellers((TWO,))
    assert [seat.owes_reply for seat in room.seats.values()] == [False, True]
    assert refusal(room, offers(ONE, 100_000, heard=3)).code is Code.CONFLICT


def test_a_reply_answers_what_it_heard_and_what_came_later_is_owed() -> None:
    room = begun(PersonSpeaks("p", "@Shop 1 are you there?"), offers(ONE, 100_000, heard=1))
    assert room.seats[ONE].owes_reply
    assert next_step(room) == AskSellers((ONE, TWO))
    assert not after(room, offers(ONE, 99_000, heard=2)).seats[ONE].owes_reply


def test_a_seller_that_fails_three_times_in_a_row_is_out() -> None:
    hello = PersonSpeaks("p", "@Shop 1 hello?")
    room = begun(fails(ONE, 1), hello, fails(ONE, 2), hello)
    assert room.seats[ONE].skips == 2
    assert not room.seats[ONE].withdrawn
    recovered = after(room, offers(ONE, 100_000, heard=3), hello, fails(ONE, 5), hello, fails(ONE, 6))
    assert not recovered.seats[ONE].withdrawn, "a reply in between counts them anew"
    verdict = decide(room, fails(ONE, 3))
    assert [type(event) for event in verdict.events] == [SellerSkipped, SellerWithdrew]
    assert after(room, fails(ONE, 3)).seats[ONE].left_because == "its model failed 3 times in a row (LLM_TIMEOUT)"


@pytest.mark.parametrize("number", [0, 1, 3])
def test_rounds_follow_each_other(number: int) -> None:
    assert refusal(begun(), next_round(number)).code is Code.CONFLICT


def test_no_round_follows_the_last() -> None:
    assert refusal(begun(rounds=1), next_round(2)).code is Code.CONFLICT
    assert begun(next_round(2), rounds=2).round == 2


def test_a_round_begins_with_the_budget_as_it_is_and_says_where_it_changed() -> None:
    same, less = BeginRound(2, 90_000, BUDGET), BeginRound(2, 90_000, BUDGET - 1)
    assert decide(begun(), same).events == (RoundStarted(2, 90_000, BUDGET),)
    assert decide(begun(), less).events == (RoundStarted(2, 90_000, BUDGET - 1), BudgetUpdated(BUDGET - 1))
    room = after(begun(), less)
    assert (room.ceiling_minor, room.remaining_minor) == (90_000, BUDGET - 1)


@pytest.mark.parametrize("bid", [-1, 0, CEILING + 1])
def test_a_bid_outside_the_buyer_s_limits_is_not_placed(bid: int) -> None:
    room = begun(next_round(2))
    refused = refusal(room, BuyerSpeaks(2, (said(ONE, bid=1), said(TWO, bid=bid))))
    assert refused.code is Code.VALIDATION_ERROR
    assert str(CEILING // 100) not in refused.message.replace("1100.01", ""), "the ceiling is told to nobody"


def test_the_buyer_speaks_once_in_a_round_to_several() -> None:
    room = begun(next_round(2))
    both = BuyerSpeaks(2, (said(ONE, bid=1), said(TWO, bid=CEILING), said(TWO)))
    spoken = after(room, both)
    assert [event.turn for event in decide(room, both).events if isinstance(event, BuyerSpoke)] == [2, 3, 4]
    assert (spoken.turn, spoken.buyer_round) == (4, 2)
    assert (spoken.seats[ONE].bids, spoken.seats[TWO].bids) == ((1,), (CEILING,))
    assert refusal(spoken, both).code is Code.CONFLICT
    assert refusal(room, BuyerSpeaks(1, (said(ONE),))).code is Code.CONFLICT
    assert refusal(room, BuyerSpeaks(3, (said(ONE),))).code is Code.CONFLICT


@pytest.mark.parametrize(
    ("words", "hearers", "bid"),
    [
        ("@Shop 1 would you take $950?", (ONE,), 95_000),
        ("Would you all take $1100?", (ONE, TWO), 110_000),
        ("Would you take $1100.01?", (ONE, TWO), None),
        ("Is it $0?", (ONE, TWO), None),
        ("$900 or $950?", (ONE, TWO), None),
        ("What of 2 of them?", (ONE, TWO), None),
        ("@Nobody take $900!", (), None),
        ("What of nothing, $0?", (ONE, TWO), None),
    ],
)
def test_a_person_s_single_amount_is_a_bid_within_the_ceiling(
    words: str, hearers: tuple[str, ...], bid: int | None
) -> None:
    (event,) = decide(begun(), PersonSpeaks("p", words)).events
    assert isinstance(event, BuyerSpoke)
    assert (event.hearers, event.bid_minor, event.manual) == (hearers, bid, True)


def test_a_bid_to_who_has_left_is_none() -> None:
    (event,) = decide(begun(*WITHDRAWN), PersonSpeaks("p", "@Shop 1, $900?")).events
    assert isinstance(event, BuyerSpoke)
    assert (event.hearers, event.bid_minor) == ((), None)


def test_the_answer_to_a_person_is_kept_with_the_message_it_tells_of() -> None:
    speaks = PersonSpeaks("p", "Well?", remember=lambda spoken: ReleaseClaim("session", spoken.message_id))
    assert decide(begun(), speaks).effects == (ReleaseClaim("session", "p"),)
    assert decide(begun(), PersonSpeaks("p", "Well?")).effects == ()


def test_what_a_turn_took_to_make_is_told_once() -> None:
    making = Making("builtin", "rules", 1, 0.5, 11, 22)
    verdict = decide(begun(next_round(2)), BuyerSpeaks(2, (said(ONE), said(TWO)), making))
    assert [event.making for event in verdict.events if isinstance(event, BuyerSpoke)] == [making, None]


def test_a_person_is_not_heard_by_who_has_left_and_does_not_take_the_buyer_s_turn() -> None:
    room = begun(*WITHDRAWN, next_round(2))
    (event,) = decide(room, PersonSpeaks("p", "@Shop 1 and @Shop 2, $900?")).events
    assert isinstance(event, BuyerSpoke)
    assert (event.hearers, event.mentioned) == ((TWO,), (ONE, TWO))
    (event,) = decide(room, BuyerSpeaks(2, (said(ONE, TWO),))).events
    assert isinstance(event, BuyerSpoke)
    assert event.hearers == (TWO,)
    assert next_step(after(room, PersonSpeaks("p", "@Shop 1 hello?"), fails(TWO, 1))) == AskBuyer()


def test_a_decision_is_called_once() -> None:
    assert decide(begun(), CallDecision()).events == (DecisionCalled(),)
    called = begun(CallDecision())
    assert decide(called, CallDecision()).events == ()
    assert next_step(called) == AskDecision(), "before the replies that are owed"


def test_a_room_begins_once_and_only_where_somebody_sells() -> None:
    start = StartRoom(said(ONE), CEILING, BUDGET, START)
    assert refusal(begun(), start).code is Code.NEGOTIATION_ALREADY_ACTIVE
    assert refusal(begun(ends()), start).code is Code.NEGOTIATION_ALREADY_ACTIVE
    pending = evolve(None, RoomOpened(terms(seller(1))))
    assert decide(pending, start).events[:2] == (
        NegotiationStarted(START, START + timedelta(minutes=10)),
        RoundStarted(1, CEILING, BUDGET),
    )
    empty = evolve(None, RoomOpened(replace(terms(), sellers=()), "nobody sells it"))
    assert (empty.status, empty.is_open, next_step(empty)) == (RoomStatus.NO_SELLERS_AVAILABLE, False, Nothing())
    assert (refused := refusal(empty, start)).code is Code.CONFLICT
    assert "nobody sells it" in refused.message


ANYTHING: tuple[RoomCommand, ...] = (
    next_round(2),
    BuyerSpeaks(1, (said(ONE),)),
    PersonSpeaks("p", "Well?"),
    offers(ONE, 100_000),
    fails(ONE, 1),
    CallDecision(),
    accepts(ONE, forced=True),
    RecordRefusal(accepts(ONE), Code.BUDGET_CONSTRAINT_VIOLATION, "too dear", 1),
)


@pytest.mark.parametrize("command", ANYTHING, ids=lambda command: type(command).__name__)
def test_nothing_happens_in_a_room_before_its_start_and_after_its_end(command: RoomCommand) -> None:
    pending = evolve(None, RoomOpened(terms(seller(1), seller(2))))
    assert (refused := refusal(pending, command)).code is Code.CONFLICT
    assert "start it first" in refused.message
    assert (refused := refusal(begun(ends("failed")), command)).code is Code.CONFLICT
    assert "it is over (failed)" in refused.message


def test_a_room_ends_once_and_gives_its_claim_back() -> None:
    pending = evolve(None, RoomOpened(terms(seller(1), seller(2))))
    for room in (pending, begun()):
        verdict = decide(room, ends())
        assert verdict.effects == (ReleaseClaim("session", room.terms.room_id),)
        ended = after(room, ends())
        assert (ended.status, ended.is_open, next_step(ended)) == (RoomStatus.CANCELLED, False, Nothing())
        assert [RoomKind().is_over(one) for one in (room, ended)] == [False, True]
        assert refusal(ended, ends()).code is Code.CONFLICT
    assert after(pending, ends()).ended.duration_seconds == 0  # type: ignore[union-attr]  # it ended


def test_what_happens_next_in_a_room() -> None:
    room = begun()
    assert next_step(room) == AskSellers((ONE, TWO))
    answered = after(room, offers(ONE, 100_000), fails(TWO, 1))
    assert next_step(answered) == BeginNextRound(2)
    second = after(answered, next_round(2))
    assert next_step(second) == AskBuyer()
    spoken = after(second, BuyerSpeaks(2, (said(TWO),)))
    assert next_step(spoken) == AskSellers((TWO,))
    last = after(spoken, offers(TWO, 100_000, heard=3), next_round(3), BuyerSpeaks(3, (said(ONE),)))
    assert next_step(after(last, offers(ONE, 99_000, heard=5))) == AskDecision()
    assert next_step(evolve(None, RoomOpened(terms()))) == Nothing()


def test_a_room_that_everybody_left_has_nobody_to_ask() -> None:
    every = [
        command for turn in (1, 2, 3) for command in (fails(ONE, turn), fails(TWO, turn), PersonSpeaks("p", "Hello?"))
    ]
    room = begun(*every[:-1])
    assert next_step(room) == NobodyLeft()
    assert next_step(after(room, CallDecision())) == NobodyLeft()


def test_a_room_that_was_opened_has_nothing_in_it() -> None:
    room = evolve(None, RoomOpened(terms(seller(1))))
    assert (room.round, room.turn, room.buyer_round, room.ceiling_minor, room.corrections) == (0, 0, 0, 0, 0)
    assert (room.status, room.is_open, room.seats[ONE].owes_reply) == (RoomStatus.PENDING, True, False)
    assert evolve(room, OfferCorrected(ONE, 1, "attempt", "too low", None)).corrections == 1
    with pytest.raises(TypeError, match="RoomOpened"):
        evolve(None, DecisionCalled())
