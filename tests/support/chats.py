"""Conversations with the assistant for tests: scripted minds and tools, over a store in memory and a real engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from typing import Final, TypeVar

from chaffer.assistant.chat import Chat, evolve, next_step
from chaffer.assistant.chats import Chats
from chaffer.assistant.events import (
    CHAT,
    ApprovalAsked,
    ChatAnswered,
    ChatEvent,
    ChatOpened,
    Handover,
    PersonAsked,
    Role,
)
from chaffer.assistant.indexing import IndexChat, IndexMessage
from chaffer.assistant.plan import ApprovalReply, ChatMessage
from chaffer.assistant.questions import (
    AnswerQuestion,
    Routed,
    RoutingQuestion,
    Spoken,
    SummaryQuestion,
    Worked,
    WorkQuestion,
)
from chaffer.assistant.results import NegotiationsStanding, NegotiationStarted, Result
from chaffer.assistant.rules import ChatKind
from chaffer.assistant.running import ChatFlow, TurnBounds
from chaffer.assistant.toolbox import Announced, Errand
from chaffer.assistant.tools import PayInvoice, Specialist, Wish
from chaffer.conversation.choosing import AssistantDefaults
from chaffer.conversation.journal import Effect, Opening
from chaffer.conversation.keys import GivenKey
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.minds import Making, ModelChoice
from chaffer.conversation.policy import Voice
from chaffer.runtime.engine import LocalEngine
from chaffer.storage.memory import MemoryStore
from tests.support.markets import START

MAKING: Final = Making("builtin", "rules", 1, 0.0)
NOTHING: Final = NegotiationsStanding(())
PAY: Final = PayInvoice("INV-2026-000001")
STARTED: Final = NegotiationStarted("room", "market", "p1", "P1", 1, 90_00, 100_00, "USD")

E = TypeVar("E")
Work = Callable[[WorkQuestion], Worked | Awaitable[Worked]]


def says(text: str) -> Worked:
    """Return what a specialist says."""
    return Worked((), text, MAKING)


def wishes(*wanted: Wish) -> Worked:
    """Return the tools that a specialist wants."""
    return Worked(wanted, "", MAKING)


@dataclass
class ScriptedMind:
    """A mind that hands over to `specialists`, and works as the script says; it keeps what it was asked.

    `says_first` is what it says before it has used a tool.
    """

    specialists: Sequence[Specialist] = (Specialist.BILLING,)
    work_: Work = lambda question: says(f"{question.specialist} did {len(question.done)}.")
    says_first: str = ""
    asked: list[object] = field(default_factory=list)
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def route(self, question: RoutingQuestion) -> Routed:
        """Hand over what was said."""
        self.asked.append(question)
        return Routed(tuple(Handover(one, question.context.text) for one in self.specialists), MAKING)

    async def work(self, question: WorkQuestion, voice: Voice) -> Worked:
        """Do as the script says."""
        self.asked.append(question)
        if self.says_first and not question.done:
            voice.say(0, self.says_first)
        self.began.set()
        worked = self.work_(question)
        if not isinstance(worked, Worked):
            worked = await worked
        if not worked.wishes:
            voice.say(0, worked.text)
        return worked

    async def answer(self, question: AnswerQuestion, voice: Voice) -> Spoken:
        """Say all reports."""
        self.asked.append(question)
        text = " ".join(report.text for report in question.reports) or "Hello."
        voice.say(0, text)
        return Spoken(text, MAKING)

    async def summarise(self, question: SummaryQuestion) -> Spoken:
        """Count the lines."""
        self.asked.append(question)
        return Spoken(f"{len(question.lines)} lines were said.", MAKING)


@dataclass
class ScriptedTools:
    """Tools that return what the script says, and keep what they were asked."""

    result: Callable[[Wish], Result | Awaitable[Result]] = lambda _: NOTHING
    settled: Callable[[Wish], Wish] = lambda wish: wish
    done: list[tuple[Errand, Wish]] = field(default_factory=list)

    async def announced(self, errand: Errand, wish: Wish) -> Announced:
        """Return a question, to what `settled` makes of the wish."""
        del errand
        return Announced(f"Do {type(wish).__name__}?", self.settled(wish))

    async def carry_out(self, errand: Errand, wish: Wish) -> Result:
        """Return what the script says."""
        self.done.append((errand, wish))
        result = self.result(wish)
        return await result if isinstance(result, Awaitable) else result


@dataclass
class ScriptedMinds:
    """Makes the one mind; `simple` is the built-in one."""

    mind: ScriptedMind
    simple: ScriptedMind = field(default_factory=ScriptedMind)

    async def check(self, mind: ModelChoice, key: str | None) -> None:
        """Take any."""

    async def kept_key(self, session_id: str, mind: ModelChoice) -> str | None:
        """Return None."""
        del session_id, mind
        return None

    def keep(self, session_id: str, keys: Sequence[GivenKey]) -> Sequence[Effect]:
        """Keep none."""
        del session_id, keys
        return ()

    def forget(self, session_id: str) -> None:
        """Forget nothing."""

    async def supervisor(self, terms: ChatOpened, turn: int) -> ScriptedMind:
        """Return the mind."""
        del terms, turn
        return self.mind

    def plain(self) -> ScriptedMind:
        """Return the built-in one."""
        return self.simple


@dataclass
class Room:
    """A place where people chat."""

    chats: Chats
    engine: LocalEngine
    store: MemoryStore
    minds: ScriptedMinds
    tools: ScriptedTools
    settled: list[str]

    async def begin(self, text: str, conversation_id: str | None = None) -> LiveConversation:
        """Say something, and return the conversation in which it is being answered."""
        said = ChatMessage(message=text, conversation_id=conversation_id, history=[])
        return await self.chats.chat((await self.chats.ask(said, owner="user")).conversation_id)

    async def say(self, text: str, conversation_id: str | None = None) -> LiveConversation:
        """Say something and wait until the turn is over or waits; return the conversation."""
        live = await self.begin(text, conversation_id)
        await self.chats.outcome(await self.chats.turn(live.conversation_id, chat_of(live).turns - 1))
        await self.engine.join(live.conversation_id)
        return live

    async def resume(self, other: LiveConversation, until: int, *more: ChatEvent) -> LiveConversation:
        """Have a conversation of another place go on here, as it was behind so many events, and `more`."""
        events = (*events_of(other)[:until], *more)
        chat = folded(events)
        shown = (IndexChat(chat.terms.conversation_id, chat.terms.owner, chat.title), *_shown(chat, events))
        opening = Opening(chat.terms.conversation_id, CHAT, chat.terms.owner, events, chat.status.value)
        await self.store.create([opening], START, shown)
        if next_step(chat) is not None:
            await self.engine.start(chat.terms.conversation_id)
        await self.engine.join(chat.terms.conversation_id)
        return await self.chats.chat(chat.terms.conversation_id)


def _shown(chat: Chat, events: Sequence[ChatEvent]) -> Iterator[IndexMessage]:
    said = [event for event in events if isinstance(event, PersonAsked | ApprovalAsked | ChatAnswered)]
    for number, event in enumerate(said):
        role = Role.PERSON if isinstance(event, PersonAsked) else Role.ASSISTANT
        yield IndexMessage(chat.terms.conversation_id, number, event.message_id, role, event.text)


@asynccontextmanager
async def chatting(
    mind: ScriptedMind,
    tools: ScriptedTools | None = None,
    *,
    seconds: float = 30,
    patience: timedelta | None = timedelta(hours=1),
    now: Callable[[], datetime] = lambda: START,
    provider: str = "builtin",
) -> AsyncIterator[Room]:
    """Open a place whose assistant has that mind and those tools."""
    store, minds, tools = MemoryStore(), ScriptedMinds(mind), tools or ScriptedTools()
    engine = LocalEngine(store, {CHAT: ChatKind()}, now, lease_seconds=5)
    settled: list[str] = []

    async def settle(live: LiveConversation) -> None:
        settled.append(live.conversation_id)

    engine.serve(CHAT, ChatFlow(minds, tools, settle, now, TurnBounds(seconds, patience)))
    defaults = AssistantDefaults(provider, 0.7, 500, "USD")
    await engine.open_for_work()
    try:
        yield Room(Chats(store, store.chats, engine, minds, defaults, now), engine, store, minds, tools, settled)
    finally:
        await engine.close()


def events_of(live: LiveConversation) -> list[ChatEvent]:
    """Return all events of a conversation."""
    return [record.event for record in live.feed.records]


def of_kind(live: LiveConversation, kind: type[E]) -> list[E]:
    """Return its events of one kind."""
    return [event for event in events_of(live) if isinstance(event, kind)]


def folded(events: Iterable[ChatEvent]) -> Chat:
    """Return the conversation after these events."""
    chat = reduce(evolve, events, None)
    assert chat is not None
    return chat


def chat_of(live: LiveConversation) -> Chat:
    """Return a conversation as it stands."""
    chat: Chat = live.state
    return chat


def pays_once(at: WorkQuestion) -> Worked:
    """Pay, and say so."""
    return says("Done.") if at.done else wishes(PAY)


async def answered(room: Room, live: LiveConversation, *, approve: bool) -> None:
    """Answer to what is asked, and wait until the turn is over or asks again."""
    asked = chat_of(live).approval
    assert asked is not None
    reply = ApprovalReply(conversation_id=live.conversation_id, tool_call_id=asked.call_id, approve=approve)
    await room.chats.outcome(await room.chats.approve(reply))
    await room.engine.join(live.conversation_id)
