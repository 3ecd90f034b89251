"""Invoices over HTTP: list, look, pay, take back."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

from fastapi import Path, Query, Response

from chaffer.api.dependencies import After, MyBooks, PageSize
from chaffer.api.downloads import PDF, download
from chaffer.api.idempotency import Creating
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.api.v1.book_documents import invoice_document
from chaffer.api.v1.book_schemas import CancelRequest, InvoiceDocument, InvoiceList
from chaffer.api.v1.periods import Since, Until, check_period
from chaffer.errors import Code
from chaffer.exports.exporter import invoice_file
from chaffer.ledger.invoices import InvoiceStatus, InvoiceWish
from chaffer.validation import UserName

router = routes_under("/api/v1/invoices", "invoices")

_SETTLED = 200
_SETTLING = problems(Code.VALIDATION_ERROR, Code.INVOICE_NOT_FOUND, Code.CONFLICT, Code.IDEMPOTENCY_KEY_REUSED)
InvoiceId = Annotated[str, Path(description="The invoice's `id` or its `number`.")]
Seller = Annotated[UserName | None, Query(description="The seller's name, letter for letter.")]


@router.get("", summary="List invoices", responses=problems(Code.VALIDATION_ERROR))
async def list_invoices(
    books: MyBooks,
    *,
    status: InvoiceStatus | None = None,
    seller: Seller = None,
    session_id: UserName | None = None,
    since: Since = None,
    until: Until = None,
    limit: PageSize = 20,
    after: After = None,
) -> InvoiceList:
    """List the invoices that fit, newest first."""
    check_period(since, until)
    wish = InvoiceWish(status, seller, session_id, since, until, limit, after)
    page = await books.list_invoices(wish)
    return InvoiceList(invoices=[invoice_document(one) for one in page.invoices], next_after=page.next_after)


# Before the one below, which would take `….pdf` for an id.
@router.get(
    "/{invoice_id}.pdf",
    summary="Get an invoice as a PDF",
    response_class=Response,
    responses=problems(Code.VALIDATION_ERROR, Code.INVOICE_NOT_FOUND) | PDF,
)
async def pdf(invoice_id: InvoiceId, books: MyBooks) -> Response:
    """Return an invoice on a page. As long as its status stays, so do the bytes."""
    return download(await invoice_file(await books.invoice(invoice_id)))


@router.get(
    "/{invoice_id}", summary="Look at an invoice", responses=problems(Code.VALIDATION_ERROR, Code.INVOICE_NOT_FOUND)
)
async def look(invoice_id: InvoiceId, books: MyBooks) -> InvoiceDocument:
    """Return an invoice."""
    return invoice_document(await books.invoice(invoice_id))


@router.post("/{invoice_id}/pay", summary="Pay an invoice", response_model=InvoiceDocument, responses=_SETTLING)
async def pay(invoice_id: InvoiceId, creating: Creating, books: MyBooks) -> Response:
    """Record that an invoice was paid. No money is moved."""
    invoice = await books.invoice(invoice_id)
    return await creating.once(
        invoice.owner,
        nullcontext(),
        lambda keep: books.pay(invoice.invoice_id, keep),
        invoice_document,
        status=_SETTLED,
    )


@router.post("/{invoice_id}/cancel", summary="Cancel an invoice", response_model=InvoiceDocument, responses=_SETTLING)
async def cancel(invoice_id: InvoiceId, body: CancelRequest, creating: Creating, books: MyBooks) -> Response:
    """Take an invoice back, in whole, by a credit note. The deal's budget and pieces do not come back."""
    invoice = await books.invoice(invoice_id)
    return await creating.once(
        invoice.owner,
        nullcontext(),
        lambda keep: books.cancel(invoice.invoice_id, body.reason, keep),
        invoice_document,
        status=_SETTLED,
    )
