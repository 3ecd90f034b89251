"""`chaffer logs`: what the API can do with the logs of negotiations that have ended."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import AsJson, RoomId, SessionId, Url, run

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List and show the logs of negotiations.")


@app.command("list")
def list_(
    session: Annotated[str | None, typer.Argument(metavar="[SESSION]", help="Only the logs of this session.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at once.")] = 20,
    after: Annotated[str | None, typer.Option(help="Go on behind this one: `next_after` of the last page.")] = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the sessions that have logs, or the logs of one session."""
    from chaffer.cli.logs import list_logs  # noqa: PLC0415

    run(list_logs(url, session, limit, after, as_json=as_json))


@app.command()
def show(session: SessionId, room: RoomId, url: Url = None) -> None:
    """Print a room's log, a JSON document. `chaffer replay` plays it."""
    from chaffer.cli.logs import show_log  # noqa: PLC0415

    run(show_log(url, session, room))
