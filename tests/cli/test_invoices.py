"""`chaffer invoices`, `chaffer purchases`, `chaffer spending`: what the API can do with the books."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli.conftest import Chaffer, Ran
from tests.support.exports import text_of_pdf
from tests.support.server import Server


@pytest.fixture
def invoice_id(chaffer: Chaffer, tmp_path: Path, small_market: dict[str, Any]) -> str:
    """Play a market to its deal, and return the id of the invoice."""
    path = tmp_path / "market.json"
    path.write_text(json.dumps(small_market), encoding="utf-8")
    session = document(chaffer("sessions", "open", str(path), "--json"))["session_id"]
    assert chaffer("sessions", "start", session).code == 0
    (invoice,) = document(chaffer("invoices", "list", "--json"))["invoices"]
    assert invoice["session_id"] == session
    found: str = invoice["id"]
    return found


def document(ran: Ran) -> Any:
    """Return what a command with --json printed."""
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_invoice_is_listed_shown_paid_and_taken_back(chaffer: Chaffer, invoice_id: str) -> None:
    """Issue 6: `chaffer invoices list|show|pay|cancel`."""
    listed = chaffer("invoices", "list").out
    assert all(told in listed for told in ("INV-", "issued"))
    invoice = document(chaffer("invoices", "show", invoice_id, "--json"))
    shown = chaffer("invoices", "show", invoice_id).out
    assert all(told in shown for told in (invoice["number"], "Kettle", f"{invoice['total']:.2f}", "tax (0 %)"))
    assert chaffer("invoices", "pay", invoice["number"]).out.startswith(f"{invoice['number']} over $")
    again = chaffer("invoices", "pay", invoice_id)
    assert (again.code, again.out) == (2, "")
    assert invoice["number"] in again.err
    cancelled = chaffer("invoices", "cancel", invoice_id, "--reason", "It leaks.")
    assert f"{invoice['number']} is cancelled by credit note CN-" in cancelled.out
    assert "It leaks." in chaffer("invoices", "show", invoice_id).out
    for status, count in (("cancelled", 1), ("paid", 0)):
        assert len(document(chaffer("invoices", "list", "--status", status, "--json"))["invoices"]) == count


def test_purchases_and_spending_are_shown_until_they_are_cancelled(chaffer: Chaffer, invoice_id: str) -> None:
    """Issue 6: spending by month, seller, category."""
    (bought,) = document(chaffer("purchases", "--json"))["purchases"]
    assert bought["invoice_id"] == invoice_id
    assert all(told in chaffer("purchases").out for told in ("Kettle", bought["seller"], bought["invoice_number"]))
    by_seller = document(chaffer("spending", "--by", "seller", "--json"))
    assert [(one["key"], one["spent"]) for one in by_seller["entries"]] == [(bought["seller"], bought["total"])]
    shown = chaffer("spending", "--by", "category").out
    assert all(told in shown for told in ("category", "(none)", "in all", f"${bought['total']:.2f}"))
    assert chaffer("spending", "--until", "2020-01-01").out == "Nothing was spent.\n"
    assert chaffer("invoices", "cancel", invoice_id, "--reason", "It leaks.").code == 0
    assert chaffer("spending").out == "Nothing was spent.\n"
    assert "(cancelled)" in chaffer("purchases").out


def test_pdf_here_and_at_a_server_and_of_the_api_are_the_same_bytes(
    chaffer: Chaffer, tmp_path: Path, invoice_id: str
) -> None:
    assert chaffer("invoices", "pdf", invoice_id, "--out", "here.pdf").code == 0
    with Server(tmp_path) as server:
        assert chaffer("invoices", "pdf", invoice_id, "-o", "there.pdf", "--url", server.url).code == 0
        answered = httpx2.get(f"{server.url}/api/v1/invoices/{invoice_id}.pdf").content
        paid = [
            document(chaffer("invoices", "pay", invoice_id, "--idempotency-key", "k", "--url", server.url, "--json"))
            for _ in range(2)
        ]
    assert (tmp_path / "here.pdf").read_bytes() == (tmp_path / "there.pdf").read_bytes() == answered
    assert "Kettle" in text_of_pdf(answered)
    assert paid[0] == paid[1]


def test_hint_to_the_next_page_keeps_what_the_list_was_narrowed_to(
    chaffer: Chaffer, tmp_path: Path, small_market: dict[str, Any]
) -> None:
    path = tmp_path / "market.json"
    path.write_text(json.dumps(small_market), encoding="utf-8")
    for _ in range(2):
        session = document(chaffer("sessions", "open", str(path), "--json"))["session_id"]
        assert chaffer("sessions", "start", session).code == 0
    seller = document(chaffer("invoices", "list", "--json"))["invoices"][0]["seller"]
    for command in (("invoices", "list"), ("purchases",)):
        *_, hint = chaffer(*command, "--seller", seller, "--since", "2020-01-01", "--limit", "1").out.splitlines()
        assert hint.startswith(f"More: chaffer {' '.join(command)} --seller '{seller}' --since 2020-01-01 --limit 1 ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "none"), "There is no invoice 'none'."),
        (("cancel", "none"), "--reason"),
        (("list", "--since", "yesterday"), "since must be a day or a time"),
        (("list", "--status", "open"), "--status"),
    ],
)
def test_what_cannot_be_done_is_told(chaffer: Chaffer, arguments: tuple[str, ...], told: str) -> None:
    ran = chaffer("invoices", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
