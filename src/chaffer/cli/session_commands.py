"""`chaffer sessions`: what the API can do with sessions."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import AsJson, AsJsonLines, Model, Provider, Rounds, ScenarioPath, Seed, SessionId, Url, run

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, open, start, follow and delete sessions.")


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at once.")] = 20,
    after: Annotated[str | None, typer.Option(help="Go on behind this one: `next_after` of the last page.")] = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List sessions, newest first."""
    from chaffer.cli.sessions import list_sessions  # noqa: PLC0415

    run(list_sessions(url, limit, after, as_json=as_json))


@app.command("open")
def open_(
    scenario: ScenarioPath,
    provider: Provider = None,
    model: Model = None,
    seed: Seed = None,
    rounds: Rounds = None,
    key: Annotated[str | None, typer.Option("--idempotency-key", help="Same key and body: same session.")] = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Open a session from a scenario file; nothing starts yet."""
    from chaffer.cli.scenario_files import Overrides, read_scenario  # noqa: PLC0415
    from chaffer.cli.sessions import open_from_file  # noqa: PLC0415

    file = read_scenario(scenario, Overrides(provider, model, seed, rounds))
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
def watch(session: SessionId, url: Url = None, *, as_json: AsJsonLines = False) -> None:
    """Follow all rooms from their beginning to their end."""
    from chaffer.cli.sessions import watch_session  # noqa: PLC0415

    run(watch_session(url, session, as_json=as_json))


@app.command()
def delete(session: SessionId, url: Url = None, *, as_json: AsJson = False) -> None:
    """End a session's rooms and forget it; its logs stay."""
    from chaffer.cli.sessions import delete_session  # noqa: PLC0415

    run(delete_session(url, session, as_json=as_json))
