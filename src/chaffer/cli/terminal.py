"""The two channels of a command: results on standard output, everything said beside them on standard error."""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_OF_A_PIPE: Final = 160
"""Characters a line where nobody watches: wide enough that tables are not folded."""


def prepare_streams() -> None:
    """Let every text be printed: a character that a console cannot show becomes a question mark, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


@cache
def out() -> Console:
    """Return the console of results."""
    return _console(sys.stdout)


@cache
def err() -> Console:
    """Return the console of progress and errors."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    """Return a console with colour on a terminal only; NO_COLOR and FORCE_COLOR have the last word, in that order."""
    from rich.console import Console  # noqa: PLC0415  `chaffer --help` must not pay for it.

    watched = is_terminal(stream)
    forced = os.environ.get("FORCE_COLOR", "") not in {"", "0"}
    refused = bool(os.environ.get("NO_COLOR")) or os.environ.get("FORCE_COLOR") == "0"
    coloured = not refused and (forced or watched)
    return Console(
        file=stream,
        force_terminal=coloured or watched,
        color_system="auto" if coloured else None,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=not watched,
        width=None if watched or os.environ.get("COLUMNS") else WIDTH_OF_A_PIPE,
    )


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a person watches the stream on a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def pace(speed: float | None, *, live: bool) -> float:
    """Return the speed that was asked for, else that of a reader on a terminal, and 0 (at once) elsewhere."""
    return speed if speed is not None else float(live)


def can_show(encoding: str, text: str) -> bool:
    """Tell whether an encoding has all characters of the text."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def print_json(document: Any) -> None:  # noqa: ANN401  Whatever the API answered.
    """Print one JSON document on standard output."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=not can_show(sys.stdout.encoding, "é漢")))
    sys.stdout.write("\n")


def print_json_line(document: Any) -> None:  # noqa: ANN401
    """Print one JSON document as one line on standard output, at once."""
    sys.stdout.write(json.dumps(document, ensure_ascii=True))
    sys.stdout.write("\n")
    sys.stdout.flush()
