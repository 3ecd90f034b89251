"""The stand-in whose sellers talk at length, word by word, and which writes down when each word was written.

The buyer answers at once. As a program, `python -m benchmarks.live_text_model --calls FILE` prints its address and
appends a line for each of the sellers' replies.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TextIO

from benchmarks.model import thing_of
from benchmarks.standing import serve
from tests.support.model_servers.dialect import Dialect
from tests.support.standin import StandIn
from tests.support.standin_scripts import Answer, Asked, haggles

WORDS: Final = 300
PACE: Final = 0.03
_WORDS: Final = ("ready, ", "fair, ", "kind, ", "quick, ", "good, ", "warm, ")
"""Behind a comma nothing is held back: a word without one may still become a number's, until the next begins."""


@dataclass(frozen=True, slots=True)
class Written:
    """The words of one room's seller: how long the message was with each of them, and when it was written.

    The times are those of the machine's monotonic clock, in seconds.
    """

    room: str
    lengths: list[int]
    at: list[float]


@dataclass(frozen=True)
class _Stamped(Answer):
    """A seller's reply, word by word."""

    room: str = ""
    record: TextIO | None = None

    def events(self, dialect: Dialect) -> Iterator[bytes]:
        """Yield the stream's events, and write down when each word was taken to be sent."""
        yield from dialect.begins()
        yield dialect.says(self.text)
        written = Written(self.room, [], [])
        length = 0
        for word in itertools.islice(itertools.cycle(_WORDS), WORDS):
            event = dialect.says(word)
            written.lengths.append(length + len(word.rstrip()))
            written.at.append(time.monotonic())
            length += len(word)
            yield event
        yield dialect.says('"}')
        yield from dialect.ends("stop", WORDS)
        if self.record is not None:
            self.record.write(json.dumps(asdict(written)) + "\n")


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=Path, required=True)
    with parser.parse_args().calls.open("a", encoding="utf-8", buffering=1) as record:
        serve(StandIn(lambda asked: _says(asked, record)))


def _says(asked: Asked, record: TextIO) -> Answer:
    answer = haggles(asked)
    if asked.is_buyer:
        return answer
    fields = json.loads(answer.text)
    del fields["message"]
    head = json.dumps(fields).removesuffix("}") + ', "message": "'
    return _Stamped(head, pace=PACE, room=thing_of(asked), record=record)


if __name__ == "__main__":
    main()
