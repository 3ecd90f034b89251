"""The settings as a command needs them; a refusal shows the value that was set, unless it is a secret."""

from __future__ import annotations

import sys
from typing import Final

from chaffer.cli.variables import misspelt, variables
from chaffer.errors import ChafferError, Detail
from chaffer.plain_text import harmless, shortened
from chaffer.settings import Settings, load_settings, without_credentials

_SHOWN: Final = 60


def settings_here(**overrides: object) -> Settings:
    """Return the effective settings, and tell on standard error of variables that look like one and are none.

    Raises VALIDATION_ERROR that names the variable, its limit, its value and where it stands.
    """
    for slip in misspelt():
        sys.stderr.write(f"{harmless(str(slip))}\n")  # Not by rich, which `serve` does without.
    try:
        return load_settings(**overrides)
    except ChafferError as error:
        if not error.details:
            raise
        details = tuple(Detail(d.field, _issue(d, overrides)) for d in error.details)
        first, more = details[0], len(details) - 1
        also = f" ({more} more below)" if more else ""
        sentence = f"The setting {first.field} was refused: it {first.issue}{also}. Correct it."
        raise ChafferError(error.code, sentence, details=details[1:]) from None


def paced_settings(chars_per_second: float, *, watched: bool) -> Settings:
    """Return the settings, by which built-in agents keep a reader's pace where one watches and nothing else is set."""
    settings = settings_here()
    if not watched or "builtin_chars_per_second" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"builtin_chars_per_second": chars_per_second})


def _issue(detail: Detail, overrides: dict[str, object]) -> str:
    value = overrides.get(detail.field.lower())
    if value is not None:
        return f"{detail.issue}; got {_shown(str(value))}"
    found = next((variable for variable in variables() if variable.name == detail.field), None)
    if found is None:
        return detail.issue
    got = "it" if _is_secret(detail.field) else _shown(found.value)
    return f"{detail.issue}; got {got} from {harmless(found.where)}"


def _shown(value: str) -> str:
    return repr(shortened(without_credentials(harmless(value)), _SHOWN))


def _is_secret(name: str) -> bool:
    field = Settings.model_fields.get(name.lower().removeprefix("api_"))
    return field is None or "SecretStr" in str(field.annotation)
