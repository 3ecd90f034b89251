"""Frames of AWS event streams are read whole wherever they are cut, and as botocore reads them; others are none."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from chaffer.llm.wires.event_stream import EventFrame, EventStreamDecoder
from chaffer.llm.wires.wire import MalformedStreamError
from tests.support import event_stream_frames as frames
from tests.support.wire_readings import cut

STREAM = b"".join(
    (
        frames.event("messageStart", {"role": "assistant"}),
        frames.event("contentBlockDelta", {"delta": {"text": "Grüße, 你好 👋"}}),
        frames.event_of_bytes("empty", b""),
        frames.exception("throttlingException", "Too many"),
        frames.error("InternalError", "Ach"),
    )
)
FRAMES = [
    EventFrame("event", "messageStart", b'{"role": "assistant"}'),
    EventFrame("event", "contentBlockDelta", '{"delta": {"text": "Grüße, 你好 👋"}}'.encode()),
    EventFrame("event", "empty", b""),
    EventFrame("exception", "throttlingException", b'{"message": "Too many"}'),
    EventFrame("error", "InternalError", b"Ach"),
]


def decoded(*chunks: bytes, longest: int = 10_000) -> list[EventFrame]:
    decoder = EventStreamDecoder(longest)
    found = [frame for chunk in chunks for frame in decoder.feed(chunk)]
    return [*found, *decoder.finish()]


def botocores(*chunks: bytes) -> list[tuple[dict[str, Any], bytes]]:
    buffer = EventStreamBuffer()
    found = []
    for chunk in chunks:
        buffer.add_data(chunk)
        found += [(message.headers, message.payload) for message in buffer]
    return found


def sealed(headers: bytes, payload: bytes = b"", *, said: int | None = None, total: int | None = None) -> bytes:
    """Return a frame of these raw headers, both its checksums right, its lengths as they are or as is said."""
    size = 16 + len(headers) + len(payload) if total is None else total
    lengths = struct.pack("!II", size, len(headers) if said is None else said)
    body = lengths + struct.pack("!I", zlib.crc32(lengths)) + headers + payload
    return body + struct.pack("!I", zlib.crc32(body))


def raw(name: str, kind: int, value: bytes) -> bytes:
    return bytes([len(name)]) + name.encode() + bytes([kind]) + value


def named(kind: str, value: str) -> bytes:
    return raw(kind, 7, struct.pack("!H", len(value.encode())) + value.encode())


EVENT = named(":message-type", "event") + named(":event-type", "x")


def test_frames_are_the_same_at_every_split() -> None:
    for place in range(len(STREAM) + 1):
        assert decoded(STREAM[:place], STREAM[place:]) == FRAMES
    assert decoded(*cut(STREAM, range(len(STREAM)))) == FRAMES


@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=30))
def test_frames_are_the_same_however_often_they_are_cut(places: list[int]) -> None:
    assert decoded(*cut(STREAM, places)) == FRAMES


def test_a_frame_is_given_as_soon_as_its_last_byte_is_there() -> None:
    decoder = EventStreamDecoder()
    frame = frames.event("x", {})
    assert decoder.feed(frame[:-1]) == []
    assert decoder.feed(frame[-1:] + frame[:5]) == [EventFrame("event", "x", b"{}")]
    assert decoder.feed(frame[5:]) == [EventFrame("event", "x", b"{}")]


_TEXTS = st.text(max_size=30)
_SIZED = {2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
_OTHERS = st.one_of(
    st.sampled_from([0, 1]).map(lambda kind: (kind, b"")),
    st.sampled_from(sorted(_SIZED)).flatmap(
        lambda kind: st.binary(min_size=_SIZED[kind], max_size=_SIZED[kind]).map(lambda value: (kind, value))
    ),
    st.binary(max_size=20).map(lambda value: (6, struct.pack("!H", len(value)) + value)),
)


@given(
    st.sampled_from(["event", "exception"]),
    _TEXTS,
    st.dictionaries(st.text("abc:-", min_size=1, max_size=9).map("x{}".format), _OTHERS | _TEXTS, max_size=5),
    st.binary(max_size=200),
)
def test_headers_of_every_type_are_read_as_botocore_reads_them(
    kind: str, name: str, others: dict[str, tuple[int, bytes] | str], payload: bytes
) -> None:
    written = [
        named(key, value) if isinstance(value, str) else raw(key, *value)  # In any order, before ours and after.
        for key, value in others.items()
    ]
    ours = [named(f":{kind}-type", name), named(":message-type", kind)]
    stream = sealed(b"".join([*written[:2], *ours, *written[2:]]), payload)
    ((headers, told),) = botocores(stream)
    assert decoded(stream) == [EventFrame(headers[":message-type"], headers[f":{kind}-type"], told)]


def test_the_frames_that_the_tests_write_are_frames_to_botocore() -> None:
    found = botocores(STREAM)
    assert [headers[":message-type"] for headers, _ in found] == [frame.kind for frame in FRAMES]
    assert [payload for _, payload in found][:4] == [frame.payload for frame in FRAMES][:4]
    assert found[4][0][":error-message"] == "Ach"


def test_no_byte_can_change_unnoticed() -> None:
    frame = frames.event("contentBlockDelta", {"delta": {"text": "Hi"}})
    for place in range(len(frame)):
        for change in (0x01, 0x80):
            broken = bytearray(frame)
            broken[place] ^= change
            with pytest.raises(MalformedStreamError):
                decoded(bytes(broken))


@pytest.mark.parametrize(
    "stream",
    [
        b"<html><body>Not Found</body></html>",
        b"data: {}\n\ndata: {}\n\n",
        bytes(16),
        sealed(EVENT, total=0),
        sealed(EVENT, total=15),
        sealed(EVENT, b"", said=len(EVENT) + 1),
        sealed(EVENT, b"", said=0xFFFFFFFF),
        sealed(b""),
        sealed(named(":event-type", "x")),
        sealed(named(":message-type", "gossip")),
        sealed(EVENT + named(":event-type", "y")),
        sealed(EVENT + raw("x", 10, b"")),
        sealed(EVENT + raw("x", 7, b"\x00")),
        sealed(EVENT + raw("x", 7, b"\x00\x05abc")),
        sealed(EVENT + raw("x", 6, b"\xff\xffabc")),
        sealed(EVENT + raw("x", 9, b"abc")),
        sealed(EVENT + raw("x", 7, b"\x00\x01\xff")),
        sealed(EVENT + b"\x05ab"),
        sealed(EVENT + b"\x01"),
        sealed(EVENT + b"\x01\xff\x00"),
    ],
)
def test_what_is_no_frame_is_malformed(stream: bytes) -> None:
    with pytest.raises(MalformedStreamError):
        decoded(stream)


@given(st.binary(max_size=120))
def test_whatever_stands_in_the_headers_is_read_or_malformed(headers: bytes) -> None:
    try:
        found = decoded(sealed(EVENT + headers))
    except MalformedStreamError:
        return
    assert found == [EventFrame("event", "x", b"")]


@given(st.binary(max_size=300))
def test_noise_ends_in_nothing_or_is_malformed(noise: bytes) -> None:
    try:
        assert decoded(noise) == []
    except MalformedStreamError:
        assert len(noise) >= 12


def test_a_frame_that_is_too_long_is_malformed_before_it_has_come() -> None:
    frame = frames.event_of_bytes("x", bytes(1000))
    assert len(decoded(frame, longest=len(frame))) == 1
    with pytest.raises(MalformedStreamError):
        decoded(frame[:12], longest=len(frame) - 1)


def test_a_frame_that_the_end_cuts_is_none() -> None:
    frame = frames.event("x", {})
    for place in range(len(frame)):
        assert decoded(frame[:place]) == []


def test_a_payload_is_not_shown() -> None:
    assert "secret" not in repr(EventFrame("event", "x", b"secret"))
