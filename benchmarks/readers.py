"""Many readers of streams, in one process of their own: it notes when each event reached each reader.

As a program, `python -m benchmarks.readers HOST PORT COUNT PATH ...` shares the readers among the paths, connects,
prints `ready`, reads until its standard input is closed, and prints the delays in milliseconds as a JSON list. A delay
runs from the time that the event itself bears, taken before it was appended to the journal, to the moment in which its
bytes were read; both clocks are one.
"""

from __future__ import annotations

import json
import math
import re
import selectors
import socket
import sys
import time
from datetime import datetime
from typing import Final

from benchmarks.server import allow_files

_MESSAGE: Final = re.compile(rb"event: buyer_message\ndata: [^\n]*\"timestamp\":\"([^\"]+)\"")
_AT_ONCE: Final = 50


class Reader:
    """One connection; `begun` tells that the stream's first events have come."""

    def __init__(self, host: str, port: int, path: str) -> None:
        """Connect and ask for the stream."""
        self.connection = socket.create_connection((host, port), timeout=30)
        request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n\r\n"
        self.connection.sendall(request.encode())
        self.connection.settimeout(0)
        self.begun = False

    def read(self) -> tuple[bytes, float]:
        """Return what has come, empty at the end, and when."""
        chunk = self.connection.recv(65_536)
        return chunk, time.time()


def main() -> None:
    """Connect, read, and report."""
    host, port, count, paths = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    allow_files(count + 100)
    with selectors.DefaultSelector() as selector:
        readers: list[Reader] = []
        while len(readers) < count:
            for _ in range(min(_AT_ONCE, count - len(readers))):
                reader = Reader(host, port, paths[len(readers) % len(paths)])
                selector.register(reader.connection, selectors.EVENT_READ, reader)
                readers.append(reader)
            _read_until_begun(selector, readers)
        selector.register(sys.stdin, selectors.EVENT_READ)
        # Taken before anybody hears of it, and as exact as events tell their time: what is said at once counts.
        ready_at = math.floor(time.time() * 1000) / 1000
        print("ready", flush=True)
        print(json.dumps(_delays(selector, ready_at)), flush=True)


def _read_until_begun(selector: selectors.BaseSelector, readers: list[Reader]) -> None:
    """Read what stood in the journal, until every reader has had something."""
    while not all(reader.begun for reader in readers):
        for key, _ in selector.select(10):
            chunk, _ = key.data.read()
            key.data.begun = key.data.begun or b"event: connected" in chunk


def _delays(selector: selectors.BaseSelector, ready_at: float) -> list[float]:
    """Return the delays of all messages until standard input ends; a reader that is dropped is told as infinity.

    What was said before `ready_at`, when everybody was there, is history, read late by nature.
    """
    came: list[tuple[bytes, float]] = []
    delays: list[float] = []
    while True:
        for key, _ in selector.select():
            if key.data is None:
                return delays + [(at - said) * 1000 for stamp, at in came if (said := _moment(stamp)) >= ready_at]
            chunk, at = key.data.read()
            if not chunk:
                selector.unregister(key.fileobj)
                delays.append(float("inf"))
            came += [(stamp, at) for stamp in _MESSAGE.findall(chunk)]


def _moment(stamp: bytes) -> float:
    return datetime.fromisoformat(stamp.decode()).timestamp()


if __name__ == "__main__":
    main()
