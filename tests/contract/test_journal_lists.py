"""How conversations are found, listed and paged, for people, for recovery and for housekeeping."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chaffer.errors import ChafferError, Code
from tests.contract.stores import LATER, START, Place, Store, adding, opening


async def pages(store: Store, kind: str, owner: str | None, limit: int) -> list[list[str]]:
    """Return the ids of every page of a list."""
    found, after = [], None
    while True:
        page = await store.list(kind, owner=owner, limit=limit, after=after)
        found.append([head.conversation_id for head in page.heads])
        if (after := page.next_after) is None:
            return found


def test_a_list_is_paged_newest_first_and_each_comes_once(place: Place) -> None:
    async def case(store: Store) -> None:
        for number in range(7):
            owner = "ann" if number % 2 else "bob"
            await store.create([opening(f"s{number}", kind="session", owner=owner), opening(f"r{number}")], START)
        assert await pages(store, "session", None, 3) == [["s6", "s5", "s4"], ["s3", "s2", "s1"], ["s0"]]
        assert await pages(store, "session", None, 7) == [[f"s{number}" for number in range(6, -1, -1)]]
        assert await pages(store, "session", "ann", 2) == [["s5", "s3"], ["s1"]]
        assert await pages(store, "session", "nobody", 2) == [[]]
        assert await pages(store, "run", None, 2) == [[]]

    place.run(case)


def test_a_page_goes_on_though_conversations_come_and_go_meanwhile(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening(f"s{number}", kind="session") for number in range(6)], START)
        first = await store.list("session", owner=None, limit=3, after=None)
        await store.delete([first.heads[-1].conversation_id, "s1"])
        await store.create([opening("newer", kind="session")], START)
        second = await store.list("session", owner=None, limit=3, after=first.next_after)
        assert [head.conversation_id for head in second.heads] == ["s2", "s0"]
        assert second.next_after is None

    place.run(case)


@pytest.mark.parametrize("cursor", ["", "s1", "-1", "1.5", "٣", "9" * 40, "1; DROP TABLE events", "\0"])
def test_a_cursor_nobody_gave_out_is_refused_by_name(place: Place, cursor: str) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("s1", kind="session")], START)
        with pytest.raises(ChafferError) as refused:
            await store.list("session", owner=None, limit=3, after=cursor)
        assert refused.value.code is Code.VALIDATION_ERROR
        assert [detail.field for detail in refused.value.details] == ["after"]

    place.run(case)


def test_what_belongs_to_a_conversation_comes_in_the_order_of_its_creation(place: Place) -> None:
    async def case(store: Store) -> None:
        names = ["zebra", "ant", "Mole", "bee"]
        rooms = [opening(name, parent_id="session") for name in names]
        await store.create([opening("session", kind="session"), *rooms, opening("foreign", parent_id="s2")], START)
        await store.append(adding(1, "x", to="zebra", status="completed"))
        heads = await store.children("session")
        assert [head.conversation_id for head in heads] == names
        assert [head.status for head in heads] == ["completed", "active", "active", "active"]
        assert await store.children("unknown") == ()

    place.run(case)


def test_recovery_finds_the_unfinished_that_nobody_holds_oldest_first(place: Place) -> None:
    async def case(store: Store) -> None:
        statuses = {"a": "active", "b": "active", "c": "completed", "d": "pending", "e": "active", "f": "active"}
        for name, status in statuses.items():
            await store.create([opening(name, status=status)], START)
        await store.acquire("b", "alive", LATER, START)
        await store.acquire("e", "dead", START - timedelta(microseconds=1), START)
        await store.acquire("f", "gone", LATER, START)
        await store.release("f", "gone")

        async def left(*wanted: str) -> list[str]:
            return [head.conversation_id for head in await store.abandoned(wanted, START)]

        assert await left("active") == ["a", "e", "f"]
        assert await left("active", "pending") == ["a", "d", "e", "f"]
        assert await left("failed") == []
        assert await left() == []
        await store.append(adding(1, "x", to="a", status="completed"))
        assert await left("active") == ["e", "f"]

    place.run(case)


def test_heads_tell_what_retention_asks_for(place: Place) -> None:
    async def case(store: Store) -> None:
        later = START + timedelta(days=400, microseconds=5)
        await store.create([opening("room")], START)
        await asyncio.gather(store.append(adding(1, "x", at=later, status="completed")))
        page = await store.list("room", owner="local", limit=1, after=None)
        assert [(head.created_at, head.updated_at, head.status) for head in page.heads] == [(START, later, "completed")]

    place.run(case)
