"""A file as numbered lines of text, whatever its encoding, one at a time."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from io import BufferedReader, TextIOWrapper
from typing import Final

from chaffer.errors import Detail, unfit

LONGEST_LINE: Final = 1_048_576
"""Characters: a file that is no text, or a document on one line, must not fill the memory."""

Note = Callable[[str], None]
"""Takes a sentence about how a file was understood."""

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_lines(file: BufferedReader, note: Note) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, counted from 1, and with its end.

    A file is UTF-8, or UTF-16 where it begins as such; a line that is not is read as Windows-1252, which is noted once.
    Raises VALIDATION_ERROR for a line that is too long.
    """
    is_utf_16 = file.peek(2)[:2] in _UTF_16
    encoding, errors = ("utf-16", "replace") if is_utf_16 else ("utf-8-sig", "surrogateescape")
    text = TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    is_noted = False
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            issue = f"has more than {LONGEST_LINE} characters, the most that a line may have"
            raise unfit(Detail(f"line {number}", issue))
        if not line.isascii() and not _is_utf_8(line):
            line = line.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
            if not is_noted:
                note(f"Line {number} is not UTF-8: lines like it are read as Windows-1252 (latin-1).")
                is_noted = True
        yield number, line
    # Else the file would be closed with what decodes it.
    text.detach()


def _is_utf_8(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True
