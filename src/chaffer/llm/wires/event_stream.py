"""AWS event streams off the wire: bytes in at any split, whole frames out, each checked by its two checksums.

The format is «Event stream encoding» of Amazon's and Smithy's documentation, `application/vnd.amazon.eventstream`:
total length, length of the headers, checksum of these two; headers; payload; checksum of all before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from typing import Final, Literal
from zlib import crc32

from chaffer.llm.wires.wire import MalformedStreamError

LONGEST_FRAME: Final = 256 * 1024

_PRELUDE: Final = Struct("!III")
_CHECKSUM: Final = Struct("!I")
_LENGTH: Final = Struct("!H")
_OVERHEAD: Final = _PRELUDE.size + _CHECKSUM.size
_LENGTHS_SIZE: Final = 8

_BYTES: Final = 6
_STRING: Final = 7
_SIZES: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""How long the values of the other types are: two truths, four sizes of number, a time, a UUID."""

Kind = Literal["event", "exception", "error"]

_NAMED_BY: Final[dict[str, tuple[Kind, str]]] = {
    "event": ("event", ":event-type"),
    "exception": ("exception", ":exception-type"),
    "error": ("error", ":error-code"),
}


@dataclass(frozen=True, slots=True)
class EventFrame:
    """One frame. Events and exceptions are named by their type, an error by its code; its payload is its message."""

    kind: Kind
    name: str
    payload: bytes = field(repr=False)


class EventStreamDecoder:
    """Decodes one stream."""

    def __init__(self, longest: int = LONGEST_FRAME) -> None:
        """Read frames of up to `longest` bytes."""
        self._longest = longest
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[EventFrame]:
        """Return the frames that this chunk completes. Raises MalformedStreamError."""
        self._rest += chunk
        frames: list[EventFrame] = []
        start = 0
        while (end := self._end(start)) is not None:
            frames.append(_frame(bytes(self._rest[start:end])))
            start = end
        del self._rest[:start]
        return frames

    def finish(self) -> list[EventFrame]:
        """Return nothing: a frame that the stream's end cuts is none, and its reply has broken off."""
        self._rest.clear()
        return []

    def _end(self, start: int) -> int | None:
        """Return where the frame that begins at `start` ends, None while it is not whole."""
        if len(self._rest) - start < _PRELUDE.size:
            return None
        total, headers, checksum = _PRELUDE.unpack_from(self._rest, start)
        if crc32(self._rest[start : start + _LENGTHS_SIZE]) != checksum:
            raise MalformedStreamError
        if not headers + _OVERHEAD <= total <= self._longest:
            raise MalformedStreamError
        end = start + int(total)
        return end if end <= len(self._rest) else None


def _frame(frame: bytes) -> EventFrame:
    (checksum,) = _CHECKSUM.unpack(frame[-_CHECKSUM.size :])
    if crc32(frame[: -_CHECKSUM.size]) != checksum:
        raise MalformedStreamError
    _, length, _ = _PRELUDE.unpack_from(frame)
    payload_at = _PRELUDE.size + length
    headers = _texts(frame[_PRELUDE.size : payload_at])
    named_by = _NAMED_BY.get(headers.get(":message-type", ""))
    if named_by is None:
        raise MalformedStreamError
    kind, name = named_by
    payload = headers.get(":error-message", "").encode() if kind == "error" else frame[payload_at : -_CHECKSUM.size]
    return EventFrame(kind, headers.get(name, ""), payload)


def _texts(data: bytes) -> dict[str, str]:
    """Return the headers whose values are texts. Raises MalformedStreamError unless all of them can be read."""
    texts: dict[str, str] = {}
    position = 0
    try:
        while position < len(data):
            value_at = position + 1 + data[position]
            name, kind = data[position + 1 : value_at].decode(), data[value_at]
            position = value_at + 1
            size = _SIZES.get(kind)
            if size is None:
                size, position = _length(data, kind, position), position + _LENGTH.size
            value, position = data[position : position + size], position + size
            if len(value) < size or name in texts:
                raise MalformedStreamError
            if kind == _STRING:
                texts[name] = value.decode()
    except (IndexError, UnicodeDecodeError):
        raise MalformedStreamError from None
    return texts


def _length(data: bytes, kind: int, position: int) -> int:
    if kind not in {_BYTES, _STRING} or len(data) < position + _LENGTH.size:
        raise MalformedStreamError
    return int(_LENGTH.unpack_from(data, position)[0])
