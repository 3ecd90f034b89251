"""The built-in assistant understands the shopping requests, and what scores it does not flatter."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from benchmarks.shopping_fit import Ground, extracted, violations
from benchmarks.shopping_play import played
from benchmarks.shopping_requests import RECOMMENDED, Half, Wanted, WantedNeed, requests_of
from benchmarks.shopping_scores import Score
from chaffer.shopping.catalogue.products import Offer, Product
from chaffer.shopping.catalogue.searching import Constraints, Need, Sort
from chaffer.validation import LlmConfig


@pytest.mark.parametrize("half", list(Half))
def test_builtin_assistant_keeps_every_bound_of_the_evaluation(half: Half) -> None:
    score = Score.of(half, asyncio.run(played(requests_of(half), mind=LlmConfig(provider="builtin"), at_once=10)))
    missed = [f"{figure.name}: {figure.shown}, {figure.note}" for figure in score.figures() if figure.holds is False]
    assert not missed


def _mouse(name: str, *, weight: str, price_minor: int = 5000, pieces: int = 3) -> Product:
    offers = (Offer("Shop", price_minor, pieces),)
    attributes = {"weight": weight, "connection": "wireless"}
    return Product(name, name, "Acme", "Mice", "", "USD", attributes, offers, rating=4.0)


LIGHT, MIDDLE, HEAVY = _mouse("light", weight="60 g"), _mouse("middle", weight="80 g"), _mouse("heavy", weight="0.1 kg")
GROUND = Ground([LIGHT, MIDDLE, HEAVY], recommended=HEAVY)
WANTED = Wanted(category="Mice", max_price=60, needs=(WantedNeed("connection", ("wireless",)),))
MADE = Constraints(category="Mice", max_price_minor=6000, needs=(Need("connection", ("wireless",)),))


def test_exact_constraints_score_full_whatever_the_text_is() -> None:
    assert extracted(WANTED, replace(MADE, text="for my cat"), GROUND) == {
        "category": True,
        "max_price": True,
        "need connection": True,
    }


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (replace(MADE, category=None), "category"),
        (replace(MADE, max_price_minor=6001), "max_price"),
        (replace(MADE, max_price_minor=None), "max_price"),
        (replace(MADE, needs=()), "need connection"),
        (replace(MADE, needs=(Need("connection", ("wireless",), excluded=True),)), "need connection"),
        (replace(MADE, brands=("Acme",)), "brands"),
        (replace(MADE, needs=(*MADE.needs, Need("weight", at_most=80, unit="g"))), "need weight"),
        (replace(MADE, quantity=2), "quantity"),
        (replace(MADE, sort=Sort.CHEAPEST), "sort"),
    ],
)
def test_constraint_that_is_missed_changed_or_made_up_counts_as_wrong(made: Constraints, wrong: str) -> None:
    scored = extracted(WANTED, made, GROUND)
    assert [name for name, is_exact in scored.items() if not is_exact] == [wrong]


@pytest.mark.parametrize(("at_most", "is_exact"), [(100, False), (99.9, True), (80, True), (79, False), (60, False)])
def test_lighter_than_the_recommended_lets_the_next_lighter_one_through(at_most: float, *, is_exact: bool) -> None:
    wanted = Wanted(category="Mice", needs=(WantedNeed("weight", at_most=RECOMMENDED, unit="g"),))
    made = Constraints(category="Mice", needs=(Need("weight", at_most=at_most, unit="g"),))
    assert extracted(wanted, made, GROUND)["need weight"] is is_exact


def test_products_are_measured_against_what_was_meant() -> None:
    wanted = Wanted(
        category="Mice",
        not_brands=("Acme",),
        max_price=RECOMMENDED,
        min_rating=4.5,
        needs=(WantedNeed("weight", at_most=70, unit="g"), WantedNeed("connection", ("wireless",), excluded=True)),
        quantity=4,
    )
    broken = ["not_brands", "min_rating", "stock", "need weight", "need connection"]
    assert list(violations(HEAVY, wanted, GROUND)) == broken
    plenty = _mouse("plenty", weight="65 g", price_minor=5000, pieces=9)
    assert list(violations(plenty, Wanted(max_price=RECOMMENDED, quantity=4), GROUND)) == ["price"]
    assert not list(violations(plenty, Wanted(max_price=50, quantity=4), GROUND))
