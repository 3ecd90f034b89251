"""The use cases of the books: what a person or a program can ask of invoices and purchases, whatever the surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id
from chaffer.ledger.books import CancelInvoice, Ledger, PayInvoice, PurchasePage, PurchaseWish, Remember
from chaffer.ledger.invoices import Invoice, InvoicePage, InvoiceWish
from chaffer.ledger.outlays import OutlayWish, Spent


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """The use cases over the ledger. `scope` is the owner whose books alone are there; None for everybody's."""

    ledger: Ledger
    now: Callable[[], datetime]
    scope: str | None = None

    def of(self, scope: str | None) -> Bookkeeping:
        """Return the use cases narrowed to one owner's books; of None, to none."""
        return replace(self, scope=scope)

    async def invoice(self, named: str) -> Invoice:
        """Return the invoice of an id or a number. Raises INVOICE_NOT_FOUND, also for one of another owner."""
        found = await self.ledger.find_invoice(named)
        if found is None or self.scope not in {None, found.owner}:
            raise no_invoice(named)
        return found

    async def list_invoices(self, wish: InvoiceWish) -> InvoicePage:
        """Return a page of invoices, newest first."""
        return await self.ledger.list_invoices(self.scope, wish)

    async def pay(self, named: str, remember: Remember | None = None) -> Invoice:
        """Record that an invoice was paid, and return it. Nothing is transferred.

        Raises INVOICE_NOT_FOUND, and CONFLICT for one that is paid or cancelled.
        """
        invoice = await self.invoice(named)
        return await self.ledger.settle(PayInvoice(invoice.invoice_id), self.now(), remember)

    async def cancel(self, named: str, reason: str, remember: Remember | None = None) -> Invoice:
        """Take an invoice back by a credit note, and return it.

        Raises INVOICE_NOT_FOUND, and CONFLICT for one that is cancelled.
        """
        invoice = await self.invoice(named)
        return await self.ledger.settle(CancelInvoice(invoice.invoice_id, new_id(), reason), self.now(), remember)

    async def list_purchases(self, wish: PurchaseWish) -> PurchasePage:
        """Return a page of purchases, newest first."""
        return await self.ledger.purchases(self.scope, wish)

    async def spent(self, wish: OutlayWish) -> Spent:
        """Return what purchases come to, cancelled ones left out."""
        return await self.ledger.spent(self.scope, wish)


def no_invoice(named: str) -> ChafferError:
    """Return what is told to who asks for an invoice that is not there."""
    return ChafferError(
        Code.INVOICE_NOT_FOUND, f"There is no invoice {named!r}. GET /api/v1/invoices lists the invoices."
    )
