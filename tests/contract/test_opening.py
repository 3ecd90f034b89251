"""Databases that cannot be opened: a sentence that says what to do, soon, and without the password."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from sqlalchemy.engine import make_url

from chaffer.errors import ChafferError, Code
from chaffer.storage.opening import open_store
from tests.contract.stores import CODEC, START, opening
from tests.support.postgres import PostgresServer

PASSWORD = "hunter2%40sesame"
SECRETS = ("hunter2", "sesame")


def refusal(url: str) -> ChafferError:
    """Return how a URL is refused; no secret of it may be in the sentence, nor in what a log would show."""
    with pytest.raises(ChafferError) as refused:
        asyncio.run(open_store(url, CODEC))
    shown = "".join(traceback.format_exception(refused.value))
    assert not [secret for secret in SECRETS if secret in shown]
    return refused.value


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        f"mysql://user:{PASSWORD}@localhost/chaffer",
        f"postgresql://user:{PASSWORD}@localhost:port/chaffer",
        f"postgresql//user:{PASSWORD}@localhost/chaffer",
        f"http://user:{PASSWORD}@localhost/",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
    ],
)
def test_a_url_of_no_database_is_refused_with_how_to_write_one(url: str) -> None:
    refused = refusal(url)
    assert refused.code is Code.VALIDATION_ERROR
    assert "postgresql://user:password@host/database" in refused.message


@pytest.mark.skipif(sys.platform == "win32", reason="there each folder's own list tells who may read")
def test_no_other_user_of_the_machine_reads_an_embedded_database(tmp_path: Path) -> None:
    async def case() -> list[int]:
        store = await open_store(f"sqlite:///{tmp_path}/data/chaffer.db", CODEC)
        try:
            return [path.stat().st_mode & 0o077 for path in (tmp_path / "data").iterdir()]
        finally:
            await store.close()

    before = os.umask(0o022)
    try:
        modes = asyncio.run(case())
    finally:
        os.umask(before)
    assert modes
    assert not any(modes)


def test_what_was_deleted_just_before_a_crash_is_in_no_file_once_it_is_opened_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/chaffer.db"

    async def opened_and_closed() -> None:
        await (await open_store(url, CODEC)).close()

    def holding() -> list[str]:
        return sorted(path.name for path in tmp_path.iterdir() if b"zwirbelholz" in path.read_bytes())

    asyncio.run(opened_and_closed())
    # As a killed process left it: as long as somebody has it open, the log is not taken away.
    with closing(sqlite3.connect(tmp_path / "chaffer.db")) as left:
        left.execute("INSERT INTO preferences VALUES ('me', 'zwirbelholz')")
        left.commit()
        left.execute("DELETE FROM preferences")
        left.commit()
        assert holding() == ["chaffer.db-wal"]
        asyncio.run(opened_and_closed())
        assert holding() == []


def test_a_deletion_is_kept_and_told_where_somebody_reads_too_long_for_it_to_be_erased(tmp_path: Path) -> None:
    async def case() -> None:
        store = await open_store(f"sqlite:///{tmp_path}/chaffer.db", CODEC)
        await store.create([opening("here")], START)
        with closing(sqlite3.connect(tmp_path / "chaffer.db")) as reading:
            reading.execute("BEGIN")
            assert reading.execute("SELECT count(*) FROM conversations").fetchone() == (1,)
            with structlog.testing.capture_logs() as logs:
                await store.delete(["here"])
            assert [line["event"] for line in logs] == ["storage.not_erased"]
        assert await store.find("here") is None
        await store.close()

    asyncio.run(case())


@pytest.mark.parametrize("scheme", ["sqlite:///", "sqlite+aiosqlite:///", "sqlite+pysqlite:///"])
def test_an_embedded_database_is_made_where_there_is_no_folder_yet(tmp_path: Path, scheme: str) -> None:
    path = tmp_path / "Tür & Tor" / "100%" / "chaffer.db"

    async def case() -> None:
        store = await open_store(f"{scheme}{path.as_posix()}", CODEC)
        await store.create([opening()], START)
        await store.close()

    asyncio.run(case())
    assert path.is_file()
    assert [left.name for left in path.parent.iterdir()] == ["chaffer.db"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"])
def test_every_usual_spelling_of_postgresql_is_understood(postgresql_url: str, scheme: str) -> None:
    async def case() -> None:
        store = await open_store(postgresql_url.replace("postgresql+psycopg", scheme), CODEC)
        await store.create([opening()], START)
        await store.close()

    asyncio.run(case())


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    refused = refusal(f"sqlite:///{(tmp_path / 'data' / 'chaffer.db').as_posix()}")
    assert refused.code is Code.VALIDATION_ERROR
    assert str(tmp_path / "data") in refused.message
    assert "DATA_DIR" in refused.message


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    letter = tmp_path / "chaffer.db"
    letter.write_text("Dear Sir or Madam, " * 100)
    refused = refusal(f"sqlite:///{letter.as_posix()}")
    assert refused.code is Code.VALIDATION_ERROR
    assert str(letter) in refused.message
    assert "not a database" in refused.message
    assert letter.read_text().startswith("Dear Sir")


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "chaffer.db").mkdir()
    assert "cannot be opened" in refusal(f"sqlite:///{(tmp_path / 'chaffer.db').as_posix()}").message


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="Nothing is read-only to root.")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    refused = refusal(f"sqlite:///{(tmp_path / 'chaffer.db').as_posix()}")
    assert refused.code is Code.VALIDATION_ERROR
    assert "DATA_DIR" in refused.message


@pytest.mark.skipif(sys.platform != "linux", reason="Where even root cannot write is known of Linux.")
@pytest.mark.parametrize("path", ["/proc/chaffer.db", "/proc/chaffer/chaffer.db"])
def test_a_place_where_nobody_can_write_is_told(path: str) -> None:
    refused = refusal(f"sqlite:///{path}")
    assert refused.code is Code.VALIDATION_ERROR
    assert "Set DATA_DIR to a folder that can be written" in refused.message


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Yield a port that takes calls and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed_port = server.getsockname()[1]
    began = time.monotonic()
    refused = refusal(f"postgresql://user:{PASSWORD}@127.0.0.1:{closed_port}/chaffer")
    assert time.monotonic() - began < 5
    assert refused.code is Code.INTERNAL_ERROR
    assert f"127.0.0.1:{closed_port}" in refused.message
    assert "'chaffer'" in refused.message


def test_a_server_that_takes_the_call_and_says_nothing_is_told_within_seconds(silent_port: int) -> None:
    began = time.monotonic()
    refused = refusal(f"postgresql://user:{PASSWORD}@127.0.0.1:{silent_port}/chaffer")
    assert time.monotonic() - began < 15
    assert f"127.0.0.1:{silent_port}" in refused.message


def test_a_database_that_does_not_exist_is_told(postgres_server: PostgresServer) -> None:
    place = make_url(postgres_server.url_of("nowhere")).set(password="hunter2@sesame")
    refused = refusal(place.render_as_string(hide_password=False))
    assert "'nowhere'" in refused.message
    assert str(place.query["host"]) in refused.message


def test_a_user_who_may_not_make_tables_is_told(postgres_server: PostgresServer, postgres_url: str) -> None:
    user = f"guest_{uuid4().hex}"
    postgres_server.run(f"CREATE ROLE {user} LOGIN")
    try:
        place = make_url(postgres_url).set(username=user, password="hunter2@sesame")
        refused = refusal(place.render_as_string(hide_password=False))
    finally:
        postgres_server.run(f"DROP ROLE {user}")
    assert "permission denied for schema public" in refused.message
    assert "may create tables" in refused.message
