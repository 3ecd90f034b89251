"""A figure: what was measured beside the bound it must keep and the figure of a peer."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

PACKAGES: Final = (
    *("chaffer", "aiohttp", "fastapi", "httpx2", "langgraph", "pydantic", "sqlalchemy", "uvicorn"),
    *("anthropic", "langchain-openai", "negmas"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a benchmark. The bound is a limit from above, or, with `least`, from below; None: told only."""

    name: str
    measured: float
    unit: str
    bound: float | None = None
    least: bool = False
    peer: str = ""
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Tell whether the bound is kept; None where there is none."""
        if self.bound is None:
            return None
        return self.measured >= self.bound if self.least else self.measured <= self.bound

    @property
    def verdict(self) -> str:
        """Return `holds`, `missed`, or nothing where there is no bound."""
        return {True: "holds", False: "missed", None: ""}[self.holds]

    @property
    def shown(self) -> str:
        """Return the measured value with its unit."""
        return f"{readable(self.measured)} {self.unit}".strip()

    @property
    def limit(self) -> str:
        """Return the bound as text."""
        if self.bound is None:
            return ""
        return f"{'≥' if self.least else '≤'} {readable(self.bound)}"


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures were taken on."""

    measured_at: str
    system: str
    processor: str
    cores: int
    python: str
    sqlite: str
    load_before: float
    versions: dict[str, str]

    @classmethod
    def this(cls) -> Machine:
        """Return the machine that runs this."""
        return cls(
            measured_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            system=f"{platform.system()} {platform.release()} {platform.machine()}",
            processor=_processor(),
            cores=os.cpu_count() or 1,
            python=platform.python_version(),
            sqlite=sqlite3.sqlite_version,
            load_before=load(),
            versions={name: version(name) for name in PACKAGES},
        )

    def lines(self) -> list[str]:
        """Return the description, a line each."""
        packages = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return [
            f"Measured at {self.measured_at}; load of the minute before: {self.load_before:.1f}.",
            f"{self.system}, {self.cores} cores of {self.processor}.",
            f"Python {self.python}, SQLite {self.sqlite}; {packages}.",
        ]


def readable(value: float) -> str:
    """Return a number with as many digits as it deserves."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 10 else f"{value:.4f}".rstrip("0").rstrip(".")


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """Return how many runs there were and between which values they lay."""
    return f"median of {len(values)}, {readable(min(values))} to {readable(max(values))}"


def load() -> float:
    """Return the load of the last minute, 0 where the system tells none."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _processor() -> str:
    """Return the processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "an unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
