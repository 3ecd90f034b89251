"""How long logs stay and are served: LOG_RETENTION_DAYS, LOG_API_HOURS, AUTO_SAVE_NEGOTIATIONS."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chaffer.bootstrap import Chaffer
from tests.support.houses import House, keep_house
from tests.support.server import Opened, got, opened, posted

LOGS = "/api/v1/logs"


async def played(house: House) -> Opened:
    """Return a session whose rooms have all ended."""
    market = await opened(house.client)
    await posted(house.client, f"{market.session}/start")
    for room_id in market.rooms:
        await house.over(room_id)
    return market


def saved_now(house: House, market: Opened) -> list[Path]:
    """Have the logs of a session be as old as the house's clock says, and return them."""
    files = list(house.chaffer.archive.path_of(market.session_id).iterdir())
    for path in files:
        os.utime(path, (house.clock().timestamp(),) * 2)
    return files


async def is_served(house: House, market: Opened) -> bool:
    """Tell whether the logs of a session are served: each room's, the session's, and in the list."""
    listed = [one["session_id"] for one in (await got(house.client, LOGS))["logs"]]
    paths = [f"{LOGS}/{market.session_id}", *(f"{LOGS}/{market.session_id}/{room_id}" for room_id in market.rooms)]
    answers = [await house.client.get(path) for path in paths]
    codes = {answer.json()["error"]["code"] if answer.is_error else "served" for answer in answers}
    assert codes in ({"served"}, {"LOG_NOT_FOUND"})
    assert (codes == {"served"}) is (listed == [market.session_id])
    return bool(listed)


@pytest.mark.parametrize(
    ("settings", "hours", "days"),
    [({}, 24, 7), ({"log_api_hours": 30, "log_retention_days": 2}, 30, 2)],
    ids=["default", "setting"],
)
def test_logs_are_served_for_their_hours_and_removed_after_their_days(
    tmp_path: Path, settings: dict[str, Any], hours: int, days: int
) -> None:
    """Specification §7.3: over the API for 24 hours, cleaned up after 7 days; also those of a session that has gone."""

    async def case(house: House, _: Chaffer) -> None:
        market = await played(house)
        await house.after(hours=2)
        assert not await house.has(market.session_id)
        files = saved_now(house, market)
        assert len(files) == len(market.rooms) + 1, "a log for each room, and the summary"
        await house.after(hours=hours)
        assert await is_served(house, market)
        await house.after(seconds=1)
        assert not await is_served(house, market)
        await house.after(seconds=timedelta(days=days, hours=-hours, seconds=-1).total_seconds())
        assert all(path.exists() for path in files)
        await house.after(seconds=1)
        assert not files[0].parent.exists()

    keep_house(tmp_path, case, **settings)


def test_0_serves_and_keeps_logs_for_ever(tmp_path: Path) -> None:
    """CONTRACT §2, Retention: `0` means keep for ever."""

    async def case(house: House, _: Chaffer) -> None:
        market = await played(house)
        await house.after(days=9_999)
        assert await is_served(house, market)

    keep_house(tmp_path, case, log_api_hours=0, log_retention_days=0)


def test_0_hours_serve_logs_as_long_as_they_are_there(tmp_path: Path) -> None:
    async def case(house: House, _: Chaffer) -> None:
        market = await played(house)
        await house.after(hours=2)
        saved_now(house, market)
        await house.after(days=7)
        assert await is_served(house, market)
        await house.after(seconds=1)
        assert not await is_served(house, market)

    keep_house(tmp_path, case, log_api_hours=0)


@pytest.mark.parametrize(("days", "is_written"), [(7, False), (0, True)])
def test_a_missing_log_is_made_up_for_unless_it_would_be_too_old(tmp_path: Path, days: int, is_written: object) -> None:
    """A crash or a full disk may have kept it from being written; after its days nobody would keep it."""

    async def case(house: House, _: Chaffer) -> None:
        market = await played(house)
        log = house.chaffer.archive.path_of(market.session_id) / f"negotiation_{market.rooms[0]}.json"
        written = log.read_bytes()
        log.unlink()
        await house.after(days=7, seconds=-1)
        assert log.read_bytes() == written
        log.unlink()
        await house.after(seconds=1)
        assert log.exists() is is_written

    keep_house(tmp_path, case, session_cleanup_hours=0, log_retention_days=days)


def test_a_log_that_was_removed_is_not_written_again_while_its_session_is_there(tmp_path: Path) -> None:
    """Neither for who asks for it, nor when another room ends, nor when the session is deleted."""

    async def case(house: House, _: Chaffer) -> None:
        market = await opened(house.client)
        first, second = market.rooms
        folder = house.chaffer.archive.path_of(market.session_id)
        await posted(house.client, f"{market.room}/start")
        await house.over(first)
        saved_now(house, market)
        await house.after(days=7, seconds=1)
        assert not folder.exists()
        refused = await house.client.get(f"{LOGS}/{market.session_id}/{first}")
        assert refused.json()["error"]["code"] == "LOG_NOT_FOUND"
        assert not folder.exists()
        await posted(house.client, f"/api/v1/negotiation/{second}/start")
        await house.over(second)
        assert {path.name for path in saved_now(house, market)} == {f"negotiation_{second}.json", "summary.json"}
        await house.after(days=7, seconds=1)
        assert (await house.client.delete(market.session)).json()["logs_saved"] is False
        assert not folder.exists()

    keep_house(tmp_path, case, session_cleanup_hours=0)


def test_without_auto_save_no_log_is_written_or_served(tmp_path: Path) -> None:
    """Specification §9: AUTO_SAVE_NEGOTIATIONS."""

    async def case(house: House, _: Chaffer) -> None:
        market = await played(house)
        await house.after(minutes=1)
        assert not await is_served(house, market)
        deleted = (await house.client.delete(market.session)).json()
        assert deleted["logs_saved"] is False
        assert not house.chaffer.settings.logs_dir.exists()

    keep_house(tmp_path, case, auto_save_negotiations=False)
