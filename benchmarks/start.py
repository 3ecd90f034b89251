"""How soon the program answers, what it takes while it has nothing to do, and what its first room waits for.

Started as from a shell, over an empty data folder. Bytecode is cached by a first start that is not counted, as an
installed program's is.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.figure import Figure, median, spread
from benchmarks.server import CHAFFER, environment, serving
from benchmarks.throughput import play

HEALTH_BOUND: Final = 2.0
HELP_BOUND: Final = 0.5
MEMORY_BOUND: Final = 120.0
IDLE_SECONDS: Final = 5


def measure(*, quick: bool) -> list[Figure]:
    """Return the times to the first answer and to the help text, and a server's memory before and after a room."""
    runs = 3 if quick else 7
    with serving():
        pass
    _help_seconds()
    helped = [_help_seconds() for _ in range(runs)]
    ready = []
    for _ in range(runs):
        with serving() as server:
            ready.append(server.ready_seconds)
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        first, later = _idle(Path(name)), _idle(Path(name))
    return [
        Figure("start, /health answers", median(ready), "s", HEALTH_BOUND, note=spread(ready)),
        Figure("start, chaffer --help", median(helped), "s", HELP_BOUND, note=spread(helped)),
        Figure("idle memory, first start", first[0], "MB", MEMORY_BOUND, note=f"makes the database; {_told(first)}"),
        Figure("idle memory, later starts", later[0], "MB", MEMORY_BOUND, note=_told(later)),
        *_first_room(),
    ]


def _first_room() -> list[Figure]:
    with serving() as server:
        first, again = play(server, rooms=1), play(server, rooms=1)
        memory = server.memory()
    note = f"imports LangGraph; the same again {again.seconds:.2f} s"
    return [
        Figure("first room of a process", first.seconds, "s", note=note),
        Figure("memory, after two rooms", memory[0], "MB", note=f"LangGraph loaded; proportional {memory[1]:.0f} MB"),
    ]


def _idle(folder: Path) -> tuple[float, float]:
    """Return the resident and the proportional megabytes of a server that has nothing to do."""
    with serving(folder) as server:
        time.sleep(IDLE_SECONDS)
        return server.memory()


def _told(memory: tuple[float, float]) -> str:
    return f"resident size after {IDLE_SECONDS} s, no conversation yet; proportional {memory[1]:.0f} MB"


def _help_seconds() -> float:
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        began = time.perf_counter()
        subprocess.run(
            [*CHAFFER, "--help"], cwd=name, env=environment(Path(name)), stdout=subprocess.DEVNULL, check=True
        )
        return time.perf_counter() - began
