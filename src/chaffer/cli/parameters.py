"""Arguments that several commands take, and how a command runs what is asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from chaffer.cli.outcomes import Outcome

_LONGEST_KEY: Final = 255


def _sendable(key: str | None) -> str | None:
    """Return the key. Raises BadParameter for one that no header can bear."""
    if key is not None and not (key.isascii() and key.isprintable() and key == key.strip() and _fits(key)):
        issue = f"it must have 1 to {_LONGEST_KEY} printable ASCII characters, no space at either end; got {key!r}"
        raise typer.BadParameter(issue)
    return key


def _fits(key: str) -> bool:
    return 1 <= len(key) <= _LONGEST_KEY


Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="A server to ask, as http://127.0.0.1:8000. Default: the database of this machine."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
AsJsonLines = Annotated[bool, typer.Option("--json", help="Print one JSON document a line on standard output.")]
SessionId = Annotated[str, typer.Argument(metavar="SESSION", help="Id of a session.")]
RoomId = Annotated[str, typer.Argument(metavar="ROOM", help="Id of a negotiation room.")]
ScenarioPath = Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or - for standard input.")]
Provider = Annotated[str | None, typer.Option(help="Provider for every agent, in place of the file's.")]
Model = Annotated[str | None, typer.Option(help="Model, or with `builtin` a strategy.")]
Seed = Annotated[int | None, typer.Option(min=0, max=2**53, help="Seed of all randomness.")]
Rounds = Annotated[int | None, typer.Option(min=1, max=50, help="Most rounds of a room.")]
Speed = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1000,
        help="Pace: 2 is twice as fast, 0 shows all at once. Default: 1 on a terminal, else 0.",
    ),
]
After = Annotated[str | None, typer.Option(help="Go on behind this one: `next_after` of the last page.")]
Agent = Annotated[str | None, typer.Option("--agent", metavar="ID", help="Show only what this agent may see.")]
AfterEvent = Annotated[
    str | None,
    typer.Option("--after", metavar="ID", help="Go on behind this event: its `id`, which --json prints."),
]
Limit = Annotated[int, typer.Option(min=1, max=100, help="How many at once.")]
UserId = Annotated[str | None, typer.Option("--user-id", metavar="ID", help="Only this user's.")]
Key = Annotated[
    str | None,
    typer.Option(
        "--idempotency-key",
        metavar="KEY",
        callback=_sendable,
        help="Send the same again with the same key: one effect, the same answer.",
    ),
]

Whose = Annotated[
    str | None, typer.Option("--user-id", metavar="ID", help="Whose. Default: the user that you are taken for.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; the exit code tells.")]
MindProvider = Annotated[
    str | None, typer.Option(help="Who thinks for the assistant and the buyer. Default: LLM_PROVIDER.")
]
MindModel = Annotated[str | None, typer.Option(help="Its model. Default: the configured one.")]
Temperature = Annotated[float | None, typer.Option(metavar="T", min=0, max=1, help="Its temperature.")]
MaxTokens = Annotated[int | None, typer.Option(metavar="N", min=1, max=32_000, help="Its longest reply.")]
FORMS: Final = ("json", "md", "csv", "pdf")


def _known(form: str | None) -> str | None:
    if form is not None and form not in FORMS:
        issue = f"it must be one of {', '.join(FORMS)}; got {form!r}"
        raise typer.BadParameter(issue)
    return form


Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        callback=_known,
        help="json, md, csv or pdf. Default: as --out ends, else md, and pdf for the report of a session.",
    ),
]
OutFile = Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="Where to; - is standard output.")]


def ending_of(file: str) -> str | None:
    """Return the format that a file's name ends with, None for none of those that there are."""
    ending = Path(file).suffix.removeprefix(".").lower()
    return ending if ending in FORMS else None


def mind(
    provider: str | None, model: str | None, temperature: float | None, max_tokens: int | None
) -> dict[str, Any] | None:
    """Return the options of a mind as a document, None where none was given."""
    chosen = {"provider": provider, "model": model, "temperature": temperature, "max_tokens": max_tokens}
    return given(chosen) or None


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def opened_with(
    llm_config: dict[str, Any] | None, seed: int | None, user_id: str | None, *, goes_on: str | None
) -> dict[str, Any]:
    """Return what the first words of a conversation bear, of which `goes_on` names the one to go on with, if any.

    Raises BadParameter for a mind or a seed where one goes on.
    """
    if goes_on is not None and (llm_config is not None or seed is not None):
        issue = "what goes on keeps the provider, the model and the seed that it was begun with; leave them out"
        raise typer.BadParameter(issue)
    return given({"llm_config": llm_config, "seed": seed, "user_id": user_id})


def run(work: Coroutine[Any, Any, Outcome]) -> NoReturn:
    """Run the work to its end and leave with its outcome. Ctrl-C cancels it and lets it tidy up."""
    raise typer.Exit(int(asyncio.run(work)))


WordsOfATurn = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[WORDS]", help="What to say, for one turn; else a pipe's text is it. Without either, you talk."
    ),
]
