"""The markets that the benchmarks play, as the body of `POST /api/v1/simulation/initialize`."""

from __future__ import annotations

from typing import Any

STYLES = ("rude", "very_sweet")
PRIORITIES = ("maximize_profit", "customer_retention")


def market(
    *, rooms: int = 1, sellers: int = 10, rounds: int = 10, provider: str = "builtin", agree: bool = True
) -> dict[str, Any]:
    """Return a market with so many rooms, one an item, in each of which all sellers take part.

    Where they may not agree the budget of the whole session lies below the least price of a single piece, since what
    one room leaves of it goes to the others; so all rounds are played.
    """
    items = [f"item_{number:03d}" for number in range(rooms)]
    budget = 1000 * rooms if agree else 500
    return {
        "buyer": {
            "name": "Benchmark Buyer",
            "shopping_list": [{"item_id": item, "item_name": f"Thing {item}", "quantity_needed": 1} for item in items],
            "budget_range": {"min": budget * 0.8, "max": budget},
        },
        "sellers": [_seller(number, items) for number in range(sellers)],
        "llm_config": {"provider": provider},
        "negotiation": {"max_rounds": rounds},
    }


def _seller(number: int, items: list[str]) -> dict[str, Any]:
    least, selling = 900 + number, 1200 + 5 * number
    return {
        "name": f"Seller {number + 1}",
        "inventory": [
            {
                "item_id": item,
                "item_name": f"Thing {item}",
                "cost_price": least - 100,
                "selling_price": selling,
                "least_price": least,
                "quantity_available": 10,
            }
            for item in items
        ],
        "profile": {"priority": PRIORITIES[number % 2], "speaking_style": STYLES[number // 2 % 2]},
    }
