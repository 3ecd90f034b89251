"""What `chaffer shopping` does: calls of the API, shown as they are (`--json`) or for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chaffer.cli.answers import show_answer, tell_more
from chaffer.cli.client import Document, Page
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.shop_shows import print_question
from chaffer.cli.tables import print_fields, print_table
from chaffer.cli.tastes import print_preferences
from chaffer.cli.terminal import out
from chaffer.cli.visits import SESSIONS, Shown, Visit, outcome_of_turn
from chaffer.errors import ChafferError, Code
from chaffer.plain_text import harmless, shortened

_TITLE_SHOWN = 60
_SPEAKERS = {"user": "You", "ai": "Assistant"}


async def list_threads(url: str | None, page: Page, *, as_json: bool) -> Outcome:
    """List shopping sessions, newest first."""

    def tell(answer: Document) -> None:
        columns = ("session", "status", "turns", "last", "begins")
        print_table(columns, (_row(session) for session in answer["sessions"]), empty="There are no shopping sessions.")
        tell_more(answer, "shopping list", page, url)

    return await show_answer(url, lambda client: client.get(SESSIONS, **page.query), tell, as_json=as_json)


def _row(session: Document) -> tuple[object, ...]:
    title = shortened(harmless(str(session["title"])), _TITLE_SHOWN)
    return session["session_id"], session["status"], session["turns"], session["updated_at"], title


async def show_thread(url: str | None, session_id: str, *, as_json: bool) -> Outcome:
    """Show all that was said in a session, and what it waits for."""
    return await show_answer(url, lambda client: client.get(_path(session_id)), _tell, as_json=as_json)


def _tell(answer: Document) -> None:
    print_fields((("session", answer["session_id"]), ("user", answer["user_id"]), ("status", answer["status"])))
    print_preferences(answer["user_preferences"])
    for entry in answer["conversation_history"]:
        out().print(f"{_SPEAKERS[entry['role']]}: {harmless(str(entry['content']))}")
    for negotiation in answer["negotiations"]:
        out().print(f"Being haggled for: {harmless(negotiation['product_name'])} in room {negotiation['room_id']}")
    if answer["interrupt"] is not None:
        print_question(answer["interrupt"])


async def follow_thread(url: str | None, session_id: str, after: str | None, *, as_json: bool) -> Outcome:
    """Follow a session from its last turn on, until nothing comes any more."""
    async with open_client(url, recover=True) as client:
        await Visit(client, Shown(as_json=as_json), session_id, {}).come_back(after)
    return Outcome.DONE


async def answer_thread(url: str | None, session_id: str, answer: str, thread_id: str | None, shown: Shown) -> Outcome:
    """Answer a question of the assistant, by default the one that is open, and show what follows."""
    async with open_client(url, recover=True) as client:
        visit = Visit(client, shown, session_id, {})
        question = {"thread_id": thread_id} if thread_id is not None else await _open_question(visit)
        return outcome_of_turn(await visit.answer(answer, question))


async def _open_question(visit: Visit) -> Document:
    question: Document | None = (await visit.state())["interrupt"]
    if question is None:
        command = f"chaffer shop --session {visit.session_id}"
        message = f"Session {visit.session_id} waits for no answer. Say something: {command}"
        raise ChafferError(Code.CONFLICT, message)
    return question


async def haggle_in_thread(
    url: str | None, session_id: str, order: Mapping[str, Any], key: str | None, shown: Shown
) -> Outcome:
    """Send a buyer to a product's sellers, show how they haggle, and return how it ended."""
    async with open_client(url, recover=True) as client:
        news = await Visit(client, shown, session_id, {}).haggle(order, key)
    return Outcome.NO_DEAL if news["invoice_id"] is None else Outcome.DONE


async def delete_thread(url: str | None, session_id: str, *, as_json: bool) -> Outcome:
    """Delete a session with all that was said."""

    def tell(answer: Document) -> None:
        out().print(f"Session {answer['session_id']} is deleted.")

    return await show_answer(url, lambda client: client.delete(_path(session_id)), tell, as_json=as_json)


def _path(session_id: str) -> str:
    return f"{SESSIONS}/{quote(session_id, safe='')}"
