"""The JSON Schemas of what people say in the evaluations, from the types that it is read into.

benchmarks/requests/schema.json is of the shopping requests, benchmarks/requests_chat/schema.json of what is said in
the chat.
"""

from __future__ import annotations

import json
from inspect import cleandoc

import msgspec

from benchmarks.chat_requests import Sentence
from benchmarks.shopping_requests import Request


def request_schema_text() -> str:
    """Return the schema of a line of the shopping requests as the text of its file."""
    return _schema_text(Request)


def sentence_schema_text() -> str:
    """Return the schema of a line of the chat's sentences as the text of its file."""
    return _schema_text(Sentence)


def _schema_text(line: type[msgspec.Struct]) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | msgspec.json.schema(line)
    for part in schema["$defs"].values():
        if "description" in part:
            # From Python 3.13 on, docstrings come without their indent.
            part["description"] = cleandoc(part["description"])
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
