"""What `chaffer conversations` does: calls of the API, shown as they are (`--json`) or for people."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from chaffer.cli.answers import show_answer, tell_more
from chaffer.cli.chat import see_to_the_end
from chaffer.cli.chat_shows import print_message, show_of
from chaffer.cli.chat_visits import CHAT, CONVERSATIONS, ChatVisit, outcome_of_turn
from chaffer.cli.client import Document, Page
from chaffer.cli.connection import open_client
from chaffer.cli.exports import save
from chaffer.cli.outcomes import Outcome
from chaffer.cli.shop import Wish
from chaffer.cli.tables import print_fields, print_table
from chaffer.cli.terminal import out
from chaffer.cli.visits import Shown
from chaffer.errors import ChafferError, Code
from chaffer.plain_text import harmless, shortened

_TITLE_SHOWN: Final = 60


async def list_conversations(url: str | None, page: Page, query: str | None, *, as_json: bool) -> Outcome:
    """List conversations, those that hold all words of a search alone."""

    def tell(answer: Document) -> None:
        columns = ("conversation", "pinned", "messages", "last", "title" if query is None else "found")
        rows = (_row(found, by_title=query is None) for found in answer["conversations"])
        empty = "There are no conversations." if query is None else f"No conversation holds {harmless(query)!r}."
        print_table(columns, rows, empty=empty)
        tell_more(answer, "conversations list" if query is None else "conversations search WORDS", page, url)

    return await show_answer(
        url, lambda client: client.get(CONVERSATIONS, query=query, **page.query), tell, as_json=as_json
    )


def _row(found: Document, *, by_title: bool) -> tuple[object, ...]:
    told = shortened(harmless(str(found["title" if by_title else "preview"])), _TITLE_SHOWN)
    return found["id"], "yes" if found["pinned"] else "", found["message_count"], found["updated_at"], told


async def open_conversation(url: str | None, new: dict[str, Any], key: str | None, *, as_json: bool) -> Outcome:
    """Open a conversation before anything is said."""

    def tell(answer: Document) -> None:
        out().print(f"Conversation {answer['id']} is open. Talk: chaffer chat --conversation {answer['id']}")

    return await show_answer(url, lambda client: client.post(CONVERSATIONS, new, key=key), tell, as_json=as_json)


async def show_conversation(
    url: str | None, conversation_id: str, limit: int, before: int | None, *, as_json: bool
) -> Outcome:
    """Show the last messages of a conversation, or the last before a number, and what it waits for."""

    def tell(answer: Document) -> None:
        shown = ("id", "title", "user_id", "status")
        print_fields((name.removesuffix("_id"), answer[name]) for name in shown)
        if answer["next_before"] is not None:
            out().print(f"(earlier: --before {answer['next_before']})", style="dim")
        for message in answer["messages"]:
            print_message(message)
        for one in answer["negotiations"]:
            name = harmless(str(one["product_name"]))
            out().print(f"Being haggled for: {one['quantity']} x {name} in room {one['room_id']}")
        if answer["pending_approval"] is not None:
            out().print(f"That waits: chaffer conversations approve {answer['id']}, or decline")

    return await show_answer(
        url, lambda client: client.get(_path(conversation_id), limit=limit, before=before), tell, as_json=as_json
    )


async def follow_conversation(url: str | None, conversation_id: str, after: str | None, *, as_json: bool) -> Outcome:
    """Follow a conversation from its last turn on, until nothing comes any more."""
    async with open_client(url, recover=True) as client:
        await ChatVisit(client, show_of(Shown(as_json=as_json)), conversation_id, {}).follow(after)
    return Outcome.DONE


async def answer_approval(
    url: str | None, conversation_id: str, call_id: str | None, shown: Shown, *, approve: bool
) -> Outcome:
    """Allow a tool, by default the one that waits, or not, and show what follows."""
    async with open_client(url, recover=True) as client:
        visit = ChatVisit(client, show_of(shown), conversation_id, {})
        waits = {"tool_call_id": call_id} if call_id is not None else (await visit.take_up())["pending_approval"]
        if waits is None:
            message = (
                f"Conversation {conversation_id} waits for no approval. Say something: chaffer chat --conversation"
            )
            raise ChafferError(Code.CONFLICT, message)
        ended = await visit.approve(waits, approve=approve)
        await see_to_the_end(visit, Wish(conversation_id, {}, None, url))
    return outcome_of_turn(ended)


async def stop_answer(url: str | None, conversation_id: str, *, as_json: bool) -> Outcome:
    """Leave the answer of a conversation off."""

    def tell(answer: Document) -> None:
        out().print(f"Conversation {answer['conversation_id']} is {answer['status']}.")

    order = {"conversation_id": conversation_id}
    return await show_answer(url, lambda client: client.post(f"{CHAT}/stop", order), tell, as_json=as_json)


async def change_conversation(
    url: str | None, conversation_id: str, changes: dict[str, Any], *, as_json: bool
) -> Outcome:
    """Give a conversation a title, or pin it above the others."""

    def tell(answer: Document) -> None:
        pinned = ", and pinned" if answer["pinned"] else ""
        out().print(f"Conversation {answer['id']} is called {harmless(str(answer['title']))!r}{pinned}.")

    path = _path(conversation_id)
    return await show_answer(url, lambda client: client.patch(path, changes), tell, as_json=as_json)


async def delete_conversation(url: str | None, conversation_id: str, *, as_json: bool) -> Outcome:
    """Delete a conversation with all that was said."""

    def tell(answer: Document) -> None:
        out().print(f"Conversation {answer['id']} is deleted.")

    return await show_answer(url, lambda client: client.delete(_path(conversation_id)), tell, as_json=as_json)


async def export_conversation(url: str | None, conversation_id: str, form: str, out_file: str) -> Outcome:
    """Write a conversation to a file, or to standard output."""
    async with open_client(url) as client:
        content = await client.download(f"{_path(conversation_id)}/export.{form}")
    return await save(content, out_file, is_pdf=form == "pdf")


async def list_tools(url: str | None, *, as_json: bool) -> Outcome:
    """List what the assistant can do."""

    def tell(answer: Document) -> None:
        rows = (
            (
                one["name"],
                one["agent_type"],
                "yes" if one["needs_approval"] else "",
                " ".join(one["description"].split()),
            )
            for one in answer["tools"]
        )
        print_table(("tool", "specialist", "asks first", "does"), rows, empty="There are no tools.")

    return await show_answer(url, lambda client: client.get(f"{CHAT}/tools"), tell, as_json=as_json)


def _path(conversation_id: str) -> str:
    return f"{CONVERSATIONS}/{quote(conversation_id, safe='')}"
