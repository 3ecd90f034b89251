"""The program's own log: structured lines with the ids of the request and the conversation, and nothing secret.

A line says what happened to which id. It never bears a body, a prompt, a key or an amount; the text of an exception
that quotes its input is left out for the same reason.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import MutableMapping
from functools import partial
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final, Literal, TextIO

import structlog

Line = MutableMapping[str, Any]

_OURS: Final = "chaffer"
# Exceptions whose text repeats what was put in.
_QUOTING: Final = ("pydantic", "pydantic_core", "sqlalchemy")

_LARGEST_FILE_BYTES: Final = 10_000_000
_FILES_BEFORE: Final = 2


def open_logbook(
    level: str,
    form: Literal["json", "text"],
    *,
    file: Path | None = None,
    stream: TextIO | None = None,
    with_places: bool = True,
) -> None:
    """Log from `level` on to `stream`, standard error by default, and beside it to `file`, whose folder is made.

    `form` is one JSON document a line, or text for eyes. `with_places` tells in which lines a fault happened. Raises
    OSError when the file cannot be opened; then all is as it was.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(stream or sys.stderr)]
    if file is not None:
        handlers.append(_opened(file))
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        partial(_exception_told, with_places=with_places),
    ]
    ends: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, partial(_visible, ends)],
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    ours = logging.getLogger(_OURS)
    ours.setLevel(level)
    # Of others: what they say below a warning is ours to say, in our words. Some of them tell keys and prompts there.
    root.setLevel(max(logging.WARNING, ours.level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(ours.level),
        cache_logger_on_first_use=False,
    )


class _OwnFile(RotatingFileHandler):
    """Makes files that no other user of the machine reads, where the system knows such a thing."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=_opener)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _opened(file: Path) -> logging.Handler:
    """Return what writes the file: at its largest size it is kept under another name, and the oldest one goes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    return _OwnFile(
        file, maxBytes=_LARGEST_FILE_BYTES, backupCount=_FILES_BEFORE, encoding="utf-8", errors="backslashreplace"
    )


def _visible(ends: structlog.typing.Processor, logger: object, name: str, line: Line) -> str:
    """Return the rendered line with every character that a terminal would obey or not show as JSON escapes it.

    What a caller sent may stand in it, and JSON itself escapes only some of these.
    """
    rendered = str(ends(logger, name, line))
    if rendered.isprintable():
        return rendered
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in rendered)


def _exception_told(_: object, __: str, line: Line, *, with_places: bool) -> Line:
    """Put an exception into the line as its type, where it came from, and its text where that quotes nothing."""
    given = line.pop("exc_info", None)
    fault = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else None
    if given and fault is None:
        fault = sys.exception()
    if fault is None:
        return line
    line["exception"] = type(fault).__name__
    if type(fault).__module__.partition(".")[0] not in _QUOTING:
        line["because"] = str(fault)
    if with_places:
        frames = traceback.extract_tb(fault.__traceback__)
        line["at"] = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return line
