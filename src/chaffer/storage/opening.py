"""Opening a database: the embedded one or PostgreSQL, its schema brought up to date first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from chaffer.conversation.codec import Codec
from chaffer.errors import ChafferError, Code
from chaffer.storage.sql import READERS, SqlStore

HEAD: Final = "0001"
"""The newest migration; the schema of a database that names it needs none."""

_BUSY_SECONDS: Final = 10
_MIGRATION_LOCK: Final = 0x63_68_61_66


async def open_store(url: str, codec: Codec) -> SqlStore:
    """Open the database at `sqlite:///…` or `postgresql://…` and return its store, ready for use.

    Raises ChafferError with what to do when the URL is wrong, a folder cannot be written, the server is down or refuses
    us, or the schema is newer than this program. The URL's password is in none of its sentences.
    """
    return await asyncio.to_thread(_open, url, codec)


def _open(url: str, codec: Codec) -> SqlStore:
    place = _parsed(url)
    engine = _sqlite(place) if place.get_backend_name() == "sqlite" else _postgresql(place)
    with _explained(place):
        migrate(engine)
    return SqlStore(engine, codec)


def _parsed(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError:
        place = None
    if place is None or place.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ChafferError(
            Code.VALIDATION_ERROR,
            "DATABASE_URL is not a URL of PostgreSQL. Write postgresql://user:password@host/database, or leave it out "
            "for the embedded database.",
        )
    return place


def _sqlite(place: URL) -> Engine:
    folder = Path(place.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error.strerror or "") from None
    engine = create_engine(place, poolclass=QueuePool, pool_size=READERS + 1, max_overflow=2)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401  A driver's connection.
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            f"busy_timeout={_BUSY_SECONDS * 1000}",
            "journal_mode=WAL",
            "synchronous=FULL",  # what was acknowledged survives a power cut
            "cache_size=-16000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get("reads_only")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


def _postgresql(place: URL) -> Engine:
    try:
        return create_engine(
            place.set(drivername="postgresql+psycopg"), pool_size=READERS + 1, max_overflow=2, pool_pre_ping=True
        )
    except (ImportError, NoSuchModuleError):
        raise ChafferError(
            Code.VALIDATION_ERROR,
            "DATABASE_URL names PostgreSQL, but its driver is not installed. Install it: pip install 'chaffer[postgres]'",
        ) from None


def migrate(engine: Engine) -> None:
    """Bring the schema up to date. Several processes may do so at once; one does, the others wait.

    Raises VALIDATION_ERROR when the schema is newer than this program knows.
    """
    with engine.execution_options(reads_only=True).connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        version = _version(connection)
        if version == HEAD:
            return
        if version is not None and version > HEAD:
            raise ChafferError(
                Code.VALIDATION_ERROR,
                f"The database has schema {version}, and this program knows {HEAD} at most. Install a newer Chaffer, or "
                "name another DATA_DIR or DATABASE_URL.",
            )
        _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def alembic_config(connection: Connection) -> Any:  # noqa: ANN401  Alembic is imported only where it is needed.
    """Return Alembic's configuration for the migrations that ship with this package."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415

    command.upgrade(alembic_config(connection), "head")


@contextmanager
def _explained(place: URL) -> Iterator[None]:
    """Turn what a driver says when it cannot connect into a sentence without the URL."""
    try:
        yield
    except DBAPIError as failure:
        if place.get_backend_name() == "sqlite":
            raise _unwritable(Path(place.database or ""), str(failure.orig)) from None
        raise ChafferError(
            Code.INTERNAL_ERROR,
            f"PostgreSQL at {place.host or 'localhost'}:{place.port or 5432}, database {place.database!r}, cannot be "
            "used: it does not answer, or refuses the user. Check DATABASE_URL and that the server is up.",
        ) from None


def _unwritable(path: Path, why: str) -> ChafferError:
    return ChafferError(
        Code.VALIDATION_ERROR, f"The embedded database at {path} cannot be opened: {why}. Set DATA_DIR to a folder that can be written."
    )
