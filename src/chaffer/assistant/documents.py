"""Wishes and results as JSON documents, for models and clients: an amount `price_minor` is the number `price` there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from chaffer.assistant.results import Result
from chaffer.assistant.tools import TOOLS, Wish
from chaffer.errors import ChafferError, Code, Detail
from chaffer.money import minor_from_number, number_from_minor
from chaffer.validation import AMOUNT

_MINOR: Final = "_minor"
_TAGS: Final = ("tool", "kind")


def arguments_of(wish: Wish) -> dict[str, Any]:
    """Return a wish's arguments as a document, without those that were left out."""
    document = _outside(msgspec.to_builtins(wish))
    return {name: value for name, value in document.items() if name != "tool" and value not in (None, [])}


def document_of(result: Result | Struct) -> dict[str, Any]:
    """Return what a tool returned as a document; `kind` says what it is."""
    document: dict[str, Any] = _outside(msgspec.to_builtins(result))
    return document


def wish_of(name: str, arguments: Mapping[str, Any]) -> Wish:
    """Return the wish that a mind means. Raises VALIDATION_ERROR for no tool, and for arguments it does not take."""
    spec = TOOLS.get(name)
    if spec is None:
        known = ", ".join(TOOLS)
        raise ChafferError(Code.VALIDATION_ERROR, f"There is no tool {name[:60]!r}. The tools are {known}.")
    try:
        wish: Wish = msgspec.convert({**_inside(arguments), "tool": name}, spec.wish, strict=False)
    except (ValueError, RecursionError) as wrong:
        issue = str(wrong).replace(_MINOR, "")
        raise ChafferError(
            Code.VALIDATION_ERROR,
            f"The arguments of {name} are not as they must be: {issue}.",
            details=(Detail("arguments", issue),),
        ) from None
    return wish


@cache
def schema_of(wish: type[Wish]) -> Mapping[str, Any]:
    """Return the JSON Schema of a tool's arguments."""
    (_,), components = msgspec.json.schema_components([wish], ref_template="#/$defs/{name}")
    schema = dict(components[wish.__name__])
    properties = {name: value for name, value in schema["properties"].items() if name not in _TAGS}
    return {
        "type": "object",
        "properties": {
            _bare(name): _amount(value) if name.endswith(_MINOR) else value for name, value in properties.items()
        },
        "required": [_bare(name) for name in schema.get("required", ()) if name not in _TAGS],
        "additionalProperties": False,
    }


def _amount(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    is_optional = "anyOf" in schema
    return {"anyOf": [AMOUNT, {"type": "null"}], "default": None} if is_optional else AMOUNT


def _bare(name: str) -> str:
    return name.removesuffix(_MINOR)


def _outside(value: Any) -> Any:  # noqa: ANN401  Any JSON value.
    return _mapped(value, lambda name, each: (_bare(name), _number(each)) if name.endswith(_MINOR) else (name, each))


def _number(minor: int | None) -> float | None:
    return None if minor is None else number_from_minor(minor)


def _inside(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments with amounts in minor units. Raises ValueError for an amount that is none."""
    amounts = _AMOUNTS
    inside: dict[str, Any] = {}
    for name, value in arguments.items():
        is_amount = name in amounts and value is not None
        inside[f"{name}{_MINOR}" if name in amounts else name] = minor_from_number(value) if is_amount else value
    return inside


_AMOUNTS: Final = frozenset(
    _bare(name) for spec in TOOLS.values() for name in spec.wish.__struct_fields__ if name.endswith(_MINOR)
)


def _mapped(value: Any, member: Callable[[str, Any], tuple[str, Any]]) -> Any:  # noqa: ANN401  Any JSON value.
    """Return a JSON value with each member of its objects as `member` gives it."""
    if isinstance(value, dict):
        return dict(member(name, _mapped(each, member)) for name, each in value.items())
    if isinstance(value, list | tuple):
        return [_mapped(each, member) for each in value]
    return value
