from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import pytest

# Reserved for documentation, so that nobody is there (RFC 5737).
NOBODY = "192.0.2.1"
REFUSED = "tests reach loopback only"


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_other_machine_is_refused(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as open_socket, pytest.raises(RuntimeError, match=REFUSED):
        open_socket.connect((NOBODY, 80))


def test_datagram_to_other_machine_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as open_socket, pytest.raises(RuntimeError, match=REFUSED):
        open_socket.sendto(b"", (NOBODY, 9))


def test_name_of_other_machine_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match=REFUSED):
        socket.getaddrinfo("example.org", 80)


def test_other_machine_is_refused_in_an_event_loop() -> None:
    with pytest.raises(RuntimeError, match=REFUSED):
        asyncio.run(asyncio.open_connection(NOBODY, 80))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_reached(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, suppress(ConnectionRefusedError):
        socket.create_connection((host, server.getsockname()[1]), timeout=5).close()
