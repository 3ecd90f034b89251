"""The ledger's records, the effects that change them, and how to read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chaffer.conversation.journal import Effect


@dataclass(frozen=True, slots=True)
class Claim:
    """A room's claim on its session's budget while it is unfinished: the value of its item at the lowest list price."""

    room_id: str
    value_minor: int
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where pieces lie that several sessions draw on: a seller's pieces of a product in the catalogue."""

    product_id: str
    seller: str


@dataclass(frozen=True, slots=True)
class StockLine:
    """How many pieces of an item a seller has left: in a session alone, or on a shelf, as many as lie there now."""

    seller_id: str
    item_id: str
    pieces: int
    shelf: Shelf | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A session's money: its budget, what purchases have committed of it, and the claims of its rooms."""

    session_id: str
    budget_minor: int
    committed_minor: int
    claims: tuple[Claim, ...]

    @property
    def remaining_minor(self) -> int:
        """Return what may still be spent."""
        return self.budget_minor - self.committed_minor


@dataclass(frozen=True, slots=True)
class Purchase:
    """A deal to be committed: `quantity` pieces of an item at a price per unit, for one room of a session."""

    purchase_id: str
    invoice_id: str
    session_id: str
    room_id: str
    owner: str
    buyer_name: str
    seller_id: str
    seller_name: str
    item_id: str
    item_name: str
    quantity: int
    price_minor: int
    list_price_minor: int
    currency: str
    purchased_at: datetime

    @property
    def total_minor(self) -> int:
        """Return price × quantity."""
        return self.price_minor * self.quantity


@dataclass(frozen=True, slots=True)
class OpenAccount(Effect):
    """Open a session's account with its budget, its rooms' claims and its sellers' stock."""

    account: Account
    stock: tuple[StockLine, ...]


@dataclass(frozen=True, slots=True)
class CommitPurchase(Effect):
    """Take the total from the budget and the pieces from the stock, and write the purchase and its invoice.

    Both are done or neither: refused with BUDGET_CONSTRAINT_VIOLATION, INSUFFICIENT_INVENTORY, or with CONFLICT when
    the budget that remains is no longer `seen_remaining_minor`, which the events of the append tell from.
    """

    purchase: Purchase
    seen_remaining_minor: int


@dataclass(frozen=True, slots=True)
class ReleaseClaim(Effect):
    """Give back a room's claim on the budget, because the room has ended."""

    session_id: str
    room_id: str


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of an invoice; `total_minor` is price × quantity."""

    item_name: str
    quantity: int
    unit_price_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a purchase leaves in the books. `number` is `INV-<year>-<six digits>`, without gaps within a year."""

    invoice_id: str
    number: str
    status: str
    issued_at: datetime
    owner: str
    buyer_name: str
    seller_name: str
    lines: tuple[InvoiceLine, ...]
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    currency: str
    room_id: str
    session_id: str


class Ledger(Protocol):
    """How the books are read; they are written by the effects of an append alone."""

    async def account(self, session_id: str) -> Account:
        """Return a session's account, claims in the order they were opened. Raises SESSION_NOT_FOUND."""
        ...

    async def stock(self, session_id: str, item_id: str) -> tuple[StockLine, ...]:
        """Return what the session's sellers have left of an item."""
        ...

    async def invoices(self, session_id: str) -> tuple[Invoice, ...]:
        """Return the invoices of a session, oldest first."""
        ...

    async def close_account(self, session_id: str) -> None:
        """Forget a deleted session's account, claims and stock; its purchases and invoices stay."""
        ...
