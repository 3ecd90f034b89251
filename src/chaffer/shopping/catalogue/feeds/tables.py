"""Tables as files: CSV with commas, semicolons or tabs, and Google Merchant's TSV, which is one of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final

from chaffer.errors import Detail, unfit
from chaffer.plain_text import reformed
from chaffer.shopping.catalogue.feeds.entries import Entry, Refused, Terms
from chaffer.shopping.catalogue.feeds.grouping import Record, entries_of
from chaffer.shopping.catalogue.feeds.prices import shown
from chaffer.shopping.catalogue.feeds.records import REQUIRED, field_named
from chaffer.shopping.catalogue.feeds.text_lines import Note
from chaffer.shopping.catalogue.units import folded_text

LONGEST_CELL: Final = 131_072
"""Characters; the reader's own limit, at which a quotation mark that nobody closed ends, too."""

_DELIMITERS: Final = ",;\t|"
_NAMES_SHOWN: Final = 20


def read_table(
    lines: Iterable[tuple[int, str]], terms: Terms, renamed: Mapping[str, str], note: Note
) -> Iterator[Entry | Refused]:
    """Yield what each row holds. `renamed` tells the fields of columns whose names say them otherwise.

    Raises VALIDATION_ERROR for a file without a header that names what every product must have.
    """
    numbered = _Numbered(lines)
    first = next((line for line in numbered if not line.isspace()), None)
    if first is None:
        raise unfit(Detail("the file", "is empty; its first line must name the columns"))
    reader = csv.reader(_with(first, numbered), delimiter=_delimiter(first))
    try:
        names = next(reader)
    except csv.Error as fault:
        raise unfit(Detail("the header", f"cannot be read: {fault}")) from None
    fields = _fields(names, renamed, note)
    columns = {field: name for field, name in zip(fields, names, strict=True) if field is not None}
    yield from entries_of(_records(reader, fields, numbered), terms, lambda field: columns.get(field, field))


class _Numbered:
    """Lines without their numbers; `number` is that of the last one."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        self._lines = iter(lines)
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        return line


def _with(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(header: str) -> str:
    """Return what separates the columns: what stands most often between their names."""
    bare = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _fields(names: Sequence[str], renamed: Mapping[str, str], note: Note) -> list[str | None]:
    """Return the field of each column, None for one that is not taken."""
    known = {folded_text(column): field for column, field in renamed.items()}
    missing = [column for column in renamed if folded_text(column) not in map(folded_text, names)]
    fields: list[str | None] = []
    left_out: list[str] = []
    for name in names:
        field = known.get(folded_text(name)) or field_named(name)
        if field is None or field in fields:
            left_out.append(name)
            field = None
        fields.append(field)
    missing += [field for field in REQUIRED if field not in fields]
    if missing:
        issue = f"has no column {_listed(missing)}; it has {_listed(names)}. Say which column is what with --map"
        raise unfit(Detail("the header", issue))
    if left_out:
        note(f"Columns that were not taken: {_listed(left_out)}. Name a field for one with --map.")
    return fields


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(map(shown, names[:_NAMES_SHOWN])) + more


def _records(
    reader: Iterator[list[str]], fields: Sequence[str | None], numbered: _Numbered
) -> Iterator[tuple[int, Record] | Refused]:
    while True:
        line = numbered.number + 1
        try:
            row = next(reader, None)
        except csv.Error as fault:
            issue = f"cannot be read: {fault}. Is a quotation mark left open? A cell has at most {LONGEST_CELL}"
            yield Refused(line, Detail("row", f"{issue} characters"))
            continue
        if row is None:
            return
        if len(row) > len(fields):
            yield Refused(line, Detail("row", f"must have {len(fields)} cells, as the header has; got {len(row)}"))
        elif any(row):
            yield line, _record(row, fields)


def _record(row: Sequence[str], fields: Sequence[str | None]) -> Record:
    pairs = zip_longest(fields, row, fillvalue="")
    return {field: reformed(text.strip()) for field, text in pairs if field is not None and text and not text.isspace()}
