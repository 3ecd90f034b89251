"""The size budget: no module above 400 lines. Where one wants to grow, a concept wants a name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.environment import ROOT

MOST_LINES: Final = 400
_FOLDERS: Final = ("src", "tests", "tools", "benchmarks")


def too_long(folder: Path, most_lines: int = MOST_LINES) -> Iterator[tuple[Path, int]]:
    """Yield each Python module under a folder that is longer than allowed, with its number of lines."""
    for path in sorted(folder.rglob("*.py")):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > most_lines:
            yield path, lines


def main() -> int:
    """Print the modules that are too long; return the exit code."""
    found = [each for name in _FOLDERS for each in too_long(ROOT / name)]
    for path, lines in found:
        print(f"{path.relative_to(ROOT)}: {lines} lines, {MOST_LINES} are allowed. Which concept in it wants a name?")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
