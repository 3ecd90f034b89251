"""Requests letter by letter over a socket, as no client would write them, and what comes back."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from tests.support.server import Server


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over the wire; the names of its headers are in small letters."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, *names: str) -> list[str]:
        """Return the values of the headers of these names."""
        return [value for name, value in self.headers if name in names]


def said(server: Server, words: bytes) -> bytes:
    """Say these words, and nothing more, and return all that the server answers until it hangs up.

    Nobody hangs up here: who has hung up is answered nothing.
    """
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=20) as line:
        line.sendall(words)
        told = b""
        while chunk := line.recv(65_536):
            told += chunk
    return told


def asked(server: Server, method: str, target: str, *heads: str, host: str = "127.0.0.1") -> Answer:
    """Send a request and return the answer."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *heads, "Connection: close", "", ""]
    head, _, body = said(server, "\r\n".join(lines).encode("latin-1")).partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (one.partition(":") for one in rest)]
    return Answer(int(first.split(" ")[1]), pairs, body)
