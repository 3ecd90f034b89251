"""Readers of rooms, one each, in one process of their own: they note when each piece of a seller's text came.

As a program, `python -m benchmarks.live_text_readers HOST PORT PATH ...` connects, prints `ready`, reads every stream
to its end, and prints for each, as JSON, the pieces: how long the message was with it, and when its bytes were read, in
seconds of the machine's monotonic clock. The recorded message counts as a piece without end.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
from bisect import bisect_left
from typing import Final

_EVENT: Final = re.compile(rb"event: (message_delta|seller_response)\ndata: ([^\n]*)\n")
_WHOLE: Final = 1_000_000


class Reader:
    """One connection, and all that came over it: the bytes, and when how many of them were there."""

    def __init__(self, host: str, port: int, path: str) -> None:
        """Connect, ask for the stream, and wait for its head."""
        self.connection = socket.create_connection((host, port), timeout=30)
        request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        self.connection.sendall(request.encode())
        self._bytes = bytearray()
        self._ends: list[int] = []
        self._at: list[float] = []
        while b"event: connected" not in self._bytes:
            self.read()

    def read(self) -> bool:
        """Take in what has come, and tell whether more may come."""
        chunk = self.connection.recv(65_536)
        self._bytes += chunk
        self._ends.append(len(self._bytes))
        self._at.append(time.monotonic())
        return bool(chunk)

    def pieces(self) -> list[tuple[int, float]]:
        """Return how long the seller's message was with each piece, and when that had come. Raises ValueError."""
        pieces = []
        attempts = set()
        for event in _EVENT.finditer(self._bytes):
            at = self._at[bisect_left(self._ends, event.end())]
            told = json.loads(event[2])
            if event[1] == b"seller_response":
                pieces.append((_WHOLE, at))
            elif told["sender"] != "buyer":
                pieces.append((told["offset"] + len(told["delta"]), at))
                attempts.add(told["attempt"])
        if len(attempts) != 1:
            message = f"a seller's reply was said in {len(attempts)} attempts"
            raise ValueError(message)
        return pieces


def main() -> None:
    """Connect, read, and report."""
    host, port, paths = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    readers = [Reader(host, port, path) for path in paths]
    with selectors.DefaultSelector() as selector:
        for reader in readers:
            selector.register(reader.connection, selectors.EVENT_READ, reader)
        print("ready", flush=True)
        while selector.get_map():
            for key, _ in selector.select():
                if not key.data.read():
                    selector.unregister(key.fileobj)
    print(json.dumps([reader.pieces() for reader in readers]), flush=True)


if __name__ == "__main__":
    main()
