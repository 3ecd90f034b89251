"""The stand-in that says as many chunks as it is asked for, in a manner that the model's name tells: `apart-1000`.

As a program, `python -m benchmarks.long_replies --delay 1` prints its address; the delay is before each answer.
"""

from __future__ import annotations

import argparse
from functools import cache
from types import MappingProxyType
from typing import Final

from benchmarks.standing import serve
from tests.support.model_servers.dialects import dialect_of
from tests.support.standin import StandIn
from tests.support.standin_scripts import Answer, Asked

WORD: Final = " ready,"

PAUSES: Final = MappingProxyType({"apart": 0.001, "one by one": 1e-9, "together": 0.0})
"""Seconds after each write: without any there is one write for all, and a billionth only lets others run between."""


def model_of(manner: str, chunks: int) -> str:
    """Return the name of the model that says so many chunks in that manner."""
    return f"{manner}-{chunks}"


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0)
    serve(StandIn(_says, delay=parser.parse_args().delay))


def _says(asked: Asked) -> Answer:
    manner, _, chunks = asked.dialect.model.rpartition("-")
    return Answer(raw=_events(asked.path, asked.dialect.model, int(chunks)), pace=PAUSES[manner])


@cache
def _events(path: str, model: str, chunks: int) -> tuple[bytes, ...]:
    dialect = dialect_of(path, {"model": model})
    return (*dialect.begins(), *(dialect.says(WORD) for _ in range(chunks)), *dialect.ends("stop", chunks))


if __name__ == "__main__":
    main()
