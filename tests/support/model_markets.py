"""A market whose agents are models: one room played to its end against a stand-in, and all that anybody saw of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chaffer.bootstrap import Chaffer, assemble, utc_now
from chaffer.conversation.feed import Piece
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import OPERATOR, Viewer, may_hear, view_for
from chaffer.negotiation.events import BuyerSpoke, SellerReplied
from chaffer.negotiation.room import Room
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.terms import RoomStatus
from chaffer.negotiation.visibility import RoomSight
from chaffer.settings import Settings
from chaffer.storage.memory import MemoryStore
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Asked, Script

LONGEST_SECONDS: Final = 30.0

Drafts = defaultdict[tuple[str, int], str]
"""Live text by message and attempt."""

PRIVATE_OF_THE_BUYER: Final = ("1311.17", "2987.29", "=131117", "=298729")
"""The canaries of the budget: `min` and `max`, as prices, and as fields in minor units."""


def market_of_models(*, sellers: int = 3, rounds: int = 3, **changes: Any) -> dict[str, Any]:
    """Return a scenario with one item, whose private numbers are canaries: each is found nowhere else."""
    body: dict[str, Any] = {
        "buyer": {
            "name": "John Doe",
            "shopping_list": [{"item_id": "item_001", "item_name": "Laptop", "quantity_needed": 1}],
            "budget_range": {"min": 1311.17, "max": 2987.29},
        },
        "sellers": [_seller(number) for number in range(1, sellers + 1)],
        "llm_config": {"provider": "lm_studio", "model": MODEL},
        "negotiation": {"max_rounds": rounds},
        "seed": 7,
    }
    return {**body, **changes}


def _seller(number: int) -> dict[str, Any]:
    cost, least, selling = (price + 10 * number for price in (871.53, 912.37, 1203.41))
    line = {
        "item_id": "item_001",
        "item_name": "Laptop",
        "cost_price": round(cost, 2),
        "least_price": round(least, 2),
        "selling_price": round(selling, 2),
        "quantity_available": 5,
    }
    profile = {
        "priority": "customer_retention" if number % 2 else "maximize_profit",
        "speaking_style": "very_sweet" if number % 2 else "rude",
    }
    return {"name": f"Shop {number}", "inventory": [line], "profile": profile}


@dataclass(frozen=True)
class Played:
    """A room that was played, what was asked of its models, and the live text that was heard by whom, by attempt."""

    room: Room
    records: tuple[Recorded, ...]
    heard: dict[Viewer, Drafts]
    asked: list[Asked]

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        terms = self.room.terms
        return (Viewer(terms.buyer.buyer_id), *(Viewer(seller.seller_id) for seller in terms.sellers))

    def events(self, kind: type[Any]) -> list[Any]:
        return [record.event for record in self.records if isinstance(record.event, kind)]

    def seen(self, viewer: Viewer) -> str:
        """Return all that a viewer saw, live and recorded."""
        return "\n".join(self.heard[viewer].values()) + repr(view_for(viewer, self.records, RoomSight(self.room.terms)))

    def texts(self) -> dict[str, str]:
        """Return the words of the messages that were recorded, by id."""
        return {event.message_id: event.text for event in self.events(BuyerSpoke) + self.events(SellerReplied)}

    def all_words(self) -> str:
        """Return all that anybody could read, recorded or live."""
        live = [text for drafts in self.heard.values() for text in drafts.values()]
        return "\n".join([*self.texts().values(), *live])

    def prompts_of(self, name: str) -> str:
        """Return all that the model of that agent was sent."""
        return "\n".join(f"{asked.system}\n{asked.user}" for asked in self.asked if f"You are {name}," in asked.system)

    def assert_money_rules(self) -> None:
        """Assert that every offer, bid and deal kept within everybody's limits."""
        terms = self.room.terms
        for event in self.events(SellerReplied):
            seller = terms.seller(event.seller_id)
            assert seller.least_minor <= event.offer.price_minor <= seller.list_minor
        for event in self.events(BuyerSpoke):
            assert event.bid_minor is None or 0 < event.bid_minor <= terms.buyer.budget_minor
        deal = self.room.deal
        if deal is not None:
            seller = terms.seller(deal.seller_id)
            assert seller.least_minor <= deal.price_minor <= seller.list_minor
            assert deal.total_minor <= terms.buyer.budget_minor

    def assert_ended(self) -> None:
        """Assert that the room ended as typed: with a deal, without one and a reason, or failed with a code."""
        ended = self.room.ended
        assert ended is not None
        assert ended.status in {RoomStatus.COMPLETED, RoomStatus.FAILED}
        assert ended.reason
        assert (ended.code is not None) == (ended.status is RoomStatus.FAILED)


@asynccontextmanager
async def opened(url: str, folder: Path, *, store: MemoryStore | None = None, **changes: Any) -> AsyncIterator[Chaffer]:
    """Run the program over memory, the models of every vendor at `url`, which ends in `/v1`."""
    root = url.removesuffix("/v1")
    given: dict[str, Any] = {
        "lm_studio_base_url": url,
        "openai_base_url": url,
        "openrouter_base_url": url,
        "anthropic_base_url": root,
        "bedrock_base_url": root,
        "lm_studio_timeout": 2.0,
        "llm_total_timeout": 2.0,
        "llm_max_retries": 1,
        "llm_retry_delay": 0.001,
        "llm_breaker_seconds": 0.01,
        "logs_dir": folder / "logs",
        "data_dir": folder / "data",
        **changes,
    }
    chaffer = assemble(Settings(_env_file=None, **given), store or MemoryStore(), utc_now)
    await chaffer.engine.open_for_work()
    try:
        yield chaffer
    finally:
        await chaffer.engine.close()
        await chaffer.models.aclose()


def play(script: Script, folder: Path, *, market: dict[str, Any] | None = None, **settings: Any) -> Played:
    """Play a room of models that follow the script to its end."""
    with standing_in(script) as server:
        return play_at(server, folder, market=market, **settings)


def play_at(server: StandIn, folder: Path, *, market: dict[str, Any] | None = None, **settings: Any) -> Played:
    """Play a room whose models are that stand-in to its end."""

    async def case() -> Played:
        async with opened(server.url, folder, **settings) as chaffer, asyncio.timeout(LONGEST_SECONDS):
            body = market if market is not None else market_of_models()
            new = await chaffer.market.open_session(Scenario.model_validate(body), owner="local")
            live = await chaffer.market.room(new.rooms[0].terms.room_id)
            listening = asyncio.create_task(_listen(live))
            await chaffer.market.start_room(live.conversation_id)
            await live.wait_until_over()
            heard = await listening
            await chaffer.engine.join(live.conversation_id)
            return Played(live.state, tuple(live.feed.records), heard, server.asked)

    return asyncio.run(case())


async def _listen(live: LiveConversation) -> dict[Viewer, Drafts]:
    """Return what every viewer heard of the drafts."""
    terms = live.state.terms
    viewers = (OPERATOR, Viewer(terms.buyer.buyer_id), *(Viewer(seller.seller_id) for seller in terms.sellers))
    heard: dict[Viewer, Drafts] = {viewer: defaultdict(str) for viewer in viewers}
    async for item in live.follow(0):
        if isinstance(item, Piece):
            for viewer in viewers:
                if may_hear(viewer, item):
                    heard[viewer][item.message_id, item.attempt] += item.delta
    return heard
