"""Bodies that are sent, and where they come from: a refusal names the file or the option to correct."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from chaffer.errors import ChafferError, Code, Detail
from chaffer.json_text import Written
from chaffer.plain_text import harmless, shortened

_PART: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_UNSHOWN: Final = ("api_key", "prompt")
_VALUELESS: Final = ("got ", "is required", "is not a known field")
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it will be sent, the name of the file that it came from, if any, and the fields that options set."""

    file: str | None
    document: dict[str, Any]
    options: Mapping[str, str] = field(default_factory=dict)
    """The option by its field, as the API names it: `bots[0].model`."""

    def refusal(self, details: Sequence[Detail]) -> ChafferError:
        """Return the error for refused fields, each with where and as what it was given. `details` are not empty."""
        told = tuple(dict.fromkeys(self._told(detail) for detail in details))
        more = "" if len(told) == 1 else f" ({len(told) - 1} more below)"
        refused = "" if details[0].field in self.options else f"{self.file or 'The request'} was refused: "
        sentence = f"{refused}{told[0].field} {told[0].issue}{more}. Correct it."
        return ChafferError(Code.VALIDATION_ERROR, sentence, details=told)

    def blaming(self, error: ChafferError) -> ChafferError:
        """Return the API's refusal of the body as one of what it came from; any other fault as it is."""
        if error.code is Code.VALIDATION_ERROR and error.details:
            return self.refusal(error.details)
        if self.file is not None and error.code in {Code.VALIDATION_ERROR, Code.MAX_SELLERS_EXCEEDED}:
            return ChafferError(error.code, f"{self.file} was refused: {error.message}", details=error.details)
        return error

    def _told(self, detail: Detail) -> Detail:
        return Detail(self.options.get(detail.field, detail.field), _with_value(detail, self.document))


def _with_value(detail: Detail, document: object) -> str:
    # The value of a field that nobody knows may be a key under a misspelt name.
    if detail.field.endswith(_UNSHOWN) or any(told in detail.issue for told in _VALUELESS):
        return detail.issue
    found, value = _value_at(document, detail.field)
    return f"{detail.issue}; got {_as_shown(value)}" if found else detail.issue


def _as_shown(value: object) -> str:
    """Return a value for a sentence; of objects and lists only their size, since they may hold a key."""
    if isinstance(value, dict):
        return f"an object of {len(value)} fields"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = str(value) if isinstance(value, Written) else json.dumps(value, ensure_ascii=False)
    return shortened(harmless(text), _SHOWN)


def _value_at(document: object, path: str) -> tuple[bool, object]:
    value = document
    for name, index in _PART.findall(path):
        if index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        elif name and isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return False, None
    return True, value
