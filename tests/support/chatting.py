"""The chat over HTTP for tests: a program whose assistant is scripted, and a reader that puts its answers together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx2

from chaffer.assistant.events import CHAT
from chaffer.assistant.questions import Worked, WorkQuestion
from chaffer.assistant.running import ChatFlow, TurnBounds
from chaffer.assistant.tools import PayInvoice
from chaffer.conversation.policy import Voice
from tests.support.chats import ScriptedMind, ScriptedMinds, ScriptedTools, says, wishes
from tests.support.server import Surface, play, posted
from tests.support.streams import Event, Parser, Reader

CHATTING: Final = "/api/chat"
CONVERSATIONS: Final = "/api/conversations"

Case = Callable[[Surface], Awaitable[None]]


def paying() -> ScriptedMind:
    """Return a mind that wants an invoice to be paid, and then says what came of it."""
    return ScriptedMind(
        work_=lambda at: (
            says(f"It is {at.done[-1].result.__struct_config__.tag}.")
            if at.done
            else wishes(PayInvoice("INV-2026-000001"))
        )
    )


def script(
    at: Surface, mind: ScriptedMind, tools: ScriptedTools | None = None, *, patience_seconds: float = 3600
) -> None:
    """Have the program's assistant answer by that mind and those tools; approvals wait so long."""
    minds, bounds = ScriptedMinds(mind), TurnBounds(30, timedelta(seconds=patience_seconds))
    settle, now = at.chaffer.news.settle, at.chaffer.now
    at.chaffer.engine.serve(CHAT, ChatFlow(minds, tools or ScriptedTools(), settle, now, bounds))


def chat(folder: Path, mind: ScriptedMind, case: Case, tools: ScriptedTools | None = None, **changes: Any) -> None:
    """Run a case against a program in this process whose assistant is scripted."""

    async def scripted(at: Surface) -> None:
        script(at, mind, tools)
        await case(at)

    play(folder, scripted, **changes)


async def told(client: httpx2.AsyncClient, message: str, **more: Any) -> dict[str, Any]:
    """Say something, and return the answer or what waits for an approval."""
    return await posted(client, CHATTING, {"message": message, **more})


def stream_of(conversation_id: str) -> str:
    """Return the path of a conversation's stream."""
    return f"{CHATTING}/{conversation_id}/stream"


def approval_of(turn: dict[str, Any], *, approve: bool = True) -> dict[str, Any]:
    """Return the body that answers the approval for which a turn waits."""
    call_id = turn["pending_approval"]["tool_call_id"]
    return {"conversation_id": turn["conversation_id"], "tool_call_id": call_id, "approve": approve}


@dataclass
class ChatTold:
    """What somebody knows who heeds every frame: the answer's text so far, messages, tools, and news."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    messages: dict[str, str] = field(default_factory=dict)
    news: list[dict[str, Any]] = field(default_factory=list)

    def take(self, frame: dict[str, Any]) -> None:
        """Heed a frame."""
        self.frames.append(frame)
        match frame["type"]:
            case "token":
                assert frame["content"]
                self.text += frame["content"]
            case "start" | "restart":
                self.text = ""
            case "complete":
                self.messages[frame["message_id"]] = self.text
                self.text = ""
            case "news":
                self.news.append(frame)
            case _:
                pass

    @property
    def types(self) -> list[str]:
        """Return the types of the frames, those of tools with their status, a row of tokens as one."""
        kinds = [f"{one['type']} {one['status']}" if one["type"] == "tool_call" else one["type"] for one in self.frames]
        return [one for place, one in enumerate(kinds) if one != "token" or kinds[place - 1 : place] != ["token"]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the frames of a type."""
        return [frame for frame in self.frames if frame["type"] == kind]


@dataclass(slots=True)
class ChatReader(Reader):
    """A reader of a conversation's stream."""

    told: ChatTold = field(default_factory=ChatTold)

    def take(self, event: Event) -> None:
        """Note a frame as a client does."""
        Reader.take(self, event)
        assert event.name == "message", "frames are data alone"
        assert event.data.get("event_id") == event.id
        self.told.take(event.data)


async def streamed(
    client: httpx2.AsyncClient,
    path: str,
    body: object,
    leaves: Callable[[ChatTold], bool] = lambda _: False,
    *,
    key: str | None = None,
) -> ChatTold:
    """Post what is answered by a stream, and return what it told until one `leaves`, or to the end."""
    known, parser = ChatTold(), Parser()
    headers = {"Accept": "text/event-stream"} | ({} if key is None else {"Idempotency-Key": key})
    async with client.stream("POST", path, json=body, headers=headers) as answer:
        assert answer.is_success, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for chunk in answer.aiter_raw():
            for event in parser.feed(chunk):
                assert event.name == "message"
                assert event.data.get("event_id") == event.id
                known.take(event.data)
            if leaves(known):
                break
    return known


async def overheard(client: httpx2.AsyncClient, message: str, **more: Any) -> str:
    """Say something and leave as soon as the assistant speaks; return the conversation, in which it goes on."""
    known = await streamed(client, f"{CHATTING}/stream", {"message": message, **more}, lambda known: bool(known.text))
    conversation_id: str = known.frames[0]["conversation_id"]
    return conversation_id


class Slow(ScriptedMind):
    """A mind that says a word, and the rest when it may."""

    def __init__(self) -> None:
        """Wait for `may_go_on`."""
        super().__init__()
        self.may_go_on = asyncio.Event()

    async def work(self, question: WorkQuestion, voice: Voice) -> Worked:
        """Say it."""
        del question
        voice.say(0, "Well, ")
        await self.may_go_on.wait()
        voice.say(0, "done.")
        return says("Well, done.")
