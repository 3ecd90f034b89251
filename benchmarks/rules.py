"""How fast the rules alone are: two Boulware agents, 101 prices, 20 rounds, beside NegMAS doing the same.

Three ways, from the bare to the whole: the formula in a plain loop, which is what Python itself costs; the strategies
taking turns; and the room's rules, where every offer is a command that is decided, leads to events and is folded into
the room, with its ceilings, expiries and guards. All are played to the deal. NegMAS takes turns with them in the same
process, so that a machine that is busy slows all of them alike.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any, Final

from benchmarks.figure import Figure, median, readable, spread
from chaffer.negotiation.commands import AcceptOffer, BeginRound, BuyerSpeaks, SellerReplies, StartRoom, Utterance
from chaffer.negotiation.events import RoomOpened
from chaffer.negotiation.room import AskSellers, BeginNextRound, Room, Seat, evolve, next_step
from chaffer.negotiation.rules import decide
from chaffer.negotiation.strategies import Side, Situation, strategy_named
from chaffer.negotiation.strategies.acceptance import ac_next
from tests.support.markets import START, seller, terms

PRICES: Final = 101
ROUNDS: Final = 20
PER_SECOND_BOUND: Final = 2000.0
NEGMAS_BOUND: Final = 20.0

_LOWEST: Final = 1
_HIGHEST: Final = PRICES
_SELLER: Final = "seller_001"
_boulware = strategy_named("boulware")
_terms = terms(
    seller(1, list_minor=_HIGHEST, least_minor=_LOWEST, cost_minor=0), quantity=1, max_rounds=ROUNDS, timeout_seconds=60
)
_opened = RoomOpened(replace(_terms, buyer=replace(_terms.buyer, budget_minor=_HIGHEST, wish_minor=_LOWEST)))

Negotiate = Callable[[], int | None]
"""Runs one negotiation and returns the price agreed on, or None."""


def bare_loop() -> int | None:
    """Run the negotiation as a plain loop with the formula written out: the floor of what Python costs."""
    for turn in range(ROUNDS):
        conceded = (turn / (ROUNDS - 1)) ** 4
        bid = round(_LOWEST + (_HIGHEST - _LOWEST) * conceded)
        ask = round(_HIGHEST - (_HIGHEST - _LOWEST) * conceded)
        if bid >= ask:
            return bid
    return None


def by_strategies() -> int | None:
    """Run the negotiation by alternating offers of the Boulware strategy, accepted by AC_next."""
    bids: list[int] = []
    asks: list[int] = []
    for turn in range(ROUNDS):
        buyer = Situation(Side.BUYER, turn, ROUNDS, _LOWEST, _HIGHEST, bids, asks, _no_draw)
        bid = _boulware(buyer)
        if asks and ac_next(buyer, asks[-1], bid):
            return asks[-1]
        bids.append(bid)
        vendor = Situation(Side.SELLER, turn, ROUNDS, _HIGHEST, _LOWEST, asks, bids, _no_draw)
        ask = _boulware(vendor)
        if ac_next(vendor, bid, ask):
            return bid
        asks.append(ask)
    return None


def by_rules() -> int | None:
    """Run the negotiation through the rules of a room: every turn is a command, decided and folded."""
    opening = StartRoom(Utterance("m0", (_SELLER,), _LOWEST, "opening"), _HIGHEST, _HIGHEST, START)
    room = evolve(None, _opened)
    for event in decide(room, opening).events:
        room = evolve(room, event)
    while room.is_open:
        for event in decide(room, _next_command(room)).events:
            room = evolve(room, event)
    return None if room.deal is None else room.deal.price_minor


def _next_command(room: Room) -> Any:  # noqa: ANN401  Any of the commands of a room.
    step, seat = next_step(room), room.seats[_SELLER]
    if isinstance(step, BeginNextRound):
        return BeginRound(step.round, _HIGHEST, _HIGHEST)
    if isinstance(step, AskSellers):
        return _reply(room.round, seat)
    buyer = Situation(Side.BUYER, room.round - 1, ROUNDS, _LOWEST, _HIGHEST, seat.bids, seat.prices, _no_draw)
    bid = _boulware(buyer)
    if ac_next(buyer, seat.prices[-1], bid):
        return AcceptOffer(_SELLER, "as good as a bid", "purchase", "invoice", _HIGHEST, START)
    return BuyerSpeaks(room.round, (Utterance("m1", (_SELLER,), bid, "words"),))


def _reply(round_: int, seat: Seat) -> SellerReplies:
    vendor = Situation(Side.SELLER, round_ - 1, ROUNDS, _HIGHEST, _LOWEST, seat.prices, seat.bids, _no_draw)
    ask, bid = _boulware(vendor), seat.bids[-1]
    agreed = bid if ac_next(vendor, bid, ask) else ask
    return SellerReplies(_SELLER, round_, seat.heard_turn, "m2", agreed, "words")


def _no_draw() -> float:
    return 0.0


def by_negmas() -> Negotiate:
    """Return the same negotiation as NegMAS runs it; its import and its issue are not counted."""
    from negmas import make_issue  # noqa: PLC0415  Takes seconds, and only this needs it.
    from negmas.preferences import LinearAdditiveUtilityFunction  # noqa: PLC0415
    from negmas.preferences.value_fun import AffineFun  # noqa: PLC0415
    from negmas.sao import BoulwareTBNegotiator, SAOMechanism  # noqa: PLC0415

    issues = [make_issue(list(range(_LOWEST, _HIGHEST + 1)), "price")]
    slope = 1 / (_HIGHEST - _LOWEST)

    def utility(slope: float, best_price: int) -> object:
        values = AffineFun(slope, 1 - slope * best_price)
        return LinearAdditiveUtilityFunction([values], weights=[1.0], issues=issues, reserved_value=0.0)

    def negotiate() -> int | None:
        mechanism: Any = SAOMechanism(issues=issues, n_steps=ROUNDS)
        mechanism.add(BoulwareTBNegotiator(name="buyer"), ufun=utility(-slope, _LOWEST))
        mechanism.add(BoulwareTBNegotiator(name="seller"), ufun=utility(slope, _HIGHEST))
        agreement = mechanism.run().agreement
        return None if agreement is None else int(agreement[0])

    return negotiate


def per_second(negotiate: Negotiate, seconds: float) -> float:
    """Return how many negotiations a second are run; the clock is looked at after each batch of about a hundredth."""
    started_at = perf_counter()
    negotiate()
    batch = max(int(0.01 / (perf_counter() - started_at)), 1)
    done, started_at = 0, perf_counter()
    while (elapsed := perf_counter() - started_at) < seconds or not done:
        for _ in range(batch):
            negotiate()
        done += batch
    return done / elapsed


def measure(*, quick: bool) -> list[Figure]:
    """Return negotiations a second of each way, and the rules' ratio to NegMAS."""
    ways: dict[str, Negotiate] = {
        "bare": bare_loop,
        "strategies": by_strategies,
        "rules": by_rules,
        "negmas": by_negmas(),
    }
    for way, negotiate in ways.items():
        if negotiate() is None:
            message = f"{way}: two Boulware agents with a zone of agreement must agree"
            raise AssertionError(message)
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(3 if quick else 9):
        for way, negotiate in ways.items():
            gc.collect()
            rates[way].append(per_second(negotiate, 0.4))
    ratios = [ours / theirs for ours, theirs in zip(rates["rules"], rates["negmas"], strict=True)]
    of = {way: median(found) for way, found in rates.items()}
    peer = f"NegMAS {readable(of['negmas'])}/s (same run)"
    unit, bare = "negotiations/s", readable(of["strategies"] / of["negmas"])
    return [
        Figure("rules alone", of["rules"], unit, PER_SECOND_BOUND, least=True, peer=peer, note=spread(rates["rules"])),
        Figure("rules alone, over NegMAS", median(ratios), "×", NEGMAS_BOUND, least=True, note=spread(ratios)),
        Figure("strategies without the rules of a room", of["strategies"], unit, peer=peer, note=f"{bare} × NegMAS"),
        Figure("the formula in a bare loop", of["bare"], unit, peer=peer),
    ]
