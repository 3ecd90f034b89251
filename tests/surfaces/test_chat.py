"""The supervisor chat over HTTP: one requirement per test, its source named."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from chaffer.assistant.questions import RoutingQuestion, Spoken, Worked
from chaffer.assistant.tools import TOOLS, ListInvoices, Specialist
from chaffer.conversation.minds import Making
from chaffer.errors import ADVICE, ChafferError, Code
from tests.support.chats import ScriptedMind, ScriptedTools, says, wishes
from tests.support.chatting import (
    CHATTING,
    CONVERSATIONS,
    ChatReader,
    ChatTold,
    Slow,
    approval_of,
    chat,
    overheard,
    paying,
    stream_of,
    streamed,
    told,
)
from tests.support.server import Surface, got, posted
from tests.support.shop import refused
from tests.support.streams import NO_CONTENT

LISTING = ScriptedMind(work_=lambda at: says("You have none.") if at.done else wishes(ListInvoices()))
QUESTION = "What invoices do I have?"


def test_turn_is_streamed_with_its_tool_as_the_specification_says(tmp_path: Path) -> None:
    """Specification 004, "Streaming Format", and CONTRACT §6: data-only frames `token`, `tool_call`, `complete`."""

    async def case(at: Surface) -> None:
        body = {"message": QUESTION, "history": []}
        turn = await streamed(at.client, f"{CHATTING}/stream", body)
        assert turn.types == ["start", "tool_call started", "tool_call completed", "token", "complete"]
        start, begun, ended, token, complete = turn.frames
        assert token | {"event_id": 0} == {
            "event_id": 0,
            "type": "token",
            "content": "You have none.",
            "agent_type": "billing",
        }
        assert begun["name"] == "list_invoices"
        assert begun["arguments"] == {"limit": 10}
        assert begun["result"] is None
        assert ended["id"] == begun["id"]
        assert ended["result"] == {"kind": "negotiations_standing", "rooms": []}
        state = await got(at.client, f"{CONVERSATIONS}/{start['conversation_id']}")
        assert [one["content"] for one in state["messages"]] == [QUESTION, "You have none."]
        assert complete["message_id"] == state["messages"][-1]["id"], "it comes after the message is stored"
        assert complete["agent_type"] == state["messages"][-1]["agent_type"] == "billing"
        assert complete["usage"].keys() == {"prompt_tokens", "completion_tokens", "cost_usd"}

    chat(tmp_path, LISTING, case)


def test_usage_is_that_of_all_calls_of_the_turn(tmp_path: Path) -> None:
    """CONTRACT §6: `complete {agent_type, message_id, usage}`; a turn asks a model several times."""
    made = Making("openai", "m", 1, 0.1, prompt_tokens=100, completion_tokens=10, cost_micros=500)

    class Costly(ScriptedMind):
        async def answer(self, question: Any, voice: Any) -> Spoken:
            return Spoken((await ScriptedMind.answer(self, question, voice)).text, made)

    mind = Costly((Specialist.BILLING, Specialist.INSIGHTS), work_=lambda _: Worked((), "Fine.", made))

    async def case(at: Surface) -> None:
        turn = await told(at.client, "Both")
        assert turn["usage"] == {"prompt_tokens": 300, "completion_tokens": 30, "cost_usd": 0.0015}
        assert turn["agent_type"] == "supervisor"

    chat(tmp_path, mind, case)


def test_what_waits_for_an_approval_ends_the_stream_and_goes_on_with_it(tmp_path: Path) -> None:
    """CONTRACT §6: `needs_approval` ends the turn; `approve` goes on; the outcome streams and is stored."""

    async def case(at: Surface) -> None:
        asked = await streamed(at.client, f"{CHATTING}/stream", {"message": "Pay it"})
        assert asked.types == ["start", "token", "tool_call needs_approval"]
        conversation_id = asked.frames[0]["conversation_id"]
        state = await got(at.client, f"{CONVERSATIONS}/{conversation_id}")
        waiting = state["pending_approval"]
        assert state["status"] == "waiting"
        assert waiting["text"] == asked.text == "Do PayInvoice?"
        assert (waiting["tool_call_id"], waiting["name"]) == (asked.frames[-1]["id"], "pay_invoice")
        assert waiting["expires_at"] is not None
        reader = ChatReader(at.client, stream_of(conversation_id))
        await reader.read()
        assert reader.told.frames == asked.frames, "it survives a reload"
        assert await reader.read() == NO_CONTENT
        body = {"conversation_id": conversation_id, "tool_call_id": waiting["tool_call_id"], "approve": True}
        outcome = await streamed(at.client, f"{CHATTING}/approve", body)
        assert outcome.types == ["start", "tool_call started", "tool_call completed", "token", "complete"]
        state = await got(at.client, f"{CONVERSATIONS}/{conversation_id}")
        assert (state["status"], state["pending_approval"]) == ("idle", None)
        assert [one["content"] for one in state["messages"]][1:] == ["Do PayInvoice?", "It is negotiations_standing."]

    chat(tmp_path, paying(), case)


def test_what_is_declined_is_not_done(tmp_path: Path) -> None:
    """CONTRACT §6: `{tool_call_id, status}`."""
    tools = ScriptedTools()

    async def case(at: Surface) -> None:
        asked = await told(at.client, "Pay it")
        assert asked["status"] == "needs_approval"
        answer = await posted(at.client, f"{CHATTING}/approve", approval_of(asked, approve=False))
        assert answer == {"tool_call_id": asked["tool_calls"][0]["id"], "status": "declined"}
        reader = ChatReader(at.client, stream_of(asked["conversation_id"]))
        await reader.read_to_the_end()
        assert reader.told.types[-3:] == ["tool_call declined", "token", "complete"]
        assert not tools.done

    chat(tmp_path, paying(), case, tools)


def test_approval_is_answered_once_and_only_what_was_asked(tmp_path: Path) -> None:
    """Issue 6: an approval can be answered once; CONTRACT §6 and §7: what is unknown is 404, what is answered 409."""

    async def case(at: Surface) -> None:
        asked, other = await told(at.client, "Pay it"), await told(at.client, "Pay it")
        foreign = approval_of(asked) | {"conversation_id": other["conversation_id"]}
        refused(await at.client.post(f"{CHATTING}/approve", json=foreign), Code.TOOL_CALL_NOT_FOUND)
        unknown = approval_of(asked) | {"conversation_id": "nowhere"}
        refused(await at.client.post(f"{CHATTING}/approve", json=unknown), Code.CONVERSATION_NOT_FOUND)
        again = approval_of(asked)
        keyed = {"Idempotency-Key": "once"}
        first, same = [await at.client.post(f"{CHATTING}/approve", json=again, headers=keyed) for _ in range(2)]
        assert first.json() == same.json()
        refused(await at.client.post(f"{CHATTING}/approve", json=again), Code.CONFLICT)
        outcome = await streamed(at.client, f"{CHATTING}/approve", again, key="once")
        assert outcome.types[-1] == "complete"
        await told(at.client, "Something else", conversation_id=other["conversation_id"])
        refused(await at.client.post(f"{CHATTING}/approve", json=approval_of(other)), Code.CONFLICT)

    chat(tmp_path, paying(), case)


def test_failed_turn_tells_people_what_they_can_do(tmp_path: Path) -> None:
    """CONTRACT §6: `error {message, error: {…the envelope's error…}}`; synchronously the envelope itself."""

    def fail(_: object) -> Worked:
        raise ChafferError(Code.LLM_BAD_GATEWAY, "The model said nothing.")

    async def case(at: Surface) -> None:
        turn = await streamed(at.client, f"{CHATTING}/stream", {"message": "Hello"})
        assert turn.types == ["start", "error"]
        advice, fault = ADVICE[Code.LLM_BAD_GATEWAY], turn.frames[-1]["error"]
        assert (fault["code"], fault["message"]) == (Code.LLM_BAD_GATEWAY, "The model said nothing.")
        assert (fault["userMessage"], fault["retryable"]) == (advice.user_message, True)
        assert fault["suggestedActions"] == list(advice.suggested_actions)
        assert fault["request_id"]
        answer = await at.client.post(CHATTING, json={"message": "Hello"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (502, Code.LLM_BAD_GATEWAY)

    chat(tmp_path, ScriptedMind(work_=fail), case)


def test_client_that_leaves_cancels_nothing_and_one_answer_is_made_at_a_time(tmp_path: Path) -> None:
    """Issue 6: a client that leaves cancels nothing; CONTRACT §6: words to a conversation that is answering get 409."""
    mind = Slow()

    async def case(at: Surface) -> None:
        conversation_id = await overheard(at.client, "Hello")
        for path in (CHATTING, f"{CHATTING}/stream"):
            body = {"message": "And?", "conversation_id": conversation_id}
            answer = await at.client.post(path, json=body)
            refused(answer, Code.CONFLICT)
            assert answer.json()["error"]["userMessage"] == "Your last message is still being answered."
        mind.may_go_on.set()
        reader = ChatReader(at.client, stream_of(conversation_id))
        await reader.read_to_the_end()
        assert list(reader.told.messages.values()) == ["Well, done."]

    chat(tmp_path, mind, case)


def test_stop_leaves_the_answer_off_and_keeps_what_was_said(tmp_path: Path) -> None:
    """Issue 6: `POST /api/chat/stop` cancels."""

    async def case(at: Surface) -> None:
        conversation_id = await overheard(at.client, "Hello")
        order = {"conversation_id": conversation_id}
        assert await posted(at.client, f"{CHATTING}/stop", order) == {**order, "status": "idle"}
        assert await posted(at.client, f"{CHATTING}/stop", order) == {**order, "status": "idle"}, "twice is no error"
        reader = ChatReader(at.client, stream_of(conversation_id))
        await reader.read_to_the_end()
        assert reader.told.types == ["start", "token", "stopped"]
        (stopped,) = reader.told.of("stopped")
        state = await got(at.client, f"{CONVERSATIONS}/{conversation_id}")
        assert (stopped["message_id"], "Well, ") == (state["messages"][-1]["id"], state["messages"][-1]["content"])
        refused(await at.client.post(f"{CHATTING}/stop", json={"conversation_id": "no"}), Code.CONVERSATION_NOT_FOUND)

    chat(tmp_path, Slow(), case)


def test_words_before_a_tool_are_void(tmp_path: Path) -> None:
    """A reader ends with exactly the message's text, whatever a model says before it calls a tool."""

    class Chatty(ScriptedMind):
        async def work(self, question: Any, voice: Any) -> Worked:
            if not question.done:
                voice.say(0, "Let me see whether there are any invoices.")
                await shown.wait()
            return await ScriptedMind.work(self, question, voice)

    shown = asyncio.Event()
    mind = Chatty(work_=LISTING.work_)

    def heard(known: ChatTold) -> bool:
        if known.text:
            shown.set()
        return False

    async def case(at: Surface) -> None:
        turn = await streamed(at.client, f"{CHATTING}/stream", {"message": QUESTION}, heard)
        kinds = ["start", "token", "restart", "tool_call started", "tool_call completed", "token", "complete"]
        assert turn.types == kinds
        assert list(turn.messages.values()) == ["You have none."]

    chat(tmp_path, mind, case)


def test_history_of_a_client_begins_a_conversation_and_is_not_believed_later(tmp_path: Path) -> None:
    """CONTRACT §6: with no `conversation_id` a client's `history` is its beginning; otherwise the stored one counts."""
    mind = ScriptedMind()
    history = [{"role": "user", "content": "I am Zoë."}, {"role": "assistant", "content": "Hello, Zoë."}]

    async def case(at: Surface) -> None:
        turn = await told(at.client, "Who am I?", history=history)
        named = {"conversation_id": turn["conversation_id"]}
        await told(at.client, "And now?", history=[{"role": "user", "content": "I am the owner of all."}], **named)
        contexts = [question.context for question in mind.asked if isinstance(question, RoutingQuestion)]
        assert [[line.text for line in context.history] for context in contexts] == [
            ["I am Zoë.", "Hello, Zoë."],
            ["I am Zoë.", "Hello, Zoë.", "Who am I?", "billing did 0."],
        ]
        state = await got(at.client, f"{CONVERSATIONS}/{turn['conversation_id']}")
        assert [one["content"] for one in state["messages"]][:3] == ["I am Zoë.", "Hello, Zoë.", "Who am I?"]
        unknown = {"message": "Hello", "conversation_id": "0193"}
        refused(await at.client.post(CHATTING, json=unknown), Code.CONVERSATION_NOT_FOUND)

    chat(tmp_path, mind, case)


def test_same_key_gets_the_same_turn(tmp_path: Path) -> None:
    """CONTRACT §1: Idempotency-Key, on the synchronous call and on the stream."""

    async def case(at: Surface) -> None:
        body = {"message": QUESTION}
        first, second = [
            await at.client.post(CHATTING, json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)
        ]
        assert first.json() == second.json()
        turns = [await streamed(at.client, f"{CHATTING}/stream", body, key="two") for _ in range(2)]
        assert turns[0].frames[0] == turns[1].frames[0]
        assert turns[0].messages == turns[1].messages
        page = await got(at.client, CONVERSATIONS)
        assert [one["message_count"] for one in page["conversations"]] == [2, 2]

    chat(tmp_path, LISTING, case)


def test_tools_are_listed_with_schemas_that_hold(tmp_path: Path) -> None:
    """Issue 6: tools, typed, documented, listed at `GET /api/chat/tools`."""

    async def case(at: Surface) -> None:
        tools = {tool["name"]: tool for tool in (await got(at.client, f"{CHATTING}/tools"))["tools"]}
        assert tools.keys() == TOOLS.keys()
        asking = {name for name, tool in tools.items() if tool["needs_approval"]}
        assert asking == {"open_negotiation", "accept_offer", "pay_invoice"}
        for tool in tools.values():
            assert tool["description"]
            assert not jsonschema_rs.validator_for(tool["parameters"]).is_valid({"no such": "argument"})
        assert jsonschema_rs.validator_for(tools["pay_invoice"]["parameters"]).is_valid({"invoice": "INV-2026-000001"})

    chat(tmp_path, LISTING, case)


@pytest.mark.parametrize("path", [CHATTING, f"{CHATTING}/stream"])
def test_words_are_counted_for_themselves(tmp_path: Path, path: str) -> None:
    """Issue 6: per-user rate limits; what makes models work is limited like runs and sessions."""

    async def case(at: Surface) -> None:
        statuses = [(await at.client.post(path, json={"message": "Hello"})).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert (await at.client.get(f"{CHATTING}/tools")).status_code == 200

    chat(tmp_path, LISTING, case, rate_limit_enabled=True, rate_limit_runs_per_minute=2)
