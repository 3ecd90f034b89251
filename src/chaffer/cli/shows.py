"""How a board is shown: live on a terminal, or line by line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chaffer.cli.board import Board, RoomOnShow, Stall, Utterance
from chaffer.cli.moments import Corrected, Moment, Remarked, RoomOver, Said
from chaffer.cli.terminal import can_show, out
from chaffer.money import formatted
from chaffer.plain_text import harmless

if TYPE_CHECKING:
    from rich.console import RenderableType

PICTURES_A_SECOND: Final = 15
LINES_OF_SPEECH: Final = 2
LINES_OF_TABLE: Final = 8
INDENT: Final = 2
BAR_WIDTH: Final = 24
WIDTH_FOR_BARS: Final = 72

_COLOURS: Final = ("cyan", "magenta", "yellow", "green", "blue", "bright_red", "bright_cyan", "bright_magenta")
_BUYERS_STYLE: Final = "bold white"


class Show(Protocol):
    """Shows moments as they come."""

    def see(self, moment: Moment) -> None:
        """Show a moment."""
        ...


class PlainShow:
    """Prints a line for everything that was said and decided; for pipes, files and consoles without a cursor."""

    def __init__(self, board: Board, console: Console) -> None:
        """Print what happens on that board."""
        self._board = board
        self._lines = Lines(board)
        self._console = console

    def see(self, moment: Moment) -> None:
        """Take the moment in and print it."""
        self._board.see(moment)
        for line, indent in self._lines.of(moment):
            self._console.print(Text(" " * indent).append_text(line))


class LiveShow:
    """What was said scrolls above; below it stand what is being said, the offers, the round and the budget."""

    def __init__(self, board: Board, live: Live) -> None:
        """Show that board in that live region."""
        self._board = board
        self._lines = Lines(board)
        self._live = live
        self._drawn = 0.0

    def see(self, moment: Moment) -> None:
        """Take the moment in, print what is final, and redraw the rest, growing messages no more often than needed."""
        self._board.see(moment)
        lines = self._lines.of(moment)
        if lines:
            self._live.update(self._picture())
            for line, indent in lines:
                self._live.console.print(Padding(line, (0, 0, 0, indent)))
        elif time.monotonic() - self._drawn >= 1 / PICTURES_A_SECOND:
            self._live.update(self._picture(), refresh=True)
            self._drawn = time.monotonic()

    def _picture(self) -> RenderableType:
        """Return the part that changes."""
        room = self._board.on_stage
        if room is None or self._board.is_over:
            return Text()
        return Group(
            *_speech(self._board, room, self._live.console), offers_table(self._board, room, self._live.console.width)
        )


@contextmanager
def opened_show(board: Board, console: Console, *, live: bool) -> Iterator[Show]:
    """Open the show that fits; a live one gives the terminal back as it was."""
    if not live:
        yield PlainShow(board, console)
        return
    with Live(console=console, auto_refresh=False, transient=True) as region:
        yield LiveShow(board, region)


class Lines:
    """The lines that moments leave on the terminal for good, with a headline where the room or its round changes."""

    def __init__(self, board: Board) -> None:
        """Tell what happens on that board, to which each moment is shown first."""
        self._board = board
        self._headline = ""

    def of(self, moment: Moment) -> list[tuple[Text, int]]:
        """Return the lines of a moment, each with its indentation."""
        room = self._board.rooms.get(moment.room_id)
        match moment:
            case Said() if room is not None:
                return self._spoken(room, _message(self._board, room, moment))
            case Corrected() if room is not None:
                who = room.name_of(moment.agent_id, self._board.buyer)
                return self._spoken(room, _remark(f"{who} was corrected: {moment.reason}"))
            case Remarked() if room is not None:
                return self._spoken(room, _remark(moment.text))
            case RoomOver() if room is not None:
                return [(_verdict(self._board, room, moment), 0)]
            case _:
                return []

    def _spoken(self, room: RoomOnShow, line: Text) -> list[tuple[Text, int]]:
        headline = f"\n{room.quantity} x {room.item}, round {room.round} of {room.max_rounds}"
        above = [] if headline == self._headline else [(Text(headline, style="bold"), 0)]
        self._headline = headline
        return [*above, (line, INDENT)]


def _remark(text: str) -> Text:
    return Text(f"- {text}", style="dim italic")


def _message(board: Board, room: RoomOnShow, moment: Said) -> Text:
    speaker = board.buyer if moment.seller_id is None else moment.speaker
    line = Text.assemble((f"{speaker}: ", style_of(room, moment.seller_id)), moment.text)
    if moment.price_minor is not None:
        line.append(f"  [{formatted(moment.price_minor, board.currency)}]", style="bold")
    return line


def _verdict(board: Board, room: RoomOnShow, moment: RoomOver) -> Text:
    if moment.price_minor is None or moment.seller_name is None:
        kind = "No deal" if moment.status == "completed" else moment.status.capitalize()
        return Text(f"\n{_mark('✗', 'x')} {kind} for {room.quantity} x {room.item}: {moment.reason}", style="bold red")
    total = formatted(moment.total_minor or 0, board.currency)
    saved = formatted(room.saved_minor, board.currency)
    price = formatted(moment.price_minor, board.currency)
    text = (
        f"\n{_mark('✓', '*')} Deal: {room.quantity} x {room.item} from {moment.seller_name} at {price}, {total} in all"
    )
    return Text(f"{text}; {saved} below list.", style="bold green")


def _speech(board: Board, room: RoomOnShow, console: Console) -> Iterator[RenderableType]:
    """Yield what is being said: as many speakers, and as much of each one's words, as the terminal has room for."""
    space = max(console.height - len(room.stalls) - LINES_OF_TABLE, 1)
    speakers = list(room.speaking.values())[-space:]
    lines = min(space // max(len(speakers), 1), LINES_OF_SPEECH)
    for spoken in speakers:
        front = f"{spoken.speaker}: "
        space_for_words = max(lines * (console.width - INDENT) - len(front) - 8, 8)
        words = _end_of(harmless(spoken.text), space_for_words) or "..."
        yield Padding(Text.assemble((front, _style_of_speaker(board, room, spoken)), words), (0, 0, 0, INDENT))


def _end_of(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"...{text[-characters:]}"


def offers_table(board: Board, room: RoomOnShow, width: int) -> RenderableType:
    """Return the standing offers of a room, under its round and the budget."""
    heading = f"{room.quantity} x {room.item}   round {room.round} of {room.max_rounds}"
    if board.budget_minor is not None and board.remaining_minor is not None:
        left, budget = formatted(board.remaining_minor, board.currency), formatted(board.budget_minor, board.currency)
        heading += f"   budget {left} of {budget}"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("seller", overflow="fold")
    table.add_column("list", justify="right", no_wrap=True)
    table.add_column("offer", justify="right", no_wrap=True)
    table.add_column("down", no_wrap=True)
    best, bar_width = room.best, BAR_WIDTH if width >= WIDTH_FOR_BARS else 0
    for stall in room.stalls.values():
        table.add_row(*_offer_row(board, room, stall, is_best=stall is best, bar_width=bar_width))
    return Padding(Group(Text(heading, style="bold"), table), (1, 0, 0, INDENT))


def _offer_row(
    board: Board, room: RoomOnShow, stall: Stall, *, is_best: bool, bar_width: int
) -> tuple[Text, Text, Text, Text]:
    name = Text(stall.name, style=style_of(room, stall.seller_id))
    listed = Text("-" if stall.list_minor is None else formatted(stall.list_minor, board.currency), style="dim")
    if stall.left:
        return name, listed, Text("left", style="dim"), Text()
    if stall.price_minor is None:
        return name, listed, Text("-", style="dim"), Text()
    offer = Text(formatted(stall.price_minor, board.currency), style="bold green" if is_best else "")
    down = 0.0 if not stall.list_minor else (stall.list_minor - stall.price_minor) / stall.list_minor
    bar = _mark("█", "#") * round(down * bar_width)
    words = f"{bar} {down:.0%}{' best' if is_best else ''}".strip()
    return name, listed, offer, Text(words, style="green" if is_best else "dim")


def style_of(room: RoomOnShow, seller_id: str | None) -> str:
    """Return the colour of a speaker: each seller of a room has its own."""
    if seller_id is None or seller_id not in room.stalls:
        return _BUYERS_STYLE
    return f"bold {_COLOURS[list(room.stalls).index(seller_id) % len(_COLOURS)]}"


def _style_of_speaker(board: Board, room: RoomOnShow, spoken: Utterance) -> str:
    named = (stall.seller_id for stall in room.stalls.values() if stall.name == spoken.speaker)
    return style_of(room, None if spoken.speaker == board.buyer else next(named, None))


def _mark(sign: str, instead: str) -> str:
    return sign if can_show(out().encoding, sign) else instead
