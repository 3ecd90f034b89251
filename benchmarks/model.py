"""The stand-in for a model, in a process of its own, which writes down how long each of its answers really took.

As a program, `python -m benchmarks.model --delay 0.3 --calls FILE` prints its address and appends a line for each call.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, TextIO

from benchmarks.standing import serve, standing
from tests.support.model_servers.dialect import Dialect
from tests.support.standin import StandIn
from tests.support.standin_scripts import Answer, Asked, haggles

_THING: Final = re.compile(r"Thing (item_\d+)")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was answered: of whom in which room and round, and the seconds from its last byte to the answer's."""

    room: str
    round: int
    speaker: str
    decides: bool
    seconds: float


@dataclass(frozen=True)
class _Timed(Answer):
    """An answer that tells when it has been written."""

    finished: Callable[[], None] = lambda: None

    def events(self, dialect: Dialect) -> Iterator[bytes]:
        """Yield the stream's events, and tell when the last has gone."""
        yield from super().events(dialect)
        self.finished()


@dataclass(frozen=True, slots=True)
class Model:
    """A running stand-in: its address, and what it was asked so far."""

    url: str
    record: Path

    def calls(self) -> list[Call]:
        """Return all calls that were answered."""
        lines = self.record.read_text(encoding="utf-8").splitlines()
        return [Call(**json.loads(line)) for line in lines]

    def forget(self) -> None:
        """Forget the calls."""
        self.record.write_text("", encoding="utf-8")


@contextmanager
def modelling(folder: Path, delay: float) -> Iterator[Model]:
    """Run a stand-in that thinks so many seconds, while the context lasts."""
    record = folder / f"calls-{delay}.jsonl"
    record.touch()
    with standing("benchmarks.model", "--delay", str(delay), "--calls", str(record)) as root:
        yield Model(f"{root}/v1", record)


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, required=True)
    parser.add_argument("--calls", type=Path, required=True)
    options = parser.parse_args()
    with options.calls.open("a", encoding="utf-8", buffering=1) as record:
        serve(StandIn(lambda asked: _timed(asked, record), delay=options.delay))


def thing_of(asked: Asked) -> str:
    """Return the id of what the room deals in, of which each room of a market has its own."""
    thing = _THING.search(asked.system)
    return thing[1] if thing else ""


def _timed(asked: Asked, record: TextIO) -> Answer:
    began = time.perf_counter()
    answer = haggles(asked)

    def finished() -> None:
        facts = asked.facts
        speaker = "buyer" if asked.is_buyer else asked.system.partition(",")[0]
        call = {
            "room": thing_of(asked),
            "round": facts["round"],
            "speaker": speaker,
            "decides": asked.must_decide,
            "seconds": time.perf_counter() - began,
        }
        record.write(json.dumps(call) + "\n")

    return _Timed(**{field.name: getattr(answer, field.name) for field in fields(answer)}, finished=finished)


if __name__ == "__main__":
    main()
