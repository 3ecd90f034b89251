"""A store that closes writes what was begun, lets go of all it holds, and refuses who comes later."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from pathlib import Path

import pytest

from chaffer.errors import ChafferError, Code
from tests.contract.stores import START, Place, Store, adding, at, begun, opening, positions_of


def test_what_was_begun_is_written_though_the_store_closes(lasting_place: Place) -> None:
    async def case() -> None:
        async with lasting_place.stores(1) as (store,):
            await store.create([opening(f"room_{number}") for number in range(100)], START)
            appends = [asyncio.create_task(store.append(adding(1, "x", to=f"room_{n}"))) for n in range(100)]
            await asyncio.sleep(0)
            await store.close()
            answers = await asyncio.gather(*appends)
        async with lasting_place.stores(1) as (store,):
            for number, answer in enumerate(answers):
                assert positions_of(answer) == [2]
                assert len(await store.read(f"room_{number}")) == 2

    asyncio.run(case())


def test_who_comes_after_the_end_is_told_instead_of_kept_waiting(lasting_place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        await store.close()
        for late in (store.append(adding(1, "x")), store.read("room"), store.find("room")):
            async with asyncio.timeout(5):
                with pytest.raises(ChafferError) as refused:
                    await late
            assert refused.value.code is Code.INTERNAL_ERROR
            assert "closed" in refused.value.message
        await store.close()

    lasting_place.run(case)


def test_a_closed_store_leaves_no_thread_behind(lasting_place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        await asyncio.gather(*(store.read("room") for _ in range(20)))

    before = set(threading.enumerate())
    lasting_place.run(case)
    gc.collect()  # what was left open would warn now, and warnings are errors
    left = {thread for thread in threading.enumerate() if thread.name.startswith("chaffer")} - before
    assert left == set()


def test_a_store_serves_one_event_loop_after_another(lasting_place: Place) -> None:
    store = asyncio.run(lasting_place.open())
    asyncio.run(begun(store))
    assert positions_of(asyncio.run(store.append(adding(1, "x")))) == [2]
    asyncio.run(store.close())


def test_a_loop_that_ended_before_its_answer_harms_nobody(lasting_place: Place) -> None:
    store = asyncio.run(lasting_place.open())

    async def leave() -> None:
        task = asyncio.create_task(store.append(adding(1, "x")))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(begun(store))
    asyncio.run(leave())
    assert len(asyncio.run(store.read("room"))) >= 1
    asyncio.run(store.create([opening("behind")], START))
    assert len(asyncio.run(store.read("room"))) == 2
    asyncio.run(store.close())


def test_an_embedded_database_is_one_whole_file_once_it_is_closed(sqlite_url: str, tmp_path: Path) -> None:
    async def case() -> None:
        async with at(sqlite_url, "sqlite").stores(2) as (one, two):
            await begun(one)
            await two.append(adding(1, "x"))

    asyncio.run(case())
    assert [path.name for path in tmp_path.iterdir()] == ["chaffer.db"]
    connection = sqlite3.connect(tmp_path / "chaffer.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*) FROM events").fetchone() == (2,)
    connection.close()
