"""The file of an import: on disk or on standard input, opened as often as it is read."""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import BufferedReader
from pathlib import Path
from typing import Final, Self, cast

from chaffer.cli.scenario_files import STANDARD_INPUT, shown_name
from chaffer.errors import ChafferError, Code

_CHUNK: Final = 1_048_576


class ImportFile:
    """A file to be imported. Standard input can be read once; where it must be read `again`, it is kept in a file."""

    def __init__(self, name: str, *, again: bool) -> None:
        """Name the file, `-` for standard input. Raises VALIDATION_ERROR for one that cannot be read."""
        self.name = shown_name(name)
        self.path = None if name == STANDARD_INPUT else Path(name)
        self.size = None if self.path is None else _size(self.path, self.name)
        self._place = self.path
        self._opened: list[BufferedReader] = []
        if self.path is None and again:
            self._place = _kept()

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what was opened, and remove what was kept."""
        for opened in self._opened:
            opened.close()
        if self._place is not None and self.path is None:
            self._place.unlink()

    @property
    def position(self) -> int:
        """Return how many bytes were read since it was opened last."""
        return self._opened[-1].tell() if self._opened else 0

    def open(self) -> BufferedReader:
        """Open it at its beginning."""
        if self._place is None:
            return cast("BufferedReader", sys.stdin.buffer)
        self._opened.append(self._place.open("rb"))
        return self._opened[-1]


def _size(path: Path, name: str) -> int:
    try:
        with path.open("rb"):
            return path.stat().st_size
    except OSError as fault:
        sentence = f"{name} cannot be read: {fault.strerror or fault}. Check the path."
        raise ChafferError(Code.VALIDATION_ERROR, sentence) from fault


def _kept() -> Path:
    with tempfile.NamedTemporaryFile(delete=False) as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy, _CHUNK)
    return Path(copy.name)
