"""Invoices: what a purchase leaves in the books, how an invoice ends, and how invoices are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class InvoiceStatus(StrEnum):
    """Where an invoice stands: issued → paid; issued or paid → cancelled, by a credit note."""

    ISSUED = "issued"
    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of an invoice; `total_minor` is price × quantity, with the tax in it.

    `list_price_minor` is what the seller asks for a piece from everybody. `category` is that of a product of the
    catalogue, None for an item that a scenario brought.
    """

    item_name: str
    quantity: int
    unit_price_minor: int
    total_minor: int
    list_price_minor: int
    category: str | None = None

    @property
    def saved_minor(self) -> int:
        """Return what the line costs less than at its list price."""
        return self.list_price_minor * self.quantity - self.total_minor


@dataclass(frozen=True, slots=True)
class CreditNote:
    """What takes an invoice back, in whole. `number` is `CN-<year>-<six digits>`, without gaps within a year."""

    credit_note_id: str
    number: str
    issued_at: datetime
    reason: str
    total_minor: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a purchase leaves in the books. `number` is `INV-<year>-<six digits>`, without gaps within a year.

    The total is what was agreed; `tax_minor` is the share of it that is tax, at `tax_percent`, and the subtotal the
    rest. The credit note is there if and only if the invoice is cancelled; `paid_at` stays when it was paid before.
    """

    invoice_id: str
    number: str
    status: InvoiceStatus
    issued_at: datetime
    owner: str
    buyer_name: str
    seller_name: str
    lines: tuple[InvoiceLine, ...]
    subtotal_minor: int
    tax_percent: Decimal
    tax_minor: int
    total_minor: int
    currency: str
    room_id: str
    session_id: str
    paid_at: datetime | None = None
    credit_note: CreditNote | None = None

    @property
    def cancelled_at(self) -> datetime | None:
        """Return when it was cancelled, if it was."""
        return None if self.credit_note is None else self.credit_note.issued_at

    @property
    def saved_minor(self) -> int:
        """Return what it comes to less than at list prices."""
        return sum(line.saved_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class InvoiceWish:
    """Which invoices are wanted, newest first: of a status, a seller (by name), a session, issued in [since, until).

    Totals lie between `min_total_minor` and `max_total_minor`, both included. None asks for all. `after` is the
    `next_after` of the page before.
    """

    status: InvoiceStatus | None = None
    seller: str | None = None
    session_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    after: str | None = None
    min_total_minor: int | None = None
    max_total_minor: int | None = None


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A page of invoices, newest first. `next_after` continues it; None at the end."""

    invoices: tuple[Invoice, ...]
    next_after: str | None = None
