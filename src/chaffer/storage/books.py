"""Purchases, invoices and their postings, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from msgspec.json import decode, encode
from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, func, insert, select, text, tuple_, update

from chaffer.ledger.books import CancelInvoice, Purchase, PurchasePage, PurchaseWish, Settlement
from chaffer.ledger.invoices import CreditNote, Invoice, InvoiceLine, InvoicePage, InvoiceStatus, InvoiceWish
from chaffer.ledger.invoicing import Series, cancelled, check_settlement, credit_note_for, invoice_of, number_of, paid
from chaffer.ledger.outlays import By, Outlay, OutlayWish, Spent, spent
from chaffer.ledger.postings import BookAccount, Posting, cancelled_postings, issued_postings, paid_postings
from chaffer.storage.book_tables import credit_notes, invoices, postings, purchases
from chaffer.storage.refusals import cursor_of, moment_of, no_invoice
from chaffer.storage.tables import moment, stamp

# One statement, so that two processes at once neither break each other nor both get one number.
_COUNT: Final = text(
    "INSERT INTO counters (name, value) VALUES (:name, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
COUNTERS: Final = {Series.INVOICES: "invoices-", Series.CREDIT_NOTES: "credit-notes-"}
"""What the counters of a series are called, before the year."""

_NOTE: Final = tuple(
    credit_notes.c[name].label(f"note_{name}") for name in ("id", "number", "issued_at", "reason", "total_minor")
)
INVOICES: Final = select(invoices, *_NOTE).join_from(
    invoices, credit_notes, credit_notes.c.invoice_id == invoices.c.id, isouter=True
)
"""Invoices with their credit notes, for `invoice_from`."""

PURCHASES: Final = select(purchases, invoices.c.number.label("invoice_number")).join_from(
    purchases, invoices, invoices.c.id == purchases.c.invoice_id, isouter=True
)
"""Purchases with the numbers of their invoices, for `purchase_from`."""

_KEYS: Final = {By.MONTH: purchases.c.month, By.SELLER: purchases.c.seller_name, By.CATEGORY: purchases.c.category}


def enter_purchase(connection: Connection, purchase: Purchase) -> None:
    """Write a purchase, the invoice that it leaves, and what this posts."""
    year = purchase.purchased_at.year
    invoice = invoice_of(purchase, _next_number(connection, Series.INVOICES, year))
    connection.execute(insert(purchases), [_purchase_row(purchase)])
    connection.execute(insert(invoices), [_invoice_row(invoice)])
    _post(connection, issued_postings(invoice))


def settle(connection: Connection, settlement: Settlement, at: datetime) -> Invoice:
    """Pay or cancel an invoice, and return it. Raises EffectRefusedError."""
    of_invoice = invoices.c.id == settlement.invoice_id
    connection.execute(select(invoices.c.id).where(of_invoice).with_for_update())
    # Read after the lock is held, or PostgreSQL would show the credit notes from before another wrote one.
    invoice = find_invoice(connection, of_invoice)
    if invoice is None:
        raise no_invoice(settlement.invoice_id)
    check_settlement(invoice, settlement)
    if isinstance(settlement, CancelInvoice):
        now = _cancel(connection, invoice, settlement, at)
    else:
        now = paid(invoice, at)
        _post(connection, paid_postings(now))
    connection.execute(
        update(invoices).where(of_invoice).values(status=now.status.value, paid_at=_stamped(now.paid_at))
    )
    return now


def _cancel(connection: Connection, invoice: Invoice, cancel: CancelInvoice, at: datetime) -> Invoice:
    note = credit_note_for(invoice, cancel, _next_number(connection, Series.CREDIT_NOTES, at.year), at)
    row = asdict(note)
    row["id"] = row.pop("credit_note_id")
    connection.execute(insert(credit_notes), [{**row, "invoice_id": invoice.invoice_id, "issued_at": stamp(at)}])
    now = cancelled(invoice, note)
    of_invoice = purchases.c.invoice_id == invoice.invoice_id
    connection.execute(update(purchases).where(of_invoice).values(cancelled_at=stamp(at)))
    _post(connection, cancelled_postings(now))
    return now


def find_invoice(connection: Connection, wanted: ColumnElement[bool]) -> Invoice | None:
    """Return the invoice that is wanted, or None."""
    row = connection.execute(INVOICES.where(wanted)).mappings().first()
    return None if row is None else invoice_from(row)


def invoices_of_session(connection: Connection, session_id: str) -> tuple[Invoice, ...]:
    """Return the invoices of a session, oldest first."""
    query = INVOICES.where(invoices.c.session_id == session_id).order_by(invoices.c.issued_at, invoices.c.number)
    return tuple(map(invoice_from, connection.execute(query).mappings()))


def list_invoices(connection: Connection, owner: str | None, wish: InvoiceWish) -> InvoicePage:
    """Return a page of an owner's invoices."""
    query = _narrowed(INVOICES, {invoices.c.owner: owner, invoices.c.seller_name: wish.seller})
    query = _narrowed(query, {invoices.c.status: wish.status, invoices.c.session_id: wish.session_id})
    query = _between(query, invoices.c.issued_at, wish.since, wish.until)
    query = _within(query, invoices.c.total_minor, wish)
    rows, more = _page(connection, query, invoices.c.issued_at, invoices.c.id, wish)
    return InvoicePage(tuple(map(invoice_from, rows)), more)


def list_purchases(connection: Connection, owner: str | None, wish: PurchaseWish) -> PurchasePage:
    """Return a page of an owner's purchases."""
    query = _narrowed(PURCHASES, {purchases.c.owner: owner, purchases.c.seller_name: wish.seller})
    query = _between(query, purchases.c.purchased_at, wish.since, wish.until)
    query = _within(query, purchases.c.total_minor, wish)
    rows, more = _page(connection, query, purchases.c.purchased_at, purchases.c.id, wish)
    return PurchasePage(tuple(map(purchase_from, rows)), more)


def read_spent(connection: Connection, owner: str | None, wish: OutlayWish) -> Spent:
    """Return what an owner's purchases come to."""
    key = _KEYS[wish.by]
    query = select(
        key,
        purchases.c.currency,
        func.count(),
        func.sum(purchases.c.total_minor),
        func.sum(purchases.c.list_price_minor * purchases.c.quantity),
    )
    query = _narrowed(query.where(purchases.c.cancelled_at.is_(None)), {purchases.c.owner: owner})
    query = _between(query, purchases.c.purchased_at, wish.since, wish.until).group_by(key, purchases.c.currency)
    found = connection.execute(query)
    return spent((Outlay(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in found), wish.by)


def _narrowed(query: Select[Any], wanted: dict[Column[Any], str | None]) -> Select[Any]:
    """Return the query for rows that have what is wanted; None is no wish."""
    return query.where(*(column == value for column, value in wanted.items() if value is not None))


def _between(query: Select[Any], column: Column[Any], since: datetime | None, until: datetime | None) -> Select[Any]:
    if since is not None:
        query = query.where(column >= stamp(since))
    return query if until is None else query.where(column < stamp(until))


def _within(query: Select[Any], column: Column[Any], wish: InvoiceWish | PurchaseWish) -> Select[Any]:
    """Return the query for rows whose total is one that is wished."""
    if wish.min_total_minor is not None:
        query = query.where(column >= wish.min_total_minor)
    return query if wish.max_total_minor is None else query.where(column <= wish.max_total_minor)


def _page(
    connection: Connection, query: Select[Any], at: Column[Any], behind: Column[Any], wish: InvoiceWish | PurchaseWish
) -> tuple[Sequence[RowMapping], str | None]:
    """Return the rows of a page, newest first, and the cursor of the next, if there is one."""
    if wish.after is not None:
        query = query.where(tuple_(at, behind) < tuple_(*moment_of(wish.after)))
    found = connection.execute(query.order_by(at.desc(), behind.desc()).limit(wish.limit + 1)).mappings().all()
    rows = found[: wish.limit]
    return rows, cursor_of(rows[-1][at.name], rows[-1][behind.name]) if len(found) > len(rows) else None


def _next_number(connection: Connection, series: Series, year: int) -> str:
    """Return the next number of the year; it is given back when the transaction is."""
    value: int = connection.execute(_COUNT, {"name": f"{COUNTERS[series]}{year}"}).scalar_one()
    return number_of(series, year, value)


def _post(connection: Connection, new: Iterable[Posting]) -> None:
    rows = [{**asdict(posting), "posted_at": stamp(posting.posted_at)} for posting in new]
    if rows:
        connection.execute(insert(postings), rows)


def _purchase_row(purchase: Purchase) -> dict[str, Any]:
    row = asdict(purchase)
    del row["invoice_number"]
    row["id"] = row.pop("purchase_id")
    return {
        **row,
        "total_minor": purchase.total_minor,
        "tax_percent": str(purchase.tax_percent),
        "purchased_at": stamp(purchase.purchased_at),
        "month": purchase.month,
        "cancelled_at": _stamped(purchase.cancelled_at),
    }


def purchase_from(row: RowMapping) -> Purchase:
    """Return the purchase of a row of PURCHASES."""
    fields = dict(row)
    fields["purchase_id"] = fields.pop("id")
    del fields["total_minor"], fields["month"]
    fields["tax_percent"] = Decimal(fields["tax_percent"])
    fields["purchased_at"] = moment(fields["purchased_at"])
    fields["cancelled_at"] = _moment(fields["cancelled_at"])
    return Purchase(**fields)


def _invoice_row(invoice: Invoice) -> dict[str, Any]:
    row = asdict(invoice)
    del row["credit_note"]
    row["id"] = row.pop("invoice_id")
    return {
        **row,
        "issued_at": stamp(invoice.issued_at),
        "lines": encode(invoice.lines).decode(),
        "tax_percent": str(invoice.tax_percent),
        "paid_at": _stamped(invoice.paid_at),
    }


def invoice_from(row: RowMapping) -> Invoice:
    """Return the invoice of a row of INVOICES."""
    fields = {name: value for name, value in row.items() if not name.startswith("note_")}
    fields["invoice_id"] = fields.pop("id")
    fields["status"] = InvoiceStatus(fields["status"])
    fields["issued_at"] = moment(fields["issued_at"])
    fields["lines"] = decode(fields["lines"], type=tuple[InvoiceLine, ...])
    fields["tax_percent"] = Decimal(fields["tax_percent"])
    fields["paid_at"] = _moment(fields["paid_at"])
    return Invoice(**fields, credit_note=_note_from(row))


def _note_from(row: RowMapping) -> CreditNote | None:
    if row["note_id"] is None:
        return None
    issued_at = moment(row["note_issued_at"])
    return CreditNote(row["note_id"], row["note_number"], issued_at, row["note_reason"], row["note_total_minor"])


def posting_from(row: RowMapping) -> Posting:
    """Return the posting of a row."""
    return Posting(**{**row, "account": BookAccount(row["account"]), "posted_at": moment(row["posted_at"])})


def _stamped(at: datetime | None) -> int | None:
    return None if at is None else stamp(at)


def _moment(stamped: int | None) -> datetime | None:
    return None if stamped is None else moment(stamped)
