"""The lock: requirements/*.txt, every version and hash, for every platform, naming no registry.

`python -m tools.lock` resolves pyproject.toml anew, keeping the versions that still fit (`--upgrade` takes the newest).
`python -m tools.lock --check` says, with no network, whether the lock and pyproject.toml agree.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

from tools.environment import LEVELS, ROOT, program

_GROUPS: Final = {"run": ("build",), "dev": ("build", "check", "docs", "test")}
_MARK: Final = "# Written by `make lock` from the dependencies in pyproject.toml, whose sha256 is "
_FOLDER: Final = ROOT / "requirements"
# What a server is installed from: the program with all its extras.
_DEPLOYED: Final = "deploy"


def renew(options: list[str]) -> None:
    """Write the locks, the widest first; the others take its versions, so that all agree."""
    widest = _FOLDER / f"{LEVELS[-1]}.txt"
    for level in reversed(LEVELS):
        lock = _FOLDER / f"{level}.txt"
        groups = _GROUPS.get(level, tuple(_project()["dependency-groups"]))
        choice = [word for group in groups for word in ("--group", f"pyproject.toml:{group}")]
        held = options if lock == widest else ["--constraint", str(widest)]
        _compile(lock, ["pyproject.toml", *choice, *held])
    of_program = ["pyproject.toml", "--all-extras", "--group", "pyproject.toml:build"]
    _compile(_FOLDER / f"{_DEPLOYED}.txt", [*of_program, "--constraint", str(widest)])
    _compile(_FOLDER / "uv.txt", ["requirements/uv.in", *options])


def _compile(lock: Path, words: list[str]) -> None:
    command = [
        program("uv"),
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
    ]
    command += ["--no-annotate", "--no-header", "--output-file", str(lock), *words]
    subprocess.run(command, cwd=ROOT, check=True)
    pins = "".join(line for line in lock.read_text(encoding="utf-8").splitlines(keepends=True) if line[0] != "#")
    lock.write_text(f"{_MARK}{_digest()}\n{pins}", encoding="utf-8", newline="\n")


def faults() -> list[str]:
    """Return what is wrong with the lock, a sentence each."""
    found = []
    for name in (*LEVELS, _DEPLOYED, "uv"):
        text = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
        if f"{_MARK}{_digest()}\n" not in text:
            found.append(f"requirements/{name}.txt is older than the dependencies in pyproject.toml; run `make lock`.")
        if "://" in text or "--index" in text:
            found.append(f"requirements/{name}.txt names a place to download from; run `make lock`.")
    return found


def _digest() -> str:
    project = _project()
    of_project = [project["project"].get(key) for key in ("requires-python", "dependencies", "optional-dependencies")]
    parts = [of_project, project["dependency-groups"], (_FOLDER / "uv.in").read_text(encoding="utf-8")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def main(arguments: list[str]) -> int:
    """Renew or check; return the exit code."""
    if "--check" not in arguments:
        renew(arguments)
    wrong = faults()
    print(*(wrong or ["The lock holds."]), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
