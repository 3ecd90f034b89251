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
    return int(any(figure.holds is False for score in scores for figure in score.figures()))


def measure(*, quick: bool) -> list[Figure]:
    """Return the figures of both halves, of the built-in mind; with `quick`, of the tuning half alone."""
    halves = [Half.TUNING] if quick else list(Half)
    scores = asyncio.run(_scores(halves, LlmConfig(provider="builtin")))
    return [figure for score in scores for figure in score.figures()]


async def _scores(halves: Sequence[Half], mind: LlmConfig) -> list[Score]:
    return [Score.of(half, await played(sentences_of(half), mind=mind)) for half in halves]


def _lines(score: Score, *, shown: bool) -> Iterator[str]:
    figures = score.figures()
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        yield f"{figure.name:<{width}}  {figure.shown:>8}  {figure.limit:<7}{figure.verdict:<7} {figure.note}".rstrip()
    if shown:
        yield from (f"  missed: {miss}" for miss in score.misses())
    yield ""


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make eval-chat", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--half", action="append", choices=list(Half), type=Half, help="play this half alone")
    parser.add_argument("--provider", default="builtin", help="whose model is the supervisor's mind (default: builtin)")
    parser.add_argument("--model", help="which of its models; its key and address come from the environment")
    parser.add_argument("--answers", action="store_true", help="print the answers, too")
    parser.add_argument("--show-held-out", action="store_true", help="list what was missed of the held-out half, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
