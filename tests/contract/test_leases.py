"""One owner per conversation, by lease and epoch; the other is told (HOUSE §1.6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chaffer.conversation.journal import ForeignEpochError
from tests.contract.stores import START, Place, Store, adding, begun, opening, texts_of

LEASE = timedelta(seconds=6)
MOMENT = timedelta(microseconds=1)


def test_a_lease_keeps_others_out_until_it_has_run_out(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await begun(one)
        until = START + LEASE
        assert await one.acquire("room", "one", until, START) == 1
        assert await two.acquire("room", "two", until + LEASE, START) is None
        assert await two.acquire("room", "two", until + LEASE, until) is None
        assert await two.acquire("room", "two", until + LEASE, until + MOMENT) == 2

    place.run_two(case)


def test_who_lost_a_lease_is_told_at_the_next_append_and_writes_nothing(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await begun(one)
        await one.acquire("room", "one", START + LEASE, START)
        await one.append(adding(1, "by one", epoch=1))
        await two.acquire("room", "two", START + 3 * LEASE, START + 2 * LEASE)
        with pytest.raises(ForeignEpochError):
            await one.append(adding(2, "too late", epoch=1))
        await two.append(adding(2, "by two", epoch=2))
        for expected in (2, 3):
            with pytest.raises(ForeignEpochError):
                await one.append(adding(expected, "too late", epoch=1))
        assert texts_of(await one.read("room")) == ["opened", "by one", "by two"]
        head = await one.find("room")
        assert head is not None
        assert head.epoch == 2

    place.run_two(case)


def test_who_lost_a_lease_can_neither_renew_nor_release_it(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await begun(one)
        await one.acquire("room", "one", START + LEASE, START)
        now = START + 2 * LEASE
        await two.acquire("room", "two", now + LEASE, now)
        await one.renew("one", now + 100 * LEASE)
        await one.release("room", "one")
        assert await one.acquire("room", "three", now + LEASE, now) is None
        assert await one.acquire("room", "three", now + 3 * LEASE, now + LEASE + MOMENT) == 3

    place.run_two(case)


def test_a_renewed_lease_holds_for_all_that_its_holder_has(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        rooms = ["room_a", "room_b"]
        await one.create([opening(room) for room in rooms], START)
        for room in rooms:
            await one.acquire(room, "one", START + LEASE, START)
        await one.renew("one", START + 3 * LEASE)
        for room in rooms:
            assert await two.acquire(room, "two", START + 4 * LEASE, START + 2 * LEASE) is None
        assert await two.abandoned(["active"], START + 2 * LEASE) == ()
        assert [head.conversation_id for head in await two.abandoned(["active"], START + 4 * LEASE)] == rooms

    place.run_two(case)


def test_a_holder_is_told_what_it_holds_and_how_far_others_have_moved_it(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        rooms = ["room_a", "room_b", "room_c"]
        await one.create([opening(room) for room in rooms], START)
        for room in rooms:
            await one.acquire(room, "one", START + LEASE, START)
        await two.append(adding(1, "by nobody's flow", to="room_b"))
        await two.acquire("room_a", "two", START + 3 * LEASE, START + 2 * LEASE)
        await one.release("room_c", "one")
        held = await one.held("one")
        assert [(head.conversation_id, head.position) for head in held] == [("room_b", 2)]
        assert [head.conversation_id for head in await one.held("two")] == ["room_a"]
        assert await one.held("nobody") == ()

    place.run_two(case)


def test_a_holder_is_told_how_many_others_hold_and_have_not_left(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        rooms = ["room_a", "room_b", "room_c", "room_d"]
        await one.create([opening(room) for room in rooms], START)
        for room in rooms[:3]:
            await one.acquire(room, "one", START + LEASE, START)
        await two.acquire("room_d", "two", START + 2 * LEASE, START)
        await one.release("room_c", "one")
        assert await two.held_elsewhere("two", START + LEASE) == 2
        assert await one.held_elsewhere("one", START + LEASE) == 1
        assert await one.held_elsewhere("three", START + LEASE + MOMENT) == 1
        assert await one.held_elsewhere("two", START + LEASE + MOMENT) == 0

    place.run_two(case)


def test_a_released_lease_is_free_at_once_and_its_epoch_is_not_used_again(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await begun(one)
        await one.acquire("room", "one", START + LEASE, START)
        await one.release("room", "one")
        assert await two.acquire("room", "two", START + LEASE, START) == 2
        with pytest.raises(ForeignEpochError):
            await one.append(adding(1, "x", epoch=1))

    place.run_two(case)


def test_a_holder_who_takes_its_lease_again_gets_a_new_epoch(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        assert [await store.acquire("room", "me", START + LEASE, START) for _ in range(2)] == [1, 2]
        with pytest.raises(ForeignEpochError):
            await store.append(adding(1, "x", epoch=1))
        assert await store.acquire("unknown", "me", START + LEASE, START) is None

    place.run(case)


def test_of_many_who_reach_for_a_lease_at_once_one_gets_it(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await begun(one)
        epochs = await asyncio.gather(
            *(
                store.acquire("room", f"holder {number}", START + LEASE, START)
                for number, store in enumerate([one, two] * 10)
            )
        )
        assert [epoch for epoch in epochs if epoch is not None] == [1]

    place.run_two(case)
