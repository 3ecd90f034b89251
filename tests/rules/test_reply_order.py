"""The order in which the buyer weighs what sellers said: drawn, so that being fast wins nothing, or that of arrival."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import reduce
from itertools import permutations
from typing import Any, Final

from chaffer.conversation.journal import Recorded
from chaffer.negotiation.built_in import BuiltInBuyer
from chaffer.negotiation.commands import BeginRound, BuyerSpeaks, RoomCommand, SellerReplies, StartRoom
from chaffer.negotiation.events import RoomOpened, SellerReplied
from chaffer.negotiation.questions import BuyerTurn
from chaffer.negotiation.room import evolve
from chaffer.negotiation.rules import decide
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.terms import ReplyOrder
from chaffer.negotiation.turns import buyer_turn
from tests.support.markets import START, scenario, seller, terms
from tests.support.rooms import BUDGET, CEILING, said

SELLERS: Final = ("seller_001", "seller_002", "seller_003", "seller_004")
ARRIVALS: Final = tuple(permutations(SELLERS))
LAST_ROUND: Final = 2


def decision(arrival: Sequence[str], order: ReplyOrder, *, seed: int = 7) -> BuyerTurn:
    """Return the buyer's last question in a room whose sellers offered the same each round, and arrived in this order.

    In the round before they arrived the other way round.
    """
    room_terms = terms(*map(seller, range(1, 5)), max_rounds=LAST_ROUND, reply_order=order, seed=seed)
    opened = RoomOpened(room_terms)
    events: list[Any] = [opened]
    room = evolve(None, opened)
    commands: list[RoomCommand] = [StartRoom(said(*SELLERS), CEILING, BUDGET, START)]
    commands += [SellerReplies(who, 1, 1, f"{who} 1", 105_000, "Here.") for who in reversed(arrival)]
    commands += [BeginRound(2, CEILING, BUDGET), BuyerSpeaks(2, (said(*SELLERS),))]
    commands += [SellerReplies(who, 2, 6, f"{who} 2", 100_000, "There.") for who in arrival]
    for command in commands:
        came = decide(room, command).events
        events += came
        room = reduce(evolve, came, room)
    records = [Recorded(position, START, event) for position, event in enumerate(events, start=1)]
    return buyer_turn(room, records, must_decide=True)


def weighed(turn: BuyerTurn) -> tuple[str, ...]:
    return tuple(rival.seller_id for rival in turn.rivals)


def read(turn: BuyerTurn, round_: int = LAST_ROUND) -> tuple[str, ...]:
    """Return who speaks, in the order in which the buyer's prompt quotes the replies of a round."""
    replies = (seen.event for seen in turn.heard() if isinstance(seen.event, SellerReplied))
    return tuple(reply.seller_id for reply in replies if reply.round == round_)


def test_by_default_replies_are_weighed_in_a_drawn_order() -> None:
    assert Scenario.model_validate(scenario()).negotiation.reply_order is ReplyOrder.SHUFFLED


def test_who_answers_first_wins_nothing() -> None:
    """CONTRACT §2: the buyer weighs them in an order drawn from the seed, so that being fast wins nothing."""
    turns = [decision(arrival, ReplyOrder.SHUFFLED) for arrival in ARRIVALS]
    assert len({weighed(turn) for turn in turns}) == 1
    assert {read(turn) for turn in turns} == {weighed(turns[0])}, "the words are quoted in the order of the weighing"
    assert len({read(turn, 1) for turn in turns}) == 1
    assert {BuiltInBuyer("linear").reply(turn).accept for turn in turns} == {weighed(turns[0])[0]}


def test_every_seller_is_weighed_first_as_often_as_another() -> None:
    firsts = Counter(weighed(decision(SELLERS, ReplyOrder.SHUFFLED, seed=seed))[0] for seed in range(200))
    assert set(firsts) == set(SELLERS)
    assert min(firsts.values()) > 30, firsts


def test_the_order_is_drawn_anew_each_round() -> None:
    rooms = [decision(SELLERS, ReplyOrder.SHUFFLED, seed=seed) for seed in range(20)]
    assert any(read(room, 1) != read(room, 2) for room in rooms)


def test_in_studies_of_arrival_the_fastest_is_weighed_first_and_of_equal_offers_wins() -> None:
    """CONTRACT §2: `"arrival"` is there for studies; what counts is the last reply of each."""
    for arrival in ARRIVALS:
        turn = decision(arrival, ReplyOrder.ARRIVAL)
        assert weighed(turn) == read(turn) == arrival
        assert read(turn, 1) == tuple(reversed(arrival))
        assert BuiltInBuyer("linear").reply(turn).accept == arrival[0]
