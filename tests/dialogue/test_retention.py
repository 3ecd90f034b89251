"""How long runs and sessions are kept: what is over goes in time, what runs stays, and 0 is for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chaffer.bootstrap import Chaffer, assemble
from chaffer.dialogue.retention import RunAges
from chaffer.errors import ChafferError
from chaffer.negotiation.retention import SessionAges
from chaffer.negotiation.scenario import Scenario
from chaffer.runtime.housekeeping import Aging, Housekeeping, Retention
from chaffer.storage.memory import MemoryStore
from tests.support.markets import scenario
from tests.support.server import settings_for
from tests.support.talks import begun, over, plan

SCRIPTED = [{"provider": "builtin", "model": None}] * 2
DAY = timedelta(days=1)


class Clock:
    """A clock that a test turns on."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at


class House:
    """A program with a clock of its own, and its housekeeping."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock = Clock()
        self.chaffer = assemble(settings_for(folder, **settings), MemoryStore(), self.clock)
        made = self.chaffer.settings
        self.keeping = Housekeeping(
            (
                Aging(
                    SessionAges(self.chaffer.market, self.chaffer.journal),
                    Retention(made.session_cleanup_hours, made.session_abandoned_hours),
                ),
                Aging(RunAges(self.chaffer.runs, self.chaffer.journal), Retention(24 * made.run_retention_days)),
            ),
            self.clock,
            log_days=0,
            forget_answers=self.chaffer.journal.forget_answers,
            sweep_logs=self.chaffer.archive.sweep,
            keep_missing_logs=self._nothing,
            sweep_usage=self.chaffer.models.caps.sweep,
            sweep_logins=self.chaffer.entrance.sweep,
        )

    async def _nothing(self, _: datetime | None) -> None:
        return

    async def runs(self) -> list[str]:
        """Return the ids of the runs that are there."""
        page, _ = await self.chaffer.runs.list_runs(owner=None, limit=100, after=None)
        return [head.conversation_id for head in page.heads]


def keep_house(folder: Path, case: Callable[[House, Chaffer], Awaitable[None]], **settings: Any) -> None:
    """Run a case in a house."""

    async def main() -> None:
        house = House(folder, **settings)
        async with asyncio.timeout(20):
            await case(house, house.chaffer)
        await house.chaffer.engine.close()
        await house.chaffer.models.aclose()

    asyncio.run(main())


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
        assert await house.runs() == [second, first]
        house.clock.at += timedelta(seconds=1)
        await house.keeping.look()
        assert await house.runs() == [second]
        assert await chaffer.journal.read(first) == ()
        with pytest.raises(ChafferError, match="There is no run"):
            await chaffer.runs.run(first)
        house.clock.at += 20 * DAY
        await house.keeping.look()
        assert await house.runs() == []

    keep_house(tmp_path, case)


def test_a_run_that_runs_is_never_removed(tmp_path: Path) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        live = await begun(chaffer, plan(turns=50, bots=SCRIPTED))
        house.clock.at += 400 * DAY
        await house.keeping.look()
        assert await house.runs() == [live.conversation_id]
        assert live.state.is_open
        await chaffer.runs.stop(live.conversation_id)
        await house.keeping.look()
        assert await house.runs() == [live.conversation_id], "its days begin when it is over"

    keep_house(tmp_path, case, builtin_chars_per_second=50)


def test_0_days_keep_runs_for_ever(tmp_path: Path) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        run = await finished(chaffer)
        house.clock.at += 9_999 * DAY
        await house.keeping.look()
        assert await house.runs() == [run]

    keep_house(tmp_path, case, run_retention_days=0)


def test_more_runs_than_a_page_are_looked_at(tmp_path: Path) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        for _ in range(103):
            await finished(chaffer)
        house.clock.at += 31 * DAY
        await house.keeping.look()
        assert await house.runs() == []

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
        assert await house.runs() == [run]

    keep_house(tmp_path, case)
