"""A folder like a clone's, in which what the documents tell people to type is typed.

Servers are programs of their own. The other commands of `chaffer` are forks of one that has its imports, where the
system has forks: a program of a few lines stands for `chaffer` on the PATH, and hands over what it was called with.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.forked import serve_commands
from tests.support.server import Server
from tools.environment import ROOT

LONGEST_SECONDS = 100
PACE = "800"


@dataclass(frozen=True)
class Shell:
    """A folder with the scenarios in it, and `chaffer` and `python3` on its PATH."""

    folder: Path

    def run(self, script: str) -> str:
        """Return what a script of bash prints; its first command that fails is a failure."""
        done = subprocess.run(
            [str(shutil.which("bash")), "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "PYTHONUTF8": "1",
        }


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Yield a shell in a folder with the scenarios; where there is no Unix shell the test is left out."""
    if os.name == "nt" or shutil.which("bash") is None:
        pytest.skip("these commands are those of a Unix shell")
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    with serve_commands() as commands:
        python = f'exec "{sys.executable}"'
        handed = f'{python} -IS "{Path(__file__).parent / "hand_over.py"}" "{commands}" "$@"'
        programs = {
            "chaffer": f'[ "$1" != serve ] || {python} -m chaffer.cli.main "$@"\n{handed}',
            "python3": f'{python} "$@"',
        }
        for name, words in programs.items():
            program = tmp_path / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(f"#!/bin/sh\n{words}\n", encoding="utf-8")
            program.chmod(0o755)
        yield Shell(tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Yield a server whose agents speak slowly enough to be spoken to."""
    with Server(tmp_path / "server", BUILTIN_CHARS_PER_SECOND=PACE, DEMO_CATALOG="true") as running:
        yield running
