"""The tables of docs/errors.md and docs/events.md, from the code that answers and streams."""

from __future__ import annotations

from typing import Any, Final

from chaffer.api.envelope import STATUS
from chaffer.api.v1.stream_events import StreamEvents
from chaffer.errors import ADVICE, Code
from tools.documents.sections import page_with, table

_COMPONENTS: Final = "#/$defs/"
_ROOM_STATE: Final = "RoomState"


def errors_page() -> str:
    """Return docs/errors.md with the table of codes written anew."""
    rows = [
        (
            f"`{code}`",
            str(STATUS[code]),
            ADVICE[code].user_message,
            " ".join(ADVICE[code].suggested_actions),
            "yes" if ADVICE[code].retryable else "",
        )
        for code in Code
    ]
    return page_with("docs/errors.md", {"codes": table(("code", "status", "means", "do", "retryable"), rows)})


def events_page() -> str:
    """Return docs/events.md with what each event bears written anew."""
    schema = StreamEvents.model_json_schema(mode="serialization")
    parts = [_event(name, field, schema["$defs"]) for name, field in schema["properties"].items()]
    return page_with("docs/events.md", {"events": "\n\n".join(parts)})


def _event(name: str, field: dict[str, Any], models: dict[str, Any]) -> str:
    model_name = field["$ref"].removeprefix(_COMPONENTS)
    model = models[model_name]
    text = field.get("description") or model.get("description", "")
    if model_name == _ROOM_STATE:
        return f"### `{name}`\n\n{text} The data is what `GET /api/v1/negotiation/{{room_id}}/state` answers."
    rows = [
        (f"`{key}`", _kind(value, models), value.get("description", "")) for key, value in model["properties"].items()
    ]
    return f"### `{name}`\n\n{text}\n\n{table(('field', 'type', ''), rows)}"


def _kind(value: dict[str, Any], models: dict[str, Any]) -> str:
    """Return a type in words; an object's fields stand in it."""
    if "anyOf" in value:
        return " or ".join(_kind(part, models) for part in value["anyOf"])
    if "$ref" in value:
        fields = models[value["$ref"].removeprefix(_COMPONENTS)]["properties"]
        return "{" + ", ".join(fields) + "}"
    if "const" in value:
        return f'`"{value["const"]}"`'
    if value.get("type") == "array":
        return f"list of {_kind(value['items'], models)}"
    return str(value.get("type", "any"))
