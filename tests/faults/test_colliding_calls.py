"""A person's stop, forced decision and messages while sellers answer: one ending wins, and nothing accepted is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx2
import pytest

from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ChafferError, Code
from chaffer.negotiation.commands import AcceptOffer, CallDecision, EndRoom, PersonSpeaks, RoomCommand
from chaffer.negotiation.events import BuyerSpoke, DealMade, RoomEnded, SellerReplied
from chaffer.negotiation.terms import RoomStatus
from tests.support.live_rooms import CountingStore, another, opened, own, reply, start
from tests.support.markets import START, scenario, seller, terms
from tests.support.server import Opened, Surface, got, play, until
from tests.support.server import opened as opened_session
from tests.support.streams import Reader, heard, told

ORDERS: Final = 60

FORCED: Final = AcceptOffer("seller_001", "by hand", "purchase", "invoice", 300_000, START, forced=True)
STOPPED: Final = EndRoom("cancelled", "by hand", START)
ENDINGS: Final = (FORCED, STOPPED)

Answer = tuple[Recorded, ...] | BaseException


def commands() -> list[RoomCommand]:
    """Return what collides: three messages and a call for a decision, nine sellers' replies, and two endings."""
    said = [PersonSpeaks(f"p{number}", f"And now, number {number}?") for number in range(3)]
    return [*said, CallDecision(), *(reply(number) for number in range(2, 11)), *ENDINGS]


async def _given(lives: Sequence[LiveConversation], asked: Sequence[RoomCommand], chance: Random) -> list[Answer]:
    """Return the answers to commands, each of which comes by one of the processes, some moments after another."""

    async def give(command: RoomCommand, live: LiveConversation, moments: int) -> tuple[Recorded, ...]:
        for _ in range(moments):
            await asyncio.sleep(0)
        return await live.submit(command, as_owner=live.epoch is not None)

    coming = (give(command, chance.choice(lives), chance.randrange(12)) for command in asked)
    return list(await asyncio.gather(*coming, return_exceptions=True))


@pytest.mark.parametrize("processes", [1, 2])
def test_of_colliding_endings_one_wins_and_whatever_was_accepted_stays(processes: int) -> None:
    """Stop, a forced decision, messages and replies in sixty orders, on one process and on two of one journal."""

    async def case(number: int) -> type[Any]:
        chance, store = Random(number), CountingStore()
        live = await opened(store, terms(*(seller(number) for number in range(1, 11))))
        await live.submit(start(live))
        await live.submit(reply(1))
        await own(store, live, "flow")
        lives = [live, *[await another(store, live.state.terms) for _ in range(processes - 1)]]
        asked = commands()
        chance.shuffle(asked)
        answers = await _given(lives, asked, chance)
        records = await store.read(live.conversation_id)
        assert [record.position for record in records] == list(range(1, len(records) + 1))
        assert [type(record.event) for record in records].count(RoomEnded) == 1
        assert isinstance(records[-1].event, RoomEnded), "nothing comes after the end"
        by_command = dict(zip(map(id, asked), answers, strict=True))
        won = [command for command in ENDINGS if isinstance(by_command[id(command)], tuple)]
        assert len(won) == 1
        assert isinstance(records[-1].event, RoomEnded)
        assert records[-1].event.status == (RoomStatus.COMPLETED if won == [FORCED] else RoomStatus.CANCELLED)
        deals = [record for record in records if isinstance(record.event, DealMade)]
        purchases = (await store.account(live.state.terms.session_id)).committed_minor
        assert (len(deals), purchases) == ((1, 200_000) if won == [FORCED] else (0, 0))
        _assert_kept_or_refused(asked, answers, records)
        for one in lives:
            await one.load()
            assert one.state == lives[0].state
        return type(won[0])

    async def all_of_them() -> set[type[Any]]:
        return {await case(number) for number in range(ORDERS)}

    assert asyncio.run(all_of_them()) == {AcceptOffer, EndRoom}, "either wins in some order"


def _assert_kept_or_refused(asked: Sequence[RoomCommand], answers: Sequence[Answer], records: Sequence[Any]) -> None:
    """Assert that what was answered is in the journal as it was answered, and what was refused is not in it at all."""
    kept = [record.event.message_id for record in records if isinstance(record.event, BuyerSpoke | SellerReplied)]
    assert len(kept) == len(set(kept))
    for command, answer in zip(asked, answers, strict=True):
        message_id = getattr(command, "message_id", None)
        if isinstance(answer, tuple):
            assert set(answer) <= set(records)
            assert message_id is None or kept.count(message_id) == 1
        else:
            assert isinstance(answer, ChafferError), answer
            assert answer.code is Code.CONFLICT
            assert message_id not in kept


@dataclass(frozen=True)
class Collided:
    """What calls that collided were answered with, by name."""

    answers: dict[str, httpx2.Response]

    def assert_refused(self, name: str) -> None:
        """Assert that the call got what the contract promises to who comes too late."""
        answer = self.answers[name]
        assert answer.status_code == httpx2.codes.CONFLICT, answer.text
        assert answer.json()["error"]["code"] == "CONFLICT"
        assert "it is over" in answer.text or "already" in answer.text

    def succeeded(self, *names: str) -> list[str]:
        return [name for name in names if self.answers[name].is_success]


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_calls_that_collide_while_sellers_speak_lose_nothing(tmp_path: Path, durable: bool) -> None:  # noqa: FBT001  A parameter.
    """Issue: calls that collide (`/message`, `/stop`, `/decide` while sellers answer) lose nothing."""

    async def case(at: Surface) -> None:
        for number in range(6):
            market = await opened_session(at.client, scenario(seed=number))
            collided = await _collide(at, market, Random(number))
            records = await at.chaffer.journal.read(market.rooms[0])
            await _assert_one_ending(at, market, collided, records)
            _assert_messages(collided, records)
            reader = Reader(at.client, f"{market.room}/stream")
            await reader.read_to_the_end()
            assert heard(reader.events) == told(records)
            late = await at.client.post(f"{market.room}/message", json={"message": "Too late?"})
            assert late.status_code == httpx2.codes.CONFLICT
            assert await at.chaffer.journal.read(market.rooms[0]) == records

    # A letter a second: the sellers speak all the time, and what they say at once the test says for them.
    play(tmp_path, case, durable=durable, builtin_chars_per_second=1)


async def _collide(at: Surface, market: Opened, chance: Random) -> Collided:
    """Call everything at once, in an order that is drawn, while the first seller's offer stands and both speak."""
    assert (await at.client.post(f"{market.room}/start")).is_success
    live = await at.chaffer.market.room(market.rooms[0])
    await until(lambda: len(live.feed.drafts) == 2)
    await live.submit(reply(1, price=110_000))
    calls: dict[str, tuple[str, object]] = {
        "stop": ("stop", None),
        "force": ("decide", {"force_select_seller": "seller_001"}),
        "decide": ("decide", None),
        **{f"message {number}": ("message", {"message": f"Word {number} to all."}) for number in range(4)},
    }
    order = list(calls)
    chance.shuffle(order)

    async def call(name: str) -> httpx2.Response:
        path, body = calls[name]
        return await at.client.post(f"{market.room}/{path}", json=body)

    answering = asyncio.gather(live.submit(reply(2, price=111_000)), return_exceptions=True)
    answers = await asyncio.gather(*map(call, order))
    [replied] = await answering
    assert isinstance(replied, tuple) or getattr(replied, "code", None) is Code.CONFLICT
    return Collided(dict(zip(order, answers, strict=True)))


async def _assert_one_ending(at: Surface, market: Opened, collided: Collided, records: Sequence[Recorded]) -> None:
    """Assert that one ending won, that the other was told so, and that the books hold what it led to."""
    [won] = collided.succeeded("stop", "force")
    collided.assert_refused("force" if won == "stop" else "stop")
    assert [type(record.event) for record in records].count(RoomEnded) == 1
    end = records[-1].event
    assert isinstance(end, RoomEnded)
    assert end.status == ("cancelled" if won == "stop" else "completed")
    assert collided.answers[won].json()["status"] == end.status
    if collided.succeeded("decide"):
        assert collided.answers["decide"].json()["decision_reason"] == end.reason, (
            "it waited, and tells what came of it"
        )
    else:
        collided.assert_refused("decide")
    invoices = (await got(at.client, "/api/v1/invoices"))["invoices"]
    assert [one["room_id"] for one in invoices].count(market.rooms[0]) == (won == "force")


def _assert_messages(collided: Collided, records: Sequence[Recorded]) -> None:
    """Assert that each message is in the journal once, as it was answered, or was refused and is not there."""
    said = {record.event.message_id: record.event for record in records if isinstance(record.event, BuyerSpoke)}
    texts = [event.text for event in said.values()]
    for number in range(4):
        name = f"message {number}"
        if collided.succeeded(name):
            assert said[collided.answers[name].json()["message_id"]].text == f"Word {number} to all."
        else:
            collided.assert_refused(name)
        assert texts.count(f"Word {number} to all.") == len(collided.succeeded(name))
