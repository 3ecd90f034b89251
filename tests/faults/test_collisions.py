"""Calls that collide, two writers on one journal, and readers who come late: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from chaffer.conversation.feed import Draft, Piece
from chaffer.conversation.journal import ForeignEpochError, Recorded
from chaffer.errors import ChafferError, Code
from chaffer.negotiation.commands import AcceptOffer, EndRoom, PersonSpeaks
from chaffer.negotiation.events import BuyerSpoke, DealMade, DealRefused, RoomEnded, SellerReplied
from chaffer.storage.memory import MemoryStore
from tests.support.live_rooms import CountingStore, another, opened, own, reply, start
from tests.support.markets import START, seller, terms


async def turns_of_the_loop(number: int) -> None:
    """Let every task that can go on do so, that many times."""
    for _ in range(number):
        await asyncio.sleep(0)


def put_together(pieces: list[Piece]) -> dict[int, str]:
    """Return the text of each attempt; every piece begins where the text so far ends."""
    said: dict[int, str] = {}
    for piece in pieces:
        assert len(said.get(piece.attempt, "")) == piece.offset
        said[piece.attempt] = said.get(piece.attempt, "") + piece.delta
    return said


def run(case: Callable[[], Awaitable[None]]) -> None:
    """Run an asynchronous test."""
    asyncio.run(case())  # type: ignore[arg-type]  # a coroutine function is given


def test_ten_sellers_and_a_person_at_once_all_find_their_place() -> None:
    """Commands that arrive together are decided one after another and cost few appends."""

    async def case() -> None:
        store = CountingStore()
        live = await opened(store, terms(*(seller(number) for number in range(1, 11))))
        await live.submit(start(live))
        store.appends = 0
        commands: list[Any] = [reply(number) for number in range(1, 11)] + [PersonSpeaks("p1", "And now?")]
        Random(3).shuffle(commands)
        answers = await asyncio.gather(*(live.submit(command) for command in commands))
        events = [record.event for records in answers for record in records]
        assert sum(isinstance(event, SellerReplied) for event in events) == 10
        assert sum(isinstance(event, BuyerSpoke) for event in events) == 1
        assert sorted(event.turn for event in events) == list(range(2, 13))
        assert store.appends == 1
        recorded = await store.read(live.conversation_id)
        assert [record.position for record in recorded] == list(range(1, len(recorded) + 1))

    run(case)


def test_a_refused_command_does_not_pull_down_its_neighbours() -> None:
    """One answer twice: the second is told so, the others go through."""

    async def case() -> None:
        live = await opened(MemoryStore(), terms())
        await live.submit(start(live))
        answers = await asyncio.gather(
            *(live.submit(command) for command in (reply(1), reply(1), reply(2), reply(3, price=1))),
            return_exceptions=True,
        )
        assert isinstance(answers[0], tuple)
        assert isinstance(answers[1], ChafferError)
        assert answers[1].code is Code.CONFLICT
        assert isinstance(answers[2], tuple)
        assert isinstance(answers[3], ChafferError)
        assert answers[3].code is Code.VALIDATION_ERROR

    run(case)


def test_two_processes_fold_again_instead_of_overwriting() -> None:
    """A position conflict is nobody's loss: who came second folds and decides anew."""

    async def case() -> None:
        store = MemoryStore()
        one = await opened(store, terms())
        two = await another(store, one.state.terms)
        await one.submit(start(one))
        await two.submit(PersonSpeaks("p1", "Hello from the other side"))
        await one.submit(reply(1, heard=2))
        await two.submit(reply(2, heard=2))
        await asyncio.gather(*(live.submit(PersonSpeaks(f"{n}", "x")) for n, live in enumerate([one, two] * 5)))
        await one.load()
        await two.load()
        assert one.state == two.state
        turns = [r.event.turn for r in one.feed.records if isinstance(r.event, BuyerSpoke | SellerReplied)]
        assert turns == list(range(1, 15))

    run(case)


def test_who_lost_the_lease_stops_and_a_person_s_call_goes_through() -> None:
    """A foreign epoch ends a flow for good; a message beside it is decided again without one."""

    async def case() -> None:
        store = MemoryStore()
        live = await opened(store, terms())
        await live.submit(start(live))
        await own(store, live, "old")
        other = await another(store, live.state.terms)
        store._kept[live.conversation_id].until = START  # noqa: SLF001  # the old owner's lease runs out
        await own(store, other, "new")
        answers = await asyncio.gather(
            live.submit(reply(1), as_owner=True),
            live.submit(PersonSpeaks("p1", "Still here")),
            return_exceptions=True,
        )
        assert isinstance(answers[0], ForeignEpochError)
        assert isinstance(answers[1], tuple)
        with pytest.raises(ForeignEpochError):
            await live.submit(reply(2), as_owner=True)
        await other.submit(reply(1, heard=2), as_owner=True)

    run(case)


def test_a_refused_commit_is_an_event_and_the_room_goes_on() -> None:
    """CONTRACT §2: a commit that the ledger refuses is an event, and the room goes on."""

    async def case() -> None:
        store = MemoryStore()
        live = await opened(store, terms(), pieces=1)
        await live.submit(start(live))
        await asyncio.gather(live.submit(reply(1)), live.submit(reply(2)))
        records = await live.submit(AcceptOffer("seller_001", "cheap", "p", "i", 300_000, START))
        assert isinstance(records[0].event, DealRefused)
        assert records[0].event.code == Code.INSUFFICIENT_INVENTORY
        assert live.state.is_open
        assert live.state.seats["seller_001"].withdrawn

    run(case)


def test_a_forced_deal_that_breaks_the_stock_is_refused_to_the_caller() -> None:
    """A person is told with the ledger's code; nothing is written."""

    async def case() -> None:
        live = await opened(MemoryStore(), terms(), pieces=1)
        await live.submit(start(live))
        await live.submit(reply(1))
        before = live.feed.position
        with pytest.raises(ChafferError) as refused:
            await live.submit(AcceptOffer("seller_001", "mine", "p", "i", 300_000, START, forced=True))
        assert refused.value.code is Code.INSUFFICIENT_INVENTORY
        assert live.feed.position == before

    run(case)


def test_an_old_look_at_the_budget_is_looked_at_again() -> None:
    """Two rooms commit at once: each deal tells the budget that truly remains."""

    async def case() -> None:
        live = await opened(MemoryStore(), terms())
        await live.submit(start(live))
        await live.submit(reply(1))
        records = await live.submit(AcceptOffer("seller_001", "good", "p", "i", 999_999, START))
        made, updated, ended = (record.event for record in records)
        assert isinstance(made, DealMade)
        assert updated.remaining_minor == 300_000 - made.total_minor
        assert isinstance(ended, RoomEnded)

    run(case)


def test_a_reader_gets_every_record_once_whenever_it_comes() -> None:
    """From any position a reader gets the rest, in order, and learns of the end."""

    async def case() -> None:
        live = await opened(MemoryStore(), terms())

        async def reader(after: int) -> list[int]:
            return [item.position async for item in live.follow(after) if isinstance(item, Recorded)]

        early = [asyncio.create_task(reader(after)) for after in range(2)]
        await live.submit(start(live))
        await asyncio.gather(live.submit(reply(1)), live.submit(reply(2)))
        late = [asyncio.create_task(reader(after)) for after in range(live.feed.position)]
        await live.submit(EndRoom("cancelled", "enough", START))
        last = live.feed.position
        for after, task in [*enumerate(early), *enumerate(late)]:
            assert await task == list(range(after + 1, last + 1))
        assert live.feed.readers == 0

    run(case)


def test_a_reader_in_the_middle_of_a_message_gets_it_from_offset_0() -> None:
    """CONTRACT §1: the text so far at offset 0; a higher attempt discards the lower one's text."""

    async def case() -> None:
        live = await opened(MemoryStore(), terms())
        feed = live.feed
        draft = feed.begin(Draft("m1", "seller_001", 1000))
        draft.text = "Good mor"
        pieces: list[Piece] = []

        async def reader() -> None:
            pieces.extend([item async for item in live.follow(feed.position) if isinstance(item, Piece)])

        task = asyncio.create_task(reader())
        for draft.attempt, draft.text in ((1000, "Good mor"), (1000, "Good morning"), (1001, ""), (1001, "No.")):
            feed.wake()
            await turns_of_the_loop(5)
        feed.close()
        await task
        assert put_together(pieces) == {1000: "Good morning", 1001: "No."}

    run(case)
