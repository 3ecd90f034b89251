"""What `chaffer sessions` does: calls of the API, shown as they are (`--json`) or as tables."""

from __future__ import annotations

import sys

from chaffer.cli.answers import show, show_answer, tell_more
from chaffer.cli.bodies import Body
from chaffer.cli.client import Document, Page
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.playing import SIMULATION, Watched, board_of_session, open_session, play_here, print_events, watch
from chaffer.cli.shows import opened_show
from chaffer.cli.tables import amount, print_fields, print_table
from chaffer.cli.terminal import is_terminal, out
from chaffer.plain_text import harmless


async def list_sessions(url: str | None, page: Page, *, as_json: bool) -> Outcome:
    """List sessions, newest first."""

    def tell(answer: Document) -> None:
        rows = (_session_row(session) for session in answer["sessions"])
        print_table(("session", "status", "created", "buyer", "rooms"), rows, empty="There are no sessions.")
        tell_more(answer, "sessions list", page, url)

    return await show_answer(url, lambda client: client.get(SIMULATION, **page.query), tell, as_json=as_json)


def _session_row(session: Document) -> tuple[object, ...]:
    buyer = session.get("buyer") or {}
    rooms = session.get("negotiation_rooms") or ()
    return session["session_id"], session["status"], session["created_at"], buyer.get("name"), len(rooms)


async def open_from_file(url: str | None, scenario: Body, key: str | None, *, as_json: bool) -> Outcome:
    """Open a session and tell its rooms."""
    return await show_answer(url, lambda client: open_session(client, scenario, key=key), _tell_opened, as_json=as_json)


def _tell_opened(answer: Document) -> None:
    out().print(f"Session {answer['session_id']}")
    rows = (
        (room["room_id"], room["quantity_needed"], room["item_name"], room["status"], _sellers(room))
        for room in answer["negotiation_rooms"]
    )
    print_table(("room", "quantity", "item", "status", "sellers"), rows, empty="It has no rooms.")
    out().print(f"Go on with: chaffer sessions start {answer['session_id']}")


def _sellers(room: Document) -> object:
    return [seller["seller_name"] for seller in room["participating_sellers"]] or room.get("reason")


async def show_session(url: str | None, session_id: str, *, as_json: bool) -> Outcome:
    """Show a session and its rooms."""
    return await show_answer(url, lambda client: client.get(f"{SIMULATION}/{session_id}"), _tell, as_json=as_json)


def _tell(answer: Document) -> None:
    buyer = answer["buyer"]
    print_fields(
        (
            ("session", answer["session_id"]),
            ("status", answer["status"]),
            ("created", answer["created_at"]),
            ("buyer", buyer["name"]),
            ("budget", f"{amount(buyer['remaining_budget'], answer)} left of {amount(buyer['total_budget'], answer)}"),
            ("sellers", [seller["name"] for seller in answer["sellers"]]),
            ("provider", answer["llm_provider"]),
            ("seed", answer["seed"]),
        )
    )
    rows = (
        (
            room["room_id"],
            room["quantity_needed"],
            room["item_name"],
            room["status"],
            room["current_round"],
            room["participating_sellers_count"],
        )
        for room in answer["negotiation_rooms"]
    )
    print_table(("room", "quantity", "item", "status", "round", "sellers"), rows, empty="It has no rooms.")


async def show_summary(url: str | None, session_id: str, *, as_json: bool) -> Outcome:
    """Show what a session brought."""
    path = f"{SIMULATION}/{session_id}/summary"
    return await show_answer(url, lambda client: client.get(path), _tell_summary, as_json=as_json)


def _tell_summary(answer: Document) -> None:
    purchases = (
        (
            bought["quantity"],
            bought["item_name"],
            bought["selected_seller"],
            amount(bought["final_price_per_unit"], answer),
            amount(bought["list_price_per_unit"], answer),
            amount(bought["total_cost"], answer),
            amount(bought["saved"], answer),
        )
        for bought in answer["purchases"]
    )
    columns = ("quantity", "item", "seller", "price", "list", "total", "saved")
    print_table(columns, purchases, empty="Nothing was bought.")
    for failed in answer["failed_items"]:
        out().print(f"Not bought: {harmless(failed['item_name'])}: {harmless(failed['reason'])}")
    for item in (*answer["purchases"], *answer["failed_items"]):
        if item["corrections"]:
            out().print(f"Replies that were not let through, {harmless(item['item_name'])}: {item['corrections']}.")
    budget = answer["budget_summary"]
    out().print(
        f"Spent {amount(budget['total_spent'], answer)} of {amount(budget['initial_budget'], answer)}, "
        f"saved {amount(budget['total_saved'], answer)} against list price."
    )


async def start_session(url: str | None, session_id: str, *, as_json: bool) -> Outcome:
    """Start a session's pending rooms; in this process also play them to their end."""

    def tell(_: Document) -> None:
        out().print(f"Started. Follow it with: chaffer sessions watch {session_id}{_with_url(url)}")

    async with open_client(url) as client:
        board = await board_of_session(client, session_id)
        answer = await client.post(f"{SIMULATION}/{session_id}/start")
        show(answer, tell, as_json=as_json)
        if url is None:
            await play_here(client, Watched(f"{SIMULATION}/{session_id}/stream"), board)
    return Outcome.DONE


async def watch_session(
    url: str | None, session_id: str, agent: str | None, after: str | None, *, as_json: bool
) -> Outcome:
    """Follow a session's rooms to their end, as the operator or as one agent sees them."""
    watched = Watched(f"{SIMULATION}/{session_id}/stream", agent=agent, after=after)
    async with open_client(url, recover=True) as client:
        if as_json:
            await print_events(client, watched)
            return Outcome.DONE
        board = await board_of_session(client, session_id, agent)
        with opened_show(board, out(), live=is_terminal(sys.stdout)) as show:
            await watch(client, watched, show)
    return Outcome.DONE


async def delete_session(url: str | None, session_id: str, *, as_json: bool) -> Outcome:
    """Delete a session and tell where its logs are."""

    def tell(answer: Document) -> None:
        where = f" Its logs stay in {answer.get('log_path')}." if answer.get("logs_saved") else ""
        out().print(f"Session {session_id} is deleted.{where}")

    return await show_answer(url, lambda client: client.delete(f"{SIMULATION}/{session_id}"), tell, as_json=as_json)


def _with_url(url: str | None) -> str:
    return "" if url is None else f" --url {url}"
