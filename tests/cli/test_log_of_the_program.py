"""The program's own log: where it is written, how large it grows, what it tells, and what it does to a terminal."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from chaffer.logbook import open_logbook
from tests.cli.conftest import Chaffer
from tests.support.plain_log import log_plainly
from tests.support.server import Server, got


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers.clear()
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = before
    root.setLevel(level)
    log_plainly()


def served(folder: Path, path: str = "/health", **variables: str) -> str:
    """Serve, ask for one path, stop, and return what was told on standard error."""
    server = Server(folder, **variables)

    async def ask() -> None:
        async with server.client() as client:
            await (got(client, path) if path == "/health" else client.get(path))

    with server:
        asyncio.run(ask())
        assert server.stop() == 0
    return "".join(server.log)


def test_server_logs_to_the_file_of_the_specification(tmp_path: Path) -> None:
    """Specification §9: LOG_FILE is logs/app.log; CONTRACT §7: its table is the seed of every default."""
    told = served(tmp_path, LOG_FILE="")
    written = (tmp_path / "logs" / "app.log").read_text(encoding="utf-8")
    assert [json.loads(line)["event"] for line in written.splitlines()[:2]] == ["door", "request"]
    assert written in told


@pytest.mark.skipif(os.name == "nt", reason="files have no such mode there")
@pytest.mark.usefixtures("own_logging")
def test_no_other_user_of_the_machine_reads_the_file(tmp_path: Path) -> None:
    open_logbook("INFO", "text", file=tmp_path / "app.log", stream=io.StringIO())
    assert (tmp_path / "app.log").stat().st_mode & 0o777 == 0o600


def test_no_stranger_fills_the_log_with_long_paths(tmp_path: Path) -> None:
    """The log keeps so many bytes: what comes in pushes out what was there."""
    told = served(tmp_path, "/" + "a" * 30_000, SUPABASE_JWT_SECRET="x" * 32)
    (line,) = (line for line in told.splitlines() if "/aaaa" in line)
    assert json.loads(line)["status"] == 401
    assert len(line) < 1000


@pytest.mark.parametrize("off", ["off", "OFF"])
def test_file_can_be_switched_off(tmp_path: Path, off: str) -> None:
    served(tmp_path, LOG_FILE=off)
    assert list(tmp_path.rglob("*.log")) == []
    assert not (tmp_path / off).exists()


def test_only_the_server_writes_the_file(chaffer: Chaffer, tmp_path: Path) -> None:
    assert chaffer("sessions", "list", env={"LOG_FILE": ""}).code == 0
    assert list(tmp_path.rglob("*.log")) == []


def test_default_file_that_cannot_be_written_is_told_once_and_done_without(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder", encoding="utf-8")
    told = served(tmp_path, LOG_FILE="", LOGS_DIR=str(tmp_path / "elsewhere"))
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    (warning,) = (line for line in lines if line["level"] == "warning")
    assert (warning["event"], warning["file"]) == ("log.no_file", str(Path("logs", "app.log")))
    assert "request" in {line["event"] for line in lines}


def test_file_that_was_set_and_cannot_be_written_is_refused(chaffer: Chaffer, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("no folder", encoding="utf-8")
    ran = chaffer("serve", "--port", "0", env={"LOG_FILE": str(Path("blocked", "app.log"))})
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"LOG_FILE {Path('blocked', 'app.log')} cannot be written: ")


@pytest.mark.usefixtures("own_logging")
def test_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    """At most 10 MB and the two files before it."""
    open_logbook("INFO", "json", file=tmp_path / "app.log", stream=io.StringIO())
    log, text = structlog.get_logger("chaffer.test"), "x" * 1_000_000
    for number in range(45):
        log.info("much", number=number, text=text)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert sorted(sizes) == ["app.log", "app.log.1", "app.log.2"]
    assert all(size <= 10_000_000 for size in sizes.values())
    assert f'"number": {44}' in (tmp_path / "app.log").read_text(encoding="utf-8")


@pytest.mark.usefixtures("own_logging")
@pytest.mark.parametrize("with_places", [True, False])
def test_debug_tells_in_which_lines_a_fault_happened(*, with_places: bool) -> None:
    told = io.StringIO()
    open_logbook("INFO", "json", stream=told, with_places=with_places)
    try:
        int("seven")
    except ValueError:
        structlog.get_logger("chaffer.test").exception("broke")
    line = json.loads(told.getvalue())
    assert line["exception"] == "ValueError"
    assert ("at" in line) is with_places


def test_debug_does_not_change_the_level(tmp_path: Path) -> None:
    """DEBUG is on unless it is switched off, and LOG_LEVEL alone says how much is logged."""
    assert '"event"' not in served(tmp_path, DEBUG="true", LOG_LEVEL="WARNING")


def test_path_that_a_caller_made_up_does_not_reach_a_terminal_raw(tmp_path: Path) -> None:
    told = served(tmp_path, "/x%1b[2J%c2%9b2J%0aforged", LOG_FORMAT="text")
    (line,) = (line for line in told.splitlines() if "forged" in line)
    assert "request" in line
    assert "[2J" in line
    assert "\x1b" not in told
    assert "\x9b" not in told


@pytest.mark.usefixtures("own_logging")
@pytest.mark.parametrize("form", ["json", "text"])
def test_no_line_holds_what_steers_a_terminal(form: str) -> None:
    told = io.StringIO()
    open_logbook("INFO", "json" if form == "json" else "text", stream=told)
    nasty = "a\x1b[2J\x00\x07\x7f\x9b2J\nforged \u202e\u2028\ud800"
    structlog.get_logger("chaffer.test").info("happened", plain=nasty, inside=[nasty], deep={"k": nasty})
    logging.getLogger("other").warning("said %s", nasty)
    first, second, rest = told.getvalue().split("\n")
    assert first.isprintable()
    assert second.isprintable()
    assert rest == ""
    if form == "json":
        assert json.loads(first)["plain"] == nasty
