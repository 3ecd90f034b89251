"""Logs when the disk is full or the folder cannot be written: what is there stays whole, and markets go on."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaffer.bootstrap import housekeeping_of
from chaffer.exports.archive import write_whole
from tests.support.server import Surface, got, opened, play, posted

resource = pytest.importorskip("resource", reason="Windows has no limit of a file's size")


@contextmanager
def full_after(most_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: a write breaks off there, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def ended(at: Surface, room_id: str) -> str:
    """Start a room, and return how it stands once it has ended and its log was to be kept."""
    await posted(at.client, f"/api/v1/negotiation/{room_id}/start")
    live = await at.chaffer.engine.open(room_id)
    await live.wait_until_over()
    await at.chaffer.engine.join(room_id)
    return str(live.state.status)


def faults_told(at: Surface) -> list[dict[str, str]]:
    """Return what the program's own log tells of logs that were not saved."""
    lines = [json.loads(line) for line in at.log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == "log.not_saved"]


def test_a_file_whose_new_content_breaks_off_keeps_its_former_one(tmp_path: Path) -> None:
    """CONTRACT §2, Logs: written whole or not at all."""
    path, drafts = tmp_path / "summary.json", tmp_path / "drafts"
    write_whole(path, b"former", drafts)
    with full_after(1_000), pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        write_whole(path, b"new" * 1_000, drafts)
    assert path.read_bytes() == b"former"
    with full_after(1_000), pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        write_whole(tmp_path / "other.json", b"new" * 1_000, drafts)
    assert set(tmp_path.iterdir()) == {path, drafts}, "no half a file"
    assert not list(drafts.iterdir()), "nor what it was being written to"
    write_whole(path, b"new" * 1_000, drafts)
    assert path.read_bytes() == b"new" * 1_000


def test_a_disk_that_fills_leaves_earlier_logs_whole_and_later_ones_to_be_made_up_for(tmp_path: Path) -> None:
    """Issue 2: logs are written atomically; a full disk is told, and stops no negotiation."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        folder = at.chaffer.archive.path_of(market.session_id)
        assert await ended(at, market.rooms[0]) == "completed"
        earlier = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert len(earlier) == 2, "the room's log and the summary"
        with full_after(100):
            assert await ended(at, market.rooms[1]) == "completed"
            assert {path.name: path.read_bytes() for path in folder.iterdir()} == earlier
        (told,) = faults_told(at)
        assert (told["session_id"], told["why"]) == (market.session_id, os.strerror(errno.EFBIG))
        assert told["hint"] == "free the disk or set LOGS_DIR"
        await housekeeping_of(at.chaffer).look()
        assert len(list(folder.iterdir())) == 3
        assert json.loads((folder / "summary.json").read_bytes())["open_items"] == []
        assert (folder / f"negotiation_{market.rooms[0]}.json").read_bytes() in earlier.values()

    play(tmp_path, case)


def test_a_folder_that_cannot_be_written_stops_no_negotiation(tmp_path: Path) -> None:
    """The file that stands in its place keeps root out, too."""
    in_its_place = tmp_path / "logs"
    in_its_place.write_text("no folder")

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        assert await ended(at, market.rooms[0]) == "completed"
        assert {(told["session_id"], told["why"]) for told in faults_told(at)} == {
            (market.session_id, os.strerror(errno.ENOTDIR))
        }
        log = f"/api/v1/logs/{market.session_id}/{market.rooms[0]}"
        refusal = await at.client.get(log)
        assert (refusal.status_code, refusal.json()["error"]["code"]) == (404, "LOG_NOT_FOUND")
        assert (await got(at.client, "/api/v1/logs"))["logs"] == []
        in_its_place.unlink()
        await housekeeping_of(at.chaffer).look()
        assert (await got(at.client, log))["room_id"] == market.rooms[0]

    play(tmp_path, case)


@pytest.mark.parametrize("days", [7, 0])
def test_what_a_crash_left_half_written_is_no_log_and_goes_after_minutes(tmp_path: Path, days: int) -> None:
    """A file that is being written just now is left alone. So it is, too, where logs are kept for ever."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await ended(at, market.rooms[0])
        whole = set(at.chaffer.archive.path_of(market.session_id).iterdir())
        drafts = at.chaffer.settings.logs_dir / "drafts"
        left, under_way = drafts / "summary.abc", drafts / "summary.def"
        for half in (left, under_way):
            half.write_text('{"half":')
        an_hour_ago = at.chaffer.now().timestamp() - 3_600
        os.utime(left, (an_hour_ago, an_hour_ago))
        listed = (await got(at.client, "/api/v1/logs"))["logs"]
        assert [one["room_ids"] for one in listed] == [[market.rooms[0]]]
        await housekeeping_of(at.chaffer).look()
        assert list(drafts.iterdir()) == [under_way]
        assert set(at.chaffer.archive.path_of(market.session_id).iterdir()) == whole

    play(tmp_path, case, log_retention_days=days)
