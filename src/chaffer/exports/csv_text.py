"""CSV that a spreadsheet reads as it is meant: text is text and never a formula, numbers are numbers.

A cell that begins as formulas do gets an apostrophe in front, which spreadsheets take for «this is text». All text
stands in quotation marks; the file begins with the mark by which spreadsheets know UTF-8.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from chaffer.plain_text import legible, unformed

Cell = str | int | float | datetime | None
Row = Sequence[Cell]

_MARK: Final = "\ufeff"


def csv_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return a table as the bytes of a CSV file, lines ended by CR LF as RFC 4180 has it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return (_MARK + file.getvalue()).encode()


def _cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(cell, str):
        return unformed(legible(cell))
    return cell
