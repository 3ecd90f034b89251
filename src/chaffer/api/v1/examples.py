"""The specification's own example of a market, for the documentation."""

from __future__ import annotations

from typing import Any, Final

SPECIFICATION: Final[dict[str, Any]] = {
    "market": {
        "summary": "A buyer with two items, two sellers, built-in agents",
        "value": {
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
                    "inventory": [
                        {
                            "item_id": "item_001",
                            "item_name": "Laptop",
                            "cost_price": 800,
                            "selling_price": 1200,
                            "least_price": 1000,
                            "quantity_available": 10,
                        }
                    ],
                    "profile": {"priority": "customer_retention", "speaking_style": "very_sweet"},
                },
                {
                    "name": "GadgetHub",
                    "inventory": [
                        {
                            "item_id": "item_001",
                            "item_name": "Laptop",
                            "cost_price": 750,
                            "selling_price": 1150,
                            "least_price": 950,
                            "quantity_available": 5,
                        }
                    ],
                    "profile": {"priority": "maximize_profit", "speaking_style": "rude"},
                },
            ],
            "llm_config": {"provider": "builtin"},
            "seed": 7,
        },
    }
}
