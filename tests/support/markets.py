"""Markets for tests: terms with canary numbers, and scenarios as a client would send them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chaffer.conversation.minds import ModelChoice
from chaffer.negotiation.terms import Buyer, Priority, ReplyOrder, RoomTerms, Seller, SpeakingStyle

START = datetime(2026, 1, 1, tzinfo=UTC)
BUILTIN = ModelChoice("builtin", None, 0.7, 500)


def seller(number: int, *, list_minor: int = 120_000, least_minor: int = 90_000, **changes: Any) -> Seller:
    """Return a seller; its cost lies below its least price."""
    made = Seller(
        seller_id=f"seller_{number:03d}",
        name=f"Shop {number}",
        priority=Priority.CUSTOMER_RETENTION if number % 2 else Priority.MAXIMIZE_PROFIT,
        style=SpeakingStyle.VERY_SWEET if number % 2 else SpeakingStyle.RUDE,
        cost_minor=least_minor - 1_000,
        list_minor=list_minor,
        least_minor=least_minor,
        pieces=10,
        mind=BUILTIN,
    )
    return replace(made, **changes)


def terms(*sellers: Seller, **changes: Any) -> RoomTerms:
    """Return the terms of a room with these sellers, three by default."""
    made = RoomTerms(
        room_id="room_laptop_0123456789abcdef",
        session_id="session",
        owner="local",
        index=0,
        item_id="item_001",
        item_name="Laptop",
        quantity=2,
        currency="USD",
        buyer=Buyer("buyer_1", "John Doe", 300_000, 100_000, BUILTIN),
        sellers=sellers or (seller(1), seller(2), seller(3)),
        max_rounds=5,
        timeout_seconds=600.0,
        reply_order=ReplyOrder.SHUFFLED,
        seed=7,
        in_sequence=False,
    )
    return replace(made, **changes)


def inventory(item_id: str, name: str, least: float, selling: float, pieces: int = 10) -> dict[str, Any]:
    """Return an inventory line whose cost lies one below its least price."""
    return {
        "item_id": item_id,
        "item_name": name,
        "cost_price": least - 1,
        "selling_price": selling,
        "least_price": least,
        "quantity_available": pieces,
    }


def scenario(**changes: Any) -> dict[str, Any]:
    """Return the body of a small market: two items, three sellers, `builtin`, a seed."""
    body: dict[str, Any] = {
        "buyer": {
            "name": "John Doe",
            "shopping_list": [
                {"item_id": "item_001", "item_name": "Laptop", "quantity_needed": 2},
                {"item_id": "item_002", "item_name": "Mouse", "quantity_needed": 5},
            ],
            "budget_range": {"min": 1000, "max": 3000},
        },
        "sellers": [
            {
                "name": "TechStore",
                "inventory": [inventory("item_001", "Laptop", 1000, 1200), inventory("item_002", "Mouse", 15, 25)],
                "profile": {"priority": "customer_retention", "speaking_style": "very_sweet"},
            },
            {
                "name": "GadgetHub",
                "inventory": [inventory("item_001", "Laptop", 950, 1150)],
                "profile": {"priority": "maximize_profit", "speaking_style": "rude"},
            },
            {
                "name": "Mouse & Co",
                "inventory": [inventory("item_002", "Mouse", 14, 24)],
                "profile": {"priority": "maximize_profit", "speaking_style": "very_sweet"},
            },
        ],
        "llm_config": {"provider": "builtin"},
        "seed": 7,
    }
    return {**body, **changes}
