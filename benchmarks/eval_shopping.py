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
    return int(any(figure.holds is False for score in scores for figure in score.figures()))


def measure(*, quick: bool) -> list[Figure]:
    """Return the figures of both halves, of the built-in assistant; with `quick`, of the tuning half alone."""
    halves = [Half.TUNING] if quick else list(Half)
    scores = asyncio.run(_scores(halves, LlmConfig(provider="builtin")))
    return [figure for score in scores for figure in score.figures()]


async def _scores(halves: Sequence[Half], mind: LlmConfig) -> list[Score]:
    return [Score.of(half, await played(requests_of(half), mind=mind)) for half in halves]


def _lines(score: Score, *, shown: bool) -> Iterator[str]:
    figures = score.figures()
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        yield f"{figure.name:<{width}}  {figure.shown:>8}  {figure.limit:<7}{figure.verdict:<7} {figure.note}".rstrip()
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
    parser = argparse.ArgumentParser(prog="make eval-shopping", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--half", action="append", choices=list(Half), type=Half, help="play this half alone")
    parser.add_argument("--provider", default="builtin", help="whose model is the assistant's mind (default: builtin)")
    parser.add_argument("--model", help="which of its models; its key and address come from the environment")
    parser.add_argument("--json", action="store_true", help="print the figures for programs")
    parser.add_argument("--show-held-out", action="store_true", help="list what was missed of the held-out half, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
