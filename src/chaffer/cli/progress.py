"""A line per room on standard error while rooms are being played."""

from __future__ import annotations

import sys
from typing import Self

from rich.live import Live
from rich.table import Table

from chaffer.cli.board import Board, RoomOnShow
from chaffer.cli.moments import Moment, RoomOver, RoundBegan
from chaffer.cli.terminal import err, is_terminal
from chaffer.money import formatted


class Progress:
    """A line per room on standard error: kept up to date on a terminal, else printed when something is settled."""

    def __init__(self, board: Board, *, silent: bool = False) -> None:
        """Show the rooms of that board, or nothing."""
        self._board = board
        self._silent = silent
        moving = not silent and is_terminal(sys.stderr)
        self._live = Live(console=err(), auto_refresh=False, transient=True) if moving else None

    def __enter__(self) -> Self:
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
            return f"{front}{'failed' if room.status == 'failed' else 'no deal'}: {room.reason or room.status}"
        best = room.best
        offer = "" if best is None else f", best {formatted(best.price_minor or 0, self._board.currency)} ({best.name})"
        return f"{front}{'waiting' if not room.round else f'round {room.round} of {room.max_rounds}'}{offer}"
