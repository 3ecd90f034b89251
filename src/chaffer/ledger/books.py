"""The ledger: a session's account, its purchases, the effects that change the books, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from chaffer.conversation.journal import Effect, RememberAnswer
from chaffer.ledger.findings import Verification
from chaffer.ledger.invoices import Invoice, InvoicePage, InvoiceWish
from chaffer.ledger.outlays import OutlayWish, Spent


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
    """A deal: `quantity` pieces of an item at a price per unit, with the tax in it, for one room of a session.

    `category` is that of a product of the catalogue, None for an item that a scenario brought. `cancelled_at` tells
    when its invoice was taken back; that gives neither the budget back nor the pieces, as the deal was made. It and the
    invoice's number come with a purchase that is read.
    """

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
    tax_percent: Decimal
    category: str | None = None
    cancelled_at: datetime | None = None
    invoice_number: str | None = None

    @property
    def total_minor(self) -> int:
        """Return price × quantity."""
        return self.price_minor * self.quantity

    @property
    def month(self) -> str:
        """Return the month in UTC that it counts for: `2026-03`."""
        return f"{self.purchased_at:%Y-%m}"

    @property
    def saved_minor(self) -> int:
        """Return what it cost less than at the list price."""
        return self.list_price_minor * self.quantity - self.total_minor


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
class PayInvoice(Effect):
    """Record that an invoice was paid. Refused with CONFLICT unless it is issued: nothing is paid twice."""

    invoice_id: str


@dataclass(frozen=True, slots=True)
class CancelInvoice(Effect):
    """Take an invoice back by a credit note. Refused with CONFLICT when that was done before."""

    invoice_id: str
    credit_note_id: str
    reason: str


Settlement = PayInvoice | CancelInvoice
Remember = Callable[[Invoice], RememberAnswer]


@dataclass(frozen=True, slots=True)
class PurchaseWish:
    """Which purchases are wanted, newest first: from a seller (by name), made in [since, until); None asks for all.

    Totals lie between `min_total_minor` and `max_total_minor`, both included.
    """

    seller: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    after: str | None = None
    min_total_minor: int | None = None
    max_total_minor: int | None = None


@dataclass(frozen=True, slots=True)
class PurchasePage:
    """A page of purchases, newest first. `next_after` continues it; None at the end."""

    purchases: tuple[Purchase, ...]
    next_after: str | None = None


class Ledger(Protocol):
    """How the books are read, and how invoices are settled; purchases are written by the effects of an append alone.

    Where an owner is asked for, None means everybody. An invoice is looked up whoever owns it: the caller sees to that.
    """

    async def account(self, session_id: str) -> Account:
        """Return a session's account, claims in the order they were opened. Raises SESSION_NOT_FOUND."""
        ...

    async def stock(self, session_id: str, item_id: str) -> tuple[StockLine, ...]:
        """Return what the session's sellers have left of an item."""
        ...

    async def invoices(self, session_id: str) -> tuple[Invoice, ...]:
        """Return the invoices of a session, oldest first."""
        ...

    async def find_invoice(self, named: str) -> Invoice | None:
        """Return the invoice of an id or a number, or None."""
        ...

    async def list_invoices(self, owner: str | None, wish: InvoiceWish) -> InvoicePage:
        """Return a page of an owner's invoices. Raises VALIDATION_ERROR for a cursor that is not of this list."""
        ...

    async def settle(self, settlement: Settlement, at: datetime, remember: Remember | None = None) -> Invoice:
        """Pay or cancel an invoice apart from any append, and return it as it is now.

        `remember` gives the answer to keep with it under an Idempotency-Key. Raises EffectRefusedError with CONFLICT
        when the invoice's status forbids it, with INVOICE_NOT_FOUND when there is none, and IDEMPOTENCY_KEY_REUSED;
        then nothing was written.
        """
        ...

    async def purchases(self, owner: str | None, wish: PurchaseWish) -> PurchasePage:
        """Return a page of an owner's purchases. Raises VALIDATION_ERROR for a cursor that is not of this list."""
        ...

    async def spent(self, owner: str | None, wish: OutlayWish) -> Spent:
        """Return what an owner's purchases come to, by month, seller or category, cancelled ones left out."""
        ...

    async def verify(self) -> Verification:
        """Check the whole database at one moment, in memory that does not grow with it."""
        ...

    async def close_account(self, session_id: str) -> None:
        """Forget a deleted session's account, claims and stock; its purchases and invoices stay."""
        ...
