"""Scenario files: read, checked, and refused with a sentence that names file, field, limit and value."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chaffer.errors import ChafferError, Code, Detail
from chaffer.json_text import Written, document_of
from chaffer.plain_text import harmless, shortened

LARGEST_BYTES: Final = 1_000_000
STANDARD_INPUT: Final = "-"

_PART: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_KEY_FIELD: Final = "api_key"
_VALUELESS: Final = ("got ", "is required", "is not a known field")
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Overrides:
    """What options of the command line put in place of a scenario's own values; None leaves them."""

    provider: str | None = None
    model: str | None = None
    seed: int | None = None
    rounds: int | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario as it will be sent, with the name of the file it came from."""

    name: str
    document: dict[str, Any]

    @property
    def max_rounds(self) -> int | None:
        """Return the rounds that it asks for, or None when it leaves them to the settings."""
        rounds = (self.document.get("negotiation") or {}).get("max_rounds")
        return rounds if isinstance(rounds, int) else None


def read_file(name: str, *, largest: int) -> bytes:
    """Return a file's content; `-` is standard input. Raises VALIDATION_ERROR that names the file and the limit."""
    try:
        raw = sys.stdin.buffer.read(largest + 1) if name == STANDARD_INPUT else _bytes(Path(name), largest)
    except OSError as fault:
        sentence = f"{shown_name(name)} cannot be read: {fault.strerror or fault}. Check the path."
        raise _refused(sentence) from fault
    if len(raw) > largest:
        sentence = f"{shown_name(name)} has more than {largest} bytes, the most that is read. Make it smaller."
        raise _refused(sentence)
    return raw


def shown_name(name: str) -> str:
    """Return how a file is called in sentences."""
    return "standard input" if name == STANDARD_INPUT else harmless(name)


def read_text_file(name: str, *, largest: int) -> str:
    """Return a file's text without space around it; `-` is standard input. Raises VALIDATION_ERROR."""
    try:
        return read_file(name, largest=largest).decode("utf-8-sig").strip()
    except UnicodeDecodeError as fault:
        sentence = f"{shown_name(name)} is not UTF-8 text: byte {fault.start} does not fit. Save it as UTF-8."
        raise _refused(sentence) from None


def read_json_file(name: str) -> object:
    """Return what a JSON file holds. Raises VALIDATION_ERROR that names the file and the place in it."""
    return document_of(read_file(name, largest=LARGEST_BYTES), shown_name(name))


def read_scenario(name: str, overrides: Overrides) -> ScenarioFile:
    """Return a checked scenario. Raises VALIDATION_ERROR naming the file, the fields, their limits and their values."""
    from pydantic import ValidationError  # noqa: PLC0415  `chaffer --help` must not pay for it.

    from chaffer.negotiation.scenario import Scenario  # noqa: PLC0415
    from chaffer.validation import details_of  # noqa: PLC0415

    document = read_json_file(name)
    shown = shown_name(name)
    if not isinstance(document, dict):
        sentence = f"{shown} must hold one JSON object, as `POST /api/v1/simulation/initialize` takes it."
        raise _refused(sentence)
    changed = _overridden(document, overrides)
    try:
        Scenario.model_validate(changed)
    except ValidationError as error:
        raise refusal_of_file(shown, changed, details_of(error.errors(include_url=False))) from None
    return ScenarioFile(shown, changed)


def refusal_of_file(name: str, document: object, details: Sequence[Detail]) -> ChafferError:
    """Return the error for a scenario's refused fields, each with the value that stands in the file."""
    told = tuple(Detail(detail.field, _with_value(detail, document)) for detail in details)
    more = "" if len(told) == 1 else f" ({len(told) - 1} more below)"
    sentence = f"{name} was refused: {told[0].field} {told[0].issue}{more}. Correct it."
    return ChafferError(Code.VALIDATION_ERROR, sentence, details=told)


def naming_file(error: ChafferError, file: ScenarioFile) -> ChafferError:
    """Return the API's refusal of a scenario with the file's name in it."""
    return naming_document(error, file.name, file.document)


def naming_document(error: ChafferError, name: str, document: object) -> ChafferError:
    """Return the API's refusal of a document with the name of the file that it came from."""
    if error.code is Code.VALIDATION_ERROR and error.details:
        return refusal_of_file(name, document, error.details)
    if error.code in {Code.VALIDATION_ERROR, Code.MAX_SELLERS_EXCEEDED}:
        return ChafferError(error.code, f"{name} was refused: {error.message}", details=error.details)
    return error


def _bytes(path: Path, largest: int) -> bytes:
    with path.open("rb") as file:
        return file.read(largest + 1)


def _overridden(document: dict[str, Any], overrides: Overrides) -> dict[str, Any]:
    """Return the document with the options' values; a part that is no object is left for the check to refuse."""
    changed = dict(document)
    mind = {"provider": overrides.provider, "model": overrides.model}
    given = {name: value for name, value in mind.items() if value is not None}
    if given:
        _merge(changed, "llm_config", _other_provider(changed.get("llm_config"), given))
        _drop_own_minds(changed)
    if overrides.rounds is not None:
        _merge(changed, "negotiation", {"max_rounds": overrides.rounds})
    own = {"seed": overrides.seed, "user_id": overrides.user_id}
    changed.update({name: value for name, value in own.items() if value is not None})
    return changed


def _other_provider(config: object, given: dict[str, Any]) -> dict[str, Any]:
    """Return the override; another provider does not know the model and the key that were meant for the first."""
    if isinstance(config, dict) and given.get("provider", config.get("provider")) != config.get("provider"):
        return {"model": None, "api_key": None, **given}
    return given


def _drop_own_minds(document: dict[str, Any]) -> None:
    """Let a provider that is named for the market hold for every agent in it."""
    document["buyer"] = _without_own_mind(document.get("buyer"))
    sellers = document.get("sellers")
    if isinstance(sellers, list):
        document["sellers"] = [_without_own_mind(seller) for seller in sellers]


def _without_own_mind(agent: object) -> object:
    return {name: value for name, value in agent.items() if name != "llm_config"} if isinstance(agent, dict) else agent


def _merge(document: dict[str, Any], field: str, changes: dict[str, Any]) -> None:
    present = document.get(field)
    if present is None or isinstance(present, dict):
        document[field] = {**(present or {}), **changes}


def _with_value(detail: Detail, document: object) -> str:
    # The value of a field that nobody knows may be a key under a misspelt name.
    if detail.field.endswith(_KEY_FIELD) or any(told in detail.issue for told in _VALUELESS):
        return detail.issue
    found, value = _value_at(document, detail.field)
    return f"{detail.issue}; got {_as_shown(value)}" if found else detail.issue


def _as_shown(value: object) -> str:
    """Return a value for a sentence; of objects and lists only their size, since they may hold a key."""
    if isinstance(value, dict):
        return f"an object of {len(value)} fields"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = str(value) if isinstance(value, Written) else json.dumps(value, ensure_ascii=False)
    return shortened(harmless(text), _SHOWN)


def _value_at(document: object, path: str) -> tuple[bool, object]:
    value = document
    for name, index in _PART.findall(path):
        if index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        elif name and isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return False, None
    return True, value


def _refused(sentence: str) -> ChafferError:
    return ChafferError(Code.VALIDATION_ERROR, sentence)
