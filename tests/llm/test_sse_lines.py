"""Server-sent events are read whole, wherever the bytes are cut."""

from __future__ import annotations

import time
from collections import deque

import pytest

from chaffer.llm.wires.sse_lines import SseDecoder
from chaffer.llm.wires.wire import MalformedStreamError

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
    with pytest.raises(MalformedStreamError):
        deque(map(decoder.feed, chunks))


def test_comments_without_end_cost_nothing() -> None:
    decoder = SseDecoder(longest=100)
    for _ in range(1000):
        assert decoder.feed(b": still here\n\n") == []


def test_a_line_that_drips_is_looked_through_once() -> None:
    drops, long = 20_000, SseDecoder(longest=10_000_000)
    long.feed(b"data: " + b"x" * 5_000_000)
    begun = time.process_time()
    for _ in range(drops):
        long.feed(b"x")
    assert time.process_time() - begun < 2.0, "each byte costs a look at five millions otherwise"
    assert long.feed(b"\n\n") == ["x" * (5_000_000 + drops)]


def test_line_ends_of_all_kinds_fall_apart_anywhere() -> None:
    for mark in (b"\n", b"\r", b"\r\n"):
        stream = b"data: a" + mark + b"data: b" + mark + mark + b"data: c" + mark
        for size in range(1, len(stream)):
            assert decoded(*(stream[start : start + size] for start in range(0, len(stream), size))) == ["a\nb", "c"]
