"""Opening a database: the embedded one or PostgreSQL, its schema brought up to date first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import QueuePool

from chaffer.conversation.codec import Codec
from chaffer.errors import ChafferError, Code
from chaffer.storage.erasing import erase_log
from chaffer.storage.reader import READERS
from chaffer.storage.schema import migrate
from chaffer.storage.sql import SqlStore

_OWNER_ALONE: Final = 0o600
_BUSY_SECONDS: Final = 10

# A server that is gone without a word is noticed within these, instead of the quarter of an hour that TCP takes.
_POSTGRESQL: Final = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


_PAUSE_SECONDS: Final = 0.05


async def open_store(url: str, codec: Codec) -> SqlStore:
    """Open the database at `sqlite:///…` or `postgresql://…` and return its store, ready for use.

    Raises ChafferError with what to do when the URL is wrong, a folder cannot be written, the server is down or refuses
    us, or the schema is newer than this program. The URL's password is in none of its sentences.
    """
    return await asyncio.to_thread(_open, url, codec)


def _open(url: str, codec: Codec) -> SqlStore:
    place = _parsed(url)
    is_embedded = place.get_backend_name() == "sqlite"
    engine = _sqlite(place) if is_embedded else _postgresql(place)
    try:
        with _sqlite_explained(place) if is_embedded else _postgresql_explained(place):
            _migrate_in_turn(engine)
            # Of what was deleted just before a crash; who uses it now, empties it at the next deletion.
            erase_log(engine, waits_seconds=0)
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(engine, codec)


def _migrate_in_turn(engine: Engine) -> None:
    """Migrate; while another process makes the same file, SQLite may say at once that it is locked, so wait and see."""
    ends_at = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            migrate(engine)
        except OperationalError as fault:
            if "locked" not in str(fault.orig) or time.monotonic() > ends_at:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _parsed(url: str) -> URL:
    """Return the parts of a URL. Its driver, if it names one, is replaced by the one that ships with Chaffer."""
    try:
        place = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        place = None
    backend = None if place is None else place.get_backend_name()
    if place is not None and backend in {"postgresql", "postgres"}:
        return place.set(drivername="postgresql+psycopg")
    if place is not None and backend == "sqlite" and place.database not in {None, "", ":memory:"}:
        return place.set(drivername="sqlite")
    raise ChafferError(
        Code.VALIDATION_ERROR,
        "DATABASE_URL names neither PostgreSQL nor a file. Write postgresql://user:password@host/database, with the "
        "signs of a password that are neither letters nor digits as %40 and the like, or leave it out for the embedded "
        "database.",
    )


def _sqlite(place: URL) -> Engine:
    file = Path(place.database or "")
    folder = file.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=_OWNER_ALONE)  # SQLite makes the files beside it as this one is.
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
            "secure_delete=ON",  # what is deleted is written over
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
        # No ping before each use: it costs a round trip, and reader and writer try again on a new connection anyway.
        engine = create_engine(place.set(query={**_POSTGRESQL, **place.query}), pool_size=READERS + 1, max_overflow=2)
    except (ImportError, NoSuchModuleError):
        raise ChafferError(
            Code.VALIDATION_ERROR,
            "DATABASE_URL names PostgreSQL, but its driver is not installed. Install it: "
            "pip install 'chaffer[postgres]'",
        ) from None

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401  A driver's connection.
        # Compiling a statement, or starting workers for it, takes longer than any of ours does. A page is taken to cost
        # no more out of its order: at four times as much, it read all products rather than looked a few thousand up.
        # And how a search is run depends on its words: a plan for any words at all is a bad one for most.
        for setting in (
            "jit = off",
            "max_parallel_workers_per_gather = 0",
            "random_page_cost = 1.1",
            "plan_cache_mode = force_custom_plan",
        ):
            connection.execute(f"SET {setting}")
        connection.commit()

    return engine


@contextmanager
def _sqlite_explained(place: URL) -> Iterator[None]:
    try:
        yield
    except DBAPIError as failure:
        raise _unwritable(Path(place.database or ""), str(failure.orig)) from None


def _unwritable(path: Path, why: str) -> ChafferError:
    return ChafferError(
        Code.VALIDATION_ERROR,
        f"The embedded database at {path} cannot be opened: {why}. Set DATA_DIR to a folder that can be written.",
    )


@contextmanager
def _postgresql_explained(place: URL) -> Iterator[None]:
    """Turn what the server or the driver says into a sentence without the URL."""
    try:
        yield
    except DBAPIError as failure:
        host = place.host or place.query.get("host") or "localhost"
        where = f"PostgreSQL at {host}:{place.port or 5432}, database {place.database!r},"
        # What the server itself says of a statement; where none was run, there is the driver's text alone.
        said: str | None = getattr(getattr(failure.orig, "diag", None), "message_primary", None)
        if failure.statement is not None and said:
            what = f"{where} cannot be set up: {said}. Name a database whose user may create tables in it."
        else:
            what = (
                f"{where} cannot be used: it does not answer, or refuses the user. Check DATABASE_URL and that the "
                "server is up."
            )
        raise ChafferError(Code.INTERNAL_ERROR, what) from None
