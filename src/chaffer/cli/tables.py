"""Answers of the API as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from chaffer.cli.moments import minor
from chaffer.cli.terminal import out
from chaffer.money import formatted
from chaffer.plain_text import harmless

if TYPE_CHECKING:
    from rich.console import RenderableType


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows under their columns, numbers to the right; `empty` is said when there are none."""
    filled = [[_cell(value) for value in row] for row in rows]
    if not filled:
        out().print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(columns):
        numeric = all(_is_number(row[number]) for row in filled)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in filled:
        table.add_row(*(Text(cell) for cell in row))
    out().print(table)


def print_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one a line; what is None is left out."""
    grid = Table.grid(padding=(0, 2))
    for name, value in fields:
        if value is not None:
            grid.add_row(Text(name, style="bold"), Text(_cell(value)))
    shown: RenderableType = grid
    out().print(shown)


def amount(number: object, document: Mapping[str, object]) -> str:
    """Return an amount of an answer as people read it, in the currency that the answer names."""
    minor_units = minor(number)
    return "-" if minor_units is None else formatted(minor_units, str(document.get("currency") or "USD"))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ", ".join(harmless(str(part)) for part in value) or "-"
    return harmless(str(value))


def _is_number(cell: str) -> bool:
    return cell == "-" or cell.lstrip("$€£¥₹-").replace(",", "").replace(".", "", 1).isdigit()
