"""How long sessions stay that are not completed: those that were started for ever, others while somebody calls."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chaffer.bootstrap import Chaffer
from tests.support.houses import House, keep_house
from tests.support.server import got, opened, posted, until
from tests.support.streams import Reader


@pytest.mark.parametrize("ending", ["completed", "cancelled"])
def test_a_session_of_which_a_room_was_started_stays_until_all_have_ended(tmp_path: Path, ending: str) -> None:
    """Specification §7.3: active sessions stay until completed; CONTRACT §2: abandoned is what was not started."""

    async def case(house: House, _: Chaffer) -> None:
        market = await opened(house.client)
        first, second = market.rooms
        await posted(house.client, f"{market.room}/start")
        if ending == "cancelled":
            await posted(house.client, f"{market.room}/stop")
        await house.over(first)
        await house.after(days=40)
        assert (await got(house.client, market.session))["status"] == "active"
        await posted(house.client, f"/api/v1/negotiation/{second}/start")
        await house.over(second)
        await house.after(hours=1)
        assert await house.has(market.session_id)
        await house.after(seconds=1)
        assert not await house.has(market.session_id), "completed, it answers for an hour"

    keep_house(tmp_path, case)


def test_a_room_that_is_stopped_before_its_start_was_not_started(tmp_path: Path) -> None:
    async def case(house: House, _: Chaffer) -> None:
        market = await opened(house.client)
        await posted(house.client, f"{market.room}/stop")
        await house.after(hours=2)
        assert await house.has(market.session_id)
        await house.after(seconds=1)
        assert not await house.has(market.session_id)

    keep_house(tmp_path, case)


@pytest.mark.parametrize("called", ["{session}", "{session}/summary", "{room}/state"])
def test_a_call_keeps_a_session_that_was_not_started(tmp_path: Path, called: str) -> None:
    """CONTRACT §2, Retention: abandoned is what is not started and not called."""

    async def case(house: House, _: Chaffer) -> None:
        market, other = await opened(house.client), await opened(house.client)
        await house.after(hours=1)
        await got(house.client, called.format(session=market.session, room=market.room))
        await house.after(hours=2)
        assert await house.has(market.session_id)
        assert not await house.has(other.session_id), "nobody called it"
        await house.after(seconds=1)
        assert not await house.has(market.session_id)

    keep_house(tmp_path, case)


def test_after_a_restart_no_session_counts_as_uncalled_for_longer_than_it_was_watched(tmp_path: Path) -> None:
    """Calls before the restart are not known; ten minutes before the first look there may have been one."""

    async def case(house: House, _: Chaffer) -> None:
        market = await opened(house.client)
        await house.after(hours=1, minutes=50)
        await got(house.client, market.session)
        await house.after(hours=1)
        await house.restart()
        await house.after(minutes=10)
        assert await house.has(market.session_id)
        await house.after(hours=1, minutes=50)
        assert await house.has(market.session_id)
        await house.after(seconds=1)
        assert not await house.has(market.session_id)

    keep_house(tmp_path, case)


@pytest.mark.parametrize("path", ["{room}/stream", "{session}/stream"])
def test_an_open_stream_keeps_its_session_until_two_hours_after_its_end(tmp_path: Path, path: str) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        market = await opened(house.client)
        reader = Reader(house.client, path.format(room=market.room, session=market.session))
        reading = asyncio.create_task(reader.read())
        await until(lambda: chaffer.engine.is_followed(market.rooms[0]), [reading])
        await house.after(hours=3)
        assert await house.has(market.session_id)
        assert not reading.done()
        reading.cancel()
        await until(lambda: not chaffer.engine.readers)
        await house.after(hours=2)
        assert await house.has(market.session_id)
        await house.after(seconds=1)
        assert not await house.has(market.session_id)

    keep_house(tmp_path, case)
