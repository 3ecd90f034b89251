"""The command line as a person runs it: a process of its own, in an empty folder, with an environment of its own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.support.forked import run_chaffer


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


class Chaffer(Protocol):
    """Runs `chaffer` with arguments, variables of the environment, and standard input."""

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Ran: ...


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment in which nothing of the machine's own settings shows."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    places = {
        "DATA_DIR": str(folder / "data"),
        "DEMO_CATALOG": "false",
        "LOGS_DIR": str(folder / "logs"),
        "LOG_FILE": "off",
        "HOME": str(folder),
    }
    return {**kept, **places, "PYTHONUTF8": "1", **variables}


def command(*arguments: str) -> list[str]:
    """Return the command line that runs `chaffer` with this interpreter."""
    return [sys.executable, "-m", "chaffer.cli.main", *arguments]


@pytest.fixture
def chaffer(tmp_path: Path) -> Chaffer:
    def run(*arguments: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Ran:
        variables = environment(tmp_path, **(env or {}))
        code, out, err = run_chaffer(arguments, tmp_path, variables, stdin.encode())
        return Ran(code, out.decode(), err.decode())

    return run


@pytest.fixture
def small_market() -> dict[str, Any]:
    """Return a market of one item and two sellers that ends in a deal, at once."""
    stock = {"item_id": "kettle", "item_name": "Kettle", "cost_price": 20, "least_price": 25, "quantity_available": 3}
    profile = {"priority": "customer_retention", "speaking_style": "very_sweet"}
    return {
        "buyer": {
            "name": "Ada",
            "shopping_list": [{"item_id": "kettle", "item_name": "Kettle", "quantity_needed": 1}],
            "budget_range": {"min": 20, "max": 100},
        },
        "sellers": [
            {"name": "Corner Shop", "inventory": [{**stock, "selling_price": 40}], "profile": profile},
            {"name": "Big Store", "inventory": [{**stock, "selling_price": 44}], "profile": profile},
        ],
        "llm_config": {"provider": "builtin"},
        "negotiation": {"max_rounds": 4},
        "seed": 1,
    }


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """What a shell starts in the background ignores SIGINT, and so do its children: they do not inherit a handler."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
