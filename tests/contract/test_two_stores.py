"""Two processes on one database, as a server and a command line on one data folder are: nobody's words are lost."""

from __future__ import annotations

import asyncio

from chaffer.conversation.journal import PositionConflictError
from tests.contract.stores import LATER, START, Place, Store, adding, begun, opening, positions_of, texts_of


async def say(store: Store, text: str) -> None:
    """Append to the conversation `room`, folding again as often as somebody was first."""
    while True:
        head = await store.find("room")
        assert head is not None
        try:
            await store.append(adding(head.position, text, f"{text}, again"))
        except PositionConflictError:
            continue
        return


def test_of_appends_behind_one_position_exactly_one_wins(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await begun(one)
        for position in range(1, 6):
            answers = await asyncio.gather(
                *(store.append(adding(position, f"by {n}")) for n, store in enumerate([one, two] * 6)),
                return_exceptions=True,
            )
            winners = [n for n, answer in enumerate(answers) if isinstance(answer, tuple)]
            assert len(winners) == 1
            assert sum(isinstance(answer, PositionConflictError) for answer in answers) == 11
            records = await two.read("room")
            assert positions_of(records) == list(range(1, position + 2))
            assert records[-1].event.text == f"by {winners[0]}"

    place.run_two(case)


def test_many_speakers_in_two_processes_lose_no_word_and_leave_no_gap(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await begun(one)
        words = [f"word {number}" for number in range(16)]
        await asyncio.gather(*(say(store, text) for store, text in zip([one, two] * 8, words, strict=True)))
        records = await one.read("room")
        assert positions_of(records) == list(range(1, 34))
        assert sorted(texts_of(records)[1::2]) == sorted(words)
        assert all(
            second == f"{first}, again" for first, second in zip(*[iter(texts_of(records)[1:])] * 2, strict=True)
        )

    place.run_two(case)


def test_conversations_apart_do_not_disturb_each_other(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await one.create([opening(f"room_{number}") for number in range(8)], START)

        async def monologue(store: Store, room: str) -> None:
            for position in range(1, 11):
                await store.append(adding(position, f"{position}", to=room))

        await asyncio.gather(*(monologue(store, f"room_{n}") for n, store in enumerate([one, two] * 4)))
        for number in range(8):
            assert positions_of(await two.read(f"room_{number}")) == list(range(1, 12))

    place.run_two(case)


def test_what_one_process_wrote_the_other_sees_at_once(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await begun(one)
        for position in range(1, 20, 2):
            await one.append(adding(position, "by one"))
            await two.append(adding(position + 1, "by two"))
            assert len(await one.read("room")) == position + 2

    place.run_two(case)


def test_a_conversation_deleted_beside_its_writer_leaves_no_event_behind(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        for number in range(10):
            await one.create([opening(f"room_{number}")], LATER)
            await asyncio.gather(
                *(one.append(adding(1 + n, "x", to=f"room_{number}")) for n in range(3)),
                two.delete([f"room_{number}"]),
                return_exceptions=True,
            )
            assert await one.find(f"room_{number}") is None
            assert await one.read(f"room_{number}") == ()

    place.run_two(case)
