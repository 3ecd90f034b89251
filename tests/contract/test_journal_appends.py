"""What the journal promises of writing (HOUSE §1.1, CONTRACT §1): in order, without a gap, all or nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from chaffer.conversation.journal import (
    Answer,
    ConversationGoneError,
    EffectRefusedError,
    ForeignEpochError,
    PositionConflictError,
    Recorded,
    RememberAnswer,
)
from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import ReleaseClaim
from tests.contract.stores import (
    LATER,
    START,
    Place,
    Said,
    Store,
    account,
    adding,
    begun,
    opening,
    positions_of,
    purchase,
    texts_of,
)

KEPT = RememberAnswer("local", "key", "digest", Answer(201, "{}"))


def test_a_created_conversation_holds_its_first_events_from_position_1(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("room", "a", "b", parent_id="session"), opening("session", kind="session")], START)
        assert await store.read("room") == (Recorded(1, START, Said("a")), Recorded(2, START, Said("b")))
        head = await store.find("room")
        assert head is not None
        assert (head.kind, head.owner, head.parent_id, head.status) == ("room", "local", "session", "active")
        assert (head.position, head.epoch, head.created_at, head.updated_at) == (2, 0, START, START)

    place.run(case)


def test_what_was_appended_is_read_back_as_it_was_recorded(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        first = await store.append(adding(1, "b", "c"))
        second = await store.append(adding(3, "d", status="completed", at=LATER))
        assert positions_of(first + second) == [2, 3, 4]
        assert (await store.read("room"))[1:] == first + second
        head = await store.find("room")
        assert head is not None
        assert (head.position, head.status, head.updated_at, head.created_at) == (4, "completed", LATER, START)

    place.run(case)


def test_a_read_behind_a_position_gives_the_rest_and_of_the_unknown_nothing(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        await store.append(adding(1, "b", "c", "d"))
        assert [texts_of(await store.read("room", after)) for after in (1, 3, 4, 99)] == [
            ["b", "c", "d"],
            ["d"],
            [],
            [],
        ]
        assert await store.read("unknown") == ()
        assert await store.find("unknown") is None

    place.run(case)


@pytest.mark.parametrize("expected", [0, 1, 3, 9])
def test_an_append_behind_another_position_is_a_conflict_and_writes_nothing(place: Place, expected: int) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("room", "a", "b")], START)
        before = await store.find("room")
        with pytest.raises(PositionConflictError):
            await store.append(adding(expected, "x", status="completed"))
        assert texts_of(await store.read("room")) == ["a", "b"]
        assert await store.find("room") == before

    place.run(case)


def test_an_append_to_what_is_not_there_tells_so(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        await store.delete(["room"])
        for gone in ("room", "never"):
            with pytest.raises(ConversationGoneError):
                await store.append(adding(1, "x", to=gone, epoch=1))

    place.run(case)


def test_a_foreign_epoch_writes_nothing_and_is_told_before_a_position_conflict(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        for expected in (1, 5):
            with pytest.raises(ForeignEpochError):
                await store.append(adding(expected, "x", epoch=1))
        assert await store.acquire("room", "me", LATER, START) == 1
        await store.append(adding(1, "mine", epoch=1))
        await store.append(adding(2, "a person's", epoch=None))
        with pytest.raises(ForeignEpochError):
            await store.append(adding(3, "x", epoch=0))
        assert texts_of(await store.read("room")) == ["opened", "mine", "a person's"]

    place.run(case)


def test_a_refused_effect_leaves_nothing_of_its_append(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store, account(budget=15_000))
        before = await store.find("room"), await store.account("session")
        append = adding(1, "bought", status="completed")
        too_dear = purchase(price=20_000, seen=15_000)
        with pytest.raises(EffectRefusedError) as refused:
            await store.append(replace(append, effects=(KEPT, ReleaseClaim("session", "room_0"), too_dear)))
        assert refused.value.code is Code.BUDGET_CONSTRAINT_VIOLATION
        assert (await store.find("room"), await store.account("session")) == before
        assert texts_of(await store.read("room")) == ["opened"]
        assert await store.find_answer("local", "key") is None
        assert await store.invoices("session") == ()
        await store.append(adding(1, "walked away"))

    place.run(case)


def test_effects_of_one_append_reckon_with_each_other(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store, account(budget=15_000))
        both = (purchase("room_0", seen=15_000), purchase("room_1", seen=5_000))
        with pytest.raises(EffectRefusedError):
            await store.append(adding(1, "bought twice", effects=both))
        assert (await store.account("session")).committed_minor == 0
        assert [line.pieces for line in await store.stock("session", "item_001")] == [10]

    place.run(case)


def test_a_neighbour_s_refusal_does_not_pull_down_an_append(place: Place) -> None:
    async def case(store: Store) -> None:
        rooms = [opening(f"room_{number}") for number in range(12)]
        await store.create(rooms, START, [account(budget=35_000, rooms=12)])
        appends = [adding(1, "x", to=f"room_{n}", effects=(purchase(f"room_{n}", seen=35_000),)) for n in range(6)]
        appends += [adding(1 if n % 2 else 7, "y", to=f"room_{n}") for n in range(6, 12)]
        answers = await asyncio.gather(*(store.append(append) for append in appends), return_exceptions=True)
        went_through = [f"room_{n}" for n, answer in enumerate(answers) if isinstance(answer, tuple)]
        assert len([room for room in went_through if room < "room_6" and room != "room_11"]) == 1
        assert {"room_7", "room_9", "room_11"} <= set(went_through)
        for number, answer in enumerate(answers):
            length = 2 if isinstance(answer, tuple) else 1
            assert positions_of(await store.read(f"room_{number}")) == list(range(1, length + 1))
        assert len(await store.invoices("session")) == 1

    place.run(case)


def test_an_append_of_effects_alone_moves_no_position(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        assert await store.append(adding(1, effects=(KEPT,), status="completed")) == ()
        head = await store.find("room")
        assert head is not None
        assert (head.position, head.status) == (1, "completed")
        assert await store.find_answer("local", "key") == ("digest", Answer(201, "{}"))

    place.run(case)


def test_of_conversations_created_together_all_are_there_or_none(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        with pytest.raises(ChafferError) as refused:
            await store.create([opening("new"), opening("room", "again")], LATER, [account(), KEPT])
        assert refused.value.code is Code.CONFLICT
        assert await store.find("new") is None
        assert texts_of(await store.read("room")) == ["opened"]
        assert await store.find_answer("local", "key") is None
        with pytest.raises(ChafferError) as unknown:
            await store.account("session")
        assert unknown.value.code is Code.SESSION_NOT_FOUND
        with pytest.raises(ChafferError):
            await store.create([opening("twin"), opening("twin")], LATER)
        assert await store.find("twin") is None

    place.run(case)


def test_a_conversation_may_be_created_empty_and_effects_alone(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("room", events=())], START)
        await store.create([], START, [account()])
        assert positions_of(await store.append(adding(0, "first"))) == [1]
        assert (await store.account("session")).remaining_minor == 100_000

    place.run(case)


def test_a_deleted_conversation_leaves_nothing_to_a_later_one(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.create([opening("room", "a", "b", "c"), opening("other")], START)
        await store.acquire("room", "me", LATER, START)
        await store.delete(["room", "never"])
        await store.delete([])
        assert await store.find("room") is None
        assert await store.read("room") == ()
        assert await store.acquire("room", "me", LATER, START) is None
        await store.create([opening("room", "new")], LATER)
        assert texts_of(await store.read("room")) == ["new"]
        head = await store.find("room")
        assert head is not None
        assert head.epoch == 0
        assert texts_of(await store.read("other")) == ["opened"]

    place.run(case)


def test_a_caller_who_is_cancelled_does_not_tear_what_was_begun(place: Place) -> None:
    async def case(store: Store) -> None:
        await begun(store)
        caller = asyncio.create_task(store.append(adding(1, "b", "c")))
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        await store.create([opening("behind")], START)  # writes are done in the order in which they were asked for
        assert texts_of(await store.read("room")) == ["opened", "b", "c"]

    place.run(case)
