"""Sending a buyer to haggle for a product: what a thread or a chat asks of the market, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chaffer.conversation.keys import Secret
from chaffer.conversation.minds import ModelChoice
from chaffer.ledger.invoices import Invoice
from chaffer.shopping.catalogue.products import Limits, Product, Seller
from chaffer.shopping.events import NegotiationOpened


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be bought: for whom, from which sellers (cheapest first), up to which budget for all pieces.

    With an `errand` it is opened once, and remembered under that.
    """

    session_id: str
    owner: str
    product: Product
    sellers: tuple[tuple[Seller, Limits], ...]
    quantity: int
    budget_minor: int
    mind: ModelChoice
    key: Secret | None
    seed: int
    errand: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a negotiation ended: with a deal, on its invoice; else for a reason."""

    status: str
    reason: str
    invoice: Invoice | None = None


class Haggling(Protocol):
    """The market, as far as threads and chats know it."""

    async def opened_before(self, owner: str, errand: str) -> NegotiationOpened | None:
        """Return the negotiation that an errand opened, if it did."""
        ...

    async def open(self, order: Order) -> NegotiationOpened:
        """Open a negotiation whose sellers draw on the catalogue's pieces; it waits to be started.

        Raises ChafferError when it cannot be, and where the errand of the order was done before.
        """
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
