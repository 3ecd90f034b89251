"""Frames of `application/vnd.amazon.eventstream`, written as a server does; botocore's parser is their judge.

Source: «Amazon event stream encoding» in the documentation of Amazon Transcribe streaming: a prelude of two lengths and
their CRC, headers, a payload, and the CRC of it all.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any, Final

_TEXT: Final = 7
_PRELUDE_BYTES: Final = 12
_CRC_BYTES: Final = 4


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Return a frame with these headers, all of them texts."""
    written = b"".join(_header(name, value) for name, value in headers.items())
    lengths = struct.pack(">II", _PRELUDE_BYTES + len(written) + len(payload) + _CRC_BYTES, len(written))
    body = lengths + struct.pack(">I", zlib.crc32(lengths)) + written + payload
    return body + struct.pack(">I", zlib.crc32(body))


def event(kind: str, document: Mapping[str, Any]) -> bytes:
    """Return the frame of an event such as `contentBlockDelta`."""
    return event_of_bytes(kind, json.dumps(document, ensure_ascii=False).encode())


def event_of_bytes(kind: str, payload: bytes) -> bytes:
    """Return the frame of an event whose payload may be anything."""
    return frame({":event-type": kind, ":content-type": "application/json", ":message-type": "event"}, payload)


def exception(kind: str, message: str) -> bytes:
    """Return the frame of an exception such as `throttlingException`."""
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return frame(headers, json.dumps({"message": message}).encode())


def error(code: str, message: str) -> bytes:
    """Return the frame of an error that no exception of the service describes: it has no payload."""
    return frame({":message-type": "error", ":error-code": code, ":error-message": message}, b"")


def _header(name: str, value: str) -> bytes:
    told, text = name.encode(), value.encode()
    return struct.pack(">B", len(told)) + told + struct.pack(">BH", _TEXT, len(text)) + text
