"""The settings as a command needs them; a refusal shows the value that was set, unless it is a secret."""

from __future__ import annotations

import os
from typing import Final

from dotenv import dotenv_values

from chaffer.errors import ChafferError, Detail
from chaffer.plain_text import harmless, shortened
from chaffer.settings import Settings, load_settings, without_credentials

_ENV_FILE: Final = ".env"
_SHOWN: Final = 60


def settings_here(**overrides: object) -> Settings:
    """Return the effective settings. Raises VALIDATION_ERROR that names the variable, its limit and its value."""
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
    return settings_here(builtin_chars_per_second=chars_per_second)


def _issue(detail: Detail, overrides: dict[str, object]) -> str:
    issue = detail.issue
    value = overrides.get(detail.field.lower())
    found = str(value) if value is not None else _variable(detail.field)
    if found is None or _is_secret(detail.field):
        return issue
    return f"{issue}; got {shortened(without_credentials(harmless(found)), _SHOWN)!r}"


def _variable(name: str) -> str | None:
    """Return a variable of the environment or of `.env`, whatever its case."""
    for variables in (os.environ, dotenv_values(_ENV_FILE)):
        for key, value in variables.items():
            if key.upper() == name:
                return value
    return None


def _is_secret(name: str) -> bool:
    field = Settings.model_fields.get(name.lower().removeprefix("api_"))
    return field is None or "SecretStr" in str(field.annotation)
