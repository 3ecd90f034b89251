"""Play the shopping requests against the assistant, and print each figure beside its bound, for both halves.

`make eval-shopping`, or `make eval-shopping ARGS="--provider openai --model NAME --half tuning"`. What is measured and
how the requests are written stands in docs/shopping-evaluation.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.evaluation import figures_of_builtin, is_any_missed, lines_of, parser_of
from benchmarks.figure import Figure
from benchmarks.shopping_play import played
from benchmarks.shopping_requests import Half, requests_of
from benchmarks.shopping_scores import Finding, Score
from chaffer.validation import LlmConfig


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the requests, print the figures, and return the exit code: 1 where a bound is missed."""
    options = _options(arguments)
    mind = LlmConfig(provider=options.provider, model=options.model)
    scores = asyncio.run(_scores(options.half or list(Half), mind))
    shown_misses = {Half.TUNING, Half.HELD_OUT} if options.show_held_out else {Half.TUNING}
    if options.json:
        print(json.dumps([_told(score, shown=score.half in shown_misses) for score in scores], indent=1))
    else:
        for score in scores:
            print("\n".join(_lines(score, shown=score.half in shown_misses)))
    return int(is_any_missed(scores))


def measure(*, quick: bool) -> list[Figure]:
    """Return the figures of both halves, of the built-in assistant; with `quick`, of the tuning half alone."""
    return figures_of_builtin(_scores, quick=quick)


async def _scores(halves: Sequence[Half], mind: LlmConfig) -> list[Score]:
    return [Score.of(half, await played(requests_of(half), mind=mind)) for half in halves]


def _lines(score: Score, *, shown: bool) -> Iterator[str]:
    yield from lines_of(score)
    fields = (f"{name} {held}/{count}" for name, (held, count) in score.by_name("constraints").items())
    yield f"{score.half}: by constraint: {', '.join(fields)}"
    if shown:
        yield from (f"  missed: {_miss(one)}" for one in score.found if not one.holds)
    yield ""


def _miss(one: Finding) -> str:
    heard = one.heard
    made = heard.failure or heard.intent if one.aspect in {"intents", "answered"} else heard.constraints
    return f"{heard.request.id} {one.aspect}: {one.name}; {heard.turn.text!r} was read as {made}"


def _told(score: Score, *, shown: bool) -> dict[str, Any]:
    fields = score.by_name("constraints")
    told: dict[str, Any] = {
        "half": score.half.value,
        "figures": [{**asdict(figure), "holds": figure.holds} for figure in score.figures()],
        "constraints": {name: {"exact": held, "of": count} for name, (held, count) in fields.items()},
    }
    if shown:
        told["missed"] = [_miss(one) for one in score.found if not one.holds]
    return told


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("make eval-shopping", __doc__, "assistant")
    parser.add_argument("--json", action="store_true", help="print the figures for programs")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
