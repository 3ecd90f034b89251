"""Taking the figures of one benchmark after the other; what one stumbles over costs the others nothing."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from importlib import import_module

from benchmarks.figure import Figure, load


def measured(benchmarks: Mapping[str, str], *, quick: bool) -> tuple[list[Figure], list[str]]:
    """Return the figures of these benchmarks, names with what they measure, and a line for each that failed."""
    figures, failed = [], []
    for name, what in benchmarks.items():
        _tell(f"{name}: {what} (load {load():.1f}) ...")
        try:
            found: list[Figure] = import_module(f"benchmarks.{name}").measure(quick=quick)
        except Exception as fault:  # noqa: BLE001  An hour of figures is not lost for one that could not be taken.
            _tell(traceback.format_exc())
            failed.append(f"FAILED: {name}: {str(fault) or type(fault).__name__}")
            continue
        figures += found
        for figure in found:
            _tell(f"  {figure.name}: {figure.shown} {figure.verdict}")
    return figures, failed


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
