"""A thousand readers, an event a second each: how late events come, and what a reader costs in memory.

The readers follow rooms over sockets of their own, from another process. The agents wait for a model that does not
answer in that time, and a person says something in every room once a second, so every second each reader gets exactly
one event. Twice: the readers spread over twenty rooms, in which things are said one after another; and all of them in
one room, which is the hard case, as all thousand are due at the same moment.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.disk import watched_disk
from benchmarks.figure import Figure, load
from benchmarks.markets import market
from benchmarks.model import modelling
from benchmarks.server import ROOT, BenchmarkError, Server, allow_files, serving

READERS: Final = 1000
ROOMS: Final = 20
P99_BOUND: Final = 100.0
MEMORY_BOUND: Final = 60.0
_WARM_UP: Final = 10
_LAST_SECONDS: Final = 1.0
"""So long what was said last is waited for."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the readers saw: their delays in milliseconds, ascending, and the server's memory for each, in kilobytes.

    `disk` tells how long it took meanwhile to commit anything at all: an event comes when it is committed.
    """

    delays: list[float]
    kilobytes: float
    disk: str

    def at(self, part: float) -> float:
        """Return the delay below which that part of all lies."""
        return self.delays[min(math.ceil(part * len(self.delays)), len(self.delays)) - 1]

    @property
    def told(self) -> str:
        """Return how many events were read, and how late the median and the last of them were."""
        last = self.delays[-1]
        read = f"{len(self.delays)} events read, median {self.at(0.5):.1f} ms, last {last:.0f} ms"
        return f"{read}; {self.disk}; load {load():.1f}"


def measure(*, quick: bool) -> list[Figure]:
    """Return the delays and the memory of a reader."""
    seconds = 8 if quick else 30
    allow_files(2 * READERS + 200)
    with (
        tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name,
        modelling(Path(name), 3000) as model,
        serving(LM_STUDIO_BASE_URL=model.url, LM_STUDIO_TIMEOUT="3000") as server,
    ):
        together = follow(server, 1, seconds)
        spread = follow(server, ROOMS, seconds)
    what = f"stream, {READERS} readers"
    return [
        Figure(f"{what} of {ROOMS} rooms, p99", spread.at(0.99), "ms", P99_BOUND, note=spread.told),
        Figure(f"{what} of one room, all due at once, p99", together.at(0.99), "ms", P99_BOUND, note=together.told),
        Figure("stream, memory of a reader", together.kilobytes, "kB", MEMORY_BOUND, note="growth of resident size"),
    ]


def follow(server: Server, rooms: int, seconds: int) -> Read:
    """Have all readers follow so many rooms, in each of which something is said every second."""
    session = server.call("POST", "/api/v1/simulation/initialize", market(rooms=rooms, sellers=2, provider="lm_studio"))
    server.call("POST", f"/api/v1/simulation/{session['session_id']}/start")
    paths = [f"/api/v1/negotiation/{room['room_id']}/stream" for room in session["negotiation_rooms"]]
    _read(server, paths, _WARM_UP, 2)
    before, _ = server.memory()
    with watched_disk() as disk:
        delays, after = _read(server, paths, READERS, seconds)
    if len(delays) != READERS * seconds or math.isinf(delays[-1]):
        complaint = f"{READERS} readers were to get {seconds} events each; {len(delays)} came, the last {delays[-1]}"
        raise BenchmarkError(complaint)
    return Read(delays, (after - before) * 1000 / READERS, disk.told)


def _read(server: Server, paths: list[str], readers: int, seconds: int) -> tuple[list[float], float]:
    """Return the delays, ascending, and the server's resident megabytes while the readers are connected."""
    command = [sys.executable, "-m", "benchmarks.readers", server.host, str(server.port), str(readers), *paths]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if process.stdin is None or process.stdout is None or process.stdout.readline() != "ready\n":
        message = "the readers could not connect"
        raise BenchmarkError(message)
    began = time.monotonic()
    for number in range(seconds * len(paths)):
        path = paths[number % len(paths)].removesuffix("/stream")
        server.call("POST", f"{path}/message", {"message": "Are you there?"})
        time.sleep(max(0.0, began + (number + 1) / len(paths) - time.monotonic()))
    memory, _ = server.memory()
    time.sleep(_LAST_SECONDS)
    process.stdin.close()
    delays = json.loads(process.stdout.readline())
    process.stdout.close()
    process.wait(20)
    return sorted(delays), memory
