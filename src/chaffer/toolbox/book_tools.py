"""The tools over the books: invoices, purchases, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from chaffer.assistant.results import (
    InvoiceBrief,
    InvoiceShown,
    InvoicesListed,
    PurchaseBrief,
    PurchasesListed,
    SpendingRow,
    SpendingSummed,
)
from chaffer.assistant.toolbox import Announced, Errand
from chaffer.assistant.tools import GetInvoice, ListInvoices, ListPurchases, PayInvoice, SpendingSummary
from chaffer.conversation.errands import remembered, told_before
from chaffer.conversation.journal import Journal
from chaffer.conversation.mentions import folded
from chaffer.errors import ChafferError, Code
from chaffer.ledger.bookkeeping import Bookkeeping
from chaffer.ledger.books import Purchase, PurchaseWish
from chaffer.ledger.invoices import Invoice, InvoiceStatus, InvoiceWish
from chaffer.ledger.outlays import By, Outlay, OutlayWish
from chaffer.money import formatted

_UNNAMED = "(other)"


@dataclass(frozen=True, slots=True)
class BookTools:
    """The tools over their parts."""

    books: Bookkeeping
    journal: Journal
    currency: str

    async def list_invoices(self, errand: Errand, wish: ListInvoices) -> InvoicesListed:
        """Return invoices, newest first."""
        since, until = _span(wish.since, wish.until)
        status = None if wish.status is None else InvoiceStatus(wish.status)
        seller = await self._spelt(errand, wish.seller)
        asked = InvoiceWish(
            status=status,
            seller=seller,
            since=since,
            until=until,
            limit=wish.limit,
            min_total_minor=wish.min_total_minor,
            max_total_minor=wish.max_total_minor,
        )
        page = await self.books.of(errand.owner).list_invoices(asked)
        standing = [
            invoice
            for invoice in page.invoices
            if invoice.status is not InvoiceStatus.CANCELLED and invoice.currency == self.currency
        ]
        return InvoicesListed(
            invoices=tuple(_brief(invoice) for invoice in page.invoices),
            more=page.next_after is not None,
            total_minor=sum(invoice.total_minor for invoice in standing),
            unpaid_minor=sum(invoice.total_minor for invoice in standing if invoice.status is InvoiceStatus.ISSUED),
            currency=self.currency,
        )

    async def show_invoice(self, errand: Errand, wish: GetInvoice) -> InvoiceShown:
        """Return an invoice. Raises INVOICE_NOT_FOUND."""
        return _shown(await self._invoice(errand, wish.invoice))

    async def announced_paying(self, errand: Errand, wish: PayInvoice) -> Announced:
        """Return what paying would do. Raises INVOICE_NOT_FOUND, and CONFLICT for one that is paid or cancelled."""
        invoice = await self._invoice(errand, wish.invoice)
        if invoice.status is not InvoiceStatus.ISSUED:
            raise ChafferError(Code.CONFLICT, f"Invoice {invoice.number} is {invoice.status} already.")
        total = formatted(invoice.total_minor, invoice.currency)
        text = f"Record that invoice {invoice.number} of {invoice.seller_name} over {total} is paid?"
        return Announced(text, PayInvoice(invoice.number))

    async def pay(self, errand: Errand, wish: PayInvoice) -> InvoiceShown:
        """Record that an invoice is paid, once, and return it. Raises INVOICE_NOT_FOUND, CONFLICT as above."""
        owner, call_id = errand.owner, errand.call_id
        invoice = await self._invoice(errand, wish.invoice)
        if await told_before(self.journal, owner, call_id) is None:
            invoice = await self.books.of(owner).pay(invoice.invoice_id, lambda _: remembered(owner, call_id))
        return _shown(invoice, changed=True)

    async def list_purchases(self, errand: Errand, wish: ListPurchases) -> PurchasesListed:
        """Return purchases, newest first; those whose invoice was cancelled count for nothing."""
        since, until = _span(wish.since, wish.until)
        seller = await self._spelt(errand, wish.seller)
        asked = PurchaseWish(
            seller=seller,
            since=since,
            until=until,
            limit=wish.limit,
            min_total_minor=wish.min_total_minor,
            max_total_minor=wish.max_total_minor,
        )
        page = await self.books.of(errand.owner).list_purchases(asked)
        standing = [one for one in page.purchases if one.cancelled_at is None and one.currency == self.currency]
        return PurchasesListed(
            purchases=tuple(_purchase(one) for one in page.purchases),
            more=page.next_after is not None,
            total_minor=sum(one.total_minor for one in standing),
            saved_minor=sum(one.saved_minor for one in standing),
            currency=self.currency,
        )

    async def sum_up(self, errand: Errand, wish: SpendingSummary) -> SpendingSummed:
        """Return what was spent and saved, in the currency of the settings."""
        since, until = _span(wish.since, wish.until)
        summed = await self.books.of(errand.owner).spent(OutlayWish(By(wish.by), since, until))
        rows = [_row(outlay) for outlay in summed.outlays if outlay.currency == self.currency]
        nothing = Outlay(None, self.currency, 0, 0, 0)
        total = next((outlay for outlay in summed.totals if outlay.currency == self.currency), nothing)
        return SpendingSummed(
            by=wish.by,
            since=wish.since,
            until=wish.until,
            rows=tuple(reversed(rows)) if By(wish.by) is By.MONTH else tuple(rows),
            total=SpendingRow("total", total.purchases, total.spent_minor, total.list_minor, total.saved_minor),
            currency=self.currency,
        )

    async def _spelt(self, errand: Errand, seller: str | None) -> str | None:
        """Return a seller's name as the books spell it, or as it is."""
        if seller is None:
            return None
        spent = await self.books.of(errand.owner).spent(OutlayWish(By.SELLER))
        names = (outlay.key for outlay in spent.outlays if outlay.key is not None)
        return next((name for name in names if folded(name) == folded(seller)), seller)

    async def _invoice(self, errand: Errand, named: str) -> Invoice:
        """Return an invoice by its id or its number. Raises INVOICE_NOT_FOUND."""
        return await self.books.of(errand.owner).invoice(named)


def _span(since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """Return the instants of the days from `since` to `until`, both included; the last one is exclusive."""
    begin = None if since is None else datetime.combine(since, time(), UTC)
    end = None if until is None or until == date.max else datetime.combine(until + timedelta(days=1), time(), UTC)
    return begin, end


def _brief(invoice: Invoice) -> InvoiceBrief:
    line = invoice.lines[0]
    return InvoiceBrief(
        invoice_id=invoice.invoice_id,
        number=invoice.number,
        status=invoice.status.value,
        issued_on=invoice.issued_at.date(),
        seller=invoice.seller_name,
        item=line.item_name,
        quantity=line.quantity,
        total_minor=invoice.total_minor,
        currency=invoice.currency,
    )


def _shown(invoice: Invoice, *, changed: bool = False) -> InvoiceShown:
    return InvoiceShown(
        invoice=_brief(invoice),
        unit_price_minor=invoice.lines[0].unit_price_minor,
        subtotal_minor=invoice.subtotal_minor,
        tax_minor=invoice.tax_minor,
        saved_minor=invoice.saved_minor,
        paid_on=None if invoice.paid_at is None else invoice.paid_at.date(),
        cancelled_on=None if invoice.cancelled_at is None else invoice.cancelled_at.date(),
        credit_note=None if invoice.credit_note is None else invoice.credit_note.number,
        changed=changed,
    )


def _purchase(purchase: Purchase) -> PurchaseBrief:
    return PurchaseBrief(
        item=purchase.item_name,
        seller=purchase.seller_name,
        quantity=purchase.quantity,
        price_minor=purchase.price_minor,
        list_price_minor=purchase.list_price_minor,
        total_minor=purchase.total_minor,
        saved_minor=purchase.saved_minor,
        purchased_on=purchase.purchased_at.date(),
        invoice=purchase.invoice_number or "",
        currency=purchase.currency,
    )


def _row(outlay: Outlay) -> SpendingRow:
    name = outlay.key or _UNNAMED
    return SpendingRow(name, outlay.purchases, outlay.spent_minor, outlay.list_minor, outlay.saved_minor)
