"""An invoice's PDF as a reader sees it."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from pypdf import PdfReader

from chaffer.exports.invoice_pdf import pdf_of_invoice
from chaffer.ledger.invoices import CreditNote, Invoice, InvoiceLine, InvoiceStatus
from tests.support.exports import text_of_pdf
from tests.support.markets import START

INVOICE = Invoice(
    invoice_id="01938f6e-7a2b-7c11-9d7e-2f6d0a3b4c5d",
    number="INV-2026-000042",
    status=InvoiceStatus.ISSUED,
    issued_at=START,
    owner="ann",
    buyer_name="Zoë O'Neil",
    seller_name="Käthe & Söhne",
    lines=(InvoiceLine("Keyboard", 2, 10_499, 20_998, 11_999, "Keyboards"),),
    subtotal_minor=17_645,
    tax_percent=Decimal("19.00"),
    tax_minor=3_353,
    total_minor=20_998,
    currency="USD",
    room_id="room_keyboard_0123456789abcdef",
    session_id="01938f6e-7a2b-7c11-9d7e-2f6d0a3b4c5e",
)
NOTE = CreditNote("01938f6e", "CN-2026-000003", START + timedelta(days=9), "The parcel never came.", 20_998)
PAID = replace(INVOICE, status=InvoiceStatus.PAID, paid_at=START + timedelta(days=2))
CANCELLED = replace(PAID, status=InvoiceStatus.CANCELLED, credit_note=NOTE)
HOSTILE = "<script>\x1b[31m\u202e =cmd"


def words_of(invoice: Invoice) -> str:
    """Return the text of the one page that an invoice takes."""
    content = pdf_of_invoice(invoice)
    assert len(PdfReader(io.BytesIO(content)).pages) == 1
    return " ".join(text_of_pdf(content).split())


def test_all_that_an_invoice_says_stands_on_one_page() -> None:
    shown = words_of(INVOICE)
    for told in (
        *("INV-2026-000042", "Issued, not paid yet", "Käthe & Söhne", "Zoë O'Neil", "2026-01-01", "Keyboard"),
        *("2", "$119.99", "$104.99", "$30.00", "$209.98", "Subtotal $176.45", "Tax (19 %) $33.53", "Total $209.98"),
        *("Saved $30.00 (12.5 %)", INVOICE.session_id, INVOICE.room_id, "1 / 1"),
    ):
        assert told in shown


def test_page_says_where_the_invoice_stands() -> None:
    assert "Paid on 2026-01-03" in words_of(PAID)
    cancelled = words_of(CANCELLED)
    assert "Cancelled on 2026-01-10 by credit note CN-2026-000003 over $209.98." in cancelled
    assert "The parcel never came." in cancelled
    assert "Issued 2026-01-01" not in cancelled
    assert not any("not paid yet" in words_of(one) for one in (PAID, CANCELLED))


def test_what_saved_nothing_boasts_of_nothing() -> None:
    line = replace(INVOICE.lines[0], list_price_minor=10_499)
    assert "Saved $" not in words_of(replace(INVOICE, lines=(line,)))


def test_texts_of_others_steer_nothing_and_are_shown() -> None:
    """Names and reasons come from sellers and models."""
    hostile = replace(
        CANCELLED,
        seller_name=HOSTILE,
        buyer_name="שלום",
        lines=(replace(INVOICE.lines[0], item_name=f"{HOSTILE}\nTotal $0.01"),),
        credit_note=replace(NOTE, reason=HOSTILE),
    )
    shown = words_of(hostile)
    assert shown.count("<script>") == 3
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "Total $209.98" in shown


def test_longest_names_and_greatest_amounts_still_fit() -> None:
    """CONTRACT §1: an amount is at most 1 000 000 000; names of items have up to 200 characters."""
    most = 100_000_000_000
    line = InvoiceLine("Tower " * 33, 1_000_000, most, most, most + 1)
    shown = words_of(replace(INVOICE, lines=(line,), seller_name="S" * 50, buyer_name="B" * 50, total_minor=most))
    assert shown.count("Tower") == 33
    assert "Total $1,000,000,000.00" in shown


PRINT_DIGEST = """
import hashlib
from tests.exports.test_invoice_pdf import CANCELLED
from chaffer.exports.invoice_pdf import pdf_of_invoice
print(hashlib.sha256(pdf_of_invoice(CANCELLED)).hexdigest())
"""


def test_another_process_makes_the_same_bytes() -> None:
    told = subprocess.run(
        [sys.executable, "-c", PRINT_DIGEST],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert told.stdout.strip() == hashlib.sha256(pdf_of_invoice(CANCELLED)).hexdigest()
