"""Scenario files: read, checked, and refused with a sentence that names file, field, limit and value."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chaffer.cli.bodies import Body
from chaffer.errors import ChafferError, Code
from chaffer.json_text import document_of
from chaffer.plain_text import harmless

LARGEST_BYTES: Final = 1_000_000
STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class Overrides:
    """What options of the command line put in place of a scenario's own values; None leaves them."""

    provider: str | None = None
    model: str | None = None
    seed: int | None = None
    rounds: int | None = None
    user_id: str | None = None

    def options(self) -> dict[str, str]:
        """Return the options that are given, by the field whose value they replace."""
        fields = {
            "llm_config.provider": ("--provider", self.provider),
            "llm_config.model": ("--model", self.model),
            "negotiation.max_rounds": ("--rounds", self.rounds),
            "seed": ("--seed", self.seed),
            "user_id": ("--user-id", self.user_id),
        }
        return {field: option for field, (option, value) in fields.items() if value is not None}


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


def read_scenario(name: str, overrides: Overrides) -> Body:
    """Return a checked scenario. Raises VALIDATION_ERROR naming file or option, fields, their limits and values."""
    from pydantic import ValidationError  # noqa: PLC0415  `chaffer --help` must not pay for it.

    from chaffer.negotiation.scenario import Scenario  # noqa: PLC0415
    from chaffer.validation import details_of  # noqa: PLC0415

    document = read_json_file(name)
    shown = shown_name(name)
    if not isinstance(document, dict):
        sentence = f"{shown} must hold one JSON object, as `POST /api/v1/simulation/initialize` takes it."
        raise _refused(sentence)
    scenario = Body(shown, _overridden(document, overrides), overrides.options())
    try:
        Scenario.model_validate(scenario.document)
    except ValidationError as error:
        raise scenario.refusal(details_of(error.errors(include_url=False))) from None
    return scenario


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


def _refused(sentence: str) -> ChafferError:
    return ChafferError(Code.VALIDATION_ERROR, sentence)
