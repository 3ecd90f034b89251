"""Single calls to a model for tests: a provider at a stand-in, turns with canary numbers, a voice that remembers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from chaffer.conversation.journal import Recorded
from chaffer.conversation.minds import ModelChoice
from chaffer.conversation.views import Seen
from chaffer.llm.asking import Seat
from chaffer.llm.provider import Provider, Timeouts
from chaffer.llm.providers import lm_studio
from chaffer.llm.requests import Account, ModelRequest, ReplyFormat, Said
from chaffer.llm.retry import Patience
from chaffer.llm.vendor import VendorConfig
from chaffer.negotiation.confidences import Confidences
from chaffer.negotiation.events import BuyerSpoke, Offer, SellerReplied
from chaffer.negotiation.questions import Band, BuyerTurn, Rival, SellerTurn, Table
from chaffer.negotiation.terms import Priority, SpeakingStyle
from tests.support.markets import seller, terms
from tests.support.standin import MODEL

CHOICE = ModelChoice("lm_studio", MODEL, 0.7, 500)
REQUEST = ModelRequest(
    model=MODEL,
    messages=(Said("user", '{"round": 1, "of_rounds": 1}'),),
    max_tokens=500,
    system="You are a test.",
    temperature=0.7,
    reply_format=ReplyFormat("test", {"type": "object"}),
)
AT = datetime(2026, 1, 1, tzinfo=UTC)

T = TypeVar("T")


@asynccontextmanager
async def provider_at(url: str, *, timeout_seconds: float = 5.0) -> AsyncIterator[Provider]:
    """Yield a provider whose server is at `url`."""
    timeouts = Timeouts(timeout_seconds, timeout_seconds, timeout_seconds, timeout_seconds)
    provider = lm_studio.provider(VendorConfig("lm_studio", timeouts, url))
    try:
        yield provider
    finally:
        await provider.aclose()


def called(url: str, call: Callable[[Provider], Awaitable[T]], **patience: Any) -> T:
    """Return what a call to a provider at `url` returns."""

    async def case() -> T:
        async with provider_at(url, **patience) as provider, asyncio.timeout(20):
            return await call(provider)

    return asyncio.run(case())


def seat(provider: Provider, *, retries: int = 3) -> Seat:
    """Return the seat of a model of that provider, whose retries follow each other fast."""
    return Seat(provider, CHOICE, Account("session", "room"), Patience(retries, 0.01))


@dataclass
class Remembered:
    """A voice that remembers: what was said, by attempt and message, and whom each message was addressed to."""

    said: list[dict[int, str]] = field(default_factory=lambda: [{}])
    deltas: list[str] = field(default_factory=list)
    hearers: dict[int, frozenset[str]] = field(default_factory=dict)

    def address(self, message: int, hearers: frozenset[str]) -> None:
        assert message not in self.said[-1], "a message is addressed before its first word"
        self.hearers[message] = hearers

    def say(self, message: int, delta: str) -> None:
        self.deltas.append(delta)
        self.said[-1][message] = self.said[-1].get(message, "") + delta

    def restart(self) -> None:
        self.said.append({})


def _table(round_: int = 1) -> Table:
    return Table(0, 7, "Laptop", 2, "USD", "buyer_1", "John Doe", round_, 3)


def heard(*words: str) -> Callable[[], tuple[Seen, ...]]:
    """Return an ear for messages of the buyer to Shop 1."""
    spoken = (BuyerSpoke(f"m{n}", n, 1, text, (), ("seller_001",), None) for n, text in enumerate(words))
    seen = tuple(Seen(n, AT, event) for n, event in enumerate(spoken))
    return lambda: seen


def told_in_confidence(**words: str) -> Callable[[], Confidences]:
    """Return what sellers, by id, said to the buyer of `a_buyer_turn`."""
    made = terms(seller(1), seller(2, name="Tech & Co"), seller(3, name="Bob's Best"))
    said = [SellerReplied("m", 1, 1, seller_id, text, Offer(1, 2, None, 3), 1) for seller_id, text in words.items()]
    records = [Recorded(position, AT, event) for position, event in enumerate(said, start=1)]
    return lambda: Confidences(made).after(records)


def a_seller_turn(**changes: Any) -> SellerTurn:
    """Return a turn of Shop 1, who may offer from 900 to 1200 and was bid 700."""
    given: dict[str, Any] = {
        "table": _table(),
        "seller_id": "seller_001",
        "seller_name": "Shop 1",
        "priority": Priority.CUSTOMER_RETENTION,
        "style": SpeakingStyle.RUDE,
        "band": Band(90_001, 120_000),
        "list_minor": 120_000,
        "prices": (),
        "bids": (70_000,),
        "standing": None,
        "heard": heard("Hello, 700 each?"),
        "limits": Band(90_000, 120_000),
    }
    return SellerTurn(**{**given, **changes})


def a_buyer_turn(**changes: Any) -> BuyerTurn:
    """Return a turn of the buyer, who may bid up to 1100, among Shop 1, Tech & Co and Bob's Best."""
    offer = Offer(105_000, 2, None, 3)
    given: dict[str, Any] = {
        "table": _table(),
        "band": Band(1, 109_999),
        "opening_minor": 55_000,
        "wish_minor": 80_000,
        "rivals": (
            Rival("seller_002", "Tech & Co", 118_000, (115_000,), (60_000,), Offer(115_000, 2, None, 3)),
            Rival("seller_001", "Shop 1", 120_000, (105_000,), (60_000,), offer),
            Rival("seller_003", "Bob's Best", 121_000, (), (), None),
        ),
        "must_decide": False,
        "heard": heard(),
        "limit_minor": 110_000,
        "confidences": told_in_confidence(),
    }
    return BuyerTurn(**{**given, **changes})
