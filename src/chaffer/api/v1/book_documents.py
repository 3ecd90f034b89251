"""From the books to their documents."""

from __future__ import annotations

from chaffer.api.v1.book_schemas import (
    CreditNoteDocument,
    InvoiceDocument,
    InvoiceLineDocument,
    PurchaseDocument,
    SpendingDocument,
    SpendingEntry,
    SpendingTotal,
)
from chaffer.ledger.books import Purchase
from chaffer.ledger.invoices import CreditNote, Invoice, InvoiceLine
from chaffer.ledger.outlays import Outlay, OutlayWish, Spent
from chaffer.money import number_from_minor, percent


def invoice_document(invoice: Invoice) -> InvoiceDocument:
    """Return an invoice as it stands."""
    return InvoiceDocument(
        id=invoice.invoice_id,
        number=invoice.number,
        status=invoice.status,
        issued_at=invoice.issued_at,
        paid_at=invoice.paid_at,
        cancelled_at=invoice.cancelled_at,
        user_id=invoice.owner,
        buyer=invoice.buyer_name,
        seller=invoice.seller_name,
        lines=[_line(line) for line in invoice.lines],
        subtotal=number_from_minor(invoice.subtotal_minor),
        tax_rate=float(invoice.tax_percent),
        tax=number_from_minor(invoice.tax_minor),
        total=number_from_minor(invoice.total_minor),
        saved=number_from_minor(invoice.saved_minor),
        currency=invoice.currency,
        room_id=invoice.room_id,
        session_id=invoice.session_id,
        credit_note=None if invoice.credit_note is None else _credit_note(invoice.credit_note),
    )


def _line(line: InvoiceLine) -> InvoiceLineDocument:
    return InvoiceLineDocument(
        item_name=line.item_name,
        quantity=line.quantity,
        unit_price=number_from_minor(line.unit_price_minor),
        total=number_from_minor(line.total_minor),
        list_price=number_from_minor(line.list_price_minor),
        saved=number_from_minor(line.saved_minor),
        category=line.category,
    )


def _credit_note(note: CreditNote) -> CreditNoteDocument:
    return CreditNoteDocument(
        id=note.credit_note_id,
        number=note.number,
        issued_at=note.issued_at,
        reason=note.reason,
        total=number_from_minor(note.total_minor),
    )


def purchase_document(purchase: Purchase) -> PurchaseDocument:
    """Return a purchase."""
    return PurchaseDocument(
        id=purchase.purchase_id,
        invoice_id=purchase.invoice_id,
        invoice_number=purchase.invoice_number or "",  # there, where the ledger is read
        user_id=purchase.owner,
        buyer=purchase.buyer_name,
        seller=purchase.seller_name,
        item_id=purchase.item_id,
        item_name=purchase.item_name,
        category=purchase.category,
        quantity=purchase.quantity,
        unit_price=number_from_minor(purchase.price_minor),
        list_price=number_from_minor(purchase.list_price_minor),
        total=number_from_minor(purchase.total_minor),
        saved=number_from_minor(purchase.saved_minor),
        currency=purchase.currency,
        purchased_at=purchase.purchased_at,
        cancelled_at=purchase.cancelled_at,
        room_id=purchase.room_id,
        session_id=purchase.session_id,
    )


def spending_document(wish: OutlayWish, spent: Spent) -> SpendingDocument:
    """Return what purchases come to, beside what was asked for."""
    return SpendingDocument(
        by=wish.by,
        since=wish.since,
        until=wish.until,
        entries=[SpendingEntry(key=outlay.key, **dict(_total(outlay))) for outlay in spent.outlays],
        totals=[_total(outlay) for outlay in spent.totals],
    )


def _total(outlay: Outlay) -> SpendingTotal:
    return SpendingTotal(
        currency=outlay.currency,
        purchases=outlay.purchases,
        spent=number_from_minor(outlay.spent_minor),
        list_total=number_from_minor(outlay.list_minor),
        saved=number_from_minor(outlay.saved_minor),
        saved_percent=percent(outlay.saved_minor, outlay.list_minor),
    )
