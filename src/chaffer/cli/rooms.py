"""What `chaffer rooms` does: calls of the API, shown as they are (`--json`) or for people."""

from __future__ import annotations

import sys

from chaffer.cli.client import Document
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.plain_text import harmless
from chaffer.cli.playing import NEGOTIATION, Watched, board_of_room, play_here, print_events, watch
from chaffer.cli.shows import opened_show
from chaffer.cli.tables import amount, print_fields, print_table
from chaffer.cli.terminal import is_terminal, out, print_json


async def show_room(url: str | None, room_id: str, agent: str | None, *, as_json: bool) -> Outcome:
    """Show where a room stands, as the operator or as one agent sees it."""
    async with open_client(url) as client:
        answer = await client.get(f"{NEGOTIATION}/{room_id}/state", agent_id=agent)
    if as_json:
        print_json(answer)
        return Outcome.DONE
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
    return Outcome.DONE


def _budget(state: Document) -> str | None:
    budget = state["buyer_budget"]
    return None if budget is None else f"{amount(budget['remaining'], state)} left of {amount(budget['max'], state)}"


async def start_room(url: str | None, room_id: str, *, as_json: bool) -> Outcome:
    """Start a room; in this process also play it to its end."""
    async with open_client(url) as client:
        board = await board_of_room(client, room_id)
        answer = await client.post(f"{NEGOTIATION}/{room_id}/start")
        if as_json:
            print_json(answer)
        else:
            out().print(f"Started: {harmless(str(answer['buyer_opening_message']))}")
        if url is None:
            await play_here(client, Watched(f"{NEGOTIATION}/{room_id}/stream", room_id), board)
    return Outcome.DONE


async def say_in_room(url: str | None, room_id: str, message: str, key: str | None, *, as_json: bool) -> Outcome:
    """Say something in the buyer's place."""
    async with open_client(url) as client:
        answer = await client.post(f"{NEGOTIATION}/{room_id}/message", {"message": message}, key=key)
    if as_json:
        print_json(answer)
    else:
        out().print(f"Said to {', '.join(answer['mentioned_sellers']) or 'nobody'} ({answer['message_id']}).")
    return Outcome.DONE


async def decide_room(url: str | None, room_id: str, seller_id: str | None, *, as_json: bool) -> Outcome:
    """Have the buyer decide, or accept a seller's offer in its place."""
    body = {} if seller_id is None else {"force_select_seller": seller_id}
    async with open_client(url, recover=True) as client:
        answer = await client.post(f"{NEGOTIATION}/{room_id}/decide", body)
    chosen = answer.get("selected_seller")
    if as_json:
        print_json(answer)
    else:
        out().print(_decision(answer))
    return Outcome.DONE if chosen else Outcome.NO_DEAL


def _decision(answer: Document) -> str:
    chosen = answer.get("selected_seller")
    reason = harmless(str(answer.get("decision_reason") or ""))
    if not chosen:
        return f"No deal: {reason}"
    seller, price = harmless(str(chosen["seller_name"])), f"{chosen['final_price']:,.2f}"
    return f"Deal: {chosen['quantity']} from {seller} at {price}. {reason}"


async def stop_room(url: str | None, room_id: str, *, as_json: bool) -> Outcome:
    """End a room without a deal."""
    async with open_client(url) as client:
        answer = await client.post(f"{NEGOTIATION}/{room_id}/stop")
    if as_json:
        print_json(answer)
    else:
        out().print(f"Room {room_id} is {answer['status']}.")
    return Outcome.DONE


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
