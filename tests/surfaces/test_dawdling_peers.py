"""Peers that hold a connection and neither send nor take: a stranger needs no proof to do so, only patience."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx2
import psutil
import pytest

from tests.support.run_sockets import heard, play, socket_of
from tests.support.runs import begun
from tests.support.server import Server

SOON: Final = "0.4"
LONGEST_SECONDS: Final = 20.0
BEGUN: Final = b"POST /api/run HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\n"
LONG_DOCUMENTS: Final = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 100


def _line(server: Server, kept_unread: int | None = None) -> socket.socket:
    """Return a connection, of which the peer takes no more than `kept_unread` bytes before they are read."""
    line = socket.socket()
    if kept_unread is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, kept_unread)
    line.settimeout(LONGEST_SECONDS)
    line.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
    return line


def _is_cut(server: Server, line: socket.socket, letter: bytes = b"") -> bool:
    """Tell whether the server's end of a connection goes within time, whatever is unread, or still sent, on it."""
    peers = psutil.Process(server.pid)
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        with suppress(ConnectionError):
            line.sendall(letter)
        if line.getsockname() not in [one.raddr for one in peers.net_connections("tcp") if one.raddr]:
            return True
    return False


def test_a_body_that_was_answered_already_may_not_trickle_in_for_ever(tmp_path: Path) -> None:
    """A stranger's 401 comes before the body; the connection ends though one byte after another comes."""
    with Server(tmp_path, REQUEST_BODY_TIMEOUT=SOON, SUPABASE_JWT_SECRET="x" * 32) as server, _line(server) as line:
        line.sendall(BEGUN)
        assert line.recv(65_536).startswith(b"HTTP/1.1 401")
        line.settimeout(0.05)
        begun = time.monotonic()
        while time.monotonic() - begun < LONGEST_SECONDS:
            try:
                line.sendall(b"x")
                if not line.recv(65_536):
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
        pytest.fail("the server still waits")


def test_the_connection_goes_on_once_the_rest_of_an_answered_body_has_come(tmp_path: Path) -> None:
    with Server(tmp_path, SUPABASE_JWT_SECRET="x" * 32) as server, _line(server) as line:
        line.sendall(BEGUN)
        told = line.recv(65_536)
        assert told.startswith(b"HTTP/1.1 401")
        line.sendall(b"x" * 9000 + b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        while chunk := line.recv(65_536):
            told += chunk
        assert told.count(b"HTTP/1.1 200") == 1


def test_who_has_gone_over_to_a_websocket_need_not_send_anything(tmp_path: Path) -> None:
    with Server(tmp_path, REQUEST_BODY_TIMEOUT=SOON, BUILTIN_CHARS_PER_SECOND="40") as server:

        async def case(client: httpx2.AsyncClient) -> None:
            async with socket_of(server, await begun(client)) as socket:
                until = time.monotonic() + 3 * float(SOON)
                await heard(socket, lambda _: time.monotonic() > until)
                assert socket.close_code is None

        play(server, case)


def test_a_head_that_does_not_end_is_waited_for_no_longer(tmp_path: Path) -> None:
    """Neither the first of a connection nor a later one, nor one that comes letter by letter."""
    with Server(tmp_path, REQUEST_BODY_TIMEOUT=SOON) as server:
        for first in (b"", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"):
            with _line(server) as line:
                line.sendall(first + b"GET /health HTTP/1.1\r\nX: ")
                assert _is_cut(server, line, b"x")


def test_who_asks_and_never_reads_is_cut_off(tmp_path: Path) -> None:
    with Server(tmp_path, SSE_SEND_TIMEOUT=SOON) as server, _line(server, kept_unread=1024) as line:
        line.sendall(LONG_DOCUMENTS)
        assert _is_cut(server, line)


def test_who_reads_slowly_gets_all_of_it(tmp_path: Path) -> None:
    with Server(tmp_path, SSE_SEND_TIMEOUT=SOON) as server, _line(server) as line:
        line.sendall(LONG_DOCUMENTS[:-2] + b"Connection: close\r\n\r\n")
        told, begun = 0, time.monotonic()
        while chunk := line.recv(262_144):
            told += chunk.count(b"HTTP/1.1 200")
            if time.monotonic() - begun < 3 * float(SOON):
                time.sleep(0.1)  # What is tried: a reader that is slower than its server.
        assert told == LONG_DOCUMENTS.count(b"GET ")
