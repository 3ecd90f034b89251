"""The operations that the OpenAPI document tells of, how to call them, and what they answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from tools.environment import ROOT

STREAM: Final = "text/event-stream"

_DOCUMENT: Final = json.loads((ROOT / "openapi.json").read_bytes())
_PASSING: Final = re.compile(r'"(timestamp|request_id)":"[^"]*"')
_SHORT: Final = 20  # letters, which no id has: a number, or one of the words that a parameter may be
_OTHER_DIGITS: Final = str.maketrans("0123456789abcdef", "f0123456789abcde")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, as the document tells of it."""

    path: str
    method: str
    told: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the parameters of the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    def choices(self, name: str) -> tuple[str, ...]:
        """Return what the document lets a parameter be, where that names no thing; else nothing."""
        told = next(one for one in self.told["parameters"] if one["name"] == name)
        schema = _resolved(told["schema"])
        numbers = range(schema["minimum"], schema["maximum"] + 1) if schema.get("type") == "integer" else ()
        return tuple(map(str, schema.get("enum", numbers)))

    @property
    def streams(self) -> bool:
        """Tell whether it answers a stream."""
        return STREAM in self.told["responses"].get("200", {}).get("content", {})

    def body(self) -> object:
        """Return a valid body, from the document's examples; None where it takes none."""
        content = self.told.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return None
        for example in content.get("examples", {}).values():
            return example["value"]
        least = _example(content["schema"])
        if least == {} and self.told["requestBody"].get("required"):
            name, schema = next(iter(_resolved(content["schema"])["properties"].items()))
            return {name: _example(schema)}  # an empty one, though nothing in it is required, may say nothing
        return least


OPERATIONS: Final = [
    Operation(path, method, told) for path, methods in _DOCUMENT["paths"].items() for method, told in methods.items()
]
PUBLIC: Final = {"/api/docs/assets/{name}", "/api/products/{product_id}"}
"""Paths with parameters that name nobody's things: files that ship with the program, the catalogue's products."""
ABOUT_A_THING: Final = [one for one in OPERATIONS if one.names and one.path not in PUBLIC]
# What takes a thing away, last: so that all the others find it.
CONTROLLED: Final = sorted(ABOUT_A_THING, key=lambda operation: operation.method == "delete")


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema, or the component that it stands for."""
    found: Mapping[str, Any] = schema
    if "$ref" in schema:
        found = _DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _example(schema: Mapping[str, Any]) -> object:
    """Return a value that fits a schema: its example, or the least that has what is required."""
    schema = _resolved(schema)
    if schema.get("examples"):
        return schema["examples"][0]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0])
    if schema.get("type") == "object":
        required = schema.get("required", ())
        return {name: _example(told) for name, told in schema.get("properties", {}).items() if name in required}
    assert schema.get("type") == "string", f"give an example in the document for {schema}"
    return "some text"


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody was told, by the call."""

    status: int
    headers: tuple[tuple[str, str], ...]
    text: str

    def without(self, *ids: str) -> tuple[int, tuple[tuple[str, str], ...], str]:
        """Return it without what tells one request from another, and without the ids that were asked for."""
        text = _PASSING.sub("", self.text)
        for one in ids:
            text = text.replace(one, "…")
        return self.status, tuple(pair for pair in self.headers if pair[0] not in {"x-request-id", "date"}), text


async def call(
    client: httpx2.AsyncClient, operation: Operation, ids: Mapping[str, str], method: str | None = None
) -> Answered:
    """Call an operation; of what it streams, if it does, no more than the head is read."""
    path = operation.path.format(**ids)
    body = operation.body()
    content = None if body is None else json.dumps(body)
    headers = {} if body is None else {"Content-Type": "application/json"}
    sent = client.stream((method or operation.method).upper(), path, content=content, headers=headers)
    async with sent as answer:
        is_stream = answer.headers.get("content-type", "").startswith(STREAM)
        text = "" if is_stream else (await answer.aread()).decode("utf-8", "replace")
        return Answered(answer.status_code, tuple(answer.headers.multi_items()), text)


def unknown(ids: Mapping[str, str]) -> dict[str, str]:
    """Return ids that look like these and name nothing."""
    return {
        name: one[:-6] + one[-6:].translate(_OTHER_DIGITS) if len(one) > _SHORT else one for name, one in ids.items()
    }
