"""A hundred runs of two agents at once, a second a reply: their time beside what the model takes, and what they leave.

The least time of a run is the sum of what its replies took, as the stand-in wrote it down. The wall time is the
server's own, from the run's first event to its last. Then a hundred are stopped while their models are silent in
mid-reply: when each model saw its connection closed is the stand-in's own note.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.figure import Figure, load, median
from benchmarks.server import BenchmarkError, Server, serving
from benchmarks.standing import standing
from chaffer.llm.connections import KEPT_SECONDS

RUNS: Final = 100
TURNS: Final = 20
DELAY: Final = 1.0
BOUND: Final = 1.15
CLOSING_BOUND: Final = 1.0
_PATIENCE_SECONDS: Final = 120.0


def measure(*, quick: bool) -> list[Figure]:
    """Return the ratio of wall time to least time, the files left open, and how soon a stop closes connections."""
    turns = 5 if quick else TURNS
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        record = Path(name) / "calls.jsonl"
        record.touch()
        with (
            standing("benchmarks.talking_model", "--delay", str(DELAY), "--calls", str(record)) as root,
            serving(LM_STUDIO_BASE_URL=f"{root}/v1") as server,
        ):
            talk(server, record, 20, 1)  # so that everything is imported, and the database has its connections
            before, busy = _open_files(server), server.cpu_seconds()
            ratios = talk(server, record, RUNS, turns)
            busy = server.cpu_seconds() - busy
            left = _settled(server, before)
        record.write_text("", encoding="utf-8")
        hanging = ("--delay", "0", "--calls", str(record), "--hangs")
        with (
            standing("benchmarks.talking_model", *hanging) as root,
            serving(LM_STUDIO_BASE_URL=f"{root}/v1") as server,
        ):
            closed = sorted(stop(server, record, RUNS))
    told = f"median {median(ratios):.3f}; {turns} turns; {busy / (RUNS * turns) * 1000:.1f} ms of processor a turn; "
    return [
        Figure(
            f"slowest of {RUNS} runs at once, replies of 1 s", max(ratios), "×", BOUND, note=f"{told}load {load():.1f}"
        ),
        Figure(f"files left open by {RUNS} runs", left, "files", 0),
        Figure(
            f"{RUNS} runs stopped at once, the last model's connection closed",
            closed[-1],
            "s",
            CLOSING_BOUND,
            note=f"median {median(closed):.3f} s; load {load():.1f}",
        ),
    ]


def talk(server: Server, record: Path, runs: int, turns: int) -> list[float]:
    """Have so many runs talk at once, and return each one's wall time over its least time."""
    record.write_text("", encoding="utf-8")
    ids = {server.call("POST", "/api/run", _plan(number, turns))["id"]: number for number in range(runs)}
    _until(
        lambda: all(server.call("GET", f"/api/run/{run_id}")["status"] != "running" for run_id in ids),
        "the runs did not end",
    )
    least: dict[int, float] = defaultdict(float)
    for number, seconds in _notes(record, "seconds"):
        least[number] += seconds
    found = {number: server.call("GET", f"/api/run/{run_id}") for run_id, number in ids.items()}
    if any(run["status"] != "completed" for run in found.values()):
        message = "a run did not complete"
        raise BenchmarkError(message)
    return [_wall_seconds(run) / least[number] for number, run in found.items()]


def stop(server: Server, record: Path, runs: int) -> list[float]:
    """Stop so many runs at once in mid-reply; return the seconds from each call to its model's connection closed."""
    ids = [server.call("POST", "/api/run", _plan(number, TURNS))["id"] for number in range(runs)]
    _until(lambda: len(_notes(record, "asked_at")) == runs, "the runs did not begin to speak")

    def stopped(run_id: str) -> float:
        called_at = time.monotonic()
        server.call("POST", f"/api/run/{run_id}/stop")
        return called_at

    with ThreadPoolExecutor(runs) as callers:
        called_at = list(callers.map(stopped, ids))
    _until(lambda: len(_notes(record, "left_at")) == runs, "the connections were not closed")
    return [left_at - called_at[number] for number, left_at in _notes(record, "left_at")]


def _plan(number: int, turns: int) -> dict[str, Any]:
    bots = [{"name": name, "provider": "lm_studio", "prompt": f"You talk in run {number}"} for name in ("Ada", "Ben")]
    return {"topic": "Is it better to be early or to be late?", "max_turns": turns, "bots": bots}


def _notes(record: Path, what: str) -> list[tuple[int, float]]:
    """Return what the stand-in noted under that name, beside the number of the run."""
    notes = map(json.loads, record.read_text(encoding="utf-8").splitlines())
    return [(int(note["speaker"].split()[-1]), note[what]) for note in notes if what in note]


def _until(holds: Callable[[], bool], or_else: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > until:
            raise BenchmarkError(or_else)
        time.sleep(1)


def _wall_seconds(run: dict[str, Any]) -> float:
    began, ended = (datetime.fromisoformat(run[name]) for name in ("created_at", "updated_at"))
    return (ended - began).total_seconds()


def _open_files(server: Server) -> int:
    process = psutil.Process(server.process.pid)
    return int(process.num_fds() if hasattr(process, "num_fds") else process.num_handles())


def _settled(server: Server, before: int) -> int:
    """Return how many more files are open than before; connections that are kept for the next call may go first.

    They are looked over as often as they are kept long, so the last of them goes within twice that.
    """
    until = time.monotonic() + 2 * KEPT_SECONDS + 5
    while (left := _open_files(server) - before) > 0 and time.monotonic() < until:
        time.sleep(0.5)
    return max(left, 0)
