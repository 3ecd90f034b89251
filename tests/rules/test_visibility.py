"""Who sees what, over random conversations: a leak is a canary found where it may not be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chaffer.conversation.feed import Piece
from chaffer.conversation.views import OPERATOR, Viewer, may_hear, view_for
from chaffer.money import plain
from chaffer.negotiation.events import BuyerSpoke, OfferCorrected, RoomEnded, SellerReplied
from chaffer.negotiation.terms import Buyer, RoomTerms
from chaffer.negotiation.visibility import RoomSight, owner_of_room
from tests.support.conversations import CEILING, random_conversation
from tests.support.markets import BUILTIN, seller, terms
from tests.support.shown import everything_shown, prompts_shown

SEEDS = st.integers(min_value=0, max_value=2**32)


def _stated(shown: str, amounts: Iterable[int]) -> list[int]:
    """Return those of the amounts that stand there, in minor units or as a price.

    Whole numbers are compared: the digits of an amount may be a part of another one.
    """
    numbers = set(re.findall(r"\d+(?:\.\d+)?", shown))
    return [minor for minor in amounts if numbers & {f"{minor}", f"{minor / 100}", f"{minor / 100:.2f}", plain(minor)}]


def _market(*, rounds: int) -> RoomTerms:
    """Return a room whose every private number is found nowhere else.

    The budget is even, and stays so by every purchase of two pieces; the sellers' private numbers are odd.
    """
    sellers = (
        seller(
            number,
            list_minor=120_017 + 1_000 * number,
            least_minor=90_007 + 1_000 * number,
            cost_minor=70_007 + 1_000 * number,
        )
        for number in (1, 2, 3, 4)
    )
    return terms(*sellers, buyer=Buyer("buyer_1", "John Doe", 298_768, 98_767, BUILTIN), max_rounds=rounds)


@given(seed=SEEDS, whole=st.integers(0, 3))
def test_a_seller_sees_no_word_and_no_number_of_another_nor_the_budget(seed: int, whole: int) -> None:
    """CONTRACT §2: a seller sees the buyer's messages that reach it and its own; one is looked at on all ways."""
    made = _market(rounds=4)
    room, records = random_conversation(made, Random(seed))
    budgets = {made.buyer.budget_minor - by for by in range(5)} | {CEILING, made.buyer.wish_minor}
    for number, viewer in enumerate(made.sellers):
        shown = repr(view_for(Viewer(viewer.seller_id), records, RoomSight(made)))
        if number == whole:
            shown += everything_shown(room, records, Viewer(viewer.seller_id))
            shown += "\n".join(prompts_shown(records, viewer.seller_id))
        hidden = set(budgets)
        for other in made.sellers:
            if other.seller_id == viewer.seller_id:
                continue
            for of in ("words", "fault", "attempt"):
                assert f"{of} of {other.seller_id}" not in shown
            hidden |= {other.list_minor, other.least_minor, other.cost_minor, *room.seats[other.seller_id].prices}
        told_others = {bid for seat in room.seats.values() for bid in seat.bids if bid % 100 and bid > 10_000}
        assert _stated(shown, hidden | told_others - set(room.seats[viewer.seller_id].bids)) == []
        assert "with its budget" not in shown
        assert "secret-model" not in shown


@given(seed=SEEDS)
def test_a_seller_hears_every_message_that_names_it(seed: int) -> None:
    """Privacy is no deafness: what is addressed to a seller reaches it, whole and once."""
    made = _market(rounds=4)
    _, records = random_conversation(made, Random(seed))
    for viewer in made.sellers:
        seen = view_for(Viewer(viewer.seller_id), records, RoomSight(made))
        heard = [look.event.message_id for look in seen if isinstance(look.event, BuyerSpoke)]
        spoken = [r.event for r in records if isinstance(r.event, BuyerSpoke)]
        assert heard == [event.message_id for event in spoken if viewer.seller_id in event.hearers]
        own = [look.event for look in seen if isinstance(look.event, SellerReplied)]
        assert all(event.seller_id == viewer.seller_id for event in own)


@given(seed=SEEDS)
def test_the_buyer_sees_every_message_and_no_cost_or_least_price(seed: int) -> None:
    """CONTRACT §2: the buyer sees no cost or least price."""
    made = _market(rounds=4)
    room, records = random_conversation(made, Random(seed))
    buyer = Viewer(made.buyer.buyer_id)
    seen = view_for(buyer, records, RoomSight(made))
    shown = "\n".join([everything_shown(room, records, buyer), *prompts_shown(records, made.buyer.buyer_id)])
    for one in made.sellers:
        assert _stated(shown, [one.cost_minor, one.least_minor]) == []
        assert "attempt of" not in shown
        assert "fault of" not in shown
    spoken = [r.position for r in records if isinstance(r.event, BuyerSpoke | SellerReplied)]
    assert [look.position for look in seen if isinstance(look.event, BuyerSpoke | SellerReplied)] == spoken
    assert "RoomOpened" not in shown


@given(seed=SEEDS)
def test_the_operator_sees_all(seed: int) -> None:
    """The operator is a viewer too, and the one whose record is whole."""
    made = _market(rounds=3)
    _, records = random_conversation(made, Random(seed))
    seen = view_for(OPERATOR, records, RoomSight(made))
    assert [(look.position, look.event) for look in seen] == [(r.position, r.event) for r in records]


@given(seed=SEEDS)
def test_a_loser_learns_neither_who_won_nor_for_how_much(seed: int) -> None:
    """The end of a room tells a seller about itself alone."""
    made = _market(rounds=2)
    room, records = random_conversation(made, Random(seed))
    for viewer in made.sellers:
        seen = view_for(Viewer(viewer.seller_id), records, RoomSight(made))
        end = seen[-1].event
        assert isinstance(end, RoomEnded)
        assert end.seller_id in {None, viewer.seller_id}
        if room.deal is None or room.deal.seller_id != viewer.seller_id:
            assert end.price_minor is None
            assert end.total_minor is None


def test_a_draft_is_read_by_its_speaker_its_hearers_and_the_operator_alone() -> None:
    """What is being said is as private as what was said."""
    piece = Piece("m1", "buyer_1", 0, frozenset({"seller_001"}), 0, "psst")
    assert may_hear(OPERATOR, piece)
    assert may_hear(Viewer("buyer_1"), piece)
    assert may_hear(Viewer("seller_001"), piece)
    assert not may_hear(Viewer("seller_002"), piece)


@given(seed=SEEDS, is_ordered=st.booleans())
def test_owner_is_told_of_as_many_corrections_as_it_may_see(seed: int, *, is_ordered: bool) -> None:
    """CONTRACT §2: of catalogue sellers, which a shopper did not write, it sees no more than a buyer does."""
    made = replace(_market(rounds=4), is_ordered=is_ordered)
    room, records = random_conversation(made, Random(seed))
    seen = view_for(owner_of_room(made), records, RoomSight(made))
    assert room.corrections == sum(isinstance(one.event, OfferCorrected) for one in seen)
