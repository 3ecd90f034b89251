"""Markets whose private numbers are canaries: each is found nowhere else, in no form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

BUDGET = (4111.17, 8222.29)
SELLERS = {
    "seller_001": {"cost_price": 1010.11, "least_price": 1121.37, "selling_price": 1898.83},
    "seller_002": {"cost_price": 1020.13, "least_price": 1232.41, "selling_price": 1787.79},
    "seller_003": {"cost_price": 1030.19, "least_price": 1343.43, "selling_price": 1676.73},
}


@dataclass(frozen=True)
class Canaries:
    """A market whose private numbers are canaries; which of its rooms is watched; and who is told something by hand.

    It has no seed, so that nothing is in sequence. More than `hides` messages are hidden from each seller.
    """

    body: dict[str, Any]
    sellers: dict[str, dict[str, float]] = field(default_factory=lambda: SELLERS)
    budget: tuple[float, float] = BUDGET
    room: int = 0
    confidant: str = "seller_001"
    hides: int = 8

    @property
    def rounds(self) -> int:
        rounds: int = self.body["negotiation"]["max_rounds"]
        return rounds


SHOPS = (
    ("Alpha Shop", "maximize_profit", "rude"),
    ("Beta Mart", "customer_retention", "very_sweet"),
    ("Gamma Hub", "maximize_profit", "very_sweet"),
    ("Delta Inc", "customer_retention", "rude"),
)


def canaries() -> Canaries:
    """Return a market of one item."""
    return Canaries(_market({"Laptop": SELLERS}, BUDGET, rounds=6))


def drawn(seed: int) -> Canaries:
    """Return a market of two items that is drawn: how many sellers, all numbers, the rounds, and who is confided in."""
    random = Random(seed)
    sellers = [f"seller_{number:03d}" for number in range(1, random.randint(3, 5))]
    numbers = {item: _numbers(random, sellers) for item in ("Laptop", "Phone")}
    budget = (random.randrange(4_000_03, 5_000_00, 10) / 100, random.randrange(7_400_07, 7_900_00, 10) / 100)
    body = _market(numbers, budget, rounds=random.randint(4, 6))
    room, confidant = random.randrange(2), random.choice(sellers)
    return Canaries(body, numbers[("Laptop", "Phone")[room]], budget, room, confidant, hides=1)


def _numbers(random: Random, sellers: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return prices of which no two have the same cents."""
    cents = iter(random.sample(range(1, 99), 3 * len(sellers)))
    between = {"cost_price": (800, 900), "least_price": (1000, 1200), "selling_price": (1500, 1900)}
    return {
        seller: {name: random.randint(*ends) + next(cents) / 100 for name, ends in between.items()}
        for seller in sellers
    }


def _market(
    numbers: Mapping[str, Mapping[str, dict[str, float]]], budget: tuple[float, float], *, rounds: int
) -> dict[str, Any]:
    """Return the body of a market in which everybody sells each of these items, at these numbers."""
    items = {name: f"item_{place:03d}" for place, name in enumerate(numbers, start=1)}
    return {
        "buyer": {
            "name": "John Doe",
            "shopping_list": [
                {"item_id": item_id, "item_name": name, "quantity_needed": 3} for name, item_id in items.items()
            ],
            "budget_range": {"min": budget[0], "max": budget[1]},
        },
        "sellers": [
            {
                "name": name,
                "inventory": [
                    {"item_id": item_id, "item_name": item, "quantity_available": 9, **numbers[item][seller]}
                    for item, item_id in items.items()
                ],
                "profile": {"priority": priority, "speaking_style": style},
            }
            for seller, (name, priority, style) in zip(next(iter(numbers.values())), SHOPS, strict=False)
        ],
        "llm_config": {"provider": "builtin"},
        "negotiation": {"max_rounds": rounds},
    }
