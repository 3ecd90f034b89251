"""From a run file and options to the body of `POST /api/run`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from chaffer.cli.bodies import Body
from chaffer.cli.scenario_files import read_json_file, read_text_file, shown_name
from chaffer.errors import ChafferError, Code, Detail
from chaffer.vendors import BUILTIN

BOTS: Final = 2
LARGEST_PROMPT_BYTES: Final = 200_000

_OPTIONS: Final = {
    "max_turns": "--turns",
    "user_id": "--user-id",
    "provider": "--bot",
    "model": "--bot",
    "max_tokens": "--max-tokens",
}
"""The options that are not called like their field."""


@dataclass(frozen=True, slots=True)
class BotWishes:
    """What options say of bots. Of `minds`, `temperatures` and `max_tokens` one holds for both, two for one each.

    Names and prompts are the first bot's, then the second's. A mind is `PROVIDER` or `PROVIDER:MODEL`.
    """

    minds: Sequence[str] = ()
    names: Sequence[str] = ()
    prompts: Sequence[str] = ()
    prompt_files: Sequence[str] = ()
    temperatures: Sequence[float] = ()
    max_tokens: Sequence[int] = ()

    def told_prompts(self) -> Sequence[str]:
        """Return the prompts, read from their files where files are named. Raises VALIDATION_ERROR."""
        if self.prompts and self.prompt_files:
            raise _refused(option="--prompt-file", issue="cannot stand beside --prompt; give the prompts in one way")
        return self.prompts or [read_text_file(name, largest=LARGEST_PROMPT_BYTES) for name in self.prompt_files]


@dataclass(frozen=True, slots=True)
class RunWishes:
    """What options say of a run; None leaves what the file or the settings say."""

    file: str | None
    bots: BotWishes
    own: dict[str, object]
    """`topic`, `max_turns`, `seed`, `user_id`."""


def plan_of(wishes: RunWishes) -> Body:
    """Return the body of `POST /api/run`. Raises VALIDATION_ERROR for a file or options that make none."""
    document: dict[str, Any] = {"bots": [{"provider": BUILTIN}] * BOTS}
    if wishes.file is not None:
        document = _from_file(wishes.file)
    document.update({name: value for name, value in wishes.own.items() if value is not None})
    if "topic" not in document:
        raise _refused(option="--topic", issue="is missing: say what the two are to talk about")
    changes = bot_changes(wishes.bots)
    bots = document.get("bots")
    if isinstance(bots, list) and len(bots) == BOTS and all(isinstance(bot, dict) for bot in bots):
        document["bots"] = [_changed(bot, change) for bot, change in zip(bots, changes, strict=True)]
    given = [(name, name) for name, value in wishes.own.items() if value is not None]
    given += [(f"bots[{index}].{name}", name) for index, bot in enumerate(changes) for name in bot]
    own = _OPTIONS | ({"prompt": "--prompt-file"} if wishes.bots.prompt_files else {})
    options = {field: own.get(name, f"--{name}") for field, name in given}
    return _checked(Body(None if wishes.file is None else shown_name(wishes.file), document, options))


def _checked(plan: Body) -> Body:
    """Return a plan that can be sent: a file may hold a number beyond all numbers. Raises VALIDATION_ERROR."""
    from pydantic import ValidationError  # noqa: PLC0415  `chaffer --help` must not pay for it.

    from chaffer.dialogue.plan import RunCreate  # noqa: PLC0415
    from chaffer.validation import details_of  # noqa: PLC0415

    if plan.file is not None:
        try:
            RunCreate.model_validate(plan.document)
        except ValidationError as error:
            raise plan.refusal(details_of(error.errors(include_url=False))) from None
    return plan


def bot_changes(wishes: BotWishes) -> list[dict[str, object]]:
    """Return the fields that options set, for each bot. Raises VALIDATION_ERROR for one given too often."""
    prompts = wishes.told_prompts()
    options: dict[str, Sequence[object]] = {
        "--bot": _for_both(wishes.minds),
        "--name": wishes.names,
        "--prompt": prompts,
        "--temperature": _for_both(wishes.temperatures),
        "--max-tokens": _for_both(wishes.max_tokens),
    }
    for name, given in options.items():
        if len(given) > BOTS:
            raise _refused(name, f"is given {len(given)} times, and there are {BOTS} bots")
    return [_fields(index, options) for index in range(BOTS)]


def _fields(index: int, options: dict[str, Sequence[object]]) -> dict[str, object]:
    given = {
        name.removeprefix("--").replace("-", "_"): values[index]
        for name, values in options.items()
        if index < len(values)
    }
    mind = given.pop("bot", None)
    return given if mind is None else {**mind_of(str(mind)), **given}


def _for_both(given: Sequence[object]) -> Sequence[object]:
    return [*given, *given] if len(given) == 1 else given


def mind_of(text: str) -> dict[str, object]:
    """Return the fields of `PROVIDER:MODEL`; what stands behind the first colon is the model, other colons too."""
    provider, colon, model = text.partition(":")
    return {"provider": provider, "model": model} if colon else {"provider": provider}


def _changed(bot: dict[str, Any], changes: dict[str, object]) -> dict[str, Any]:
    """Return the bot with the changes; another provider does not know the model and the key that were meant for one."""
    if changes.get("provider", bot.get("provider")) != bot.get("provider"):
        bot = {name: value for name, value in bot.items() if name not in {"model", "api_key"}}
    return {**bot, **changes}


def _from_file(name: str) -> dict[str, Any]:
    document = read_json_file(name)
    if not isinstance(document, dict):
        sentence = f"{shown_name(name)} must hold one JSON object, as `POST /api/run` takes it."
        raise ChafferError(Code.VALIDATION_ERROR, sentence)
    return dict(document)


def _refused(option: str, issue: str) -> ChafferError:
    return ChafferError(Code.VALIDATION_ERROR, f"{option} {issue}.", details=(Detail(option, issue),))
