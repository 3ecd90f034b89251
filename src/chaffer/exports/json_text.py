"""JSON that is inert wherever it is shown: parsed it is the text as it was said, printed it steers nothing."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from pydantic import TypeAdapter

from chaffer.plain_text import REPLACEMENT, is_steering

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_MARKUP: Final = frozenset("<>&")
_SUSPECTS: Final = re.compile(r"[^ !-%'-;=?-~\n\u00a1-\u00ac\u00ae-\u02ff]")
"""What may have to be escaped; all but plain Latin text, so that most characters are not looked at one by one."""


def json_bytes(adapter: TypeAdapter[Any], document: object) -> bytes:
    """Return a document as the bytes of a JSON file.

    Control, bidirectional and invisible characters stand as escapes, and so do `<`, `>` and `&`, so that neither a
    terminal nor a page that shows the file obeys it. Half a surrogate pair, which no text can hold, becomes U+FFFD.
    """
    plain = adapter.dump_python(document, mode="python")
    text = json.dumps(plain, ensure_ascii=False, indent=1, default=_as_text)
    return (_SUSPECTS.sub(_escaped, _SURROGATES.sub(REPLACEMENT, text)) + "\n").encode()


def _as_text(value: object) -> str:
    """Return what JSON has no form for: a time, in UTC with `Z`."""
    at = getattr(value, "isoformat", None)
    if at is None:
        msg = f"{type(value).__name__} has no form in JSON"
        raise TypeError(msg)
    return str(at(timespec="milliseconds")).replace("+00:00", "Z")


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    if character not in _MARKUP and not is_steering(character):
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
