"""How the engine runs conversations: what a turn is answered with, and what is due when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from chaffer.assistant.chat import Chat
from chaffer.assistant.commands import Record
from chaffer.assistant.events import ChatFailed, ChatOpened, ToolEnded
from chaffer.assistant.results import ToolRefused
from chaffer.assistant.toolbox import Toolbox
from chaffer.conversation.keys import MindsAndKeys
from chaffer.conversation.late_flows import imported_flow
from chaffer.conversation.live import LiveConversation
from chaffer.errors import Code

if TYPE_CHECKING:
    from chaffer.assistant.questions import SupervisorMind

BROKE = "Something broke on our side while this was answered; the server's log tells what. Say it again."

UNKNOWN = (
    "Something broke on our side while this was done: it is not known whether it was. Look before it is tried again."
)


class Supervisors(MindsAndKeys, Protocol):
    """Where the minds behind assistants come from."""

    async def supervisor(self, terms: ChatOpened, turn: int) -> SupervisorMind:
        """Return the mind of a conversation for a turn. Raises ChafferError when it cannot be had here."""
        ...

    def plain(self) -> SupervisorMind:
        """Return the built-in mind, which needs no model."""
        ...


@dataclass(frozen=True, slots=True)
class TurnBounds:
    """How long a turn may take, and how long an approval waits, None for ever."""

    seconds: float
    patience: timedelta | None


@dataclass(frozen=True, slots=True)
class ChatFlow:
    """Answers turns, as the engine asks.

    `settle` tells a conversation how its negotiations ended that have; one may have ended before it was known here.
    """

    supervisors: Supervisors
    toolbox: Toolbox
    settle: Callable[[LiveConversation], Awaitable[None]]
    now: Callable[[], datetime]
    bounds: TurnBounds

    async def run(self, live: LiveConversation) -> None:
        """Answer the turn that is under way, from where it stands to the answer or to an approval."""
        flow = await asyncio.to_thread(imported_flow, "chaffer.assistant.flow")
        await flow.answer_turn(flow.Answering(live, self))
        await self.settle(live)

    async def fail(self, live: LiveConversation) -> None:
        """End the turn, because its flow broke."""
        chat: Chat = live.state
        turn = chat.turn
        if turn is None or turn.asked is not None:
            return
        if turn.begun:
            unknown = ToolRefused(Code.INTERNAL_ERROR.value, UNKNOWN)
            await live.submit(Record(ToolEnded(turn.number, turn.calls[0].call_id, unknown)), as_owner=True)
        await live.submit(Record(ChatFailed(turn.number, Code.INTERNAL_ERROR.value, BROKE)), as_owner=True)

    async def ended(self, live: LiveConversation) -> None:
        """Do nothing: a conversation goes on until it is deleted."""
        del live
