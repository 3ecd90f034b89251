"""The check of the books (issue 6): it finds what was changed behind its back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import create_engine, text

from chaffer.ledger.books import PayInvoice
from tests.contract.stores import Store, at
from tests.contract.test_books import PAID_AT, bought, cancel, clean

FAULTS = {
    "UPDATE postings SET amount_minor = amount_minor + 1 WHERE number = 1": {"postings", "balanced"},
    "DELETE FROM postings WHERE account = 'bank'": {"postings", "balanced"},
    "DELETE FROM postings WHERE transaction_id LIKE '%.paid'": {"postings"},
    "UPDATE postings SET invoice_id = 'gone' WHERE transaction_id LIKE '%.paid'": {"postings", "belongs"},
    "UPDATE invoices SET number = 'INV-2026-000009' WHERE number = 'INV-2026-000002'": {"numbers"},
    "DELETE FROM credit_notes": {"status", "purchase", "postings", "numbers"},
    "UPDATE credit_notes SET total_minor = 1": {"status"},
    "UPDATE counters SET value = value + 1": {"numbers"},
    "UPDATE invoices SET tax_minor = 7": {"tax", "postings", "balanced"},
    "UPDATE invoices SET paid_at = NULL": {"status", "postings"},
    "UPDATE invoices SET owner = 'eve'": {"purchase", "postings"},
    "UPDATE purchases SET price_minor = 1": {"purchase"},
    "UPDATE purchases SET month = '2026-13'": {"purchase"},
    "UPDATE purchases SET total_minor = 1": {"purchase", "budget"},
    "DELETE FROM purchases": {"purchase", "budget"},
    "DELETE FROM invoices WHERE number = 'INV-2026-000003'": {"belongs", "numbers"},
    "UPDATE accounts SET committed_minor = 0": {"budget"},
    "UPDATE accounts SET budget_minor = 1": {"budget"},
}


@pytest.mark.parametrize("change", FAULTS)
def test_the_check_finds_what_was_changed_behind_its_back(database_url: str, change: str) -> None:
    async def case(store: Store) -> None:
        first, second, third = await bought(store, *({"tax_percent": Decimal(19)} for _ in range(3)))
        await store.settle(PayInvoice(first), PAID_AT)
        await store.settle(cancel(second), PAID_AT)
        await clean(store)
        assert third
        engine = create_engine(database_url)
        with engine.begin() as connection:
            connection.execute(text(change))
        engine.dispose()
        found = await store.verify()
        expected = FAULTS[change] - ({"balanced"} if "tax_minor" in change else set())
        assert {finding.rule for finding in found.findings} == expected
        assert found.found == len(found.findings) > 0

    at(database_url, "changed").run(case)


def test_the_check_shows_the_first_findings_and_counts_the_rest(database_url: str) -> None:
    async def case(store: Store) -> None:
        await bought(store, *({"price": 1} for _ in range(120)))
        engine = create_engine(database_url)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM postings"))
        engine.dispose()
        found = await store.verify()
        assert (len(found.findings), found.found) == (100, 240)

    at(database_url, "changed").run(case)
