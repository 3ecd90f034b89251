"""`chaffer logs`: what the API can do with the logs of negotiations that have ended."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import After, AsJson, Limit, RoomId, SessionId, Url, UserId, run

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List and show the logs of negotiations.")


@app.command("list")
def list_(
    session: Annotated[str | None, typer.Argument(metavar="[SESSION]", help="Only the logs of this session.")] = None,
    limit: Limit = 20,
    after: After = None,
    user_id: UserId = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the sessions that have logs, or the logs of one session."""
    from chaffer.cli.client import Page  # noqa: PLC0415
    from chaffer.cli.logs import list_logs, list_logs_of  # noqa: PLC0415

    if session is None:
        run(list_logs(url, Page(limit, after, user_id), as_json=as_json))
    if user_id is not None:
        issue = "--user-id picks from all sessions; leave it out where one is named"
        raise typer.BadParameter(issue)
    run(list_logs_of(url, session, as_json=as_json))


@app.command()
def show(session: SessionId, room: RoomId, url: Url = None) -> None:
    """Print a room's log, a JSON document. `chaffer replay` plays it."""
    from chaffer.cli.logs import show_log  # noqa: PLC0415

    run(show_log(url, session, room))
