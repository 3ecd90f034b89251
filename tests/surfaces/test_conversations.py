"""Conversations over HTTP: one requirement per test, its source named."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from chaffer.assistant.tools import ListInvoices
from chaffer.errors import Code
from tests.support.chats import ScriptedMind, says, wishes
from tests.support.chatting import CHATTING, CONVERSATIONS, approval_of, chat, paying, script, told
from tests.support.exports import rows_of, text_of_pdf
from tests.support.server import Surface, got, posted, surface
from tests.support.shop import refused

TALKING = ScriptedMind()
SCHEMA: dict[str, Any] = json.loads(Path("docs/export.schema.json").read_text(encoding="utf-8"))


def test_conversation_is_opened_looked_at_and_deleted(tmp_path: Path) -> None:
    """Specification 004, "Conversation Management"."""

    async def case(at: Surface) -> None:
        opened = await posted(at.client, CONVERSATIONS, {"user_id": "zoe", "title": "Optional title"})
        path = f"{CONVERSATIONS}/{opened['id']}"
        state = await got(at.client, path, user_id="zoe")
        assert opened.items() <= state.items()
        assert (state["title"], state["messages"], state["status"]) == ("Optional title", [], "idle")
        await told(at.client, "Hello", conversation_id=opened["id"], user_id="zoe")
        state = await got(at.client, path, user_id="zoe")
        assert state["title"] == "Optional title"
        assert [(one["role"], one["content"], one["agent_type"]) for one in state["messages"]] == [
            ("user", "Hello", None),
            ("assistant", "billing did 0.", "billing"),
        ]
        gone = await at.client.delete(path, params={"user_id": "zoe"})
        assert gone.json()["id"] == opened["id"]
        for answer in (
            await at.client.get(path),
            await at.client.delete(path),
            await at.client.get(f"{path}/messages"),
        ):
            refused(answer, Code.CONVERSATION_NOT_FOUND)

    chat(tmp_path, TALKING, case)


def test_user_that_is_named_sees_its_own_alone(tmp_path: Path) -> None:
    """CONTRACT §1: every creating call and list takes `user_id`; the specification names it on each path."""

    async def case(at: Surface) -> None:
        turn = await told(at.client, "Pay it", user_id="zoe")
        path = f"{CONVERSATIONS}/{turn['conversation_id']}"
        assert len((await got(at.client, CONVERSATIONS, user_id="zoe"))["conversations"]) == 1
        assert not (await got(at.client, CONVERSATIONS, user_id="yan"))["conversations"]
        refused(await at.client.get(path, params={"user_id": "yan"}), Code.CONVERSATION_NOT_FOUND)
        yans = {"user_id": "yan", "conversation_id": turn["conversation_id"]}
        for end, body in (("", {"message": "Hi"}), ("/stop", {}), ("/approve", approval_of(turn))):
            answer = await at.client.post(f"{CHATTING}{end}", json={**body, **yans})
            refused(answer, Code.CONVERSATION_NOT_FOUND)
        assert (await got(at.client, path, user_id="zoe"))["pending_approval"] is not None

    chat(tmp_path, paying(), case)


def test_title_is_made_of_what_is_said_first_until_somebody_gives_one(tmp_path: Path) -> None:
    """Issue 6: a title made from the first exchange; rename, pin."""

    async def case(at: Surface) -> None:
        first = (await told(at.client, "Hello! Find me a quiet keyboard under 120."))["conversation_id"]
        second = (await told(at.client, "What invoices do I have?"))["conversation_id"]
        listed = (await got(at.client, CONVERSATIONS))["conversations"]
        assert [(one["id"], one["title"]) for one in listed] == [
            (second, "What invoices do I have?"),
            (first, "Find me a quiet keyboard under 120"),
        ]
        patched = await at.client.patch(f"{CONVERSATIONS}/{first}", json={"title": "Keyboards", "pinned": True})
        assert patched.json()["title"] == "Keyboards"
        listed = (await got(at.client, CONVERSATIONS))["conversations"]
        assert [(one["id"], one["pinned"]) for one in listed] == [(first, True), (second, False)]
        await told(at.client, "And mice?", conversation_id=first)
        assert (await got(at.client, f"{CONVERSATIONS}/{first}"))["title"] == "Keyboards"
        for wrong in ({"title": ""}, {"title": "x" * 201}, {"pinned": "perhaps"}, {"color": "red"}):
            refused(await at.client.patch(f"{CONVERSATIONS}/{first}", json=wrong), Code.VALIDATION_ERROR)

    chat(tmp_path, TALKING, case)


def test_a_greeting_is_no_title_what_is_said_behind_it_is(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for greeting, wish, title in (
            ("Hi!", "Find me a quiet keyboard under 120.", "Find me a quiet keyboard under 120"),
            ("hello there", "hello again, what do I owe?", "What do I owe?"),
            ("Good morning.", "Hi-fi speakers, please", "Hi-fi speakers, please"),
        ):
            begun = (await told(at.client, greeting))["conversation_id"]
            assert (await got(at.client, f"{CONVERSATIONS}/{begun}"))["title"] == ""
            await told(at.client, wish, conversation_id=begun)
            assert (await got(at.client, f"{CONVERSATIONS}/{begun}"))["title"] == title
            assert (await got(at.client, CONVERSATIONS))["conversations"][0]["title"] == title

    chat(tmp_path, TALKING, case)


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_messages_come_in_pages_and_words_are_found(tmp_path: Path, *, durable: bool) -> None:
    """Issue 6: cursor paging of messages; search in text."""

    async def case(at: Surface) -> None:
        conversation_id = (await told(at.client, "Message 0"))["conversation_id"]
        for number in range(1, 5):
            await told(at.client, f"Message {number}", conversation_id=conversation_id)
        path, pages, before = f"{CONVERSATIONS}/{conversation_id}", list[dict[str, Any]](), dict[str, str]()
        while True:
            page = await got(at.client, f"{path}/messages", limit="3", **before)
            pages = [*page["messages"], *pages]
            if page["next_before"] is None:
                break
            before = {"before": str(page["next_before"])}
        assert [one["number"] for one in pages] == list(range(10))
        assert [one["content"] for one in pages if one["role"] == "user"] == [f"Message {one}" for one in range(5)]
        state = await got(at.client, path, limit="2")
        assert (state["messages"], state["next_before"], state["message_count"]) == (pages[-2:], 8, 10)
        assert (await got(at.client, path, limit="2", before="8"))["messages"] == pages[6:8]
        await told(at.client, "Zebras?")
        found = (await got(at.client, CONVERSATIONS, query="message 3"))["conversations"]
        assert [one["id"] for one in found] == [conversation_id]
        assert not (await got(at.client, CONVERSATIONS, query="giraffe"))["conversations"]
        refused(await at.client.get(CONVERSATIONS, params={"after": "nonsense"}), Code.VALIDATION_ERROR)

    chat(tmp_path, TALKING, case, durable=durable)


def test_list_comes_in_pages(tmp_path: Path) -> None:
    """Specification 004: `GET /api/conversations?user_id=uuid&limit=50`; a list has a cursor."""

    async def case(at: Surface) -> None:
        made = [(await posted(at.client, CONVERSATIONS, {"title": str(number)}))["id"] for number in range(5)]
        page = await got(at.client, CONVERSATIONS, limit="3")
        rest = await got(at.client, CONVERSATIONS, limit="3", after=page["next_after"])
        ids = [one["id"] for one in (*page["conversations"], *rest["conversations"])]
        assert (sorted(ids), rest["next_after"]) == (sorted(made), None)

    chat(tmp_path, TALKING, case)


def test_approval_that_expired_is_asked_no_more(tmp_path: Path) -> None:
    """Issue 6: a pending approval expires."""

    async def case() -> None:
        async with surface(tmp_path, durable=True) as at:
            script(at, paying(), patience_seconds=0)
            turn = await told(at.client, "Pay it")
            state = await got(at.client, f"{CONVERSATIONS}/{turn['conversation_id']}")
            assert (state["status"], state["pending_approval"]) == ("idle", None)
            late = await at.client.post(f"{CHATTING}/approve", json=approval_of(turn))
            assert "could be approved until" in refused(late, Code.CONFLICT)
            assert "waited too long" in late.json()["error"]["userMessage"]

    asyncio.run(case())


def test_approval_waits_through_a_restart(tmp_path: Path) -> None:
    """CONTRACT §6: a conversation read back shows its pending approval; issue 6: it survives reload and restart."""

    async def case() -> None:
        async with surface(tmp_path, durable=True) as at:
            script(at, paying())
            turn = await told(at.client, "Pay it")
        async with surface(tmp_path, durable=True) as at:
            script(at, paying())
            state = await got(at.client, f"{CONVERSATIONS}/{turn['conversation_id']}")
            assert state["pending_approval"] == turn["pending_approval"]
            assert state["messages"][-1]["content"] == turn["message"]
            answer = await posted(at.client, f"{CHATTING}/approve", approval_of(turn))
            assert answer["status"] == "approved"
            refused(await at.client.post(f"{CHATTING}/approve", json=approval_of(turn)), Code.CONFLICT)

    asyncio.run(case())


def test_long_conversation_is_looked_at_without_reading_it(tmp_path: Path) -> None:
    """Issue 6: 10 000 messages stay fast: the last page in 50 ms."""

    async def case() -> None:
        async with surface(tmp_path, durable=True) as at:
            script(at, TALKING)
            history = [{"role": "user", "content": f"Line {number} of what was said."} for number in range(200)]
            opened = await told(at.client, "Hello", history=history)
            path = f"{CONVERSATIONS}/{opened['conversation_id']}"
        async with surface(tmp_path, durable=True) as at:
            state = await got(at.client, path)
            assert (state["message_count"], len(state["messages"])) == (202, 50)
            assert at.chaffer.engine.held == 0, "its journal was not read"

    asyncio.run(case())


@pytest.mark.parametrize("form", ["json", "md", "csv", "pdf"])
def test_conversation_is_exported_with_speakers_and_names_of_tools(tmp_path: Path, form: str) -> None:
    """Issue 6: export (JSON, Markdown, PDF); results of tools stand in JSON alone."""
    mind = ScriptedMind(work_=lambda at: says("You have none.") if at.done else wishes(ListInvoices()))

    async def case(at: Surface) -> None:
        turn = await told(at.client, "What invoices do I have?", history=[{"role": "user", "content": "I am Zoë."}])
        path = f"{CONVERSATIONS}/{turn['conversation_id']}/export.{form}"
        first, second = [await at.client.get(path) for _ in range(2)]
        assert first.content == second.content
        name = f"conversation-{turn['conversation_id']}.{form}"
        assert first.headers["content-disposition"] == f'attachment; filename="{name}"'
        text = text_of_pdf(first.content) if form == "pdf" else first.text
        assert all(words in text for words in ("I am Zoë.", "What invoices do I have?", "You have none."))
        if form == "json":
            exported = json.loads(text)
            jsonschema_rs.validator_for(SCHEMA).validate(exported)
            (call,) = exported["tool_calls"]
            assert (call["name"], call["status"], call["result"]["kind"]) == (
                "list_invoices",
                "completed",
                "negotiations_standing",
            )
            assert [one["agent"] for one in exported["transcript"]] == [None, None, "billing"]
        elif form == "csv":
            assert len(rows_of(first.content)) == 3
        else:
            assert "Billing" in text
            assert "invoices was called" in text
            assert "negotiations" not in text

    chat(tmp_path, mind, case)
