"""The built-in strategies: each price as its source's formula gives it, and never outside one's limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chaffer.negotiation.strategies import STRATEGIES, Side, Situation, Strategy, UnknownStrategyError, strategy_named

MONOTONE = sorted(set(STRATEGIES) - {"zi_c"})
TURNS = 11


def never_drawn() -> float:
    """Fail: only ZI-C may draw."""
    pytest.fail("a strategy without chance drew a number")


def situation(
    side: Side = Side.SELLER,
    turn: int = 0,
    turns: int = TURNS,
    opening: int = 1000,
    reservation: int = 500,
    own: Sequence[int] = (),
    theirs: Sequence[int] = (),
    draw: Callable[[], float] = never_drawn,
) -> Situation:
    """Return a situation; the seller's by default."""
    return Situation(side, turn, turns, opening, reservation, own, theirs, draw)


def prices_over_time(name: str, side: Side, opening: int, reservation: int, theirs: Sequence[int]) -> list[int]:
    """Return what a strategy proposes turn by turn against a counterpart who has its prices written down."""
    own: list[int] = []
    for turn in range(len(theirs)):
        seen = theirs[:turn] if side is Side.BUYER else theirs[: turn + 1]
        own.append(
            STRATEGIES[name](situation(side, turn, len(theirs), opening, reservation, tuple(own), seen, lambda: 0.5))
        )
    return own


@pytest.mark.parametrize(
    ("name", "at_start", "at_half", "at_end"),
    [
        ("boulware", 1000, 969, 500),
        ("linear", 1000, 750, 500),
        ("conceder", 1000, 580, 500),
        ("hardliner", 1000, 1000, 1000),
    ],
)
def test_seller_concedes_along_the_curve_of_its_tactic(name: str, at_start: int, at_half: int, at_end: int) -> None:
    strategy = STRATEGIES[name]
    assert [strategy(situation(turn=turn)) for turn in (0, 5, 10)] == [at_start, at_half, at_end]


@pytest.mark.parametrize(
    ("name", "at_start", "at_half", "at_end"),
    [
        ("boulware", 500, 531, 1000),
        ("linear", 500, 750, 1000),
        ("conceder", 500, 920, 1000),
        ("hardliner", 500, 500, 500),
    ],
)
def test_buyer_concedes_along_the_mirrored_curve(name: str, at_start: int, at_half: int, at_end: int) -> None:
    strategy = STRATEGIES[name]
    prices = [strategy(situation(Side.BUYER, turn, opening=500, reservation=1000)) for turn in (0, 5, 10)]
    assert prices == [at_start, at_half, at_end]


@pytest.mark.parametrize("name", ["boulware", "linear", "conceder"])
def test_only_turn_is_the_last_turn(name: str) -> None:
    assert STRATEGIES[name](situation(turn=0, turns=1)) == 500


def test_halves_are_rounded_to_even() -> None:
    odd = situation(Side.BUYER, turn=1, turns=3, opening=1, reservation=2)
    even = replace(odd, opening_minor=2, reservation_minor=3)
    assert (STRATEGIES["linear"](odd), STRATEGIES["linear"](even)) == (2, 2)


@given(
    st.sampled_from(sorted(STRATEGIES)),
    st.sampled_from(Side),
    st.integers(1, 10**11),
    st.integers(1, 10**11),
    st.lists(st.integers(0, 10**11), min_size=1, max_size=50),
)
def test_no_proposal_leaves_the_limits_or_retreats(name: str, side: Side, a: int, b: int, theirs: list[int]) -> None:
    low, high = sorted((a, b))
    opening, reservation = (low, high) if side is Side.BUYER else (high, low)
    prices = prices_over_time(name, side, opening, reservation, theirs)
    assert all(low <= price <= high for price in prices)
    if name in MONOTONE:
        rising = prices if side is Side.BUYER else [-price for price in prices]
        assert all(before <= after for before, after in pairwise(rising))


@pytest.mark.parametrize("strategy", STRATEGIES.values())
def test_reservation_that_was_moved_is_kept_even_against_the_last_price(strategy: Strategy) -> None:
    buyer = situation(Side.BUYER, 5, opening=500, reservation=480, own=(500, 700), theirs=(900, 800), draw=lambda: 0.9)
    seller = situation(
        Side.SELLER, 5, opening=900, reservation=950, own=(900, 800), theirs=(500, 600), draw=lambda: 0.1
    )
    assert (strategy(buyer), strategy(seller)) == (480, 950)


@pytest.mark.parametrize("name", sorted(set(STRATEGIES) - {"zi_c", "boulware", "linear", "conceder"}))
def test_strategies_that_answer_begin_with_the_opening(name: str) -> None:
    assert STRATEGIES[name](situation(Side.BUYER, opening=500, reservation=1000)) == 500
    assert STRATEGIES[name](situation(Side.SELLER, theirs=(500,))) == 1000


def test_tit_for_tat_answers_a_move_by_ratio_amount_and_mean_ratio() -> None:
    seller = situation(turn=4, own=(1000, 990, 980, 960), theirs=(400, 420, 440, 550))
    assert STRATEGIES["tit_for_tat_relative"](seller) == round(960 * 440 / 550)
    assert STRATEGIES["tit_for_tat_absolute"](seller) == 960 - 110
    assert STRATEGIES["tit_for_tat_averaged"](seller) == round(960 * (400 / 550) ** (1 / 3))
    buyer = situation(Side.BUYER, 3, opening=500, reservation=900, own=(500, 520, 540), theirs=(1000, 900, 810))
    assert STRATEGIES["tit_for_tat_relative"](buyer) == 600
    assert STRATEGIES["tit_for_tat_absolute"](buyer) == 630
    assert STRATEGIES["tit_for_tat_averaged"](buyer) == 600


@pytest.mark.parametrize("name", ["tit_for_tat_relative", "tit_for_tat_absolute", "tit_for_tat_averaged"])
def test_tit_for_tat_stands_still_against_who_stands_still_and_against_who_retreats(name: str) -> None:
    still = situation(turn=4, own=(1000, 900), theirs=(400, 420, 420, 420, 420))
    retreating = replace(still, theirs=(400, 420, 420, 420, 410))
    assert STRATEGIES[name](still) == STRATEGIES[name](retreating) == 900


@pytest.mark.parametrize("name", ["tit_for_tat_relative", "tit_for_tat_absolute", "tit_for_tat_averaged"])
def test_two_tit_for_tats_do_not_wait_for_each_other_for_ever(name: str) -> None:
    buyer: list[int] = []
    seller: list[int] = []
    for turn in range(TURNS):
        buyer.append(STRATEGIES[name](situation(Side.BUYER, turn, TURNS, 500, 900, tuple(buyer), tuple(seller))))
        seller.append(STRATEGIES[name](situation(Side.SELLER, turn, TURNS, 1000, 600, tuple(seller), tuple(buyer))))
    assert buyer[-1] >= seller[-1]


def test_micro_proposes_anew_only_against_as_many_new_proposals() -> None:
    micro = STRATEGIES["micro"]
    assert micro(situation(turn=1, own=(1000,), theirs=(400, 410))) == 950
    assert micro(situation(turn=2, own=(1000, 950), theirs=(400, 410, 410))) == 900
    assert micro(situation(turn=3, own=(1000, 950, 900), theirs=(400, 410, 410, 410))) == 900


def test_micro_that_is_kept_pace_with_ends_at_its_reservation() -> None:
    assert prices_over_time("micro", Side.SELLER, 1000, 500, range(100, 100 + TURNS))[-1] == 500


def test_micro_does_not_stall_where_minor_units_are_fewer_than_turns() -> None:
    assert prices_over_time("micro", Side.SELLER, 12, 10, range(1, 1 + TURNS))[:4] == [12, 11, 10, 10]


def test_zi_c_draws_from_all_prices_within_its_limits() -> None:
    draws = (0.0, 0.25, 0.5, 0.75, 1 - 2**-53)
    prices = [STRATEGIES["zi_c"](situation(opening=13, reservation=10, draw=iter((draw,)).__next__)) for draw in draws]
    assert prices == [10, 11, 12, 13, 13]
    retreating = situation(own=(600,), theirs=(400, 500), draw=lambda: 0.8)
    assert STRATEGIES["zi_c"](retreating) > 600


def test_split_the_difference_meets_in_the_middle_of_the_last_prices() -> None:
    split = STRATEGIES["split_the_difference"]
    assert split(situation(turn=1, own=(1000,), theirs=(400, 600))) == 800
    assert split(situation(turn=1, reservation=850, own=(1000,), theirs=(400, 600))) == 850
    assert split(situation(Side.BUYER, 1, opening=400, reservation=900, own=(400,), theirs=())) == 400


def test_unknown_strategy_is_refused_with_the_names_there_are() -> None:
    assert strategy_named("micro") is STRATEGIES["micro"]
    with pytest.raises(UnknownStrategyError, match=r"boulware, linear.*split_the_difference"):
        strategy_named("bulware")
