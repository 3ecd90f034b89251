"""`chaffer export`: a room, a run or a session as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from chaffer.cli.parameters import Url, run

_FORMS: Final = ("json", "md", "csv", "pdf")


def _known(form: str | None) -> str | None:
    if form is not None and form not in _FORMS:
        issue = f"it must be one of {', '.join(_FORMS)}; got {form!r}"
        raise typer.BadParameter(issue)
    return form


def export(
    what: Annotated[str, typer.Argument(metavar="ID", help="Id of a negotiation room, of a run, or of a session.")],
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            callback=_known,
            help="json, md, csv or pdf; a session has a report in pdf alone. Default: as --out ends, else md, "
            "for a session pdf.",
        ),
    ] = None,
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="Where to; - is standard output.")] = "-",
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="ID", help="Of a room, only what this agent may see.")
    ] = None,
    url: Url = None,
) -> None:
    """Write a room, a run or the report of a session to a file, over or not: the same bytes as the API's."""
    from chaffer.cli.exports import Wish, export_to  # noqa: PLC0415

    ending = Path(out).suffix.removeprefix(".").lower()
    run(export_to(url, Wish(what, form or (ending if ending in _FORMS else None), agent), out))
