"""What the disk allows: a file of a page's size, written and synced over and over."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.figure import median

PAGE: Final = bytes(4096)
_BETWEEN_SECONDS: Final = 0.1


@dataclass(slots=True)
class Watched:
    """How long single synced writes took meanwhile, in milliseconds."""

    taken: list[float] = field(default_factory=list)

    @property
    def told(self) -> str:
        """Return how long they took: what waits for its commit cannot come sooner."""
        usual = f"{median(self.taken):.1f} ms, the slowest of {len(self.taken)} {max(self.taken):.0f} ms"
        return f"a bare synced write meanwhile {usual}"


def synced_writes(path: Path, seconds: float) -> float:
    """Return how often a second a page is written and synced."""
    done, began = 0, time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while time.perf_counter() - began < seconds:
            file.write(PAGE)
            os.fsync(file.fileno())
            done += 1
    return done / (time.perf_counter() - began)


@contextmanager
def watched_disk() -> Iterator[Watched]:
    """Write and sync a page ten times a second beside what is measured, too seldom to be felt."""
    watched, over = Watched(), threading.Event()
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        thread = threading.Thread(target=_watch, args=(Path(name) / "page", watched, over))
        thread.start()
        try:
            yield watched
        finally:
            over.set()
            thread.join()


def _watch(path: Path, watched: Watched, over: threading.Event) -> None:
    with path.open("wb", buffering=0) as file:
        while not over.wait(_BETWEEN_SECONDS):
            began = time.perf_counter()
            file.seek(0)
            file.write(PAGE)
            os.fsync(file.fileno())
            watched.taken.append((time.perf_counter() - began) * 1_000)
