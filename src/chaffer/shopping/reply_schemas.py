"""The JSON Schemas of a model's replies, one a question. Every field is required, as strict providers want it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chaffer.shopping.catalogue.searching import Sort
from chaffer.shopping.events import Intent

Schema = Mapping[str, Any]

_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_NUMBER_OR_NULL: Final = {"type": ["number", "null"]}


def _object(**fields: object) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


_NEED: Final = _object(
    name={**_TEXT, "description": "An attribute, as the catalogue names it."},
    texts={**_TEXTS, "description": "Values that it may have; empty for a number."},
    at_least=_NUMBER_OR_NULL,
    at_most=_NUMBER_OR_NULL,
    unit={**_TEXT, "description": "Of the numbers, such as GB or in; else empty."},
    excluded={"type": "boolean", "description": "True: the product must not have it."},
)

ROUTE_SCHEMA: Final = _object(intent={**_TEXT, "enum": [intent.value for intent in Intent]})

LEARN_SCHEMA: Final = _object(
    like={**_TEXTS, "description": "Brands that the shopper likes by what they said."},
    dislike={**_TEXTS, "description": "Brands that they do not want."},
    max_budget={**_NUMBER_OR_NULL, "description": "The most they would pay for a piece, or null."},
    min_rating={**_NUMBER_OR_NULL, "description": "The least rating they would take, or null."},
    require={"type": "array", "items": _NEED},
)

PLAN_SCHEMA: Final = _object(
    category={"type": ["string", "null"]},
    text={**_TEXT, "description": "Words to search by that no other field covers; may be empty."},
    brands=_TEXTS,
    not_brands=_TEXTS,
    min_price=_NUMBER_OR_NULL,
    max_price=_NUMBER_OR_NULL,
    min_rating=_NUMBER_OR_NULL,
    needs={"type": "array", "items": _NEED},
    quantity={"type": "integer"},
    sort={**_TEXT, "enum": [sort.value for sort in Sort]},
    sort_by={**_TEXT, "description": "The attribute of which the least or the most is wanted; else empty."},
)

CLARIFY_SCHEMA: Final = _object(message={**_TEXT, "description": "The question: one sentence."})

REWORD_SCHEMA: Final = _object(texts={**_TEXTS, "description": "Other words to search by, best first."})

ADVISE_SCHEMA: Final = _object(
    product={"type": ["integer", "null"], "description": "The number of the product you recommend, or null."},
    text={**_TEXT, "description": "What you say to the shopper."},
)
