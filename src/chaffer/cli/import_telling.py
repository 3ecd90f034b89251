"""What is told of an import: a bar while it goes on, the refused rows, and what became of the file."""

from __future__ import annotations

import sys
from bisect import insort
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Self

import msgspec
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from chaffer.cli.import_files import ImportFile
from chaffer.cli.tables import print_table
from chaffer.cli.terminal import err, is_terminal, out, print_json
from chaffer.errors import ChafferError, Code, Detail
from chaffer.shopping.catalogue.feeds.entries import Refused
from chaffer.shopping.catalogue.importing import Tally

SHOWN: Final = 50
"""Rows that are told of; `--report` keeps all."""


class Telling:
    """Hears what happens to a file's rows, and tells it."""

    def __init__(self, file: ImportFile, report: str | None) -> None:
        """Tell of that file, of all refused rows into `report`. Raises VALIDATION_ERROR where it cannot be written."""
        self._file = file
        self._report_name = report or ""
        self._report = None if report is None else _opened(report)
        self._notes: dict[str, None] = {}
        self._first: list[Refused] = []
        self._products = 0
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
        moving = is_terminal(sys.stderr) and file.size is not None
        self._bar = Progress(*columns, TimeRemainingColumn(), console=err(), transient=True, disable=not moving)
        self._task = self._bar.add_task(file.name, total=file.size)

    def __enter__(self) -> Self:
        """Begin to show."""
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the terminal back, and close the report."""
        self._bar.stop()
        if self._report is not None:
            with _writing(self._report_name):
                self._report.close()

    def note(self, sentence: str) -> None:
        """Take a sentence about how the file was understood; the same one is told once."""
        self._notes[sentence] = None

    def refused(self, refused: Refused) -> None:
        """Take a row that was not taken, or that a later one replaced."""
        if len(self._first) < SHOWN:
            # A product is judged behind its last row, whole: rows come a little out of their order.
            insort(self._first, refused, key=lambda each: each.line)
        if self._report is not None:
            with _writing(self._report_name):
                self._report.write(msgspec.json.encode(_row(refused)) + b"\n")

    def put(self, tally: Tally) -> None:
        """Take that a batch is in the catalogue, for good."""
        self._products = tally.products
        self._bar.update(self._task, completed=self._file.position, description=f"{tally.products:,} products")

    def broken_off(self, error: ChafferError) -> ChafferError:
        """Print the notes, and return a refusal of the file's content with its name and with what was put before."""
        self._tell_notes()
        if error.code is not Code.VALIDATION_ERROR or not error.details:
            return error
        detail = error.details[0]
        before = f" {self._products:,} products that stood before are in the catalogue." if self._products else ""
        return ChafferError(error.code, f"{self._file.name}: {detail.field} {detail.issue}.{before}")

    def tell(self, tally: Tally, *, is_in: bool, as_json: bool) -> None:
        """Print what became of the file; `is_in` tells whether it is in the catalogue."""
        if as_json:
            print_json(self._document(tally, is_in=is_in))
            return
        self._tell_notes()
        if self._first:
            rows = ((each.line, each.detail.field, each.detail.issue) for each in self._first)
            print_table(("line", "field", "reason"), rows, empty="")
        untold = tally.refused + tally.repeated - len(self._first)
        if untold:
            where = self._report_name or "--report FILE keeps all"
            out().print(f"... and {untold:,} more: {where}.")
        out().print(_sentence(tally, is_in=is_in))

    def _tell_notes(self) -> None:
        for sentence in self._notes:
            err().print(sentence)

    def _document(self, tally: Tally, *, is_in: bool) -> dict[str, Any]:
        return {
            "file": self._file.name,
            "imported": is_in,
            "added": tally.added,
            "replaced": tally.replaced if is_in else 0,
            "refused": tally.refused,
            "repeated": tally.repeated,
            "rows": [_row(each) for each in self._first],
            "notes": list(self._notes),
        }


def _sentence(tally: Tally, *, is_in: bool) -> str:
    if not is_in:
        return f"Nothing was imported. Rows refused: {tally.refused:,}."
    told = f"Products added: {tally.added:,}, replaced: {tally.replaced:,}. Rows refused: {tally.refused:,}."
    return f"{told} Rows that a later one replaced: {tally.repeated:,}." if tally.repeated else told


def _row(refused: Refused) -> dict[str, object]:
    return {"line": refused.line, "field": refused.detail.field, "reason": refused.detail.issue}


def _opened(name: str) -> IO[bytes]:
    with _writing(name):
        return Path(name).open("wb")


@contextmanager
def _writing(name: str) -> Iterator[None]:
    """Write the report. Raises VALIDATION_ERROR where that fails."""
    try:
        yield
    except OSError as fault:
        message = f"{name} could not be written: {fault.strerror}. Name another file with --report."
        detail = Detail("--report", f"cannot be written: {fault.strerror}")
        raise ChafferError(Code.VALIDATION_ERROR, message, details=(detail,)) from None
