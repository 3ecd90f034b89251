"""Server-sent events are read whole, wherever the bytes are cut."""

from __future__ import annotations

from collections import deque

import pytest

from chaffer.llm.sse_lines import OverlongEventError, SseDecoder

STREAM = (
    "\ufeff: welcome\r\n\r\n"
    'data: {"text": "Grüße, 你好 👋"}\r\n\r\n'
    "event: message\rid: 1\rdata:no space\rdata: and a second line\r\r"
    "data\n\ndata:\n\n"
    "retry: 10\n:keepalive\n\n"
    "data: [DONE]\n\n"
).encode()
EVENTS = ['{"text": "Grüße, 你好 👋"}', "no space\nand a second line", "[DONE]"]


def decoded(*chunks: bytes) -> list[str]:
    decoder = SseDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [event for event in (*events, *decoder.finish()) if event]


def test_events_are_the_same_at_every_split_in_two() -> None:
    for place in range(len(STREAM) + 1):
        assert decoded(STREAM[:place], STREAM[place:]) == EVENTS


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_events_are_the_same_in_small_pieces(size: int) -> None:
    assert decoded(*(STREAM[start : start + size] for start in range(0, len(STREAM), size))) == EVENTS


def test_an_event_is_given_as_soon_as_its_blank_line_is_there() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: 1\n") == []
    assert decoder.feed(b"\n") == ["1"]
    assert decoder.feed(b"data: 2\r\n\r") == []
    assert decoder.feed(b"\n") == ["2"]


def test_the_last_event_needs_no_blank_line() -> None:
    assert decoded(b"data: last") == ["last"]


def test_broken_utf_8_becomes_a_sign_of_it_and_ends_nothing() -> None:
    assert decoded(b"data: a\xffb\n\n", b"data: c\n\n") == ["a\ufffdb", "c"]


@pytest.mark.parametrize("chunk", [b"x" * 60, b"data: " + b"x" * 60, b"data: 12345678\n"])
def test_an_event_without_end_is_refused(chunk: bytes) -> None:
    decoder = SseDecoder(longest=100)
    decoder.feed(chunk)
    chunks = [chunk] * 100
    with pytest.raises(OverlongEventError):
        deque(map(decoder.feed, chunks))


def test_comments_without_end_cost_nothing() -> None:
    decoder = SseDecoder(longest=100)
    for _ in range(1000):
        assert decoder.feed(b": still here\n\n") == []
