"""Play the sentences of the chat against the supervisor, and print each figure beside its bound, for both halves.

`make eval-chat`, or `make eval-chat ARGS="--provider openai --model NAME --half tuning"`. What is measured and how the
sentences are written stands in docs/chat-evaluation.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence

from benchmarks.chat_play import played
from benchmarks.chat_requests import sentences_of
from benchmarks.chat_scores import Score
from benchmarks.evaluation import figures_of_builtin, is_any_missed, lines_of, parser_of
from benchmarks.figure import Figure
from benchmarks.shopping_requests import Half
from chaffer.validation import LlmConfig


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the sentences, print the figures, and return the exit code: 1 where a bound is missed."""
    options = _options(arguments)
    mind = LlmConfig(provider=options.provider, model=options.model)
    scores = asyncio.run(_scores(options.half or list(Half), mind))
    for score in scores:
        print("\n".join(_lines(score, shown=options.show_held_out or score.half is Half.TUNING)))
        if options.answers and (options.show_held_out or score.half is Half.TUNING):
            for one in score.found:
                print(f"> {one.heard.sentence.say}\n{one.heard.text}\n")
    return int(is_any_missed(scores))


def measure(*, quick: bool) -> list[Figure]:
    """Return the figures of both halves, of the built-in mind; with `quick`, of the tuning half alone."""
    return figures_of_builtin(_scores, quick=quick)


async def _scores(halves: Sequence[Half], mind: LlmConfig) -> list[Score]:
    return [Score.of(half, await played(sentences_of(half), mind=mind)) for half in halves]


def _lines(score: Score, *, shown: bool) -> Iterator[str]:
    yield from lines_of(score)
    if shown:
        yield from (f"  missed: {miss}" for miss in score.misses())
    yield ""


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("make eval-chat", __doc__, "supervisor")
    parser.add_argument("--answers", action="store_true", help="print the answers, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
