"""Sending a buyer to haggle for a product: what a thread asks of the market, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chaffer.conversation.keys import Secret
from chaffer.conversation.minds import ModelChoice
from chaffer.shopping.catalogue.products import Limits, Product, Seller


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be bought: for whom, from which sellers (cheapest first), up to which budget for all pieces."""

    session_id: str
    owner: str
    product: Product
    sellers: tuple[tuple[Seller, Limits], ...]
    quantity: int
    budget_minor: int
    mind: ModelChoice
    key: Secret | None
    seed: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The negotiation that was opened for an order, and not yet started."""

    market_session_id: str
    room_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a negotiation ended; without a deal the last five are None. `list_minor` is the lowest list price."""

    status: str
    reason: str
    seller_name: str | None = None
    quantity: int | None = None
    total_minor: int | None = None
    list_minor: int | None = None
    invoice_id: str | None = None


class Haggling(Protocol):
    """The market, as far as threads know it."""

    async def open(self, order: Order) -> Opened:
        """Open a negotiation whose sellers draw on the catalogue's pieces. Raises ChafferError when it cannot be."""
        ...

    async def start(self, room_id: str) -> None:
        """Start it; one that was started stays as it is, as does one that is gone."""
        ...

    async def drop(self, market_session_id: str) -> None:
        """Take a negotiation back that nobody heard of."""
        ...

    async def outcome(self, room_id: str) -> Outcome | None:
        """Return how it ended; None while it goes on. One that was deleted has ended, too."""
        ...
