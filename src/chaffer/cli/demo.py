"""`chaffer demo`: a market played in the terminal, from its opening to what was saved, with no key and no server."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chaffer.cli.board import Board
from chaffer.cli.bodies import Body
from chaffer.cli.connection import open_client
from chaffer.cli.environment import settings_here
from chaffer.cli.logs import wait_for_logs
from chaffer.cli.outcomes import Outcome
from chaffer.cli.playing import SIMULATION, Watched, board_of_session, open_session, stopped_on_interrupt, watch
from chaffer.cli.report import print_results
from chaffer.cli.scenario_files import Overrides, read_scenario
from chaffer.cli.shows import opened_show
from chaffer.cli.terminal import is_terminal, out, pace

CHARS_PER_SECOND: Final = 260.0
"""How fast the agents of the demo speak on a terminal, all of them together in about half a minute."""

_BUILT_IN: Final = (
    "The agents are built-in strategies: no model, no key, no network. The same seed plays the same market."
)


async def demo(scenario: Body, speed: float | None) -> Outcome:
    """Play the scenario and tell how to go on. The outcome is DONE also when nobody agreed: the demo was shown."""
    live = is_terminal(sys.stdout)
    settings = settings_here(builtin_chars_per_second=CHARS_PER_SECOND * pace(speed, live=live))
    async with open_client(None, settings) as client:
        opened = await open_session(client, scenario)
        session_id = str(opened["session_id"])
        board = await board_of_session(client, session_id)
        _introduce(board, scenario)
        async with stopped_on_interrupt(client, board):
            with opened_show(board, out(), live=live) as show:
                await client.post(f"{SIMULATION}/{session_id}/start")
                await watch(client, Watched(f"{SIMULATION}/{session_id}/stream"), show)
        out().print()
        print_results(board, out())
        ended = [room.room_id for room in board.rooms.values() if room.over is not None]
        kept = settings.auto_save_negotiations and await wait_for_logs(client, session_id, ended)
    folder = settings.logs_dir / f"session_{session_id}"
    _tell_how_to_go_on(folder if kept else None, ended)
    return Outcome.DONE


def _introduce(board: Board, scenario: Body) -> None:
    wanted = ", ".join(f"{room.quantity} x {room.item}" for room in board.rooms.values())
    names = list(dict.fromkeys(stall.name for room in board.rooms.values() for stall in room.stalls.values()))
    out().print(f"{board.buyer} wants {wanted}, and haggles with {', '.join(names)}.", style="bold")
    seed = scenario.document.get("seed")
    out().print(_BUILT_IN if seed is None else f"{_BUILT_IN} Seed {seed}.", style="dim")


def _tell_how_to_go_on(folder: Path | None, room_ids: Sequence[str]) -> None:
    lines, chaffer = [""], this_command()
    if folder is not None and room_ids:
        log = folder / f"negotiation_{room_ids[0]}.json"
        lines += [f"The log lies in {shown_path(folder)}", f"Play a room again:     {chaffer} replay {shown_path(log)}"]
    lines += [f"Play another market:   {chaffer} negotiate {shown_path(scenario_folder() / 'ten-sellers.json')}"]
    lines += [f"Serve the HTTP API:    {chaffer} serve"]
    for line in lines:
        out().print(line, soft_wrap=True)


def demo_scenario(name: str | None, seed: int | None) -> Body:
    """Return the scenario of the demo, or another one with built-in agents. Raises VALIDATION_ERROR."""
    return read_scenario(name or str(scenario_folder() / "demo.json"), Overrides(provider="builtin", seed=seed))


def scenario_folder() -> Path:
    """Return where the example scenarios lie: in the installed package, or in the clone."""
    packaged = Path(__file__).parent.parent / "scenarios"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "scenarios"


def this_command() -> str:
    """Return what to type to start this program again: its name where the shell finds it, else its path."""
    started = Path(sys.argv[0])
    found = shutil.which("chaffer")
    if found is not None and started.exists() and Path(found).resolve() == started.resolve():
        return "chaffer"
    if started.name.startswith("chaffer"):
        return shown_path(started)
    return f"{shown_path(Path(sys.executable))} -m chaffer"


def shown_path(path: Path) -> str:
    """Return a path as short as it works from here, quoted when a shell would need it."""
    try:
        shown = str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        shown = str(path)
    return f'"{shown}"' if " " in shown else shown
