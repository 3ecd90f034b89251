"""benchmarks/requests/schema.json: the JSON Schema of the shopping requests, from the types that they are read into."""

from __future__ import annotations

import json

import msgspec

from benchmarks.shopping_requests import Request


def request_schema_text() -> str:
    """Return the schema of one line as the text of its file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | msgspec.json.schema(Request)
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
