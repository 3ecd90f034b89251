"""A room whose time is up ends without a deal, and says why: NEGOTIATION_TIMEOUT_MINUTES, `timeout_minutes`."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from chaffer.bootstrap import Chaffer, assemble
from chaffer.ids import new_id
from chaffer.negotiation.built_in import BuiltInBuyer, BuiltInSeller
from chaffer.negotiation.commands import StartRoom, Utterance
from chaffer.negotiation.events import RoomEnded
from chaffer.negotiation.flow import RoomRun, run_room
from chaffer.negotiation.scenario import Scenario
from chaffer.storage.memory import MemoryStore
from tests.support.houses import House, keep_house
from tests.support.leaping import BEGINS_AT, leaping
from tests.support.markets import START, scenario
from tests.support.server import got, opened, settings_for
from tests.support.streams import Reader

REASON: Final = "The time for this negotiation is up."


@pytest.mark.parametrize(
    ("settings", "negotiation", "minutes"),
    [
        ({}, {}, 30),
        ({"negotiation_timeout_minutes": 7}, {}, 7),
        ({"negotiation_timeout_minutes": 7}, {"timeout_minutes": 90}, 90),
    ],
    ids=["default", "setting", "scenario"],
)
def test_a_room_ends_when_its_time_is_up_and_tells_why(
    tmp_path: Path, settings: dict[str, Any], negotiation: dict[str, Any], minutes: int
) -> None:
    """Issue 2, Rules: timeout. On the stream, in the state and in the summary."""

    async def case(house: House, chaffer: Chaffer) -> None:
        in_time, late = [await opened(house.client, negotiation=negotiation) for _ in range(2)]
        # A room looks at the clock when its flow begins, and that is only when this task waits.
        await chaffer.market.start_room(in_time.rooms[0])
        house.clock.at += timedelta(minutes=minutes - 1)
        await house.over(in_time.rooms[0])
        assert (await got(house.client, f"{in_time.room}/state"))["outcome"]["selected_seller"] is not None
        await chaffer.market.start_room(late.rooms[0])
        house.clock.at += timedelta(minutes=minutes)
        reader = Reader(house.client, f"{late.room}/stream")
        await reader.read()
        (told,) = reader.named("negotiation_complete")
        assert (told.data["status"], told.data["reason"], told.data["code"]) == ("completed", REASON, None)
        assert told.data["selected_seller"] is told.data["final_price"] is None
        state = await got(house.client, f"{late.room}/state")
        assert (state["status"], state["reason"], state["outcome"]) == ("completed", REASON, told.data)
        summary = await got(house.client, f"{late.session}/summary")
        assert [failed["reason"] for failed in summary["failed_items"]] == [REASON]

    keep_house(tmp_path, case, **settings)


@pytest.mark.parametrize("chars_per_second", [0.001, 2.0])
def test_agents_are_interrupted_at_the_very_deadline(tmp_path: Path, chars_per_second: float) -> None:
    """In the middle of the first word, or rounds later: on a clock that leaps, nobody speaks for one second more."""

    async def case() -> RoomEnded:
        def now() -> datetime:
            return START + timedelta(seconds=asyncio.get_running_loop().time() - BEGINS_AT)

        store = MemoryStore()
        chaffer = assemble(settings_for(tmp_path), store, now)
        body = scenario(negotiation={"max_rounds": 50, "timeout_minutes": 10})
        new = await chaffer.market.open_session(Scenario.model_validate(body), owner="local")
        terms = new.rooms[0].terms
        live = await chaffer.engine.open(terms.room_id)
        live.epoch = await store.acquire(terms.room_id, "test", now() + timedelta(hours=1), now())
        opening = Utterance(new_id(), tuple(live.state.seats), 1, "Well?")
        await live.submit(StartRoom(opening, 100_000, 300_000, now()))
        buyer = BuiltInBuyer("hardliner", chars_per_second)
        sellers = {seller.seller_id: BuiltInSeller("hardliner", chars_per_second) for seller in terms.sellers}
        await run_room(RoomRun(live, store, buyer, sellers, now, new_id))
        assert now() == START + timedelta(minutes=10)
        ended = live.feed.records[-1].event
        assert isinstance(ended, RoomEnded)
        return ended

    ended = leaping(case())
    assert (ended.reason, ended.seller_id, ended.duration_seconds) == (REASON, None, 600)
    assert ended.rounds == 1 if chars_per_second < 1 else ended.rounds > 1
