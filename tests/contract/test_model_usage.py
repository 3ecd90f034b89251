"""What models used is added up over processes and restarts, and forgotten in time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import create_engine, inspect, text

from chaffer.ledger.model_usage import Used
from chaffer.storage.opening import open_store
from chaffer.storage.schema import HEAD
from tests.contract.first_release import take_back_to_first_release
from tests.contract.stores import CODEC, LATER, START, Place, Store

MOMENT = timedelta(microseconds=1)


def test_where_nothing_was_used_nothing_is_told(place: Place) -> None:
    async def case(store: Store) -> None:
        assert await store.used(["room:a", "day:2026-03-01"]) == {"room:a": Used(), "day:2026-03-01": Used()}
        assert await store.used([]) == {}
        assert await store.add_used({}, START) == {}

    place.run(case)


def test_uses_add_up_and_the_sums_are_answered(place: Place) -> None:
    async def case(store: Store) -> None:
        assert await store.add_used({"room:a": Used(10, 5), "day:d": Used(10, 5)}, START) == {
            "room:a": Used(10, 5),
            "day:d": Used(10, 5),
        }
        assert await store.add_used({"room:b": Used(7), "day:d": Used(7)}, LATER) == {
            "room:b": Used(7, 0),
            "day:d": Used(17, 5),
        }
        assert await store.used(["room:a", "room:b", "day:d"]) == {
            "room:a": Used(10, 5),
            "room:b": Used(7, 0),
            "day:d": Used(17, 5),
        }

    place.run(case)


def test_sums_beyond_32_bits_are_exact(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.add_used({"day:d": Used(3_000_000_000, 4_000_000_000)}, START)
        assert (await store.add_used({"day:d": Used(1, 1)}, START))["day:d"] == Used(3_000_000_001, 4_000_000_001)

    place.run(case)


def test_two_processes_that_add_at_once_lose_nothing(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        rooms = ("room:a", "room:b")
        await asyncio.gather(
            *(
                store.add_used({rooms[number % 2]: Used(1, 2), "day:d": Used(1, 2)}, START)
                for number in range(20)
                for store in (one, two)
            )
        )
        assert await one.used([*rooms, "day:d"]) == {
            "room:a": Used(20, 40),
            "room:b": Used(20, 40),
            "day:d": Used(40, 80),
        }

    place.run_two(case)


def test_what_one_process_used_the_other_reads(lasting_place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await one.add_used({"room:a": Used(5, 1)}, START)
        assert await two.used(["room:a"]) == {"room:a": Used(5, 1)}

    lasting_place.run_two(case)


def test_scopes_are_forgotten_after_their_last_use_and_not_a_moment_sooner(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.add_used({"old": Used(1), "used again": Used(1)}, START)
        await store.add_used({"used again": Used(1)}, LATER)
        await store.add_used({"used again": Used(1)}, START)  # A clock that was set back makes nothing older.
        await store.forget_used(START)
        assert await store.used(["old"]) == {"old": Used(1)}
        await store.forget_used(START + MOMENT)
        assert await store.used(["old", "used again"]) == {"old": Used(), "used again": Used(3)}
        await store.forget_used(LATER + MOMENT)
        assert await store.used(["used again"]) == {"used again": Used()}

    place.run(case)


def test_a_database_of_the_first_release_gets_what_it_lacks_and_keeps_what_it_has(database_url: str) -> None:
    async def opened_again() -> None:
        store = await open_store(database_url, CODEC)
        assert await store.add_used({"room:a": Used(1)}, START) == {"room:a": Used(1)}
        await store.close()

    engine = create_engine(database_url)
    try:
        with engine.begin() as connection:
            take_back_to_first_release(connection)
            connection.execute(text("INSERT INTO counters VALUES ('invoices-2026', 7)"))
        asyncio.run(opened_again())
        with engine.begin() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
            assert connection.scalar(text("SELECT value FROM counters WHERE name = 'invoices-2026'")) == 7
            assert {"model_usage", "session_keys"} <= set(inspect(connection).get_table_names())
    finally:
        engine.dispose()
