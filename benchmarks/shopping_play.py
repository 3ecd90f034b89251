"""Plays shopping requests against the program itself, in this process, and hears what comes of every turn."""

from __future__ import annotations

from asyncio import Semaphore, gather
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from benchmarks.shopping_fit import Ground
from benchmarks.shopping_requests import ExtraProduct, Request, Turn
from chaffer.bootstrap import Chaffer, open_chaffer
from chaffer.conversation.journal import Recorded
from chaffer.conversation.turns import Begun
from chaffer.errors import ChafferError
from chaffer.settings import Settings
from chaffer.shopping.catalogue.products import Product, Seller
from chaffer.shopping.catalogue.sample import sample_products
from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.context import context_of
from chaffer.shopping.events import (
    AdviceGiven,
    Intent,
    Match,
    ProductsCollected,
    QuestionAsked,
    SearchPlanned,
    ShopperSpoke,
    TurnRouted,
)
from chaffer.shopping.plan import QuestionReply, ShoppingQuery
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import product_of
from chaffer.shopping.reading import products_named
from chaffer.shopping.thread import Thread, evolve
from chaffer.validation import LlmConfig

NO_PREFERENCE: Final = "no preference"
"""What a shopper answers whose next words are not the answer to a question."""

_MOST_ANSWERS: Final = 4


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a turn; the last plan and the first answer or question count. `failure` is the code of a fault.

    Its text leaves out what was said: a failing test must not show what is held out.
    """

    request: Request = field(repr=False)
    turn: Turn = field(repr=False)
    ground: Ground
    seconds: float
    is_question: bool = False
    intent: Intent | None = None
    constraints: Constraints | None = None
    noted: tuple[str, ...] = ()
    matches: tuple[Match, ...] | None = None
    recommended: Product | None = None
    text: str = ""
    about: tuple[str, ...] = ()
    shown_before: tuple[Match, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """The program with a catalogue that holds the sample and what a request adds to it."""

    chaffer: Chaffer
    products: Sequence[Product]
    mind: LlmConfig

    async def play(self, request: Request) -> list[Heard]:
        """Return what came of each turn of a request, which is a thread of a shopper of its own."""
        heard: list[Heard] = []
        session_id: str | None = None
        asked: QuestionAsked | None = None
        for index, turn in enumerate(request.turns):
            is_answered = index + 1 < len(request.turns) and bool(request.turns[index + 1].answer)
            started_at = perf_counter()
            try:
                begun = await self._begin(request, turn, session_id, asked)
                _, outcome = await self.chaffer.threads.outcome(begun)
                seconds, session_id = perf_counter() - started_at, begun.live.conversation_id
                asked = outcome if isinstance(outcome, QuestionAsked) else None
                if not is_answered:
                    await self._have_no_preference(session_id, asked)
            except ChafferError as fault:
                nothing = Ground(self.products)
                heard.append(Heard(request, turn, nothing, perf_counter() - started_at, failure=fault.code.value))
                return heard
            heard.append(await self._heard(request, turn, begun, seconds, is_question=asked is not None))
        return heard

    async def _begin(self, request: Request, turn: Turn, session_id: str | None, asked: QuestionAsked | None) -> Begun:
        threads = self.chaffer.threads
        if turn.answer and asked is not None and session_id is not None:
            reply = QuestionReply(session_id=session_id, thread_id=asked.thread_id, user_input=turn.text)
            return await threads.answer(reply)
        config = self.mind if session_id is None else None
        words = ShoppingQuery(query=turn.text, session_id=session_id, llm_config=config)
        said = await threads.speak(words, owner=request.id)
        return await threads.turn(said.conversation_id, said.turn)

    async def _have_no_preference(self, session_id: str, asked: QuestionAsked | None) -> None:
        for _ in range(_MOST_ANSWERS):
            if asked is None:
                return
            reply = QuestionReply(session_id=session_id, thread_id=asked.thread_id, user_input=NO_PREFERENCE)
            _, outcome = await self.chaffer.threads.outcome(await self.chaffer.threads.answer(reply))
            asked = outcome if isinstance(outcome, QuestionAsked) else None

    async def _heard(self, request: Request, turn: Turn, begun: Begun, seconds: float, *, is_question: bool) -> Heard:
        records = begun.live.feed.records
        start = begun.position - 1
        before = _thread(records[:start])
        preferences = await self.chaffer.tastes.preferences(request.id)
        shown = () if before is None else before.shown.matches
        recommended = None if before is None else product_of(shown, before.shown.recommended_id)
        found = {type(record.event): record.event for record in records[start:]}
        plan, collected, advice = (found.get(kind) for kind in (SearchPlanned, ProductsCollected, AdviceGiven))
        matches = None if collected is None else collected.matches
        return Heard(
            request,
            turn,
            Ground(self.products, recommended),
            seconds,
            is_question,
            intent=_intent(found),
            constraints=None if plan is None else plan.constraints,
            noted=() if plan is None else plan.noted,
            matches=matches,
            recommended=None if advice is None else product_of(matches or shown, advice.product_id),
            text="" if advice is None else advice.text,
            about=await self._about(records[: start + 1]),
            shown_before=shown,
            preferences=preferences,
        )

    async def _about(self, records: Sequence[Recorded]) -> tuple[str, ...]:
        """Return the ids of the products that the words name, in their order; of an answer, none."""
        thread = _thread(records)
        if thread is None or not isinstance(records[-1].event, ShopperSpoke):
            return ()
        vocabulary = await self.chaffer.products.vocabulary()
        context = context_of(thread, records, vocabulary, Preferences())
        return tuple(match.product.product_id for match in products_named(context))


def _thread(records: Sequence[Recorded]) -> Thread | None:
    thread: Thread | None = None
    for record in records:
        thread = evolve(thread, record.event)
    return thread


def _intent(found: dict[type, Any]) -> Intent | None:
    routed = found.get(TurnRouted)
    return None if routed is None else routed.intent


@asynccontextmanager
async def stage(
    extra: Sequence[ExtraProduct] = (),
    *,
    mind: LlmConfig,
    **given: Any,  # noqa: ANN401  Settings.
) -> AsyncIterator[Stage]:
    """Open the program over a new database with the sample catalogue, and what is added to it, while it lasts."""
    with TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, database_url=None, data_dir=Path(folder), demo_catalog=False, **given)
        async with open_chaffer(settings, recover=False) as chaffer:
            products, sellers = sample_products(settings.currency)
            added = tuple(one.stocked(settings.currency) for one in extra)
            hostile = (Seller("Hostile Goods", "maximize_profit", "rude"),) if added else ()
            await chaffer.products.put((*products, *added), (*sellers, *hostile))
            yield Stage(chaffer, [one.product for one in (*products, *added)], mind)


async def played(requests: Sequence[Request], *, mind: LlmConfig, at_once: int = 1) -> list[Heard]:
    """Play requests over one catalogue, which holds what all of them add, and return what was heard in their order."""
    turnstile = Semaphore(at_once)

    async def play(on: Stage, request: Request) -> list[Heard]:
        async with turnstile:
            return await on.play(request)

    async with stage([product for request in requests for product in request.products], mind=mind) as on:
        heard = await gather(*(play(on, request) for request in requests))
    return [turn for turns in heard for turn in turns]
