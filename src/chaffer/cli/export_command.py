"""`chaffer export`: a room, a run, a conversation or a session as a file."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import Format, OutFile, Url, ending_of, run


def export(
    what: Annotated[
        str,
        typer.Argument(metavar="ID", help="Id of a negotiation room, of a run, of a conversation, or of a session."),
    ],
    form: Format = None,
    out: OutFile = "-",
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="ID", help="Of a room, only what this agent may see.")
    ] = None,
    url: Url = None,
) -> None:
    """Write a room, a run, a conversation or the report of a session to a file: the same bytes as the API's."""
    from chaffer.cli.exports import Wish, export_to  # noqa: PLC0415

    run(export_to(url, Wish(what, form or ending_of(out), agent), out))
