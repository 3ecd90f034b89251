from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.environment import ROOT
from tools.tasks import TASKS

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def test_python_3_6_can_read_the_file_that_tells_that_it_is_too_old() -> None:
    ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_every_task_stands_in_the_makefile() -> None:
    words = re.search(r"^TASKS = (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert words is not None
    assert set(words.group(1).split()) == set(TASKS)


def test_unknown_task_is_refused_with_the_tasks_there_are() -> None:
    answer = subprocess.run(
        [sys.executable, "dev.py", "negotiate"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert "no task 'negotiate'" in answer.stderr
    assert "demo" in answer.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_pins_and_hashes_everything_and_names_no_place(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    pins = re.findall(
        r"^[a-z0-9][a-z0-9._-]*==\S+.*\\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE
    )
    assert text.count("==") >= len(pins) >= 1
    assert "".join(pins) == re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    assert "://" not in text


def test_wider_locks_take_the_versions_of_the_narrower() -> None:
    def versions(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z0-9][^\s;]*)", text, re.MULTILINE))

    assert versions("run") < versions("dev") < versions("bench")
    assert versions("run") < versions("deploy") < versions("bench")
