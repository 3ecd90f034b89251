"""A line to PostgreSQL that is cut at the worst moment: while a commit is on its way, or its answer on the way back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

_SOCKET = ".s.PGSQL.5432"


@dataclass(slots=True)
class Line:
    """Carries every connection to the server. `cut` names what the next commit loses: itself, or its answer."""

    url: str
    server: Path
    cut: str | None = None
    is_down: bool = False
    cuts: int = 0
    commits: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def go_down(self) -> None:
        """Drop every connection, and every one that comes until `is_down` is taken back."""
        self.is_down = True
        while self._open:
            _hang_up(self._open.pop())

    def carry(self, client: socket.socket) -> None:
        """Carry one connection until one of its ends hangs up."""
        if self.is_down:
            client.close()
            return
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self.server))
        self._open += [client, server]
        answers = threading.Thread(target=_pump, args=(server, client), daemon=True)
        answers.start()
        with client, server:
            with suppress(OSError):
                self._to_server(client, server)
            _hang_up(client)
            _hang_up(server)
            answers.join()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        while words := client.recv(65536):
            is_commit = b"COMMIT" in words
            self.commits += is_commit
            if is_commit and self.cut is not None:
                self._lose(words, client, server)
                return
            server.sendall(words)

    def _lose(self, words: bytes, client: socket.socket, server: socket.socket) -> None:
        lost, self.cut = self.cut, None
        self.cuts += 1
        _hang_up(client)
        if lost == "answer":
            server.sendall(words)
            # The server has committed once it is done with this connection, which it is when it has read to the end.
            server.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                while server.recv(65536):
                    pass


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while words := source.recv(65536):
            target.sendall(words)
    _hang_up(target)


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(url: str, folder: Path) -> Iterator[Line]:
    """Yield a line to the server of a URL, whose own URL leads to the same database."""
    place = make_url(url)
    line = Line(
        place.set(query={**place.query, "host": str(folder)}).render_as_string(hide_password=False),
        Path(str(place.query["host"])) / _SOCKET,
    )
    threads: list[threading.Thread] = []
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / _SOCKET))
        door.listen()

        def admit() -> None:
            with suppress(OSError):
                while True:
                    client, _ = door.accept()
                    threads.append(threading.Thread(target=line.carry, args=(client,), daemon=True))
                    threads[-1].start()

        porter = threading.Thread(target=admit, daemon=True)
        porter.start()
        try:
            yield line
        finally:
            line.go_down()
            _hang_up(door)
            porter.join()
            for thread in threads:
                thread.join()
