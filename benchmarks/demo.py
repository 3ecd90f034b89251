"""How long a newcomer waits: from `git clone` to the first deal of `make demo`, with packages that are cached."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.figure import Figure
from benchmarks.server import ROOT, BenchmarkError

DEAL_BOUND: Final = 60.0
_DEAL: Final = "✓ Deal: "


def measure(*, quick: bool) -> list[Figure]:
    """Return the times to the first deal, and until the demo is over."""
    del quick
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        began = time.perf_counter()
        clone = Path(name) / "chaffer"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)  # noqa: S607  Any git will do.
        deals = []
        with subprocess.Popen(
            [sys.executable, "dev.py", "demo"],
            cwd=clone,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        ) as demo:
            deals = [time.perf_counter() - began for line in demo.stdout or () if line.startswith(_DEAL)]
        over = time.perf_counter() - began
    if demo.returncode or not deals:
        message = f"the demo ended with {demo.returncode} and {len(deals)} deals"
        raise BenchmarkError(message)
    told = "the clone, a virtual environment in it, the locked packages, the play"
    return [
        Figure("from git clone to the first deal", deals[0], "s", DEAL_BOUND, note=told),
        Figure("from git clone to the end of the demo", over, "s", note=f"{len(deals)} deals"),
    ]
