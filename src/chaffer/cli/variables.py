"""The variables that settings are read from: where each stands, and those that look like a setting and are none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Final

from dotenv.parser import Original, parse_stream
from pydantic import AliasChoices

from chaffer.errors import ChafferError, Code
from chaffer.settings import Settings, VendorSettings
from chaffer.vendors import VENDORS

_ENV_FILE: Final = Path(".env")
_ENVIRONMENT: Final = "the environment"
# The environment is shared with every program of the machine: there one letter of a long name counts, no more.
_LIKENESS: Final = {"file": 0.83, "environment": 0.95}


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that has a value, by its name in capitals, and where it stands."""

    name: str
    value: str
    where: str

    @property
    def likeness(self) -> float:
        """Return how like a setting its name must be to be taken for a slip."""
        return _LIKENESS["environment" if self.where == _ENVIRONMENT else "file"]


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A variable that is no setting, and the setting that was probably meant."""

    variable: Variable
    meant: str

    def __str__(self) -> str:
        """Return the sentence that tells of it; its value is not in it, as it may be a secret."""
        found = self.variable
        return f"{found.name} (from {found.where}) is no setting and changes nothing. Did you mean {self.meant}?"


def variables() -> Iterator[Variable]:
    """Yield what has a value: what the environment says, which wins, then what `.env` says.

    Raises VALIDATION_ERROR where `.env` cannot be read.
    """
    for name, value in os.environ.items():
        if value:
            yield Variable(name.upper(), value, _ENVIRONMENT)
    written = _written() if _ENV_FILE.is_file() else ""
    last = {binding.key.upper(): binding for binding in parse_stream(StringIO(written)) if binding.key is not None}
    for name, binding in last.items():  # Of one that is there twice the last counts.
        if binding.value:
            yield Variable(name, binding.value, f"{_ENV_FILE.resolve()}, line {_line(binding.original)}")


def _written() -> str:
    try:
        return _ENV_FILE.read_text(encoding="utf-8")
    except OSError as fault:
        message = f"The settings in {_ENV_FILE.resolve()} cannot be read: {fault.strerror}."
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        message = f"{_ENV_FILE.resolve()}, line {line}, is no UTF-8 text. Save the file as UTF-8."
    raise ChafferError(Code.VALIDATION_ERROR, message)


def _line(original: Original) -> int:
    """Return the line of a binding, without the blank ones before it, which are counted to it."""
    text = original.string
    return original.line + text[: len(text) - len(text.lstrip())].count("\n")


def misspelt() -> list[Misspelt]:
    """Return the variables that look like a setting and are none; what is like no setting is another program's."""
    known = sorted(_known())
    found = []
    for variable in variables():
        if variable.name not in known:
            likest = get_close_matches(variable.name, known, n=1, cutoff=variable.likeness)
            found += [Misspelt(variable, meant) for meant in likest]
    return found


def _known() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names = alias.choices if isinstance(alias, AliasChoices) else [name]
        yield from (str(one).upper() for one in names)
    yield from (f"{vendor}_{name}".upper() for vendor in VENDORS for name in VendorSettings.model_fields)
