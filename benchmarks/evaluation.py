"""What the evaluations of shopping and of the chat have in common: halves, figures line by line, and options."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol

from benchmarks.figure import Figure
from benchmarks.shopping_requests import Half
from chaffer.validation import LlmConfig


class Scored(Protocol):
    """How a half fared."""

    def figures(self) -> list[Figure]:
        """Return the figures, with their bounds."""
        ...


def figures_of_builtin(
    scores: Callable[[Sequence[Half], LlmConfig], Awaitable[Sequence[Scored]]], *, quick: bool
) -> list[Figure]:
    """Return the figures of both halves, played by the built-in mind; with `quick`, of the tuning half alone."""
    halves = [Half.TUNING] if quick else list(Half)

    async def play() -> Sequence[Scored]:
        return await scores(halves, LlmConfig(provider="builtin"))

    return [figure for score in asyncio.run(play()) for figure in score.figures()]


def is_any_missed(scores: Sequence[Scored]) -> bool:
    """Tell whether a bound is missed."""
    return any(figure.holds is False for score in scores for figure in score.figures())


def lines_of(score: Scored) -> Iterator[str]:
    """Yield a line for each figure of a half, in columns."""
    figures = score.figures()
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        yield f"{figure.name:<{width}}  {figure.shown:>8}  {figure.limit:<7}{figure.verdict:<7} {figure.note}".rstrip()


def parser_of(program: str, doc: str | None, mind: str) -> argparse.ArgumentParser:
    """Return a parser of the options that both take; `mind` is what a model is asked to be."""
    parser = argparse.ArgumentParser(prog=program, description=(doc or "").partition("\n")[0])
    parser.add_argument("--half", action="append", choices=list(Half), type=Half, help="play this half alone")
    parser.add_argument("--provider", default="builtin", help=f"whose model is the {mind}'s mind (default: builtin)")
    parser.add_argument("--model", help="which of its models; its key and address come from the environment")
    parser.add_argument("--show-held-out", action="store_true", help="list what was missed of the held-out half, too")
    return parser
