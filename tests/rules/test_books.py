"""The rules of the books (issue 6): the tax in a total, postings that balance, and what the check of numbers finds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.conversation.journal import EffectRefusedError
from chaffer.ledger.auditing import Entry, entry_findings, number_findings
from chaffer.ledger.books import CancelInvoice, PayInvoice, Purchase
from chaffer.ledger.invoices import Invoice
from chaffer.ledger.invoicing import (
    Series,
    cancelled,
    check_settlement,
    credit_note_for,
    invoice_of,
    number_of,
    paid,
    tax_in,
)
from chaffer.ledger.outlays import By, Outlay, spent
from chaffer.ledger.postings import BookAccount, postings_of

AT = datetime(2026, 3, 1, tzinfo=UTC)
PURCHASE = Purchase(
    purchase_id="purchase",
    invoice_id="invoice",
    session_id="session",
    room_id="room",
    owner="ann",
    buyer_name="Ann",
    seller_id="seller_001",
    seller_name="Barn",
    item_id="item",
    item_name="Laptop",
    quantity=1,
    price_minor=11_900,
    list_price_minor=12_000,
    currency="USD",
    purchased_at=AT,
    tax_percent=Decimal(19),
)
RATES = st.decimals(0, 100, places=3)
PURCHASES = st.builds(
    lambda price, pieces, rate: replace(PURCHASE, price_minor=price, quantity=pieces, tax_percent=rate),
    st.integers(1, 10**11),
    st.integers(1, 10**6),
    RATES,
)
SETTLEMENTS = st.lists(st.sampled_from([PayInvoice("invoice"), CancelInvoice("invoice", "note", "Came broken.")]))


def settled(invoice: Invoice, settlements: list[PayInvoice | CancelInvoice]) -> Invoice:
    """Return an invoice after all settlements that are allowed."""
    for settlement in settlements:
        try:
            check_settlement(invoice, settlement)
        except EffectRefusedError:
            continue
        if isinstance(settlement, CancelInvoice):
            invoice = cancelled(invoice, credit_note_for(invoice, settlement, "CN-2026-000001", AT))
        else:
            invoice = paid(invoice, AT)
    return invoice


@pytest.mark.parametrize(
    ("total", "rate", "tax"),
    [
        (11_900, "19", 1_900),
        (10_000, "0", 0),
        (35_700, "8.875", 2_910),
        (1, "19", 0),
        (3, "100", 1),  # 1.5 without the tax: half up is 2
        (5, "25", 1),
        (0, "19", 0),
    ],
)
def test_tax_is_the_share_of_the_total_that_its_rate_makes(total: int, rate: str, tax: int) -> None:
    """Total − total·100 ÷ (100 + rate), the latter rounded half up."""
    assert tax_in(total, Decimal(rate)) == tax


@given(total=st.integers(0, 10**17), rate=RATES)
def test_tax_is_never_off_by_more_than_half_a_cent(total: int, rate: Decimal) -> None:
    tax = tax_in(total, rate)
    assert 0 <= tax <= total
    exact = total * rate  # of tax · (100 + rate), without a division
    assert abs(tax * (100 + rate) - exact) * 2 <= 100 + rate


@given(purchase=PURCHASES, settlements=SETTLEMENTS)
def test_whatever_happens_to_an_invoice_all_it_posts_balances_and_the_check_finds_nothing(
    purchase: Purchase, settlements: list[PayInvoice | CancelInvoice]
) -> None:
    invoice = settled(invoice_of(purchase, "INV-2026-000001"), settlements)
    postings = postings_of(invoice)
    by_transaction: Counter[str] = Counter()
    by_account: Counter[BookAccount] = Counter()
    for posting in postings:
        assert posting.amount_minor != 0
        by_transaction[posting.transaction_id] += posting.amount_minor
        by_account[posting.account] += posting.amount_minor
    assert set(by_transaction.values()) == {0}
    bought = replace(purchase, cancelled_at=invoice.cancelled_at)
    assert list(entry_findings(Entry(invoice, bought, postings[::-1]))) == []
    if invoice.credit_note is not None:
        assert by_account[BookAccount.PURCHASES] == by_account[BookAccount.INPUT_TAX] == 0
        assert by_account[BookAccount.PAYABLE] == 0
        back = by_account[BookAccount.REFUNDS_DUE]
        assert back == -by_account[BookAccount.BANK] == (invoice.total_minor if invoice.paid_at else 0)
    elif invoice.paid_at is not None:
        assert (by_account[BookAccount.PAYABLE], by_account[BookAccount.BANK]) == (0, -invoice.total_minor)
    else:
        assert by_account[BookAccount.PAYABLE] == -invoice.total_minor


@pytest.mark.parametrize("number", range(3))
def test_check_misses_no_posting_that_is_gone_or_stands_twice(number: int) -> None:
    invoice = invoice_of(PURCHASE, "INV-2026-000001")
    postings = postings_of(invoice)
    assert len(postings) == 3
    gone = postings[:number] + postings[number + 1 :]
    twice = (*postings, postings[number])
    for wrong in (gone, twice):
        assert [finding.rule for finding in entry_findings(Entry(invoice, PURCHASE, wrong))] == ["postings"]


@pytest.mark.parametrize(
    ("numbers", "places", "texts"),
    [
        (["INV-2026-000001", "INV-2026-000002", "INV-2027-000001"], {2026: 2, 2027: 1}, []),
        (["INV-2026-000002"], {2026: 2}, ["INV-2026-000001 is missing before it"]),
        (
            ["INV-2026-000001", "INV-2026-000005"],
            {2026: 5},
            ["INV-2026-000002 to INV-2026-000004 are missing before it"],
        ),
        (["INV-2026-000001", "INV-2026-000001"], {2026: 1}, ["this number stands twice"]),
        (["INV-2026-000001"], {2026: 2}, ["the last one is INV-2026-000001, but 2 were given out"]),
        ([], {2026: 1}, ["the last one is INV-2026-000000, but 1 were given out"]),
        (["INV-2026-000001"], {}, ["the last one is INV-2026-000001, but 0 were given out"]),
        (["CN-2026-000001", "INV-26-1"], {}, ["this is no number of its series"] * 2),
    ],
)
def test_check_of_numbers_finds_gaps_twins_and_what_was_given_out_and_is_gone(
    numbers: list[str], places: dict[int, int], texts: list[str]
) -> None:
    assert [finding.text for finding in number_findings(Series.INVOICES, numbers, places)] == texts


@given(last=st.integers(1, 2_000_000))
def test_numbers_beyond_a_million_go_on_counting(last: int) -> None:
    near = range(max(last - 3, 1), last + 1)
    found = list(number_findings(Series.INVOICES, (number_of(Series.INVOICES, 2026, n) for n in near), {2026: last}))
    assert [finding.rule for finding in found] == (["numbers"] if near[0] > 1 else [])


def test_sums_of_several_currencies_are_never_added() -> None:
    rows = [Outlay("Barn", "USD", 1, 10, 12), Outlay("Shop", "EUR", 2, 20, 20), Outlay("Mill", "USD", 1, 30, 31)]
    found = spent(rows, By.SELLER)
    assert [row.key for row in found.outlays] == ["Mill", "Shop", "Barn"]
    assert found.totals == (Outlay(None, "EUR", 2, 20, 20), Outlay(None, "USD", 2, 40, 43))
    assert [total.saved_minor for total in found.totals] == [0, 3]
