"""The virtual environment of the clone: made from the lock in requirements/, and left alone while that holds.

A stamp in .venv says what it was made from. It is removed before anything changes and written when all is done, so an
environment without one was left half-made, and is made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
VENV: Final = ROOT / ".venv"
# Each holds the one before it: what the program needs, what tests and checks need, what the benchmarks need.
LEVELS: Final = ("run", "dev", "bench")
_STAMP: Final = VENV / "chaffer.json"
_UV_LOCK: Final = ROOT / "requirements" / "uv.txt"
_NOT_FETCHED: Final = "The dependencies could not be installed; the first run needs a network."


class SetupError(Exception):
    """The environment cannot be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an environment was made from, and where: its programs hold the path of the folder."""

    folder: str
    level: str
    recipe: str


def program(name: str) -> str:
    """Return the path of a program of the environment."""
    return str(VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name)


def prepare(level: str) -> None:
    """Bring the environment to a level; one that is beyond it keeps what it has.

    Does nothing, and needs no network, where nothing has changed. Raises SetupError.
    """
    made = _made()
    if made is not None and LEVELS.index(made.level) > LEVELS.index(level):
        level = made.level
    wanted = Stamp(str(VENV), level, _recipe_of(level))
    if made == wanted:
        return
    print("Setting up .venv ..." if made is None else "Bringing .venv up to date ...", file=sys.stderr, flush=True)
    started = time.monotonic()
    _STAMP.unlink(missing_ok=True)
    if made is None:
        _create()
    _install(level)
    _STAMP.write_text(json.dumps(asdict(wanted)), encoding="utf-8")
    print(f"Set up in {time.monotonic() - started:.0f} s.", file=sys.stderr, flush=True)


def _recipe_of(level: str) -> str:
    """Return a digest of all that decides what an environment of this level holds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = (
        _UV_LOCK.read_bytes(),
        _lock_of(level).read_bytes(),
        json.dumps([project["project"], project["build-system"], project["tool"]["hatch"]]).encode(),
    )
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _lock_of(level: str) -> Path:
    return ROOT / "requirements" / f"{level}.txt"


def _made() -> Stamp | None:
    """Return the stamp of an environment that is whole, is still where it was made, and whose Python is still there."""
    try:
        stamp = Stamp(**json.loads(_STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    usable = stamp.folder == str(VENV) and stamp.level in LEVELS and Path(program("python")).exists()
    return stamp if usable else None


def _create() -> None:
    """Make an empty environment that has uv, whatever stood there before."""
    # Started from the very environment that is made anew, this Python is about to go: the one beneath it stays.
    base = str(getattr(sys, "_base_executable", sys.executable))
    if VENV.exists():
        shutil.rmtree(VENV)
    make, install = _makers(base)
    _call([*make, str(VENV)], "The virtual environment could not be made.")
    _call([*install, "install", "--quiet", "--require-hashes", "--requirement", str(_UV_LOCK)], _NOT_FETCHED)


def _makers(base: str) -> tuple[list[str], list[str]]:
    """Return what makes an environment with this Python, and what installs into it; Debian ships Python in parts."""
    if find_spec("ensurepip"):
        return [base, "-m", "venv"], [program("python"), "-m", "pip", "--disable-pip-version-check"]
    if find_spec("pip"):
        pip = [base, "-m", "pip", "--disable-pip-version-check", "--python", program("python")]
        return [base, "-m", "venv", "--without-pip"], pip
    if uv := shutil.which("uv"):
        # It reads the interpreter to install into from the environment that it finds here.
        return [uv, "venv", "--quiet", "--python", base], [uv, "pip"]
    msg = (
        f"{base} comes without venv. On Debian and Ubuntu run "
        f"`sudo apt install python3.{sys.version_info.minor}-venv`; elsewhere install a Python from "
        "https://www.python.org/downloads/. Then run the same command again."
    )
    raise SetupError(msg)


def _install(level: str) -> None:
    """Make the environment hold exactly what the lock of the level says, and the clone itself, editable."""
    uv = [program("uv"), "pip"]
    at = ["--quiet", "--python", program("python")]
    _call([*uv, "sync", *at, "--require-hashes", str(_lock_of(level)), str(_UV_LOCK)], _NOT_FETCHED)
    # Its build backend is in the lock: nothing is fetched for it.
    editable = [*uv, "install", *at, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    _call(editable, "The clone could not be installed.")


def _call(command: list[str], failure: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        msg = f"{failure} The reason stands above. The next run begins anew."
        raise SetupError(msg)
