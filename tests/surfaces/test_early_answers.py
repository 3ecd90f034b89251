"""Answers that come before all of the request has: who writes all before reading gets them, and nothing is kept."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import psutil
import pytest

from chaffer.cli.lingering import MOST_DROPPED
from tests.support.callers import bearer
from tests.support.server import Server
from tests.support.tokens import SECRET

LARGE: Final = b" " * 10_000_000
SOON: Final = "0.4"
JSON: Final = {"Content-Type": "application/json"}
REFUSED: Final = {
    "a_body_too_large": ({}, 413, b"PAYLOAD_TOO_LARGE"),
    "a_stranger": ({"Authorization": "Bearer x"}, 401, b"UNAUTHORIZED"),
    "a_wrong_host": ({"Host": "a b"}, 400, b"VALIDATION_ERROR"),
    "a_head_too_large": ({"X": "x" * 70_000}, 431, b"The head of a request"),
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("guarded"), SUPABASE_JWT_SECRET=SECRET) as server:
        yield server


def _asks(length: str, *, known: bool = True) -> bytes:
    """Return the head of a request, of a user or of a stranger."""
    proof = f"Authorization: {bearer('ann')['Authorization']}\r\nContent-Type: application/json\r\n" if known else ""
    return f"POST /api/run HTTP/1.1\r\nHost: 127.0.0.1\r\n{proof}{length}\r\n\r\n".encode()


def _port(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def _line(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", _port(server)), timeout=20)


def _told(line: socket.socket) -> bytes:
    """Return all that comes until the server says that it says no more."""
    told = b""
    while chunk := line.recv(65_536):
        told += chunk
    return told


@pytest.mark.parametrize("closing", [{}, {"Connection": "close"}], ids=["stays", "closes"])
@pytest.mark.parametrize(("heads", "status", "words"), REFUSED.values(), ids=REFUSED)
def test_who_writes_ten_megabytes_before_reading_gets_the_answer(
    guarded: Server, heads: dict[str, str], status: int, words: bytes, closing: dict[str, str]
) -> None:
    """So do Python's own client (with `Connection: close`) and `requests` (without)."""
    line = HTTPConnection("127.0.0.1", _port(guarded), timeout=20)
    line.request("POST", "/api/run", LARGE, {**JSON, **bearer("ann"), **heads, **closing})
    answer = line.getresponse()
    assert answer.status == status
    assert words in answer.read()
    line.close()


def test_the_answer_before_a_broken_request_is_there_for_who_writes_on(guarded: Server) -> None:
    with _line(guarded) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nno request\r\n\r\n" + LARGE)
        assert _told(line).startswith(b"HTTP/1.1 200")


BYTES: Final = b" " * 65_536
CHUNK: Final = b"10000\r\n" + BYTES + b"\r\n"
CHUNKED: Final = "Transfer-Encoding: chunked"
VERY_LONG: Final = f"Content-Length: {2**40}"
ENDLESS: Final = {
    "of_a_stranger": (VERY_LONG, False, BYTES, b"401"),
    "of_a_stranger_who_closes": (f"Connection: close\r\n{VERY_LONG}", False, BYTES, b"401"),
    "in_chunks_of_a_stranger": (CHUNKED, False, CHUNK, b"401"),
    "in_chunks_that_are_too_many": (CHUNKED, True, CHUNK, b"413"),
}


@pytest.mark.parametrize(("length", "known", "more", "status"), ENDLESS.values(), ids=ENDLESS)
def test_a_body_without_end_is_dropped_up_to_a_bound_and_not_kept(
    guarded: Server, length: str, *, known: bool, more: bytes, status: bytes
) -> None:
    process = psutil.Process(guarded.pid)
    before = process.memory_info().rss
    sent = told = 0
    with _line(guarded) as line:
        line.sendall(_asks(length, known=known))
        with suppress(ConnectionError):
            while sent < 6 * MOST_DROPPED:
                line.sendall(more)
                sent += len(more)
                if not told and sent > MOST_DROPPED // 2:
                    assert line.recv(65_536).startswith(b"HTTP/1.1 " + status)
                    told = sent
                    assert process.memory_info().rss - before < MOST_DROPPED // 4
    assert told
    # What the two ends of a connection hold on its way comes on top.
    assert MOST_DROPPED <= sent < 3 * MOST_DROPPED


def test_who_was_refused_is_told_the_end_at_once_and_heard_for_seconds_only(tmp_path: Path) -> None:
    with Server(tmp_path, REQUEST_BODY_TIMEOUT=SOON, SUPABASE_JWT_SECRET=SECRET) as server, _line(server) as line:
        line.sendall(_asks(VERY_LONG))
        begun = time.monotonic()
        answer = _told(line)
        assert answer.startswith(b"HTTP/1.1 413")
        assert b"\r\nconnection: close\r\n" in answer.lower()
        with pytest.raises(ConnectionError):
            _go_on_sending(line)
        assert time.monotonic() - begun < 10


def _go_on_sending(line: socket.socket) -> None:
    while True:
        line.sendall(b" ")


def test_who_asks_before_sending_a_body_is_refused_without_it(guarded: Server) -> None:
    """RFC 9110, section 10.1.1; what comes next could be read as the body or as a request, so nothing is."""
    for known, length, status in ((False, 100, b"401"), (True, len(LARGE), b"413")):
        with _line(guarded) as line:
            line.sendall(_asks(f"Expect: 100-continue\r\nContent-Length: {length}", known=known))
            answer = _told(line)
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert answer.count(b"HTTP/1.1") == 1
        assert b"\r\nconnection: close\r\n" in answer.lower()


def test_who_asks_before_sending_a_body_that_is_wanted_is_told_to_go_on(guarded: Server) -> None:
    with _line(guarded) as line:
        line.sendall(_asks("Expect: 100-continue\r\nContent-Length: 2"))
        assert line.recv(65_536).startswith(b"HTTP/1.1 100")
        line.sendall(b"{}")
        assert _told(line).startswith(b"HTTP/1.1 400")


def test_a_server_that_goes_does_not_wait_for_who_was_refused(tmp_path: Path) -> None:
    with Server(tmp_path, SUPABASE_JWT_SECRET=SECRET) as server, _line(server) as line:
        line.sendall(_asks(VERY_LONG))
        assert _told(line).startswith(b"HTTP/1.1 413")
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 2.5
