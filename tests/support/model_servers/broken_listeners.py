"""Ports at which no provider is: nobody listens, nobody accepts, or something else than HTTP or TLS answers."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LOOPBACK: Final = "127.0.0.1"
_FILLERS: Final = 4


@contextmanager
def refusing() -> Iterator[str]:
    """Yield an address at which nobody listens."""
    with socket.socket() as bound:
        bound.bind((_LOOPBACK, 0))
        yield _http(bound)


@contextmanager
def never_accepting() -> Iterator[str]:
    """Yield an address whose queue of connections is full, so that a further one is never made.

    Windows refuses it instead, which is as good.
    """
    with socket.socket() as listener:
        listener.bind((_LOOPBACK, 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(_FILLERS)]
        try:
            for filler in fillers:
                filler.settimeout(0)
                filler.connect_ex(listener.getsockname())
            yield _http(listener)
        finally:
            for filler in fillers:
                filler.close()


@contextmanager
def hanging_up() -> Iterator[str]:
    """Yield an address at which every connection is closed at once."""
    with _answering(lambda _: None) as listener:
        yield _http(listener)


@contextmanager
def speaking_no_http() -> Iterator[str]:
    """Yield the address of a server of another protocol."""
    with _answering(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")) as listener:
        yield _http(listener)


@contextmanager
def speaking_no_tls() -> Iterator[str]:
    """Yield an encrypted address at which plain HTTP is spoken."""
    with _answering(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as listener:
        yield _https(listener)


@contextmanager
def ending_no_handshake() -> Iterator[str]:
    """Yield an encrypted address that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind((_LOOPBACK, 0))
        listener.listen()
        yield _https(listener)


@contextmanager
def trusted_by_nobody() -> Iterator[str]:
    """Yield an encrypted address that shows a certificate which it signed itself."""
    context = _self_signed()

    def shakes_hands(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            encrypted.recv(1)

    with _answering(shakes_hands) as listener:
        yield _https(listener)


BROKEN_LISTENERS: Final[dict[str, Callable[[], AbstractContextManager[str]]]] = {
    "connect refused": refusing,
    "never accepted": never_accepting,
    "hangs up": hanging_up,
    "no HTTP": speaking_no_http,
    "no TLS": speaking_no_tls,
    "a handshake that does not end": ending_no_handshake,
    "a certificate nobody trusts": trusted_by_nobody,
}


def _http(listener: socket.socket) -> str:
    return f"http://{_LOOPBACK}:{listener.getsockname()[1]}"


def _https(listener: socket.socket) -> str:
    return f"https://{_LOOPBACK}:{listener.getsockname()[1]}"


@contextmanager
def _answering(answer: Callable[[socket.socket], None]) -> Iterator[socket.socket]:
    """Listen in a thread, which answers each connection and closes it."""
    with socket.socket() as listener:
        listener.bind((_LOOPBACK, 0))
        listener.listen()
        is_over = threading.Event()

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                with closing(connection):
                    if is_over.is_set():
                        return
                    try:
                        answer(connection)
                        connection.shutdown(socket.SHUT_WR)
                        connection.settimeout(1)
                        while connection.recv(4096):
                            pass
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener
        finally:
            is_over.set()
            socket.create_connection(listener.getsockname()).close()
            thread.join(5)


def _self_signed() -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _LOOPBACK)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(_LOOPBACK))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "both.pem"
        file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(file)
    return context
