"""Fields of a vendor's JSON, read without trust: what is not of the expected type is as good as missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from chaffer.llm.faults import Callee, Nonsense

_EMPTY: Final[Mapping[str, Any]] = {}
_MICROS: Final = 1_000_000
_MOST_DOLLARS: Final = 1_000_000
_MOST: Final = 1_000_000_000
_LONGEST_NAME: Final = 200
_MOST_NAMES: Final = 5_000


def object_in(frame: str | bytes, callee: Callee) -> Mapping[str, Any]:
    """Return the JSON object that a frame holds. Raises ModelFaultError where it holds none."""
    try:
        value = json.loads(frame)
    except (ValueError, RecursionError):
        raise callee.nonsense(Nonsense.NO_JSON) from None
    if not isinstance(value, dict):
        raise callee.nonsense(Nonsense.NO_OBJECT)
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """Return the object, or an empty one."""
    return value if isinstance(value, dict) else _EMPTY


def text_or_none(value: object) -> str | None:
    """Return a text that is not empty, or None."""
    return value if isinstance(value, str) and value else None


def name_or_none(value: object) -> str | None:
    """Return a name, an id or the like, or None where nothing is left of it.

    It goes into journals and heads: what no name has, such as control characters and halves of one, is left out, and
    what is behind its 200th character.
    """
    text = text_or_none(value)
    if text is None or (len(text) <= _LONGEST_NAME and text.isprintable()):
        return text
    return "".join(filter(str.isprintable, text))[:_LONGEST_NAME] or None


def names_in(values: Iterable[object]) -> tuple[str, ...]:
    """Return the first 5,000 that can be names."""
    return tuple(value for value in values if isinstance(value, str) and name_or_none(value) == value)[:_MOST_NAMES]


def count(value: object) -> int | None:
    """Return a whole number from 0 to a milliard, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST else None


def micros(dollars: object) -> int | None:
    """Return an amount of dollars in millionths, or None where it is no sensible number."""
    if not isinstance(dollars, int | float) or isinstance(dollars, bool):
        return None
    return round(dollars * _MICROS) if 0 <= dollars <= _MOST_DOLLARS else None
