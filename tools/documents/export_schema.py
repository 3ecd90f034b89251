"""docs/export.schema.json: the JSON Schema of the JSON exports, of each kind of conversation."""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import TypeAdapter

from chaffer.exports.chat_export import CHAT_EXPORT
from chaffer.exports.chat_export import SCHEMA_VERSION as CHAT_VERSION
from chaffer.exports.room_export import ROOM_EXPORT
from chaffer.exports.room_export import SCHEMA_VERSION as ROOM_VERSION
from chaffer.exports.run_export import RUN_EXPORT
from chaffer.exports.run_export import SCHEMA_VERSION as RUN_VERSION

_REFERENCE: Final = "#/$defs/{model}"
_EXPORTS: Final = (
    ("RoomExport", ROOM_EXPORT, ROOM_VERSION),
    ("RunExport", RUN_EXPORT, RUN_VERSION),
    ("ChatExport", CHAT_EXPORT, CHAT_VERSION),
)


def export_schema() -> dict[str, Any]:
    """Return the schema of all these documents; `kind` tells them apart. Every field is there, and no other."""
    made: dict[str, Any] = {}
    for name, adapter, version in _EXPORTS:
        made[name] = _taken(adapter, made)
        made[name]["properties"]["schema_version"] = {"const": version}
    for document in (each for each in made.values() if each["type"] == "object"):
        document["additionalProperties"] = False
        document["required"] = list(document["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "JSON exports of Chaffer",
        "oneOf": [{"$ref": _REFERENCE.format(model=name)} for name, _, _ in _EXPORTS],
        "$defs": dict(sorted(made.items())),
    }


def export_schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(export_schema(), indent=1, ensure_ascii=False) + "\n"


def _taken(adapter: TypeAdapter[Any], made: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type, its definitions put among those that are made."""
    schema = adapter.json_schema(mode="serialization", ref_template=_REFERENCE)
    made.update(schema.pop("$defs", {}))
    return schema
