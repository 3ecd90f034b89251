"""Server-sent events off the wire: bytes in at any split, the data of whole events out.

The format is the «Server-sent events» chapter of the WHATWG HTML standard; names and ids of events mean nothing here.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

LONGEST_EVENT: Final = 256 * 1024

_LINE_END: Final = re.compile(r"\r\n|\n|\r(?!\Z)")
"""A carriage return at the very end may be half of a CRLF, so it waits for what follows."""


class OverlongEventError(Exception):
    """An event exceeds what is read of one."""


class SseDecoder:
    """Decodes one stream."""

    def __init__(self, longest: int = LONGEST_EVENT) -> None:
        """Read events of up to `longest` characters."""
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._longest = longest
        self._text = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[str]:
        """Return the data of the events that this chunk completes. Raises OverlongEventError."""
        return self._lines(self._decoder.decode(chunk))

    def finish(self) -> list[str]:
        """Return the data of an event that the stream's end completes: its last line may lack its blank one."""
        events = self._lines(self._decoder.decode(b"", final=True) + "\n\n")
        self._text = ""
        return events

    def _lines(self, text: str) -> list[str]:
        self._text += text
        events: list[str] = []
        start = 0
        for end in _LINE_END.finditer(self._text):
            data = self._line(self._text[start : end.start()])
            start = end.end()
            if data is not None:
                events.append(data)
        self._text = self._text[start:]
        if self._size + len(self._text) > self._longest:
            raise OverlongEventError
        return events

    def _line(self, line: str) -> str | None:
        """Take a line in, and return the data of the event that a blank one ends."""
        if not line:
            data, self._data, self._size = self._data, [], 0
            return "\n".join(data) if data else None
        field, _, value = line.partition(":")
        if field == "data":
            self._data.append(value.removeprefix(" "))
            self._size += len(value)
        return None
