"""The stand-in that talks with anybody: the same few sentences after a while, and a note of how long each reply took.

As a program, `python -m benchmarks.talking_model --delay 1 --calls FILE` prints its address and appends a line for each
reply: the first words of the system prompt, and seconds. With `--hangs` it falls silent after the sentences, and the
lines tell when it was asked and when the other side went away, by the machine's monotonic clock.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from benchmarks.standing import serve
from tests.support.model_servers.dialect import Dialect
from tests.support.standin import StandIn
from tests.support.standin_scripts import Answer, Asked

WORDS: Final = (
    "I see it another way: what is good for one of us need not be bad for the other, and time will tell. " * 3
)


@dataclass(frozen=True)
class _Timed(Answer):
    finished: Callable[[], None] = lambda: None

    def events(self, dialect: Dialect) -> Iterator[bytes]:
        """Yield the stream's events, and tell when the last has gone."""
        yield from super().events(dialect)
        self.finished()


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, required=True)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--hangs", action="store_true")
    options = parser.parse_args()
    with options.calls.open("a", encoding="utf-8", buffering=1) as record:
        answer = _hanging if options.hangs else _timed
        serve(StandIn(lambda asked: answer(asked, record), delay=options.delay))


def _timed(asked: Asked, record: TextIO) -> Answer:
    began = time.perf_counter()
    return _Timed(text=WORDS, letters=24, finished=lambda: _note(asked, record, seconds=time.perf_counter() - began))


def _hanging(asked: Asked, record: TextIO) -> Answer:
    _note(asked, record, asked_at=time.monotonic())
    return Answer(text=WORDS, letters=24, hangs="after", left=lambda: _note(asked, record, left_at=time.monotonic()))


def _note(asked: Asked, record: TextIO, **told: float) -> None:
    record.write(json.dumps({"speaker": asked.system.partition("\n")[0], **told}) + "\n")


if __name__ == "__main__":
    main()
