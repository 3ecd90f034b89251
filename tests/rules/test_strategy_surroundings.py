"""What stands around the strategies: acceptance, reservation against rivals, and draws."""

from __future__ import annotations

import pytest

from chaffer.negotiation.strategies import Side, Situation
from chaffer.negotiation.strategies.acceptance import ac_combi, ac_next
from chaffer.negotiation.strategies.draws import draw_for
from chaffer.negotiation.strategies.reservation import against_rivals

TURNS = 20
LAST = TURNS - 1
EXPECTED = [0.6137951061346172, 0.9444482492543796, 0.5820990114320721]


def at(turn: int, side: Side, theirs: tuple[int, ...]) -> Situation:
    """Return a situation of that turn; a buyer may pay up to 900, a seller take down to 600."""
    opening, reservation = (500, 900) if side is Side.BUYER else (1000, 600)
    return Situation(side, turn, TURNS, opening, reservation, (opening,), theirs, lambda: 0.0)


def test_ac_next_takes_what_is_as_good_as_the_next_proposal() -> None:
    buyer, seller = at(3, Side.BUYER, (700,)), at(3, Side.SELLER, (700,))
    assert [ac_next(buyer, 700, own) for own in (699, 700, 701)] == [False, True, True]
    assert [ac_next(seller, 700, own) for own in (699, 700, 701)] == [True, True, False]


@pytest.mark.parametrize(("side", "own_next"), [(Side.BUYER, 600), (Side.SELLER, 800)])
def test_ac_combi_is_ac_next_until_the_deadline_and_then_takes_what_is_within_the_reservation(
    side: Side, own_next: int
) -> None:
    assert not ac_combi(at(LAST - 1, side, (700,)), 700, own_next)
    assert ac_combi(at(LAST, side, (700,)), 700, own_next)
    assert ac_combi(at(0, side, (700,)), own_next, own_next)
    beyond = 901 if side is Side.BUYER else 599
    assert not ac_combi(at(LAST, side, (beyond,)), beyond, own_next)


def test_ac_combi_waits_when_better_was_seen_in_as_many_turns_as_remain() -> None:
    seen_better_lately = at(16, Side.BUYER, (850, 700, 850, 850, 800))
    seen_better_long_ago = at(16, Side.BUYER, (700, 850, 850, 850, 800))
    assert not ac_combi(seen_better_lately, 800, 600, near_deadline=0.8)
    assert ac_combi(seen_better_long_ago, 800, 600, near_deadline=0.8)
    seller = at(16, Side.SELLER, (650, 750, 650, 650, 700))
    assert not ac_combi(seller, 700, 800, near_deadline=0.8)


def test_buyer_never_reserves_more_than_another_seller_would_take() -> None:
    assert against_rivals(900, None) == 900
    assert against_rivals(900, 850) == 849
    assert against_rivals(900, 1000) == 900


def test_draws_are_the_same_everywhere_and_for_ever() -> None:
    draw = draw_for(42, 0, "seller_001", 3, "price")
    assert [draw() for _ in range(3)] == EXPECTED
    again = draw_for(42, 0, "seller_001", 3, "price")
    assert [again() for _ in range(3)] == EXPECTED


def test_draws_differ_in_every_part_of_their_key() -> None:
    keys = [
        (42, 0, "seller_001", 3, "price"),
        (43, 0, "seller_001", 3, "price"),
        (42, 1, "seller_001", 3, "price"),
        (42, 0, "seller_002", 3, "price"),
        (42, 0, "seller_001", 4, "price"),
        (42, 0, "seller_001", 3, "words"),
        (4, 20, "seller_001", 3, "price"),
    ]
    assert len({draw_for(*key)() for key in keys}) == len(keys)


def test_draws_are_uniform_over_the_unit_interval_beyond_their_first_block() -> None:
    draw = draw_for(7, 0, "seller_001", 1, "price")
    numbers = [draw() for _ in range(10_000)]
    assert all(0.0 <= number < 1.0 for number in numbers)
    assert len(set(numbers)) == len(numbers)
    tenths = [sum(int(number * 10) == tenth for number in numbers) for tenth in range(10)]
    assert min(tenths) > 900
    assert max(tenths) < 1100
