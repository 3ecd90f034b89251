"""docs/log.schema.json: the JSON Schema of the files in the archive, a room's log and a session's summary."""

from __future__ import annotations

import json
from inspect import cleandoc
from typing import Any, Final, get_args

from msgspec.json import schema_components
from pydantic import TypeAdapter

from chaffer.conversation.codec import wire_name
from chaffer.exports.room_log import LOG, SCHEMA_VERSION
from chaffer.negotiation.events import RoomEvent
from chaffer.negotiation.summary import SessionSummary

_REFERENCE: Final = "#/$defs/{model}"


def log_schema() -> dict[str, Any]:
    """Return the schema of both files; events are told apart by `type`."""
    made: dict[str, Any] = {}
    room_log = _taken(LOG, made)
    room_log["properties"]["events"]["items"] = {"oneOf": [_logged(kind, made) for kind in get_args(RoomEvent)]}
    del made["LoggedEvent"]
    summary = _taken(TypeAdapter(SessionSummary), made)
    summary["required"] = ["schema_version", "owner", *summary["required"]]
    summary["properties"] = {"owner": {"type": "string"}, **summary["properties"]}
    for document in (room_log, summary):
        document["properties"] = {**document["properties"], "schema_version": {"const": SCHEMA_VERSION}}
        document["additionalProperties"] = False
    made |= {"RoomLog": room_log, "SessionSummary": summary}
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
    _, parts = schema_components((kind,), ref_template=_REFERENCE.format(model="{name}"))
    for name, part in parts.items():
        made[name] = {**part, "description": cleandoc(part["description"])} if "description" in part else part
    return {
        "type": "object",
        "description": made[kind.__name__]["description"],
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
