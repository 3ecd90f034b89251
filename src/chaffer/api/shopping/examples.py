"""Examples of shopping, for the documentation."""

from __future__ import annotations

from typing import Any, Final

LAPTOP: Final[dict[str, Any]] = {
    "laptop": {
        "summary": "A gaming laptop, as the specification asks for one",
        "value": {
            "query": "I need a gaming laptop under $1500",
            "user_preferences": {"user_id": "user-123"},
        },
    },
    "vague": {
        "summary": "A wish that is asked about",
        "value": {"query": "I want a laptop"},
    },
}

FIFTEEN: Final[dict[str, Any]] = {
    "fifteen": {
        "summary": "The answer to a question about screens",
        "value": {
            "session_id": "01938f6e-7a2b-7c11-9d7e-2f6d0a3b4c5d",
            "thread_id": "01938f6e-7a2b-7c11-9d7e-2f6d0a3b4c5e",
            "user_input": "15-inch please",
        },
    }
}

HAGGLE: Final[dict[str, Any]] = {
    "haggle": {
        "summary": "Two pieces, for at most 2,400 together",
        "value": {"product_id": "laptop-001", "quantity": 2, "budget": 2400},
    }
}

TASTE: Final[dict[str, Any]] = {
    "taste": {
        "summary": "Brands that are liked, and a limit for laptops",
        "value": {"liked_brands": ["Lenovo"], "max_budget": 1200, "budget_category": "Laptops"},
    }
}
