"""A process killed while it writes: what it was told is written is there, whole, and its successor goes on.

The file is also the program that is killed: it appends as fast as it can and prints each position once it is told
that it is written.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import psycopg
import pytest

from chaffer.conversation.journal import PositionConflictError
from chaffer.storage.opening import open_store
from tests.contract.stores import CODEC, Store, account, adding, at, opening, purchase

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = tuple(f"room_{number}" for number in range(6))
SESSION: Final = "session"
BUDGET: Final = 10**12
PRICE: Final = 100
BOUGHT: Final = "bought"

Acknowledged = dict[str, int]


async def append_for_ever(url: str, life: int) -> None:
    """Append to every room at once, and buy now and then, until killed."""
    store = await open_store(url, CODEC)

    async def speak(number: int, room: str) -> None:
        head = await store.find(room)
        assert head is not None
        position = head.position
        while True:
            texts = [f"{life} says {turn}" for turn in range(1 + position % 3)]
            await store.append(adding(position, *texts, to=room, at=datetime.now(UTC)))
            position += len(texts)
            print(room, position, flush=True)  # noqa: T201  what the parent waits for
            if number == 0:
                await buy(position)

    async def buy(position: int) -> None:
        seen = (await store.account(SESSION)).remaining_minor
        name = f"deal_{position}"
        effect = purchase(name, price=PRICE, seen=seen)
        room = f"purchases_{position}"
        await store.create([opening(room, BOUGHT, parent_id=SESSION)], datetime.now(UTC), [effect])
        print(room, 1, flush=True)  # noqa: T201  what the parent waits for

    await asyncio.gather(*(speak(number, room) for number, room in enumerate(ROOMS)))


def killed_after(url: str, life: int, seconds: float) -> Acknowledged:
    """Let the program write, kill it that long after its first word, and return the last position told of each room."""
    path = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "default"}
    command = [sys.executable, __file__, url, str(life)]
    told: Acknowledged = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        killer = threading.Timer(seconds, writer.send_signal, [signal.SIGKILL])
        killer.start()
        for line in (first, *writer.stdout):
            room, end, position = line.partition(" ")
            if end and position.endswith("\n"):  # the last word may be torn
                told[room] = int(position)
        killer.join()
        assert writer.wait() == -signal.SIGKILL
    assert told, "the program died before its first word"
    return told


async def prepare(url: str) -> None:
    """Make the rooms and the account."""
    store = await open_store(url, CODEC)
    await store.create([opening(room) for room in ROOMS], datetime.now(UTC), [account(budget=BUDGET, pieces=10**9)])
    await store.close()


async def check(store: Store, told: Acknowledged) -> None:
    """Check that all that was told is there, in order and without a gap, and that the books agree with the journal."""
    for room, position in told.items():
        head = await store.find(room)
        assert head is not None
        assert head.position >= position
        assert [record.position for record in await store.read(room)] == list(range(1, head.position + 1))
    for room in ROOMS:
        # Words of one append are there together: `n says 0` begins each, and the position told how many follow.
        _check_whole([record.event.text for record in await store.read(room)][1:])
    purchases = await store.children(SESSION)
    invoices = await store.invoices(SESSION)
    assert len(invoices) == len(purchases)
    assert (await store.account(SESSION)).committed_minor == len(invoices) * PRICE
    numbers = sorted(int(invoice.number.rpartition("-")[2]) for invoice in invoices)
    assert numbers == list(range(1, len(invoices) + 1))


def _check_whole(texts: Sequence[str]) -> None:
    done = 0
    while done < len(texts):
        length = 1 + (done + 1) % 3
        words = [text.partition(" says ") for text in texts[done : done + length]]
        assert [turn for _, _, turn in words] == [str(turn) for turn in range(length)]
        assert len({life for life, _, _ in words}) == 1
        done += length


def check_sqlite(url: str) -> None:
    """Check the file itself, as the next program finds it."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def wait_until_alone(url: str) -> None:
    """Return once the server has noticed that the killed program is gone, and is done with its last words."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as beside:
        while beside.execute(query).fetchone() != (0,):
            beside.execute("SELECT pg_sleep(0.01)")


def kill_again_and_again(url: str, times: int) -> None:
    """Kill as many programs as wished on one database, and check after each."""
    random = Random(7)
    asyncio.run(prepare(url))
    told: Acknowledged = {}
    for life in range(times):
        told |= killed_after(url, life, random.uniform(0, 0.25))
        if url.startswith("sqlite"):
            check_sqlite(url)
        else:
            wait_until_alone(url)
        at(url, url).run(partial(check, told=told))
    assert len(told) > len(ROOMS)


posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL.")


def sqlite_in(folder: Path) -> str:
    """Return the URL of an embedded database that does not exist yet."""
    return f"sqlite:///{(folder / 'chaffer.db').as_posix()}"


@posix_only
def test_what_was_told_written_outlives_sigkill_on_sqlite(tmp_path: Path) -> None:
    kill_again_and_again(sqlite_in(tmp_path), 3)


@posix_only
def test_what_was_told_written_outlives_a_killed_client_of_postgresql(postgres_url: str) -> None:
    kill_again_and_again(postgres_url, 3)


@posix_only
@pytest.mark.soak
@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_what_was_told_written_outlives_a_hundred_kills(
    server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = sqlite_in(tmp_path) if server == "sqlite" else request.getfixturevalue("postgres_url")
    kill_again_and_again(url, 100)


@posix_only
def test_files_that_a_killed_process_left_keep_nobody_out(tmp_path: Path) -> None:
    url = sqlite_in(tmp_path)
    asyncio.run(prepare(url))
    told = killed_after(url, 1, 0.1)
    left = {path.name for path in tmp_path.iterdir()}
    assert left >= {"chaffer.db", "chaffer.db-wal", "chaffer.db-shm"}

    async def case(store: Store) -> None:
        head = await store.find(ROOMS[0])
        assert head is not None
        assert head.position >= told.get(ROOMS[0], 1)
        await store.append(adding(head.position, "after", to=ROOMS[0]))
        with pytest.raises(PositionConflictError):
            await store.append(adding(head.position, "after", to=ROOMS[0]))

    at(url, url).run(case)
    assert {path.name for path in tmp_path.iterdir()} == {"chaffer.db"}


def test_the_embedded_database_waits_for_the_disk_with_every_commit(tmp_path: Path) -> None:
    async def case() -> None:
        store = await open_store(sqlite_in(tmp_path), CODEC)
        with store._engine.connect() as connection:  # noqa: SLF001  what the driver was told shows nowhere else
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
            }
        await store.close()
        assert pragmas == {"journal_mode": "wal", "synchronous": 2}

    asyncio.run(case())


if __name__ == "__main__":
    asyncio.run(append_for_ever(sys.argv[1], int(sys.argv[2])))
