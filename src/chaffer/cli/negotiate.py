"""`chaffer negotiate`: a scenario file played to its end, a progress line per room, the results as a table or JSON."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass

from rich.live import Live
from rich.table import Table

from chaffer.cli.board import Board, RoomOnShow
from chaffer.cli.connection import open_client
from chaffer.cli.moments import Moment, RoomOver, RoundBegan
from chaffer.cli.outcomes import Outcome
from chaffer.cli.playing import SIMULATION, board_of_session, open_session, stopped_on_interrupt, watch
from chaffer.cli.report import outcome_of_board, print_results, results_document
from chaffer.cli.scenario_files import ScenarioFile
from chaffer.cli.terminal import err, is_terminal, out, print_json
from chaffer.money import formatted


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller wants to see: one JSON document, nothing at all, or tables."""

    as_json: bool = False
    quiet: bool = False


async def negotiate(file: ScenarioFile, url: str | None, wanted: Wanted) -> Outcome:
    """Play the scenario, print its results, and return how it ended."""
    async with open_client(url) as client:
        opened = await open_session(client, file)
        session_id = str(opened["session_id"])
        board = await board_of_session(client, session_id, opened)
        async with stopped_on_interrupt(client, board) if url is None else nullcontext():
            await client.post(f"{SIMULATION}/{session_id}/start")
            with Progress(board, silent=wanted.quiet) as progress:
                await watch(client, f"{SIMULATION}/{session_id}/stream", progress)
        summary = await client.get(f"{SIMULATION}/{session_id}/summary")
    if wanted.as_json:
        print_json(results_document(session_id, board, summary))
    elif not wanted.quiet:
        print_results(board, out())
        out().print(f"Session {session_id}", style="dim")
    return outcome_of_board(board)


class Progress:
    """A line per room on standard error: kept up to date on a terminal, else printed when something is settled."""

    def __init__(self, board: Board, *, silent: bool) -> None:
        """Show the rooms of that board, or nothing."""
        self._board = board
        self._silent = silent
        moving = not silent and is_terminal(sys.stderr)
        self._live = Live(console=err(), auto_refresh=False, transient=True) if moving else None

    def __enter__(self) -> Progress:
        """Begin to show."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.stop()

    def see(self, moment: Moment) -> None:
        """Take a moment in and show what it changes."""
        self._board.see(moment)
        if self._silent or not isinstance(moment, RoundBegan | RoomOver):
            return
        if self._live is not None:
            self._live.update(self._lines(), refresh=True)
        room = self._board.rooms.get(moment.room_id)
        if isinstance(moment, RoomOver) and room is not None:
            err().print(self._line(room))

    def _lines(self) -> Table:
        lines = Table.grid(padding=(0, 1))
        for room in self._board.rooms.values():
            if room.is_open:
                lines.add_row(self._line(room))
        return lines

    def _line(self, room: RoomOnShow) -> str:
        front = f"{room.quantity} x {room.item}: "
        if room.over is not None and room.over.price_minor is not None:
            price = formatted(room.over.price_minor, self._board.currency)
            return f"{front}deal with {room.over.seller_name} at {price} after {room.round} rounds"
        if not room.is_open:
            return f"{front}no deal: {room.reason or room.status}"
        best = room.best
        offer = "" if best is None else f", best {formatted(best.price_minor or 0, self._board.currency)} ({best.name})"
        return f"{front}{'waiting' if not room.round else f'round {room.round} of {room.max_rounds}'}{offer}"
