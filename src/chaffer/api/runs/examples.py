"""Examples of runs, for the documentation."""

from __future__ import annotations

from typing import Any, Final

DEBATE: Final[dict[str, Any]] = {
    "debate": {
        "summary": "An optimist and a sceptic, built-in speakers",
        "value": {
            "topic": "Should a small town spend its budget on a library or on a swimming pool?",
            "max_turns": 6,
            "bots": [
                {"name": "Ada", "provider": "builtin", "prompt": "You are an optimist who loves books."},
                {"name": "Ben", "provider": "builtin", "prompt": "You are a sceptic who looks at costs and health."},
            ],
        },
    }
}

CALMER: Final[dict[str, Any]] = {
    "calmer": {
        "summary": "Another prompt and temperature, from the bot's next turn on",
        "value": {"prompt": "You have grown tired, and are brief.", "temperature": 0.2},
    }
}

QUESTION: Final[dict[str, Any]] = {
    "question": {
        "summary": "A question to both",
        "value": {"text": "And who is to pay for it?", "name": "Zoë"},
    }
}
