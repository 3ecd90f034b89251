"""Shopping with a mind of the test's own, over a store in memory: what the flow asks of it is noted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chaffer.conversation.choosing import AssistantDefaults
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.minds import Making, ModelChoice
from chaffer.conversation.policy import Voice
from chaffer.errors import ChafferError
from chaffer.runtime.engine import LocalEngine
from chaffer.shopping.catalogue.sample import sample_products
from chaffer.shopping.catalogue.searching import Constraints, Sort
from chaffer.shopping.events import AdviceGiven, Intent, QuestionAsked, ThreadOpened
from chaffer.shopping.plan import ShoppingQuery
from chaffer.shopping.preferences import PreferenceChange
from chaffer.shopping.questions import (
    Advice,
    AdvisoryQuestion,
    Clarification,
    ClarificationQuestion,
    CollectionQuestion,
    FeedbackQuestion,
    Planned,
    PlanningQuestion,
    RoutingQuestion,
)
from chaffer.shopping.rules import ThreadKind
from chaffer.shopping.running import ThreadFlow
from chaffer.shopping.threads import Threads
from chaffer.storage.memory import MemoryStore
from tests.support.markets import START

MAKING = Making("scripted", "test", 1, 0.0)
PRODUCTS, SELLERS = sample_products()
LAPTOPS = [stocked for stocked in PRODUCTS if stocked.product.category == "Laptops"]


@dataclass
class ScriptedMind:
    """Says what a test wants said, and notes what it was asked."""

    intent: Intent = Intent.SEARCH
    plans: list[Constraints] = field(default_factory=lambda: [Constraints(category="Laptops", sort=Sort.CHEAPEST)])
    change: PreferenceChange = field(default_factory=PreferenceChange)
    words: tuple[str, ...] = ()
    asked: list[object] = field(default_factory=list)
    gate: asyncio.Event | None = None
    advising: asyncio.Event = field(default_factory=asyncio.Event)

    async def route(self, question: RoutingQuestion) -> Intent:
        self.asked.append(question)
        return self.intent

    async def learn(self, question: FeedbackQuestion) -> PreferenceChange:
        self.asked.append(question)
        return self.change

    async def plan(self, question: PlanningQuestion) -> Planned:
        self.asked.append(question)
        return Planned(self.plans[0] if len(self.plans) == 1 else self.plans.pop(0))

    async def clarify(self, question: ClarificationQuestion) -> Clarification:
        self.asked.append(question)
        return Clarification(f"Which {question.choice.name}?", question.choice.values)

    async def reword(self, question: CollectionQuestion) -> tuple[str, ...]:
        self.asked.append(question)
        return self.words

    async def advise(self, question: AdvisoryQuestion, voice: Voice) -> Advice:
        self.asked.append(question)
        self.advising.set()
        voice.say(0, "Take ")
        if self.gate is not None:
            await self.gate.wait()
        voice.say(0, "it.")
        first = question.matches[0].product.product_id if question.matches else None
        return Advice("Take it.", first, "why", MAKING)


@dataclass
class Assistants:
    """Gives every thread the same mind."""

    mind: ScriptedMind
    fault: ChafferError | None = None

    async def assistant(self, _terms: ThreadOpened) -> ScriptedMind:
        if self.fault is not None:
            raise self.fault
        return self.mind

    async def check(self, mind: ModelChoice, key: str | None) -> None: ...

    async def kept_key(self, _session_id: str, _mind: ModelChoice) -> str | None:
        return None

    def keep(self, _session_id: str, _keys: object) -> tuple[()]:
        return ()

    def forget(self, session_id: str) -> None: ...


@dataclass
class Shop:
    """The use cases over a store in memory, with a mind of the test's own."""

    store: MemoryStore
    assistants: Assistants
    threads: Threads
    engine: LocalEngine
    clock: list[datetime]

    async def say(self, text: str, session_id: str | None = None) -> tuple[str, AdviceGiven | QuestionAsked]:
        said = await self.threads.speak(ShoppingQuery(query=text, session_id=session_id), owner="user")
        _, outcome = await self.threads.outcome(await self.threads.turn(said.conversation_id, said.turn))
        return said.conversation_id, outcome

    async def live(self, session_id: str) -> LiveConversation:
        return await self.threads.thread(session_id)


@asynccontextmanager
async def opened(
    mind: ScriptedMind, store: MemoryStore | None = None, fault: ChafferError | None = None, lease_seconds: float = 1
) -> AsyncIterator[Shop]:
    if store is None:
        store = MemoryStore()
        await store.products.put(LAPTOPS, SELLERS)
    clock = [START]
    assistants = Assistants(mind, fault)
    engine = LocalEngine(store, {"shopping": ThreadKind()}, lambda: clock[0], lease_seconds=lease_seconds)
    engine.serve("shopping", ThreadFlow(assistants, store.products, store, lambda: clock[0], timedelta(hours=1)))
    threads = Threads(store, engine, assistants, store, AssistantDefaults("builtin", 0.7, 500, "USD"), lambda: clock[0])
    await engine.open_for_work()
    try:
        yield Shop(store, assistants, threads, engine, clock)
    finally:
        await engine.close()
