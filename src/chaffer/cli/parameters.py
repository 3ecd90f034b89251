"""Arguments that several commands take, and how a command runs what is asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn

import typer

from chaffer.cli.outcomes import Outcome

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
Speed = Annotated[float, typer.Option(min=0, max=1000, help="Pace: 2 is twice as fast, 0 shows all at once.")]


def run(work: Coroutine[Any, Any, Outcome]) -> NoReturn:
    """Run the work to its end and leave with its outcome. Ctrl-C cancels it and lets it tidy up."""
    raise typer.Exit(int(asyncio.run(work)))
