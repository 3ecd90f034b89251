"""What `chaffer rooms` does: calls of the API, shown as they are (`--json`) or for people."""

from __future__ import annotations

import sys

from chaffer.cli.answers import show, show_answer
from chaffer.cli.client import Document
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.playing import NEGOTIATION, Watched, board_of_room, play_here, print_events, watch
from chaffer.cli.shows import opened_show
from chaffer.cli.tables import amount, print_fields, print_table
from chaffer.cli.terminal import is_terminal, out
from chaffer.plain_text import harmless


async def show_room(url: str | None, room_id: str, agent: str | None, *, as_json: bool) -> Outcome:
    """Show where a room stands, as the operator or as one agent sees it."""
    path = f"{NEGOTIATION}/{room_id}/state"
    return await show_answer(url, lambda client: client.get(path, agent_id=agent), _tell, as_json=as_json)


def _tell(answer: Document) -> None:
    print_fields(
        (
            ("room", answer["room_id"]),
            ("item", answer["item_name"]),
            ("status", answer["status"]),
            ("round", f"{answer['current_round']} of {answer['max_rounds']}"),
            ("budget", _budget(answer)),
            ("reason", answer["reason"]),
        )
    )
    offers = (
        (seller_id, offer["seller_name"], amount(offer["price"], answer), offer["quantity"])
        for seller_id, offer in answer["current_offers"].items()
    )
    print_table(("seller", "name", "offer", "quantity"), offers, empty="There are no offers yet.")
    for message in answer["conversation_history"]:
        out().print(f"{message['turn']:>3}  {harmless(message['sender_name'])}: {harmless(message['message'])}")


def _budget(state: Document) -> str | None:
    budget = state["buyer_budget"]
    return None if budget is None else f"{amount(budget['remaining'], state)} left of {amount(budget['max'], state)}"


async def start_room(url: str | None, room_id: str, *, as_json: bool) -> Outcome:
    """Start a room; in this process also play it to its end."""
    async with open_client(url) as client:
        board = await board_of_room(client, room_id)
        answer = await client.post(f"{NEGOTIATION}/{room_id}/start")
        show(answer, _tell_started, as_json=as_json)
        if url is None:
            await play_here(client, Watched(f"{NEGOTIATION}/{room_id}/stream", room_id), board)
    return Outcome.DONE


def _tell_started(answer: Document) -> None:
    out().print(f"Started: {harmless(str(answer['buyer_opening_message']))}")


async def say_in_room(url: str | None, room_id: str, message: str, key: str | None, *, as_json: bool) -> Outcome:
    """Say something in the buyer's place."""
    path, body = f"{NEGOTIATION}/{room_id}/message", {"message": message}
    return await show_answer(url, lambda client: client.post(path, body, key=key), _tell_said, as_json=as_json)


def _tell_said(answer: Document) -> None:
    out().print(f"Said to {', '.join(answer['mentioned_sellers']) or 'nobody'} ({answer['message_id']}).")


async def decide_room(url: str | None, room_id: str, seller_id: str | None, *, as_json: bool) -> Outcome:
    """Have the buyer decide, or accept a seller's offer in its place."""
    path, body = f"{NEGOTIATION}/{room_id}/decide", {} if seller_id is None else {"force_select_seller": seller_id}
    async with open_client(url, recover=True) as client:
        answer = await client.post(path, body)
    show(answer, lambda answer: out().print(_decision(answer)), as_json=as_json)
    return Outcome.DONE if answer.get("selected_seller") else Outcome.NO_DEAL


def _decision(answer: Document) -> str:
    chosen = answer.get("selected_seller")
    reason = harmless(str(answer.get("decision_reason") or ""))
    if not chosen:
        return f"No deal: {reason}"
    seller, price = harmless(str(chosen["seller_name"])), f"{chosen['final_price']:,.2f}"
    return f"Deal: {chosen['quantity']} from {seller} at {price}. {reason}"


async def stop_room(url: str | None, room_id: str, *, as_json: bool) -> Outcome:
    """End a room without a deal."""

    def tell(answer: Document) -> None:
        out().print(f"Room {room_id} is {answer['status']}.")

    return await show_answer(url, lambda client: client.post(f"{NEGOTIATION}/{room_id}/stop"), tell, as_json=as_json)


async def watch_room(url: str | None, room_id: str, agent: str | None, after: str | None, *, as_json: bool) -> Outcome:
    """Follow a room to its end, as the operator or as one agent sees it."""
    watched = Watched(f"{NEGOTIATION}/{room_id}/stream", room_id, agent, after)
    async with open_client(url, recover=True) as client:
        if as_json:
            await print_events(client, watched)
            return Outcome.DONE
        board = await board_of_room(client, room_id, agent)
        with opened_show(board, out(), live=is_terminal(sys.stdout)) as show:
            await watch(client, watched, show)
    return Outcome.DONE
