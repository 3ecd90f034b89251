"""docs/log.schema.json: the JSON Schema of the files in the archive, a room's log and a session's summary."""

from __future__ import annotations

import json
from typing import Any, Final, get_args

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from chaffer.conversation.codec import wire_name
from chaffer.exports.room_log import LOG, SCHEMA_VERSION
from chaffer.negotiation.events import RoomEvent

_REFERENCE: Final = "#/$defs/{model}"
_STRICT: Final = ConfigDict(extra="forbid")


@checked(config=_STRICT)
class BoughtItem:
    """One purchase. Amounts are numbers of the currency, prices per unit."""

    room_id: str
    item_name: str
    quantity: int
    selected_seller: str
    final_price_per_unit: float
    list_price_per_unit: float
    total_cost: float
    saved: float
    negotiation_rounds: int
    duration_seconds: float
    invoice_id: str


@checked(config=_STRICT)
class FailedItem:
    """A line of the shopping list that was not bought, and why."""

    room_id: str
    item_name: str
    status: str
    reason: str


@checked(config=_STRICT)
class BudgetSummary:
    """The money of the session."""

    initial_budget: float
    total_spent: float
    remaining: float
    utilization_percentage: float
    total_saved: float


@checked(config=_STRICT)
class NegotiationMetrics:
    """The effort, averaged over the rooms that were started and have ended."""

    average_rounds: float
    average_duration_seconds: float
    total_messages_exchanged: int


@checked(config=_STRICT)
class SessionSummary:
    """The file `summary.json`; the API's summary is the same without `schema_version`."""

    schema_version: int
    session_id: str
    buyer_name: str
    currency: str
    total_items_requested: int
    completed_purchases: int
    failed_purchases: int
    purchases: list[BoughtItem]
    failed_items: list[FailedItem]
    open_items: list[str]
    budget_summary: BudgetSummary
    negotiation_metrics: NegotiationMetrics


def log_schema() -> dict[str, Any]:
    """Return the schema of both files; events are told apart by `type`."""
    made: dict[str, Any] = {}
    room_log = _taken(LOG, made)
    room_log["properties"]["events"]["items"] = {"oneOf": [_logged(kind, made) for kind in get_args(RoomEvent)]}
    del made["LoggedEvent"]
    made |= {"RoomLog": room_log, "SessionSummary": _taken(TypeAdapter(SessionSummary), made)}
    for name in ("RoomLog", "SessionSummary"):
        made[name]["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Files in Chaffer's archive",
        "oneOf": [{"$ref": _REFERENCE.format(model=name)} for name in ("RoomLog", "SessionSummary")],
        "$defs": dict(sorted(made.items())),
    }


def log_schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(log_schema(), indent=1, ensure_ascii=False) + "\n"


def _logged(kind: type[Any], made: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one kind of event as the log keeps it."""
    data = _taken(TypeAdapter(kind), made)
    made[kind.__name__] = data
    return {
        "type": "object",
        "description": data["description"],
        "properties": {
            "position": {"type": "integer", "minimum": 1},
            "at": {"type": "string", "format": "date-time"},
            "type": {"const": wire_name(kind)},
            "data": {"$ref": _REFERENCE.format(model=kind.__name__)},
        },
        "required": ["position", "at", "type", "data"],
        "additionalProperties": False,
    }


def _taken(adapter: TypeAdapter[Any], made: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type, its definitions put among those that are made."""
    schema = adapter.json_schema(mode="serialization", ref_template=_REFERENCE)
    made.update(schema.pop("$defs", {}))
    return schema
