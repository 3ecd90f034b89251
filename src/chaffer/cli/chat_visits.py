"""A person's side of a chat: what is said, what comes back, what is allowed, and what comes later by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import quote

from chaffer.cli.client import Document, MarketClient, StreamEvent
from chaffer.cli.outcomes import Outcome
from chaffer.cli.visits import Show
from chaffer.errors import ChafferError, Code

CHAT: Final = "/api/chat"
CONVERSATIONS: Final = "/api/conversations"
SHOWN_AGAIN: Final = 6
"""So many messages are shown to who comes back."""


class ChatVisit:
    """Which conversation it is, what waits for an approval, and up to where it was shown."""

    def __init__(
        self, client: MarketClient, show: Show, conversation_id: str | None, opening: Mapping[str, Any]
    ) -> None:
        """Go on with a conversation, or begin one with the first words, which bear what `opening` has."""
        self._client = client
        self._show = show
        self._opening = opening
        self._position = ""
        self.conversation_id = conversation_id
        self.approval: Document | None = None

    @property
    def path(self) -> str:
        """Return the path of the conversation."""
        return f"{CONVERSATIONS}/{quote(str(self.conversation_id), safe='')}"

    @property
    def _stream(self) -> str:
        return f"{CHAT}/{quote(str(self.conversation_id), safe='')}/stream"

    @property
    def _whose(self) -> Mapping[str, Any]:
        return {name: value for name, value in self._opening.items() if name == "user_id"}

    def begin_anew(self) -> None:
        """Leave the conversation: what is said next begins another."""
        self.conversation_id = self.approval = None
        self._position = ""

    async def state(self) -> Document:
        """Return how the conversation stands. Raises CONVERSATION_NOT_FOUND."""
        return await self._client.get(self.path, limit=SHOWN_AGAIN)

    async def say(self, text: str, key: str | None = None) -> Document:
        """Say something, show what follows, and return the frame that it ended with: answer, question or fault."""
        here = self._opening if self.conversation_id is None else self._named
        return await self._turn(f"{CHAT}/stream", {"message": text, **here}, key)

    async def approve(self, approval: Document, *, approve: bool) -> Document:
        """Allow a tool that waits, or not, show what follows, and return the frame that it ended with."""
        call_id = approval["tool_call_id"] if "tool_call_id" in approval else approval["id"]
        return await self._turn(f"{CHAT}/approve", {**self._named, "tool_call_id": call_id, "approve": approve}, None)

    async def stop(self) -> Document:
        """Leave the answer off that is being made."""
        return await self._client.post(f"{CHAT}/stop", self._named)

    async def take_up(self) -> Document:
        """Return how the conversation stands, and go on from there. Raises CONVERSATION_NOT_FOUND."""
        state = await self.state()
        self._position, self.approval = str(state["position"]), state["pending_approval"]
        return state

    async def follow(self, after: str | None = None) -> None:
        """Show what comes, from behind a frame, or where the visit stands, until nothing comes before words do."""
        await self._see(self._client.follow(self._stream, after=after or self._position or None), lambda _: False)

    async def finish_turn(self) -> None:
        """Show the answer that is still being made, if one is, as one is that a killed process left behind."""
        if (await self.take_up())["status"] == "answering":
            await self._see(self._client.follow(self._stream, after=self._position), _ends_a_turn)

    @property
    def _named(self) -> Mapping[str, Any]:
        return {"conversation_id": self.conversation_id, **self._whose}

    async def _turn(self, path: str, body: Document, key: str | None) -> Document:
        self.approval = None
        ended = await self._see(self._client.follow_post(path, body, key=key, rest=_stream_of), _ends_a_turn)
        if ended is None:
            message = f"Conversation {self.conversation_id} went on to something else: chaffer conversations show"
            raise ChafferError(Code.CONFLICT, message)
        return ended

    async def _see(
        self, events: AsyncGenerator[StreamEvent, None], ends: Callable[[Document], bool]
    ) -> Document | None:
        """Show frames, and return the first that ends it; None when there comes none."""
        async with aclosing(events):
            async for event in events:
                self._take(event)
                if ends(event.data):
                    return event.data
        return None

    def _take(self, event: StreamEvent) -> None:
        frame = event.data
        self._position = event.id or self._position
        match frame["type"]:
            case "start":
                self.conversation_id = str(frame["conversation_id"])
            case "tool_call":
                self.approval = frame if _asks(frame) else None
            case _:
                pass
        self._show.see(frame)


class Interrupted:
    """Ctrl-C while an answer is made: stops it; a second time, or before there is one, it ends the command."""

    def __init__(self, visit: ChatVisit) -> None:
        """Stop the answer of that visit; who waits for it is the task that runs now."""
        self._visit = visit
        self._waiting = asyncio.current_task()
        self._stopping: asyncio.Task[Document] | None = None

    def __call__(self) -> None:
        """Take note of a Ctrl-C."""
        if self._stopping is None and self._visit.conversation_id is not None:
            self._stopping = asyncio.create_task(self._visit.stop(), name="stop the answer")
        elif self._waiting is not None:
            self._waiting.cancel()


def _ends_a_turn(frame: Document) -> bool:
    return str(frame["type"]) in {"complete", "stopped", "error"} or _asks(frame)


def _asks(frame: Document) -> bool:
    return (frame["type"], frame.get("status")) == ("tool_call", "needs_approval")


def _stream_of(first: Document) -> str:
    return f"{CHAT}/{quote(str(first['conversation_id']), safe='')}/stream"


def outcome_of_turn(ended: Document) -> Outcome:
    """Return DONE for an answer, FAULT for none, NO_DEAL where a tool waits, INTERRUPTED where it was stopped."""
    match ended["type"]:
        case "complete":
            return Outcome.DONE
        case "error":
            return Outcome.FAULT
        case "stopped":
            return Outcome.INTERRUPTED
        case _:
            return Outcome.NO_DEAL
