"""An invoice as a page of a PDF. The same invoice gives the same bytes as long as its status stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from chaffer.exports.drawing import (
    GREY,
    HEAD,
    INK,
    LABEL,
    PALE,
    SMALL,
    TITLE,
    VALUE,
    WARNING,
    drawn,
    one_line,
    opened_pdf,
)
from chaffer.exports.pages import LEFT, RIGHT, Cell, Composer, Style, columns_of
from chaffer.exports.typesetting import Typesetter
from chaffer.ledger.invoices import Invoice, InvoiceLine
from chaffer.money import formatted, percent

_PAID: Final = (4, 120, 87)
_TINTED: Final = (251, 241, 236)
_NUMBER: Final = Style(13, INK, is_bold=True)
_NAME: Final = Style(11, INK, is_bold=True)
_BODY: Final = Style(10, INK)
_SUM: Final = Style(12, INK, is_bold=True)
_COLUMNS: Final = ("Item", "Quantity", "List price", "Price", "Saved", "Total")
_SHARES: Final = 74
_LEAST_FOR_ITEM: Final = 20
_SUMS: Final = columns_of((11, 3.6, 6))[1:]
_NOTE: Final = (
    "The total is what was agreed; the tax is contained in it. Payments are recorded here, and no money is moved."
)


def pdf_of_invoice(invoice: Invoice) -> bytes:
    """Return the invoice as the bytes of a PDF."""
    title, last = f"Invoice {invoice.number}", invoice.cancelled_at or invoice.paid_at or invoice.issued_at
    with opened_pdf(title, f"{invoice.seller_name} to {invoice.buyer_name}", last) as pdf:
        setter = Typesetter(pdf)
        on = Composer(setter)
        _head(on, invoice)
        _parties(on, invoice)
        _lines(on, invoice)
        _sums(on, invoice)
        on.skip(22)
        on.write(_NOTE, SMALL)
        on.write(f"Session {one_line(invoice.session_id)}, room {one_line(invoice.room_id)}", SMALL)
        return drawn(pdf, setter, on.pages, title)


def _head(on: Composer, invoice: Invoice) -> None:
    on.beside(invoice.number, _NUMBER, LEFT, RIGHT - LEFT, size=TITLE.size, at_right=True)
    on.write("Invoice", TITLE)
    note = invoice.credit_note
    if note is not None:
        on.skip(6)
        told = f"Cancelled on {_day(note.issued_at)} by credit note {note.number} over "
        on.write_barred(
            f"{told}{formatted(note.total_minor, invoice.currency)}.",
            Style(10, WARNING, is_bold=True),
            WARNING,
            LEFT,
            _TINTED,
        )
        on.write_barred(one_line(note.reason), _BODY, WARNING, LEFT, _TINTED)
    elif invoice.paid_at is not None:
        on.write(f"Paid on {_day(invoice.paid_at)}", Style(10, _PAID, is_bold=True))
    else:
        on.write("Issued, not paid yet", Style(10, GREY, is_bold=True))


def _parties(on: Composer, invoice: Invoice) -> None:
    on.skip(18)
    days = [("Issued", invoice.issued_at), ("Paid", invoice.paid_at), ("Cancelled", invoice.cancelled_at)]
    dated = [(label, _day(at)) for label, at in days if at is not None]
    columns = columns_of((5, 5, *(2.4 for _ in dated)))
    labels = ("Seller", "Buyer", *(label for label, _ in dated))
    values = (invoice.seller_name, invoice.buyer_name, *(day for _, day in dated))
    styles = (_NAME, _NAME, *(Style(11, INK) for _ in dated))
    on.row([Cell(label, *column, LABEL) for label, column in zip(labels, columns, strict=True)], padding=0)
    told = zip(values, columns, styles, strict=True)
    on.row([Cell(one_line(value), *column, style) for value, column, style in told], padding=0)


def _lines(on: Composer, invoice: Invoice) -> None:
    on.skip(20)
    rows = [_COLUMNS, *(_cells(line, invoice.currency) for line in invoice.lines)]
    columns = columns_of(_shares(rows))
    for place, row in enumerate(rows):
        style = VALUE if place else HEAD
        told = enumerate(zip(row, columns, strict=True))
        on.row([Cell(text, *column, style, is_number=at > 0) for at, (text, column) in told], padding=5)
        on.rule(INK if place == len(invoice.lines) else PALE)


def _cells(line: InvoiceLine, currency: str) -> tuple[str, ...]:
    amounts = (line.list_price_minor, line.unit_price_minor, line.saved_minor, line.total_minor)
    return one_line(line.item_name), str(line.quantity), *(formatted(minor, currency) for minor in amounts)


def _shares(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how much of the width each column gets: figures what the longest takes, the item what they leave."""
    figures = [max(map(len, column)) + 1 for column in list(zip(*rows, strict=True))[1:]]
    return [max(_LEAST_FOR_ITEM, _SHARES - sum(figures)), *figures]


def _sums(on: Composer, invoice: Invoice) -> None:
    on.skip(8)
    rate = f"{invoice.tax_percent.normalize():f}"
    _sum(on, "Subtotal", formatted(invoice.subtotal_minor, invoice.currency), _BODY)
    _sum(on, f"Tax ({rate} %)", formatted(invoice.tax_minor, invoice.currency), _BODY)
    on.skip(3)
    left = _SUMS[0][0]
    on.rule(PALE, left, RIGHT - left)
    on.skip(3)
    _sum(on, "Total", formatted(invoice.total_minor, invoice.currency), _SUM)
    if invoice.saved_minor > 0:
        share = percent(invoice.saved_minor, invoice.total_minor + invoice.saved_minor)
        saved = f"{formatted(invoice.saved_minor, invoice.currency)} ({share:g} %)"
        _sum(on, "Saved", saved, Style(10, _PAID))


def _sum(on: Composer, label: str, amount: str, style: Style) -> None:
    on.row([Cell(label, *_SUMS[0], style), Cell(amount, *_SUMS[1], style, is_number=True)], padding=1)


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"
