"""How invoices come about and change, pure: their numbers, the tax in them, and which status leads to which."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from chaffer.conversation.journal import EffectRefusedError
from chaffer.errors import Advice, Code
from chaffer.ledger.books import CancelInvoice, Purchase, Settlement
from chaffer.ledger.invoices import CreditNote, Invoice, InvoiceLine, InvoiceStatus


class Series(StrEnum):
    """What is numbered without gaps, each year from 1."""

    INVOICES = "INV"
    CREDIT_NOTES = "CN"


def number_of(series: Series, year: int, place: int) -> str:
    """Return the number of a document by its place in the year, from 1: `INV-2026-000001`."""
    return f"{series}-{year}-{place:06d}"


def tax_in(total_minor: int, tax_percent: Decimal) -> int:
    """Return the share of a total that is tax: total − total·100 ÷ (100 + percent), the latter rounded half up."""
    without = Fraction(100 * total_minor) / (100 + Fraction(tax_percent))
    return total_minor - floor(without + Fraction(1, 2))


def invoice_of(purchase: Purchase, number: str) -> Invoice:
    """Return the invoice that a purchase leaves, issued when it was purchased."""
    line = InvoiceLine(
        item_name=purchase.item_name,
        quantity=purchase.quantity,
        unit_price_minor=purchase.price_minor,
        total_minor=purchase.total_minor,
        list_price_minor=purchase.list_price_minor,
        category=purchase.category,
    )
    tax_minor = tax_in(purchase.total_minor, purchase.tax_percent)
    return Invoice(
        invoice_id=purchase.invoice_id,
        number=number,
        status=InvoiceStatus.ISSUED,
        issued_at=purchase.purchased_at,
        owner=purchase.owner,
        buyer_name=purchase.buyer_name,
        seller_name=purchase.seller_name,
        lines=(line,),
        subtotal_minor=purchase.total_minor - tax_minor,
        tax_percent=purchase.tax_percent,
        tax_minor=tax_minor,
        total_minor=purchase.total_minor,
        currency=purchase.currency,
        room_id=purchase.room_id,
        session_id=purchase.session_id,
    )


def check_settlement(invoice: Invoice, settlement: Settlement) -> None:
    """Raise EffectRefusedError with CONFLICT when an invoice can no longer be paid, or be cancelled."""
    if invoice.credit_note is not None:
        note = invoice.credit_note
        why = f"it was cancelled on {note.issued_at:%Y-%m-%d} by credit note {note.number}"
    elif invoice.paid_at is not None and not isinstance(settlement, CancelInvoice):
        why = f"it was paid on {invoice.paid_at:%Y-%m-%d} already"
    else:
        return
    done = "cancelled" if isinstance(settlement, CancelInvoice) else "paid"
    raise EffectRefusedError(
        Code.CONFLICT,
        f"Invoice {invoice.number} cannot be {done}: {why}. Look at the invoice.",
        advice=Advice(f"This invoice cannot be {done} any more.", ("Look at the invoice.",)),
    )


def paid(invoice: Invoice, at: datetime) -> Invoice:
    """Return an invoice as it is once it is paid."""
    return replace(invoice, status=InvoiceStatus.PAID, paid_at=at)


def credit_note_for(invoice: Invoice, cancel: CancelInvoice, number: str, at: datetime) -> CreditNote:
    """Return the credit note that takes an invoice back, over the whole."""
    return CreditNote(cancel.credit_note_id, number, at, cancel.reason, invoice.total_minor)


def cancelled(invoice: Invoice, note: CreditNote) -> Invoice:
    """Return an invoice as it is once a credit note took it back."""
    return replace(invoice, status=InvoiceStatus.CANCELLED, credit_note=note)
