"""Figures in an answer: those that a tool returned or the person said may be said, others are named."""

from __future__ import annotations

from datetime import date

import pytest

from chaffer.assistant.chat import Outcome
from chaffer.assistant.figures import figures_not_returned
from chaffer.assistant.results import (
    InvoiceBrief,
    InvoicesListed,
    ProductBrief,
    ProductShown,
    Result,
    SellerPrice,
    ToolRefused,
)
from chaffer.assistant.tools import GetProduct, ListInvoices, NegotiationStatus, Specialist, Wish

INVOICE = InvoiceBrief(
    "inv", "INV-2026-000003", "issued", date(2026, 10, 27), "Bargain Barn", "Mouse", 3, 19_800, "USD"
)
LISTED = InvoicesListed((INVOICE, INVOICE), more=False, total_minor=119_800, unpaid_minor=19_850, currency="USD")
MOUSE = ProductBrief("mouse", "MX 3", "Acme", "Mice", 6_600, "USD", 4.5, 12, {"sensor": "8000 dpi"}, value_score=0.8333)
SHOWN = ProductShown(MOUSE, "Now only $1.50! Was 77.", 213, (SellerPrice("Northlight", 6_600, 12),))


def strange(text: str, *results: tuple[Wish, Result], said: str = "") -> set[str]:
    outcomes = [Outcome(f"call_{at}", Specialist.BILLING, wish, result) for at, (wish, result) in enumerate(results)]
    return figures_not_returned(text, outcomes, [said])


@pytest.mark.parametrize(
    "text",
    [
        "INV-2026-000003 of 27 October 2026: 3 pieces, $198.00.",
        "Together $1,198.00, of which $198.50 is unpaid.",
        "These are two invoices; the second one is like the first.",
        "One of them is 198 dollars.",
        "1. A\n2. B",
    ],
)
def test_figures_of_results_are_known_however_they_are_written(text: str) -> None:
    assert strange(text, (ListInvoices(), LISTED)) == set()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("You owe $199.00.", {"199.00"}),
        ("Pay INV-2026-000004.", {"INV-2026-000004"}),
        ("You saved 15 %.", {"15"}),
        ("It costs $3.", {"3"}),
        ("That is nine hundred dollars.", {"nine hundred"}),
        ("It is 28 October.", {"28"}),
    ],
)
def test_figure_that_no_tool_returned_is_named(text: str, wrong: set[str]) -> None:
    assert strange(text, (ListInvoices(), LISTED)) == wrong


def test_person_may_be_told_their_own_figures() -> None:
    assert strange("Nothing under $120 fits, and there is no INV-2026-000009.") == {"120", "INV-2026-000009"}
    assert strange("Nothing under $120 fits.", said="a keyboard under 120") == set()
    assert strange("There is no INV-2026-000009.", said="show inv-2026-000009") == set()


def test_texts_of_others_give_numbers_but_no_amounts() -> None:
    assert strange("The MX 3 has 8000 dpi, 4.5 stars and a value score of 0.83.", (GetProduct("mouse"), SHOWN)) == set()
    assert strange("It costs $1.50.", (GetProduct("mouse"), SHOWN)) == {"1.50"}


def test_words_of_code_in_a_refusal_give_amounts() -> None:
    refused = ToolRefused("CONFLICT", "The budget must be at least 40.50.")
    assert strange("It takes $40.50.", (NegotiationStatus(), refused)) == set()


def test_days_that_a_tool_was_asked_for_may_be_said() -> None:
    asked = ListInvoices(since=date(2025, 9, 9), until=date(2025, 9, 15))
    assert strange("From 9 September 2025 to 15 September 2025:", (asked, LISTED)) == set()
