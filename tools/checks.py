"""`make check`: every check in turn, the cheap ones first; all run, so that one run shows all that is wrong."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Final

from tools.environment import ROOT, program

# What mypy looks at; the folders of the others are in pyproject.toml.
TYPED: Final = tuple(name for name in ("src", "tests", "benchmarks", "tools", "dev.py") if (ROOT / name).exists())
CHECKS: Final[dict[str, tuple[str, ...]]] = {
    "lock": ("python", "-m", "tools.lock", "--check"),
    "size": ("python", "-m", "tools.size"),
    "duplicates": ("python", "-m", "tools.duplicates"),
    "lint": ("ruff", "check", "--quiet", "--output-format=concise"),
    "format": ("ruff", "format", "--check", "--quiet", "--output-format=concise"),
    "layers": ("lint-imports", "--no-cache", "--no-logo"),
    "types": ("mypy", *TYPED),
    # Dead links, to pages and to headings.
    "docs": ("zensical", "build", "--clean", "--strict"),
    "drift": ("python", "-m", "tools.drift"),
    "fast tests": ("python", "-m", "pytest", "tests/rules", "tests/workshop", "-q"),
}


def main() -> int:
    """Run the checks, and say at the end which failed; return the exit code."""
    failed = []
    for name, command in CHECKS.items():
        print(f"== {name}", flush=True)
        started = time.monotonic()
        if subprocess.run([program(command[0]), *command[1:]], cwd=ROOT, check=False).returncode:
            failed.append(name)
        print(f"   {'failed' if name in failed else 'holds'}, {time.monotonic() - started:.1f} s", flush=True)
    print(f"Failed: {', '.join(failed)}." if failed else "All checks hold.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
