"""Plays the sentences of the chat against the program itself, in this process, and hears what comes of each."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from benchmarks.chat_ground import NOW, StandingRooms, keep_books
from benchmarks.chat_requests import Sentence
from chaffer.assistant.chat import Outcome
from chaffer.assistant.events import (
    CHAT,
    ApprovalAsked,
    Call,
    ChatAnswered,
    ChatFailed,
    HandedOver,
    PersonAsked,
    ToolEnded,
    ToolsChosen,
)
from chaffer.assistant.figures import figures_not_returned
from chaffer.assistant.plan import ApprovalReply, ChatMessage
from chaffer.assistant.results import NegotiationStarted, ProductBrief, ProductsFound
from chaffer.assistant.running import ChatFlow, TurnBounds
from chaffer.assistant.tools import Wish, spec_of
from chaffer.bootstrap import Chaffer, assemble
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ChafferError
from chaffer.money import formatted, number_from_minor
from chaffer.settings import Settings
from chaffer.shopping.catalogue.sample import sample_products
from chaffer.storage.memory import MemoryStore
from chaffer.toolbox import Tools
from chaffer.toolbox.book_tools import BookTools
from chaffer.toolbox.negotiation_tools import NegotiationTools
from chaffer.toolbox.product_tools import ProductTools
from chaffer.validation import LlmConfig

_SECONDS: Final = 300.0
_REFERENCE: Final = re.compile(r"\$(?P<of>room|offer|)(?P<place>\d)(?:\.(?P<aspect>[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sentence may refer to: the products that were found last, the rooms, and the offers of the newest."""

    products: tuple[ProductBrief, ...] = ()
    rooms: tuple[str, ...] = ()
    offers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], standing: StandingRooms, conversation_id: str) -> Ground:
        """Return what stands after these results."""
        results = [outcome.result for outcome in outcomes]
        found = [result.products for result in results if isinstance(result, ProductsFound) and result.products]
        rooms = tuple(result.room_id for result in results if isinstance(result, NegotiationStarted))
        newest = standing.rooms.get(conversation_id, [])[:1]
        offers = tuple(
            (one.seller, formatted(one.price_minor, room.currency)) for room in newest for one in room.offers
        )
        return cls(found[-1] if found else (), rooms, offers)

    def meant(self, reference: str) -> str | float:
        """Return what a reference stands for; itself for what is none, and nothing for what is not there."""
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            return reference
        place, aspect = int(match["place"]) - 1, match["aspect"]
        try:
            match match["of"]:
                case "room":
                    return self.rooms[place]
                case "offer":
                    seller, price = self.offers[place]
                    return seller if aspect == "seller" else price
                case _:
                    return _aspect(self.products[place], aspect)
        except IndexError:
            return f"nothing at {reference}"


def _aspect(product: ProductBrief, aspect: str) -> str | float:
    match aspect:
        case "id":
            return product.product_id
        case "name":
            return product.name
        case "price":
            return formatted(product.price_minor, product.currency)
        case _:
            return number_from_minor(product.price_minor - 1)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a sentence. Its text leaves out what was said: a failing test must not show what is held out."""

    sentence: Sentence = field(repr=False)
    seconds: float = 0.0
    agents: tuple[str, ...] = ()
    wishes: tuple[Wish, ...] = ()
    text: str = ""
    strange: frozenset[str] = frozenset()
    failure: str = ""
    before: Ground = field(default_factory=Ground)
    after: Ground = field(default_factory=Ground)


@dataclass(frozen=True, slots=True)
class Stage:
    """The program, with the books of everybody and negotiations that stand still."""

    chaffer: Chaffer
    standing: StandingRooms
    mind: LlmConfig

    async def play(self, sentence: Sentence) -> Heard:
        """Return what came of a sentence, said in a conversation of its own behind what was said before."""
        conversation_id: str | None = None
        try:
            for line in sentence.before:
                conversation_id = await self._say(line.say, conversation_id, sentence.id, approve=line.approve)
            before, _ = await self._outcomes(conversation_id)
            ground = Ground.of(before, self.standing, conversation_id or "")
            started_at = perf_counter()
            conversation_id = await self._say(_filled(sentence.say, ground), conversation_id, sentence.id)
            seconds = perf_counter() - started_at
        except ChafferError as fault:
            return Heard(sentence, failure=fault.code.value)
        return await self._heard(sentence, conversation_id, seconds, ground)

    async def _say(self, text: str, conversation_id: str | None, owner: str, *, approve: bool = False) -> str:
        chats = self.chaffer.chats
        config, seed = (self.mind, 1) if conversation_id is None else (None, None)
        said = ChatMessage(message=text, conversation_id=conversation_id, history=[], llm_config=config, seed=seed)
        asked = await chats.ask(said, owner=owner)
        ended = await chats.outcome(await chats.turn(asked.conversation_id, asked.turn))
        if approve and ended is not None and isinstance(ended.event, ApprovalAsked):
            reply = ApprovalReply(conversation_id=asked.conversation_id, tool_call_id=ended.event.call_id, approve=True)
            await chats.outcome(await chats.approve(reply))
        await self.chaffer.engine.join(asked.conversation_id)
        return asked.conversation_id

    async def _outcomes(self, conversation_id: str | None) -> tuple[list[Outcome], Sequence[Recorded]]:
        if conversation_id is None:
            return [], ()
        records = (await self.chaffer.chats.chat(conversation_id)).feed.records
        calls: dict[str, Call] = {}
        outcomes: list[Outcome] = []
        for record in records:
            match record.event:
                case ToolsChosen() as chosen:
                    calls |= {call.call_id: call for call in chosen.calls}
                case ToolEnded(_, call_id, result):
                    wish = calls[call_id].wish
                    outcomes.append(Outcome(call_id, spec_of(wish).specialist, wish, result))
                case _:
                    pass
        return outcomes, records

    async def _heard(self, sentence: Sentence, conversation_id: str, seconds: float, before: Ground) -> Heard:
        outcomes, records = await self._outcomes(conversation_id)
        said = [record.event.text for record in records if isinstance(record.event, PersonAsked)]
        start = max(at for at, record in enumerate(records) if isinstance(record.event, PersonAsked))
        events = [record.event for record in records[start:]]
        answers = [event.text for event in events if isinstance(event, ChatAnswered)]
        return Heard(
            sentence,
            seconds,
            agents=tuple(
                one.specialist.value for event in events if isinstance(event, HandedOver) for one in event.handovers
            ),
            wishes=tuple(call.wish for event in events if isinstance(event, ToolsChosen) for call in event.calls),
            text="\n".join((*answers, *(event.text for event in events if isinstance(event, ApprovalAsked)))),
            strange=frozenset(figure for text in answers for figure in figures_not_returned(text, outcomes, said)),
            failure=next((event.code for event in events if isinstance(event, ChatFailed)), ""),
            before=before,
            after=Ground.of(outcomes, self.standing, conversation_id),
        )


def _filled(text: str, ground: Ground) -> str:
    """Return what is said, with the offers that it names."""
    for place, (seller, _) in enumerate(ground.offers, start=1):
        text = text.replace(f"{{offer{place}.seller}}", seller)
    return text


async def _nothing(_: LiveConversation) -> None:
    """Tell no news: negotiations end here by the person alone."""


@asynccontextmanager
async def stage(mind: LlmConfig, **given: Any) -> AsyncIterator[Stage]:  # noqa: ANN401  Settings.
    """Open the program over a store in memory with the sample catalogue and the books of everybody, while it lasts."""
    with TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder), demo_catalog=False, **given)
        chaffer = assemble(settings, MemoryStore(), lambda: NOW)
        await chaffer.products.put(*sample_products(settings.currency))
        await keep_books(chaffer)
        ordering, supervisors = chaffer.purchasing.ordering, chaffer.chats.supervisors
        standing = StandingRooms(
            Tools(
                ProductTools(ordering, settings.currency),
                NegotiationTools(ordering, chaffer.market, chaffer.books, supervisors, settings.currency),
                BookTools(chaffer.books, chaffer.journal, settings.currency),
            )
        )
        bounds = TurnBounds(_SECONDS, timedelta(hours=1))
        chaffer.engine.serve(CHAT, ChatFlow(supervisors, standing, _nothing, chaffer.now, bounds))
        await chaffer.engine.open_for_work(recover=False)
        try:
            yield Stage(chaffer, standing, mind)
        finally:
            await chaffer.engine.close()
            await chaffer.models.aclose()


async def played(sentences: Sequence[Sentence], *, mind: LlmConfig, **given: Any) -> list[Heard]:  # noqa: ANN401  Settings.
    """Play sentences one after another, and return what was heard of each."""
    async with stage(mind, **given) as on:
        return [await on.play(sentence) for sentence in sentences]
