"""Examples of the chat and of conversations, for the documentation."""

from __future__ import annotations

from typing import Any, Final

SAID: Final[dict[str, Any]] = {
    "haggle": {
        "summary": "A wish, and a buyer to haggle for it, which you are asked about",
        "value": {"message": "Find me a gaming laptop under 1500, and haggle for it."},
    },
    "invoices": {
        "summary": "The specification's own question",
        "value": {"message": "What invoices do I have?"},
    },
    "keyboard": {
        "summary": "A wish, with what was said before elsewhere",
        "value": {
            "message": "Find me a quiet keyboard under 120.",
            "history": [
                {"role": "user", "content": "Hello!"},
                {"role": "assistant", "content": "Hello! What can I do for you?"},
            ],
            "seed": 7,
        },
    },
}

_CONVERSATION: Final = "01938f6e-7a2b-7c11-9d7e-2f6d0a3b4c5d"

YES: Final[dict[str, Any]] = {
    "yes": {
        "summary": "The tool may be called",
        "value": {
            "conversation_id": _CONVERSATION,
            "tool_call_id": "call_01938f6e-7a2b-7c11-9d7e-2f6d0a3b4c5e",
            "approve": True,
        },
    }
}

STOP: Final[dict[str, Any]] = {
    "stop": {"summary": "The answer is left off", "value": {"conversation_id": _CONVERSATION}},
}

TITLE: Final[dict[str, Any]] = {
    "title": {"summary": "A conversation with a title of its own", "value": {"title": "Office supplies"}},
}

PIN: Final[dict[str, Any]] = {
    "pin": {"summary": "Another title, above all others", "value": {"title": "Keyboards", "pinned": True}},
}
