"""What came out of a market, as tables for people and as one document for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from chaffer.cli.board import Board, RoomOnShow
from chaffer.cli.client import Document
from chaffer.cli.outcomes import Outcome
from chaffer.money import formatted, number_from_minor

if TYPE_CHECKING:
    from rich.console import Console


def outcome_of_board(board: Board) -> Outcome:
    """Return DONE when there is a deal, whatever became of the other rooms; else FAULT when one failed, or NO_DEAL."""
    rooms = board.rooms.values()
    if any(_has_deal(room) for room in rooms):
        return Outcome.DONE
    return Outcome.FAULT if any(room.status == "failed" for room in rooms) else Outcome.NO_DEAL


def results_document(session_id: str, board: Board, summary: Document) -> dict[str, Any]:
    """Return the results of a session: a line per room, and the API's summary."""
    return {
        "session_id": session_id,
        "currency": board.currency,
        "rooms": [_room_line(room) for room in board.rooms.values()],
        "saved_against_list": number_from_minor(saved_minor(board)),
        "summary": dict(summary),
    }


def saved_minor(board: Board) -> int:
    """Return what all deals saved against the chosen sellers' list prices."""
    return sum(room.saved_minor for room in board.rooms.values())


def print_results(board: Board, console: Console) -> None:
    """Print a line per room and the money of the session."""
    table = Table(title="Results", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("item", overflow="fold")
    table.add_column("seller", overflow="fold")
    for name in ("price", "list", "total", "saved", "rounds"):
        table.add_column(name, justify="right", no_wrap=True)
    for room in board.rooms.values():
        table.add_row(*_row(board, room))
    console.print(table)
    for room in board.rooms.values():
        if not _has_deal(room):
            console.print(f"{room.item}: {room.reason or room.status}", style="dim")
        for sentence in _corrections(board, room):
            console.print(f"{room.item}: {sentence}", style="dim")
    console.print(_money_line(board))


def _row(board: Board, room: RoomOnShow) -> list[Text]:
    item = Text(f"{room.quantity} x {room.item}")
    over = room.over
    if over is None or over.price_minor is None or over.total_minor is None:
        word = "no deal" if room.status == "completed" else room.status.replace("_", " ")
        return [item, Text(word, style="red"), *(Text("-", style="dim") for _ in range(4)), Text(str(room.round))]
    listed = room.chosen_list_minor
    return [
        item,
        Text(over.seller_name or "", style="bold"),
        _amount(board, over.price_minor, "green"),
        _amount(board, listed, "dim"),
        _amount(board, over.total_minor),
        _amount(board, room.saved_minor if listed is not None else None, "green"),
        Text(str(over.rounds)),
    ]


def _corrections(board: Board, room: RoomOnShow) -> Iterator[str]:
    """Yield for each agent that was corrected how often, and why at last."""
    last = {correction.agent_id: correction.reason for correction in room.corrections}
    for agent_id, times in Counter(correction.agent_id for correction in room.corrections).items():
        often = "once," if times == 1 else f"{times} times, at last"
        yield f"{room.name_of(agent_id, board.buyer)} was corrected {often} because {last[agent_id]}."


def _amount(board: Board, amount_minor: int | None, style: str = "") -> Text:
    return Text("-" if amount_minor is None else formatted(amount_minor, board.currency), style=style)


def _money_line(board: Board) -> Text:
    spent = sum(room.over.total_minor or 0 for room in board.rooms.values() if room.over is not None)
    saved = saved_minor(board)
    line = Text(f"Spent {formatted(spent, board.currency)}")
    if board.budget_minor is not None:
        line.append(f" of {formatted(board.budget_minor, board.currency)}")
    share = f" ({saved / (spent + saved):.0%})" if saved else ""
    line.append(f". Saved {formatted(saved, board.currency)}{share} against list price.", style="bold green")
    return line


def _has_deal(room: RoomOnShow) -> bool:
    return room.over is not None and room.over.price_minor is not None


def _room_line(room: RoomOnShow) -> dict[str, Any]:
    over = room.over
    return {
        "room_id": room.room_id,
        "item_name": room.item,
        "quantity": room.quantity,
        "status": room.status,
        "seller_id": over.seller_id if over else None,
        "seller_name": over.seller_name if over else None,
        "final_price": _number(over.price_minor if over else None),
        "list_price": _number(room.chosen_list_minor),
        "total_cost": _number(over.total_minor if over else None),
        "saved_against_list": number_from_minor(room.saved_minor),
        "rounds": room.round,
        "messages": room.messages,
        "corrections": len(room.corrections),
        "reason": room.reason or None,
    }


def _number(amount_minor: int | None) -> int | float | None:
    return None if amount_minor is None else number_from_minor(amount_minor)
