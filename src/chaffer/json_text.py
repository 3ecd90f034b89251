"""JSON documents as people write them into files: read strictly, and refused with the place of what is wrong."""

from __future__ import annotations

import json
from typing import Any, NoReturn, Self

from chaffer.errors import ChafferError, Code


class Written(float):
    """A number with a point or an exponent, which as text is what was written: `1e400`, and not `inf`."""

    __slots__ = ("_text",)
    _text: str

    def __new__(cls, text: str) -> Self:
        """Return the number that a text means."""
        number = super().__new__(cls, text)
        number._text = text
        return number

    def __str__(self) -> str:
        """Return what was written."""
        return self._text


def document_of(raw: bytes, name: str) -> object:
    """Return what a JSON file holds. Raises VALIDATION_ERROR that names the file and the place in it."""
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            parse_float=Written,
            parse_constant=_no_constant,
            object_pairs_hook=_each_once,
        )
    except UnicodeDecodeError as fault:
        sentence = f"{name} is not UTF-8 text: byte {fault.start} does not fit. Save it as UTF-8."
        raise _refused(sentence) from fault
    except json.JSONDecodeError as fault:
        sentence = f"{name} is not valid JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}. Correct it."
        raise _refused(sentence) from fault
    except RecursionError as fault:
        sentence = f"{name} is nested too deeply to be read. Make it flatter."
        raise _refused(sentence) from fault
    except ValueError as fault:
        sentence = f"{name} is not valid JSON: {fault}. Correct it."
        raise _refused(sentence) from fault


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON number"
    raise ValueError(message)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the field {twice!r} stands twice in one object"
        raise ValueError(message)
    return found


def _refused(sentence: str) -> ChafferError:
    return ChafferError(Code.VALIDATION_ERROR, sentence)
