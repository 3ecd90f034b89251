"""The tasks of the repository, each with what it needs in the environment and what it starts there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tools.environment import ROOT, VENV, SetupError, prepare, program


@dataclass(frozen=True, slots=True)
class Task:
    """A task: what it does in a few words, the environment it needs (None: none), and the program it becomes.

    The words that a user gives go to that program. `action` runs in its place, in this Python, where there is one.
    """

    help: str
    level: str | None
    command: tuple[str, ...] = ()
    action: Callable[[], None] | None = None


def clean() -> None:
    """Remove all that the tasks made, the environment too; databases, logs and settings stay."""
    made = [ROOT / name for name in (".cache", ".hypothesis", ".import_linter_cache", ".mypy_cache", ".pytest_cache")]
    made += [ROOT / ".ruff_cache", ROOT / "dist", ROOT / "site", VENV]
    for folder in ("src", "tests", "tools", "benchmarks"):
        made += (ROOT / folder).rglob("__pycache__")
    for path in made:
        shutil.rmtree(path, ignore_errors=True)


def show_help() -> None:
    """Print the tasks."""
    print('make TASK [ARGS="..."], or python3 dev.py TASK ...; TASK is one of\n')
    for name, task in TASKS.items():
        print(f"  {name:<13} {task.help}")


_PYTEST: Final = ("python", "-m", "pytest")
_SOAK: Final = (*_PYTEST, "-m", "soak or hypothesis", "--hypothesis-profile=soak", "--timeout=1800")
TASKS: Final[dict[str, Task]] = {
    "demo": Task("play a market in the terminal", "run", ("chaffer", "demo")),
    "serve": Task("serve the API on http://127.0.0.1:8000", "run", ("chaffer", "serve")),
    "test": Task("run all tests but the long ones", "dev", (*_PYTEST, "-n", "5", "--dist", "worksteal")),
    "check": Task("lint, types, layers, sizes, drift, fast tests", "dev", ("python", "-m", "tools.checks")),
    "bench": Task("measure, and print each figure beside its bound", "bench", ("python", "benchmarks/run.py")),
    "eval-shopping": Task(
        "play the shopping requests: how many are understood", "run", ("python", "-m", "benchmarks.eval_shopping")
    ),
    "eval-chat": Task(
        "play the sentences of the chat: how many are understood", "run", ("python", "-m", "benchmarks.eval_chat")
    ),
    "soak": Task("run the long tests, and those of random examples with thousands of them", "dev", _SOAK),
    "docs": Task("build the documentation into site/", "dev", ("zensical", "build", "--clean", "--strict")),
    "generate": Task(
        "write anew the committed files that code generates", "dev", ("python", "-m", "tools.drift", "--write")
    ),
    "lock": Task("resolve the dependencies anew (--upgrade: take the newest)", "run", ("python", "-m", "tools.lock")),
    "fmt": Task("format the code and mend what can be mended", "dev", ("python", "-m", "tools.formatting")),
    "clean": Task("remove what the tasks made, .venv too; data/ and logs/ stay", None, action=clean),
    "help": Task("print this", None, action=show_help),
}


def run(arguments: Sequence[str]) -> int:
    """Run the task that the first word names; return its exit code, 2 where it cannot be run."""
    name, *words = arguments or ["help"]
    task = TASKS.get(name)
    if task is None:
        print(f"There is no task {name!r}; the tasks are {', '.join(TASKS)}.", file=sys.stderr)
        return 2
    if task.action is not None:
        task.action()
        return 0
    try:
        if task.level is not None:
            prepare(task.level)
    except SetupError as error:
        print(f"{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. The next run begins anew.", file=sys.stderr)
        return 130
    return _become([program(task.command[0]), *task.command[1:], *words])


def _become(command: list[str]) -> int:
    """Replace this process by the program, so that signals and terminal are its own; Windows has no such thing."""
    os.chdir(ROOT)
    sys.stdout.flush()
    # Tests start programs by the hundred; where nothing may be kept, each of them compiles all of it again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode
