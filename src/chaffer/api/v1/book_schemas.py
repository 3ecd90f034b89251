"""The documents of the books: invoices, purchases, and what they come to."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from chaffer.api.v1.schemas import Amount, Moment
from chaffer.ledger.invoices import InvoiceStatus
from chaffer.ledger.outlays import By
from chaffer.validation import Document, printable

Percent = Annotated[float, Field(description="With at most two decimals.")]


class InvoiceLineDocument(BaseModel):
    """One line of an invoice. Prices are what is paid, with the tax in them."""

    item_name: str
    quantity: int
    unit_price: Amount
    total: Amount
    list_price: Amount = Field(description="What the seller asks everybody for a piece.")
    saved: Amount = Field(description="What the line costs less than at its list price.")
    category: str | None = Field(description="Null for what is no product of the catalogue.")


class CreditNoteDocument(BaseModel):
    """What takes an invoice back, in whole. Numbers have no gaps within a year."""

    id: str
    number: str
    issued_at: Moment
    reason: str
    total: Amount


class InvoiceDocument(BaseModel):
    """An invoice. Its total is what was agreed; the tax is the share of it at `tax_rate`, the subtotal the rest."""

    id: str
    number: str = Field(description="`INV-<year>-<six digits>`, without gaps within a year.")
    status: InvoiceStatus
    issued_at: Moment
    paid_at: Moment | None
    cancelled_at: Moment | None
    user_id: str
    buyer: str
    seller: str
    lines: list[InvoiceLineDocument]
    subtotal: Amount
    tax_rate: Percent
    tax: Amount
    total: Amount
    saved: Amount
    currency: str
    room_id: str
    session_id: str
    credit_note: CreditNoteDocument | None = Field(description="There if and only if the invoice is cancelled.")


class InvoiceList(BaseModel):
    """A page of invoices, newest first."""

    invoices: list[InvoiceDocument]
    next_after: str | None


class CancelRequest(Document):
    """Why an invoice is taken back; the credit note says so."""

    reason: Annotated[
        str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), AfterValidator(printable)
    ] = Field(examples=["The parcel never came."])


class PurchaseDocument(BaseModel):
    """A deal that was committed. `cancelled_at` tells when its invoice was taken back."""

    id: str
    invoice_id: str
    invoice_number: str
    user_id: str
    buyer: str
    seller: str
    item_id: str
    item_name: str
    category: str | None
    quantity: int
    unit_price: Amount
    list_price: Amount
    total: Amount
    saved: Amount
    currency: str
    purchased_at: Moment
    cancelled_at: Moment | None
    room_id: str
    session_id: str


class PurchaseList(BaseModel):
    """A page of purchases, newest first."""

    purchases: list[PurchaseDocument]
    next_after: str | None


class SpendingTotal(BaseModel):
    """What purchases in one currency come to; cancelled ones do not count."""

    currency: str
    purchases: int
    spent: Amount
    list_total: Amount = Field(description="What they would have cost at list prices.")
    saved: Amount
    saved_percent: Percent = Field(description="Of the list total, with at most two decimals.")


class SpendingEntry(SpendingTotal):
    """What the purchases of one month, seller or category come to."""

    key: str | None = Field(description="`2026-03`, the seller's name, the category; null for what has no category.")


class SpendingDocument(BaseModel):
    """What was spent from `since` to before `until`: months in their order, else the greatest first."""

    by: By
    since: Moment | None
    until: Moment | None
    entries: list[SpendingEntry]
    totals: list[SpendingTotal] = Field(description="One for each currency.")
