"""`chaffer sessions`: what the API can do with sessions."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import (
    After,
    AfterEvent,
    Agent,
    AsJson,
    AsJsonLines,
    Key,
    Limit,
    Model,
    Provider,
    Rounds,
    ScenarioPath,
    Seed,
    SessionId,
    Url,
    UserId,
    run,
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, open, start, follow and delete sessions.")


@app.command("list")
def list_(
    limit: Limit = 20,
    after: After = None,
    user_id: UserId = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List sessions, newest first."""
    from chaffer.cli.client import Page  # noqa: PLC0415
    from chaffer.cli.sessions import list_sessions  # noqa: PLC0415

    run(list_sessions(url, Page(limit, after, user_id), as_json=as_json))


@app.command("open")
def open_(  # noqa: PLR0913  One for each option.
    scenario: ScenarioPath,
    provider: Provider = None,
    model: Model = None,
    seed: Seed = None,
    rounds: Rounds = None,
    user_id: Annotated[str | None, typer.Option("--user-id", metavar="ID", help="Whose it is.")] = None,
    key: Key = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Open a session from a scenario file; nothing starts yet."""
    from chaffer.cli.scenario_files import Overrides, read_scenario  # noqa: PLC0415
    from chaffer.cli.sessions import open_from_file  # noqa: PLC0415

    file = read_scenario(scenario, Overrides(provider, model, seed, rounds, user_id))
    run(open_from_file(url, file, key, as_json=as_json))


@app.command()
def show(session: SessionId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Show a session and its rooms."""
    from chaffer.cli.sessions import show_session  # noqa: PLC0415

    run(show_session(url, session, as_json=as_json))


@app.command()
def summary(session: SessionId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Show what was bought, what was not, and what it cost."""
    from chaffer.cli.sessions import show_summary  # noqa: PLC0415

    run(show_summary(url, session, as_json=as_json))


@app.command()
def start(session: SessionId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Start all pending rooms. Without --url this process plays them to their end; a server goes on by itself."""
    from chaffer.cli.sessions import start_session  # noqa: PLC0415

    run(start_session(url, session, as_json=as_json))


@app.command()
def watch(
    session: SessionId, agent: Agent = None, after: AfterEvent = None, url: Url = None, *, as_json: AsJsonLines = False
) -> None:
    """Follow all rooms from their beginning to their end; with a seller's eyes, those it is in."""
    from chaffer.cli.sessions import watch_session  # noqa: PLC0415

    run(watch_session(url, session, agent, after, as_json=as_json))


@app.command()
def delete(session: SessionId, url: Url = None, *, as_json: AsJson = False) -> None:
    """End a session's rooms and forget it; its logs stay."""
    from chaffer.cli.sessions import delete_session  # noqa: PLC0415

    run(delete_session(url, session, as_json=as_json))
