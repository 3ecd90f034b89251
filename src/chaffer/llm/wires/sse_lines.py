"""Server-sent events off the wire: bytes in at any split, the data of whole events out.

The format is the «Server-sent events» chapter of the WHATWG HTML standard; names and ids of events mean nothing here.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from chaffer.llm.wires.wire import MalformedStreamError

LONGEST_EVENT: Final = 256 * 1024

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_RETURN: Final = "\r"
"""At the very end of what has come it may be half of a CRLF, so it waits for what follows."""


class SseDecoder:
    """Decodes one stream."""

    def __init__(self, longest: int = LONGEST_EVENT) -> None:
        """Read events of up to `longest` characters."""
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._longest = longest
        self._pieces: list[str] = []
        self._waiting = 0
        self._held = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[str]:
        """Return the data of the events that this chunk completes. Raises MalformedStreamError."""
        return self._lines(self._decoder.decode(chunk))

    def finish(self) -> list[str]:
        """Return the data of an event that the stream's end completes: its last line may lack its blank one."""
        return self._lines(self._decoder.decode(b"", final=True) + "\n\n")

    def _lines(self, text: str) -> list[str]:
        """Take text in; a line in many pieces is looked through piece by piece, and put together once."""
        text = self._held + text
        self._held = _RETURN if text.endswith(_RETURN) else ""
        text = text.removesuffix(_RETURN)
        events: list[str] = []
        start = 0
        for end in _LINE_END.finditer(text):
            data = self._line(self._joined(text[start : end.start()]))
            start = end.end()
            if data is not None:
                events.append(data)
        if start < len(text):
            self._pieces.append(text[start:])
            self._waiting += len(text) - start
        if self._size + self._waiting + len(self._held) > self._longest:
            raise MalformedStreamError
        return events

    def _joined(self, last: str) -> str:
        """Return the whole line that this piece ends."""
        if not self._pieces:
            return last
        pieces, self._pieces, self._waiting = self._pieces, [], 0
        return "".join((*pieces, last))

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
