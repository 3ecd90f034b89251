"""docs/recording.schema.json: the JSON Schema of a line in the files that CHAFFER_RECORD writes."""

from __future__ import annotations

import json
from typing import Any

from chaffer.llm.replay import LINE


def recording_schema() -> dict[str, Any]:
    """Return the schema of one line, an exchange. Fields that nobody declared are refused, so that none is a key."""
    schema = LINE.json_schema(mode="serialization")
    for document in (schema, *schema["$defs"].values()):
        if document.get("type") == "object":
            document["additionalProperties"] = False
            document["required"] = list(document["properties"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A line of a recording"}


def recording_schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(recording_schema(), indent=1, ensure_ascii=False) + "\n"
