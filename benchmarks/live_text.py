"""How late a model's words reach a reader, while fifty models speak at once.

The stand-in writes down when it wrote each word, the readers, in another process, when its bytes were there: both
clocks are the machine's. Between the two lie the server's reading of the stream, the filter of amounts, the putting
together of words, and its writing.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from bisect import bisect_left
from pathlib import Path
from typing import Final

from benchmarks.figure import Figure, load
from benchmarks.live_text_model import PACE, WORDS, Written
from benchmarks.markets import market
from benchmarks.server import ROOT, BenchmarkError, Server, serving
from benchmarks.standing import standing

STREAMS: Final = 50
P99_BOUND: Final = 60.0


def measure(*, quick: bool) -> list[Figure]:
    """Return how late the words of fifty rooms are, and of one alone."""
    runs = 1 if quick else 3
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        record = Path(name) / "calls.jsonl"
        record.touch()
        with (
            standing("benchmarks.live_text_model", "--calls", str(record)) as root,
            serving(LM_STUDIO_BASE_URL=f"{root}/v1") as server,
        ):
            alone = sorted(delay for _ in range(runs) for delay in listen(server, record, 1))
            busy = server.cpu_seconds()
            many = sorted(delay for _ in range(runs) for delay in listen(server, record, STREAMS))
            busy = server.cpu_seconds() - busy
    told = f"{_told(many)}; {busy / len(many) * 1e6:.0f} µs of the server's processor a word"
    return [
        Figure(f"live text, {STREAMS} streams at once, p99", _at(many, 0.99), "ms", P99_BOUND, note=told),
        Figure("live text, one stream alone, p99", _at(alone, 0.99), "ms", P99_BOUND, note=_told(alone)),
    ]


def listen(server: Server, record: Path, rooms: int) -> list[float]:
    """Have the sellers of so many rooms speak at once, each room read by one reader; return the words' delays in ms."""
    record.write_text("", encoding="utf-8")
    body = market(rooms=rooms, sellers=1, rounds=1, provider="lm_studio")
    session = server.call("POST", "/api/v1/simulation/initialize", body)
    paths = {room["item_id"]: f"/api/v1/negotiation/{room['room_id']}/stream" for room in session["negotiation_rooms"]}
    command = [sys.executable, "-m", "benchmarks.live_text_readers", server.host, str(server.port), *paths.values()]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if process.stdout is None or process.stdout.readline() != "ready\n":
        message = "the readers could not connect"
        raise BenchmarkError(message)
    server.call("POST", f"/api/v1/simulation/{session['session_id']}/start")
    report = process.stdout.readline()
    process.stdout.close()
    if process.wait(20):
        message = "a seller's reply was not said, or in several attempts"
        raise BenchmarkError(message)
    pieces = dict(zip(paths, json.loads(report), strict=True))
    told = [Written(**json.loads(line)) for line in record.read_text(encoding="utf-8").splitlines()]
    delays = [delay for written in told for delay in _delays(written, pieces[written.room])]
    if len(delays) != rooms * WORDS:
        message = f"{rooms} sellers were to say {WORDS} words each; they said {len(delays)}"
        raise BenchmarkError(message)
    return delays


def _delays(written: Written, pieces: list[tuple[int, float]]) -> list[float]:
    """Return how many milliseconds after each word was written the first piece that holds it was there."""
    lengths = [length for length, _ in pieces]
    return [
        (pieces[bisect_left(lengths, length)][1] - at) * 1000
        for length, at in zip(written.lengths, written.at, strict=True)
    ]


def _at(delays: list[float], part: float) -> float:
    """Return the delay below which that part of all lies."""
    return delays[min(math.ceil(part * len(delays)), len(delays)) - 1]


def _told(delays: list[float]) -> str:
    return (
        f"{len(delays)} words, one each {PACE * 1000:g} ms a stream; median {_at(delays, 0.5):.1f} ms, "
        f"last {delays[-1]:.0f} ms; load {load():.1f}"
    )
