"""What only a server across a wire can do to us: connections cut, commits without an answer, locks held by others."""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from chaffer.errors import ChafferError, Code
from tests.contract.cut_line import Line, line_to
from tests.contract.stores import (
    LATER,
    START,
    Place,
    Store,
    account,
    adding,
    at,
    begun,
    opening,
    positions_of,
    purchase,
    texts_of,
)
from tests.contract.test_answers import remembering

OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def connect(url: str) -> psycopg.Connection[tuple[int, ...]]:
    """Return a connection beside the store's."""
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def count(beside: psycopg.Connection[tuple[int, ...]], query: str) -> int:
    """Return the number that a query gives."""
    row = beside.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


async def until(beside: psycopg.Connection[tuple[int, ...]], query: str, expected: int) -> None:
    """Return once a query gives that number; the server itself waits between two looks."""

    def look() -> bool:
        beside.execute("SELECT pg_sleep(0.01)")
        return count(beside, query) == expected

    for _ in range(1000):
        if await asyncio.to_thread(look):
            return
    pytest.fail(f"{query} never gave {expected}")


def cut_all(beside: psycopg.Connection[tuple[int, ...]]) -> None:
    """Cut every connection of the store, as an administrator or a fail-over does."""
    assert count(beside, f"SELECT count(pg_terminate_backend(pid)) {OTHERS}") > 0


def test_connections_that_were_cut_while_idle_are_not_noticed_by_callers(postgresql_url: str) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        with connect(postgresql_url) as beside:
            for position in range(1, 4):
                cut_all(beside)
                await asyncio.gather(*(store.read("room") for _ in range(8)))
                cut_all(beside)
                await store.append(adding(position, "x"))
        assert positions_of(await store.read("room")) == [1, 2, 3, 4]
        gc.collect()

    at(postgresql_url, "postgresql").run(case)


def test_a_write_that_was_cut_in_the_middle_is_done_again_and_once(postgresql_url: str) -> None:
    async def case(store: Store) -> None:
        await begun(store, account())
        with connect(postgresql_url) as beside, connect(postgresql_url) as blocker:
            with blocker.transaction():
                blocker.execute("LOCK TABLE events")
                writing = asyncio.create_task(store.append(adding(1, "bought", effects=(purchase(),))))
                waiting = f"SELECT count(*) {OTHERS} AND wait_event_type = 'Lock'"
                await until(beside, waiting, 1)
                cut = f"SELECT count(pg_terminate_backend(pid)) {OTHERS} AND wait_event_type = 'Lock'"
                assert count(beside, cut) == 1
            assert positions_of(await writing) == [2]
        assert texts_of(await store.read("room")) == ["opened", "bought"]
        assert len(await store.invoices("session")) == 1

    at(postgresql_url, "postgresql").run(case)


def test_a_conversation_deleted_during_an_append_leaves_no_event_behind(postgresql_url: str) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        with connect(postgresql_url) as beside, connect(postgresql_url) as other:
            with other.transaction():
                other.execute("UPDATE conversations SET position = 2 WHERE id = 'room'")
                other.execute("INSERT INTO events VALUES ('room', 2, 0, 'said', '{\"text\": \"late\"}')")
                deleting = asyncio.create_task(store.delete(["room"]))
                waiting = f"SELECT count(*) {OTHERS} AND wait_event_type = 'Lock'"
                await until(beside, waiting, 1)
            await deleting
            assert count(beside, "SELECT count(*) FROM events") == 0

    at(postgresql_url, "postgresql").run(case)


def test_writers_that_lock_each_other_out_both_get_through(postgresql_url: str) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("room"), opening("other")], START)
        with connect(postgresql_url) as beside, connect(postgresql_url) as rival:
            with rival.transaction():
                rival.execute("UPDATE conversations SET status = 'seen' WHERE id = 'other'")
                # Both in one transaction: it takes `room` and waits for `other`, which the rival has; then the rival
                # wants `room`. PostgreSQL breaks the circle at one of the two, whichever it likes.
                writing = asyncio.gather(
                    store.append(adding(1, "x", status="told")), store.append(adding(1, "y", to="other", status="told"))
                )
                waiting = f"SELECT count(*) {OTHERS} AND wait_event_type = 'Lock'"
                await until(beside, waiting, 1)
                rival.execute("SET LOCAL deadlock_timeout = '1min'")
                await asyncio.to_thread(rival.execute, "UPDATE conversations SET status = 'seen' WHERE id = 'room'")
            await writing
        for room in ("room", "other"):
            assert positions_of(await store.read(room)) == [1, 2]

    at(postgresql_url, "postgresql").run(case)


@pytest.fixture
def line(postgresql_url: str) -> Iterator[Line]:
    """Yield a line to the database that can be cut."""
    if sys.platform == "win32":
        pytest.skip("The line is a Unix socket.")
    # Not pytest's folder: the path of a Unix socket has 107 bytes at most.
    with tempfile.TemporaryDirectory() as folder, line_to(postgresql_url, Path(folder)) as made:
        yield made


@pytest.fixture
def far_place(line: Line) -> Place:
    """Return the place at the other end of the line."""
    return at(line.url, "postgresql")


async def _append(store: Store) -> None:
    effects = (purchase(), remembering())
    records = await store.append(adding(1, "bought", effects=effects))
    assert positions_of(records) == [2]


async def _create(store: Store) -> None:
    await store.create([opening("new", parent_id="room")], LATER, [account("other"), remembering()])
    assert len(await store.children("room")) == 1


async def _acquire(store: Store) -> None:
    assert await store.acquire("room", "me", LATER, START) == 1


@pytest.mark.parametrize("cut", ["commit", "answer"])
@pytest.mark.parametrize("write", [_append, _create, _acquire])
def test_a_write_whose_commit_got_no_answer_is_neither_lost_nor_done_twice(
    line: Line, far_place: Place, cut: str, write: Callable[[Store], Awaitable[None]]
) -> None:
    async def case(store: Store) -> None:
        await begun(store, account())
        line.cut = cut
        await write(store)
        assert line.cuts == 1
        head = await store.find("room")
        assert head is not None
        assert len(await store.read("room")) == head.position

    far_place.run(case)


def test_a_server_that_is_away_is_told_at_once_to_all_and_used_again_when_it_is_back(
    line: Line, far_place: Place
) -> None:
    async def case(store: Store) -> None:
        await store.create([opening(f"room_{number}") for number in range(40)], START)
        line.go_down()
        async with asyncio.timeout(20):
            appends = (store.append(adding(1, "x", to=f"room_{number}")) for number in range(40))
            reads = (store.read("room_0") for _ in range(5))
            answers = await asyncio.gather(*appends, *reads, return_exceptions=True)
        for answer in answers:
            assert isinstance(answer, ChafferError)
            assert answer.code is Code.INTERNAL_ERROR
            assert answer.advice.retryable
        line.is_down = False
        assert positions_of(await store.append(adding(1, "back", to="room_0"))) == [2]
        assert texts_of(await store.read("room_0")) == ["opened", "back"]

    far_place.run(case)


def test_a_closed_store_leaves_no_connection_behind(postgresql_url: str) -> None:
    async def case() -> None:
        async with at(postgresql_url, "postgresql").stores(2) as stores:
            await begun(stores[0])
            await asyncio.gather(*(store.read("room") for store in stores for _ in range(8)))
            with connect(postgresql_url) as beside:
                assert count(beside, f"SELECT count(*) {OTHERS}") >= 3
        with connect(postgresql_url) as beside:
            await until(beside, f"SELECT count(*) {OTHERS}", 0)
        gc.collect()

    asyncio.run(case())
