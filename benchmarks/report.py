"""The figures as a table for a terminal, for a page of the documentation, and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from benchmarks.figure import Figure, Machine

_HEADS: Final = ("figure", "measured", "bound", "", "peer", "how")


def as_table(figures: Sequence[Figure], machine: Machine) -> str:
    """Return the figures with columns lined up, and the machine below them; what a row cannot hold stands under it."""
    rows = [_HEADS[:5], *(_cells(figure)[:5] for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for number, figure in reversed(list(enumerate(figures, start=1))):
        if figure.note:
            lines.insert(number + 1, f"    {figure.note}")
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(["", *lines, "", *machine.lines(), *_missed(figures)])


def as_markdown(figures: Sequence[Figure], machine: Machine) -> str:
    """Return the figures and the machine as Markdown."""
    heads = f"| {' | '.join(_HEADS)} |\n|{'---|' * len(_HEADS)}"
    rows = [f"| {' | '.join(_cells(figure))} |" for figure in figures]
    return "\n".join([*machine.lines(), "", heads, *rows])


def as_json(figures: Sequence[Figure], machine: Machine) -> str:
    """Return the figures and the machine as a JSON document."""
    told = [{**asdict(figure), "holds": figure.holds} for figure in figures]
    return json.dumps({"machine": asdict(machine), "figures": told}, ensure_ascii=False, indent=1)


def _cells(figure: Figure) -> tuple[str, ...]:
    return (figure.name, figure.shown, figure.limit, figure.verdict, figure.peer, figure.note)


def _missed(figures: Sequence[Figure]) -> list[str]:
    missed = [figure.name for figure in figures if figure.holds is False]
    bounded = sum(figure.holds is not None for figure in figures)
    if not missed:
        return ["", f"All {bounded} bounds hold."]
    return ["", f"MISSED: {len(missed)} of {bounded} bounds: {'; '.join(missed)}."]
