"""`chaffer rooms`: what the API can do with negotiation rooms."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import AfterEvent, Agent, AsJson, AsJsonLines, Key, RoomId, Url, run

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Show, start, follow and steer negotiation rooms.")


@app.command()
def show(room: RoomId, agent: Agent = None, url: Url = None, *, as_json: AsJson = False) -> None:
    """Show where a room stands: its offers, its budget and all that was said."""
    from chaffer.cli.rooms import show_room  # noqa: PLC0415

    run(show_room(url, room, agent, as_json=as_json))


@app.command()
def start(room: RoomId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Start a room. Without --url this process plays it to its end; a server goes on by itself."""
    from chaffer.cli.rooms import start_room  # noqa: PLC0415

    run(start_room(url, room, as_json=as_json))


@app.command()
def say(
    room: RoomId,
    message: Annotated[str, typer.Argument(help="What the buyer says; @Name addresses sellers, no name all of them.")],
    key: Key = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say something in the buyer's place."""
    from chaffer.cli.rooms import say_in_room  # noqa: PLC0415

    run(say_in_room(url, room, message, key, as_json=as_json))


@app.command()
def decide(
    room: RoomId,
    seller: Annotated[str | None, typer.Option(metavar="ID", help="Accept this seller's standing offer.")] = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Have the buyer decide now."""
    from chaffer.cli.rooms import decide_room  # noqa: PLC0415

    run(decide_room(url, room, seller, as_json=as_json))


@app.command()
def stop(room: RoomId, url: Url = None, *, as_json: AsJson = False) -> None:
    """End a room without a deal."""
    from chaffer.cli.rooms import stop_room  # noqa: PLC0415

    run(stop_room(url, room, as_json=as_json))


@app.command()
def watch(
    room: RoomId, agent: Agent = None, after: AfterEvent = None, url: Url = None, *, as_json: AsJsonLines = False
) -> None:
    """Follow a room from its beginning to its end."""
    from chaffer.cli.rooms import watch_room  # noqa: PLC0415

    run(watch_room(url, room, agent, after, as_json=as_json))
