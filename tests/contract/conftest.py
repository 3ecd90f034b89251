"""Every store, each test on one of its own: memory, SQLite, PostgreSQL, the latter two copied from one with tables."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from chaffer.storage.opening import open_store
from tests.contract.stores import CODEC, Place, at, in_memory
from tests.support.postgres import PostgresServer


async def _make_tables(url: str) -> None:
    await (await open_store(url, CODEC)).close()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "chaffer.db"
    asyncio.run(_make_tables(f"sqlite:///{path.as_posix()}"))
    return path


@pytest.fixture(scope="session")
def _postgresql_template(postgres_server: PostgresServer) -> Iterator[str]:
    with _database(postgres_server, "template0") as name:
        asyncio.run(_make_tables(postgres_server.url_of(name)))
        yield name


@contextmanager
def _database(server: PostgresServer, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield name
    finally:
        server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """Return the URL of an embedded database with its tables."""
    path = tmp_path / "chaffer.db"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path.as_posix()}"


@pytest.fixture
def postgresql_url(postgres_server: PostgresServer, _postgresql_template: str) -> Iterator[str]:
    """Yield the URL of a database of a real PostgreSQL with its tables."""
    with _database(postgres_server, _postgresql_template) as name:
        yield postgres_server.url_of(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database with its tables, on each server."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without tables, on each server."""
    if request.param == "sqlite":
        return f"sqlite:///{(tmp_path / 'data' / 'chaffer.db').as_posix()}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """Return a place to open stores at, on each implementation."""
    if request.param == "memory":
        return in_memory()
    return at(request.getfixturevalue(f"{request.param}_url"), request.param)


@pytest.fixture
def lasting_place(database_url: str) -> Place:
    """Return a place whose stores are two, as two processes have them: SQLite and PostgreSQL."""
    return at(database_url, database_url.partition(":")[0])
