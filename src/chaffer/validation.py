"""What Pydantic finds wrong with outside data, in our words: the field's path and a sentence, never the value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from chaffer.errors import ChafferError, Code, Detail
from chaffer.money import minor_from_number
from chaffer.vendors import PROVIDERS, known_provider

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

_SENTENCES: Final = {
    "missing": "is required",
    "extra_forbidden": "is not a known field; check its spelling",
    "string_type": "must be a string",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "json_invalid": "is not valid JSON",
    "finite_number": "must be a finite number",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "decimal_parsing": "must be a number",
    "decimal_max_places": "must have at most {decimal_places} decimals",
    "bool_parsing": "must be true or false",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must have at least {min_length} members",
    "too_long": "must have at most {max_length} members",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must fit the pattern {pattern}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
}
"""What each kind of error is called, with the limit from its context."""

_ONE: Final = re.compile(r"\b1 (character|member)s\b")
_FIELD_NAME: Final = re.compile(r"[A-Za-z_]\w{0,39}", re.ASCII)
_STRANGE: Final = "(a strange name)"
"""Stands for the name of an unknown field that looks like none: it may be a key that slipped a column."""
_MISPLACED: Final = "misplaced"
_NAME_SHOWN: Final = 100

AMOUNT: Final = {"type": "number", "minimum": 0, "maximum": 1_000_000_000, "multipleOf": 0.01}
"""The schema of an amount."""

Money = Annotated[int, BeforeValidator(minor_from_number), WithJsonSchema(AMOUNT)]
"""An amount: a JSON number with at most two decimals outside, minor units inside."""

ProviderName = Annotated[
    str, AfterValidator(known_provider), WithJsonSchema({"type": "string", "enum": list(PROVIDERS)})
]


def printable(text: str) -> str:
    """Return a text that is seen and stands on one line. Raises ValueError for any other."""
    if not text.isprintable() or not text.strip():
        msg = "must have printable characters only, and not spaces alone"
        raise ValueError(msg)
    return text


def visible(text: str) -> str:
    """Return a text of any lines that has something to be read. Raises ValueError for any other."""
    if not any(sign.isprintable() and not sign.isspace() for sign in text):
        msg = "must have a visible character"
        raise ValueError(msg)
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        msg = "must be Unicode text without NUL and without half characters"
        raise ValueError(msg)
    return text


UserName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
Seed = Annotated[int, Field(ge=0, lt=2**53, strict=True)]
ModelName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
ApiKey = Annotated[str, Field(min_length=1, max_length=500)]
Temperature = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
MaxTokens = Annotated[int, Field(ge=1, le=32_000, strict=True)]


class Document(BaseModel):
    """A document from outside; fields that nobody declared are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LlmConfig(Document):
    """Which model speaks; what is left out comes from the settings. For `builtin`, `model` may name a strategy."""

    provider: ProviderName | None = None
    model: ModelName | None = None
    api_key: ApiKey | None = Field(default=None, repr=False)
    temperature: Temperature | None = None
    max_tokens: MaxTokens | None = None


def field_path(location: Iterable[int | str]) -> str:
    """Return `sellers[0].inventory[0].least_price` for a location as Pydantic gives it."""
    path = ""
    for part in location:
        name = f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
        path += name if len(name) <= _NAME_SHOWN else f"{name[:_NAME_SHOWN]}…"
    return path


def details_of(errors: Iterable[ErrorDetails] | Iterable[Any], *, skip: int = 0) -> tuple[Detail, ...]:
    """Return one detail an error, without repeats; `skip` leaves out the first parts of a location (`body`)."""
    details: dict[Detail, None] = {}
    for error in errors:
        location = error["loc"][skip:]
        if error["type"] == "extra_forbidden" and not _FIELD_NAME.fullmatch(str(location[-1])):
            location = (*location[:-1], _STRANGE)
        path = field_path(location)
        if error["type"] == _MISPLACED:
            behind = error["ctx"]["behind"]
            path += behind if behind.startswith("[") or not path else f".{behind}"
        details[Detail(path or "body", _sentence(error))] = None
    return tuple(details)


def misplaced(behind: str, sentence: str) -> PydanticCustomError:
    """Return what a validator of a whole raises about a part of it: `behind` is the rest of the field's path."""
    return PydanticCustomError(_MISPLACED, "{sentence}", {"behind": behind, "sentence": sentence})


def refusal(what: str, details: tuple[Detail, ...]) -> ChafferError:
    """Return the VALIDATION_ERROR for a document or request, naming the first field in its sentence."""
    more = f" ({len(details) - 1} more in details)" if len(details) > 1 else ""
    first = f"{details[0].field} {details[0].issue}" if details else "it is not valid"
    return ChafferError(Code.VALIDATION_ERROR, f"{what} was refused: {first}{more}. Correct it.", details=details)


def _plain(limit: object) -> object:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _sentence(error: Any) -> str:  # noqa: ANN401  Pydantic and FastAPI give errors of two shapes.
    known = _SENTENCES.get(error["type"])
    if known is not None:
        limits = {name: _plain(limit) for name, limit in (error.get("ctx") or {}).items()}
        return _ONE.sub(r"1 \1", known.format_map(limits))
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    text = str(error["msg"])
    return text[:1].lower() + text[1:]
