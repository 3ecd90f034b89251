"""What one owner holds: how much runs, and how many bytes are kept of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from chaffer.conversation.journal import Answer, Holdings, PositionConflictError, RememberAnswer
from chaffer.storage.holdings import holdings_of
from tests.contract.stores import CODEC, START, Place, Said, Store, adding, opening


def weight(*texts: str) -> int:
    """Return the UTF-8 bytes of the bodies of events that say these texts."""
    return sum(len(CODEC.dump(Said(said))[1].encode()) for said in texts)


def test_what_is_created_and_appended_weighs_its_utf_8_bytes(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("a", "Größe 15″", "🐉"), opening("b", "x", status="open")], START)
        assert await store.holdings("local", ["active"]) == Holdings(1, weight("Größe 15″", "🐉", "x"))
        await store.append(adding(2, "ß" * 1_000, "\x1b[31m", to="a"))
        await store.append(adding(4, "more", to="a"))
        heavier = weight("Größe 15″", "🐉", "x", "ß" * 1_000, "\x1b[31m", "more")
        assert await store.holdings("local", ["active"]) == Holdings(1, heavier)
        assert heavier > 2_000

    place.run(case)


def test_kept_answers_weigh_their_utf_8_bytes_until_they_are_forgotten(place: Place) -> None:
    async def case(store: Store) -> None:
        answers = [remembering("one", "ann", '{"ß": 1}'), remembering("two", "ann"), remembering("one", "bob")]
        await store.create([opening("a", "of ann", owner="ann")], START, answers)
        assert await store.holdings("ann", []) == Holdings(0, weight("of ann") + 9 + 8)
        assert await store.holdings("bob", []) == Holdings(0, 8)
        await store.forget_answers(START + timedelta(seconds=1))
        assert await store.holdings("ann", []) == Holdings(0, weight("of ann"))

    place.run(case)


def remembering(key: str, owner: str, body: str = '{"a": 1}') -> RememberAnswer:
    """Return the effect that keeps an answer."""
    return RememberAnswer(owner, key, "digest", Answer(201, body))


def test_what_was_refused_weighs_nothing(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening()], START)
        with pytest.raises(PositionConflictError):
            await store.append(adding(7, "late"))
        assert await store.holdings("local", ["active"]) == Holdings(1, weight("opened"))

    place.run(case)


def test_each_owner_holds_its_own_until_it_is_deleted(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("a", owner="ann"), opening("b", "of bob", owner="bob")], START)
        await store.create([opening("a2", "second", owner="ann", status="pending", kind="session")], START)
        assert await store.holdings("ann", ["active"]) == Holdings(1, weight("opened", "second"))
        assert await store.holdings("bob", ["active"]) == Holdings(1, weight("of bob"))
        assert await store.holdings("nobody", ["active"]) == Holdings(0, 0)
        await store.delete(["a"])
        assert await store.holdings("ann", ["active"]) == Holdings(0, weight("second"))
        assert await store.holdings("bob", ["active"]) == Holdings(1, weight("of bob"))

    place.run(case)


def test_only_the_statuses_that_are_asked_for_count_as_under_way(place: Place) -> None:
    async def case(store: Store) -> None:
        for name, status in {"a": "active", "b": "running", "c": "completed", "d": "active"}.items():
            await store.create([opening(name, status=status)], START)
        for statuses, expected in ((["active"], 2), (["active", "running"], 3), (["failed"], 0), ([], 0)):
            assert (await store.holdings("local", statuses)).under_way == expected
        await store.append(adding(1, "x", to="a", status="completed"))
        assert (await store.holdings("local", ["active"])).under_way == 1

    place.run(case)


def test_conversations_of_the_kinds_that_are_asked_for_are_counted(place: Place) -> None:
    async def case(store: Store) -> None:
        for name, kind in {"a": "chat", "b": "room", "c": "chat", "d": "run"}.items():
            await store.create([opening(name, kind=kind)], START)
        await store.create([opening("of bob", kind="chat", owner="bob")], START)
        for kinds, expected in ((["chat"], 2), (["chat", "room"], 3), (["thread"], 0), ([], 0)):
            assert (await store.holdings("local", ["active"], kinds)).conversations == expected
        await store.delete(["a"])
        assert (await store.holdings("local", ["active"], ["chat"])).conversations == 1

    place.run(case)


def test_many_appends_at_once_lose_no_byte(lasting_place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        names = [f"r{number}" for number in range(8)]
        await one.create([opening(name) for name in names], START)
        for position in range(1, 6):
            adds = [adding(position, f"{position}", to=name) for name in names]
            await asyncio.gather(*((one, two)[number % 2].append(add) for number, add in enumerate(adds)))
        said = [f"{position}" for position in range(1, 6)]
        assert await two.holdings("local", ["active"]) == Holdings(8, 8 * weight("opened", *said))

    lasting_place.run_two(case)


def test_what_others_hold_costs_an_owner_nothing(database_url: str) -> None:
    """The heads and answers of one owner are found by indexes: no table is read through."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # which reads small tables whole, unless it is told not to
            connection.execute(text("SET enable_seqscan = off"))
        statement = holdings_of("ann", ["active"], ["chat"], connection.dialect.name)
        query = statement.compile(connection, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plan = [str(row) for row in connection.execute(text(f"{explain} {query}"))]
    engine.dispose()
    assert any("conversations_of_owner" in step for step in plan), plan
    assert any("answers_pkey" in step or "autoindex_answers" in step for step in plan), plan
