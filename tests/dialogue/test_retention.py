"""How long runs and sessions are kept: what is over goes in time, what runs stays, and 0 is for ever."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from chaffer.bootstrap import Chaffer
from chaffer.errors import ChafferError
from chaffer.negotiation.scenario import Scenario
from tests.support.houses import House, keep_house
from tests.support.markets import scenario
from tests.support.talks import begun, over, plan

SCRIPTED = [{"provider": "builtin", "model": None}] * 2
DAY = timedelta(days=1)


async def runs_of(house: House) -> list[str]:
    """Return the ids of the runs that are there."""
    page, _ = await house.chaffer.runs.list_runs(owner=None, limit=100, after=None)
    return [head.conversation_id for head in page.heads]


async def finished(chaffer: Chaffer) -> str:
    """Return the id of a run that is over."""
    live = await begun(chaffer, plan(turns=1, bots=SCRIPTED))
    await over(live)
    await chaffer.engine.join(live.conversation_id)
    return live.conversation_id


def test_a_run_that_is_over_goes_after_its_days_and_not_before(tmp_path: Path) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        first = await finished(chaffer)
        house.clock.at += 20 * DAY
        second = await finished(chaffer)
        house.clock.at += 10 * DAY
        await house.keeping.look()
        assert await runs_of(house) == [second, first]
        house.clock.at += timedelta(seconds=1)
        await house.keeping.look()
        assert await runs_of(house) == [second]
        assert await chaffer.journal.read(first) == ()
        with pytest.raises(ChafferError, match="There is no run"):
            await chaffer.runs.run(first)
        house.clock.at += 20 * DAY
        await house.keeping.look()
        assert await runs_of(house) == []

    keep_house(tmp_path, case)


def test_a_run_that_runs_is_never_removed(tmp_path: Path) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        live = await begun(chaffer, plan(turns=50, bots=SCRIPTED))
        house.clock.at += 400 * DAY
        await house.keeping.look()
        assert await runs_of(house) == [live.conversation_id]
        assert live.state.is_open
        await chaffer.runs.stop(live.conversation_id)
        await house.keeping.look()
        assert await runs_of(house) == [live.conversation_id], "its days begin when it is over"

    keep_house(tmp_path, case, builtin_chars_per_second=50)


def test_0_days_keep_runs_for_ever(tmp_path: Path) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        run = await finished(chaffer)
        house.clock.at += 9_999 * DAY
        await house.keeping.look()
        assert await runs_of(house) == [run]

    keep_house(tmp_path, case, run_retention_days=0)


def test_more_runs_than_a_page_are_looked_at(tmp_path: Path) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        for _ in range(103):
            await finished(chaffer)
        house.clock.at += 31 * DAY
        await house.keeping.look()
        assert await runs_of(house) == []

    keep_house(tmp_path, case)


def test_sessions_go_by_their_own_hours(tmp_path: Path) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        run = await finished(chaffer)
        body = Scenario.model_validate(scenario())
        abandoned = (await chaffer.market.open_session(body, owner="local")).session.session_id
        played = await chaffer.market.open_session(body, owner="local")
        for room in played.rooms:
            await chaffer.market.start_room(room.terms.room_id)
        for room in played.rooms:
            await (await chaffer.market.room(room.terms.room_id)).wait_until_over()
            await chaffer.engine.join(room.terms.room_id)
        house.clock.at += timedelta(hours=1, seconds=1)
        await house.keeping.look()
        assert await chaffer.journal.find(abandoned) is not None
        assert await chaffer.journal.find(played.session.session_id) is None
        house.clock.at += timedelta(hours=1)
        await house.keeping.look()
        assert await chaffer.journal.find(abandoned) is None
        assert await runs_of(house) == [run]

    keep_house(tmp_path, case)
