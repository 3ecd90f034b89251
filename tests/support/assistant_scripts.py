"""What a stand-in model says that assists a shopper: sensible, or with some fields of its reply changed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.support.standin_scripts import Answer, Asked, Script

_FIELDS: Final = re.compile(r"JSON object with the fields (.+?), in this order")
_BY_FIRST_FIELD: Final = {
    "intent": "route",
    "like": "learn",
    "category": "plan",
    "message": "clarify",
    "texts": "reword",
    "product": "advise",
}


def question_of(asked: Asked) -> str:
    """Return which question it is, by the fields of the reply."""
    fields = _FIELDS.search(asked.system)
    assert fields is not None, asked.system
    return _BY_FIRST_FIELD[fields[1].partition(",")[0]]


def sensible(asked: Asked) -> dict[str, Any]:
    """Return the reply of a model that does what it is told."""
    facts = asked.facts
    replies: Mapping[str, Callable[[], dict[str, Any]]] = {
        "route": lambda: {"intent": "search"},
        "learn": lambda: {"like": [], "dislike": [], "max_budget": None, "min_rating": None, "require": []},
        "plan": lambda: facts["plain_reading"],
        "clarify": lambda: {"message": f"Do you prefer {' or '.join(facts['options'])}?"},
        "reword": lambda: {"texts": ["notebook"]},
        "advise": lambda: _advice(facts),
    }
    return replies[question_of(asked)]()


def _advice(facts: Mapping[str, Any]) -> dict[str, Any]:
    if not facts["products"]:
        return {"product": None, "text": "I am sorry, I found nothing that fits."}
    best = facts["products"][0]
    return {"product": 1, "text": f"I would take the {best['name']}. It costs ${best['price']:,.2f} today."}


def assists(asked: Asked) -> Answer:
    """Answer as a sensible assistant does."""
    return Answer(json.dumps(sensible(asked), ensure_ascii=False))


def replies(**changes: Any) -> Script:
    """Return the script of a sensible assistant with these fields changed, where its reply has them."""

    def script(asked: Asked) -> Answer:
        document = sensible(asked)
        return Answer(json.dumps({**document, **{key: changes[key] for key in document if key in changes}}))

    return script


def rewritten(rewrite: Callable[[str], str]) -> Script:
    """Return the script of a sensible assistant, its JSON written otherwise."""
    return lambda asked: Answer(rewrite(assists(asked).text))
