"""Who sees what, over random conversations: a leak is a canary found where it may not be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chaffer.conversation.feed import Piece
from chaffer.conversation.views import OPERATOR, Viewer, may_hear, view_for
from chaffer.negotiation.events import BuyerSpoke, OfferCorrected, RoomEnded, SellerReplied
from chaffer.negotiation.visibility import RoomSight, owner_of_room
from tests.support.conversations import random_conversation
from tests.support.markets import seller, terms

SEEDS = st.integers(min_value=0, max_value=2**32)


def _states(shown: str, number: int) -> bool:
    """Tell whether a number stands there whole: its digits alone may be a part of another one."""
    return re.search(rf"(?<!\d){number}(?!\d)", shown) is not None


def _canaries() -> tuple[object, ...]:
    """Return sellers whose every number is found nowhere else."""
    return tuple(
        seller(
            number,
            list_minor=120_017 + 1_000 * number,
            least_minor=90_007 + 1_000 * number,
            cost_minor=70_007 + 1_000 * number,
        )
        for number in (1, 2, 3, 4)
    )


@given(seed=SEEDS)
def test_a_seller_sees_no_word_and_no_number_of_another_nor_the_budget(seed: int) -> None:
    """CONTRACT §2: a seller sees the buyer's messages that reach it and its own."""
    made = terms(*_canaries(), max_rounds=4)  # type: ignore[arg-type]  # they are sellers
    _, records = random_conversation(made, Random(seed))
    for viewer in made.sellers:
        shown = repr(view_for(Viewer(viewer.seller_id), records, RoomSight(made)))
        for other in made.sellers:
            if other.seller_id == viewer.seller_id:
                continue
            assert f"words of {other.seller_id}" not in shown
            assert f"fault of {other.seller_id}" not in shown
            assert f"attempt of {other.seller_id}" not in shown
            assert not _states(shown, other.list_minor)
            assert not _states(shown, other.least_minor)
            assert not _states(shown, other.cost_minor)
            assert f"price_minor={_last_price(records, other.seller_id)}," not in shown
        assert not _states(shown, made.buyer.budget_minor)
        assert "140000" not in shown, "the ceiling"
        assert "with its budget" not in shown
        assert "secret-model" not in shown


@given(seed=SEEDS)
def test_a_seller_hears_every_message_that_names_it(seed: int) -> None:
    """Privacy is no deafness: what is addressed to a seller reaches it, whole and once."""
    made = terms(*_canaries(), max_rounds=4)  # type: ignore[arg-type]  # they are sellers
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
    made = terms(*_canaries(), max_rounds=4)  # type: ignore[arg-type]  # they are sellers
    _, records = random_conversation(made, Random(seed))
    seen = view_for(Viewer(made.buyer.buyer_id), records, RoomSight(made))
    shown = repr(seen)
    for one in made.sellers:
        assert f"_minor={one.cost_minor}" not in shown
        assert "attempt of" not in shown
        assert "fault of" not in shown
    spoken = [r.position for r in records if isinstance(r.event, BuyerSpoke | SellerReplied)]
    assert [look.position for look in seen if isinstance(look.event, BuyerSpoke | SellerReplied)] == spoken
    assert "RoomOpened" not in shown


@given(seed=SEEDS)
def test_the_operator_sees_all(seed: int) -> None:
    """The operator is a viewer too, and the one whose record is whole."""
    made = terms(*_canaries(), max_rounds=3)  # type: ignore[arg-type]  # they are sellers
    _, records = random_conversation(made, Random(seed))
    seen = view_for(OPERATOR, records, RoomSight(made))
    assert [(look.position, look.event) for look in seen] == [(r.position, r.event) for r in records]


@given(seed=SEEDS)
def test_a_loser_learns_neither_who_won_nor_for_how_much(seed: int) -> None:
    """The end of a room tells a seller about itself alone."""
    made = terms(*_canaries(), max_rounds=2)  # type: ignore[arg-type]  # they are sellers
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


def _last_price(records: Sequence[object], seller_id: str) -> int:
    prices = [
        r.event.offer.price_minor  # type: ignore[attr-defined]  # records hold events
        for r in records
        if isinstance(r.event, SellerReplied) and r.event.seller_id == seller_id  # type: ignore[attr-defined]
    ]
    return prices[-1] if prices else -1


@given(seed=SEEDS, is_ordered=st.booleans())
def test_owner_is_told_of_as_many_corrections_as_it_may_see(seed: int, *, is_ordered: bool) -> None:
    """CONTRACT §2: of catalogue sellers, which a shopper did not write, it sees no more than a buyer does."""
    made = replace(terms(*_canaries(), max_rounds=4), is_ordered=is_ordered)  # type: ignore[arg-type]  # they are sellers
    room, records = random_conversation(made, Random(seed))
    seen = view_for(owner_of_room(made), records, RoomSight(made))
    assert room.corrections == sum(isinstance(one.event, OfferCorrected) for one in seen)
