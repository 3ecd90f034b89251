"""`make fmt`: sorted imports and mended lint, then the format."""

from __future__ import annotations

import subprocess
import sys

from tools.environment import ROOT, program

if __name__ == "__main__":
    # Lint that cannot be mended is for `make check` to tell.
    subprocess.run([program("ruff"), "check", "--fix-only", "--quiet"], cwd=ROOT, check=False)
    sys.exit(subprocess.run([program("ruff"), "format"], cwd=ROOT, check=False).returncode)
