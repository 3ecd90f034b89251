"""Double entry: what an invoice posts to which accounts as it is issued, paid and cancelled.

A posting moves an amount: to an account (debit, above 0) or from it (credit, below 0). Those of one transaction come to
nothing in sum. Nothing is ever posted again, changed or taken away: a cancellation posts the reverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chaffer.ledger.invoices import Invoice


class BookAccount(StrEnum):
    """The accounts of the books: what was bought, its tax, what is owed, the money that went, and what comes back."""

    PURCHASES = "purchases"
    INPUT_TAX = "input_tax"
    PAYABLE = "payable"
    BANK = "bank"
    REFUNDS_DUE = "refunds_due"


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a transaction, numbered from 1. The amount is above 0 for a debit, below it for a credit."""

    transaction_id: str
    number: int
    owner: str
    account: BookAccount
    amount_minor: int
    currency: str
    posted_at: datetime
    invoice_id: str


Movement = tuple[BookAccount, int]


def issued_postings(invoice: Invoice) -> tuple[Posting, ...]:
    """Return what is posted when an invoice is issued: what was bought and its tax are owed to the seller."""
    return _transaction(invoice, "issued", invoice.issued_at, _issued(invoice))


def paid_postings(invoice: Invoice) -> tuple[Posting, ...]:
    """Return what was posted when an invoice was paid: nothing is owed any more, and the bank has less."""
    if invoice.paid_at is None:
        return ()
    return _transaction(invoice, "paid", invoice.paid_at, _paid(invoice))


def cancelled_postings(invoice: Invoice) -> tuple[Posting, ...]:
    """Return what was posted when an invoice was cancelled: the reverse of all; what was paid is due to come back."""
    if invoice.cancelled_at is None:
        return ()
    back = [(account, -amount) for account, amount in _issued(invoice)]
    if invoice.paid_at is not None:
        back += [(BookAccount.PAYABLE, -invoice.total_minor), (BookAccount.REFUNDS_DUE, invoice.total_minor)]
    return _transaction(invoice, "cancelled", invoice.cancelled_at, back)


def postings_of(invoice: Invoice) -> tuple[Posting, ...]:
    """Return all that an invoice has posted so far, in the order in which it happened."""
    return (*issued_postings(invoice), *paid_postings(invoice), *cancelled_postings(invoice))


def _issued(invoice: Invoice) -> list[Movement]:
    return [
        (BookAccount.PURCHASES, invoice.subtotal_minor),
        (BookAccount.INPUT_TAX, invoice.tax_minor),
        (BookAccount.PAYABLE, -invoice.total_minor),
    ]


def _paid(invoice: Invoice) -> list[Movement]:
    return [(BookAccount.PAYABLE, invoice.total_minor), (BookAccount.BANK, -invoice.total_minor)]


def _transaction(invoice: Invoice, what: str, at: datetime, movements: Sequence[Movement]) -> tuple[Posting, ...]:
    """Return a transaction's postings; its id tells what happened to which invoice, so that it happens once."""
    moving = [(account, amount) for account, amount in movements if amount]
    return tuple(
        Posting(
            transaction_id=f"{invoice.invoice_id}.{what}",
            number=number,
            owner=invoice.owner,
            account=account,
            amount_minor=amount,
            currency=invoice.currency,
            posted_at=at,
            invoice_id=invoice.invoice_id,
        )
        for number, (account, amount) in enumerate(moving, start=1)
    )
