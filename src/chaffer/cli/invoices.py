"""What `chaffer invoices` does: calls of the API, shown as they are (`--json`) or as tables."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from chaffer.cli.answers import show_answer, tell_more
from chaffer.cli.client import Document, Page
from chaffer.cli.connection import open_client
from chaffer.cli.exports import save
from chaffer.cli.outcomes import Outcome
from chaffer.cli.tables import amount, print_fields, print_table
from chaffer.cli.terminal import out

INVOICES: Final = "/api/v1/invoices"

Filters = Mapping[str, str | None]
"""What a list is narrowed to, by the name of the parameter; None where it is not."""


async def list_invoices(url: str | None, filters: Filters, page: Page, *, as_json: bool) -> Outcome:
    """List invoices, newest first."""

    def tell(answer: Document) -> None:
        columns = ("invoice", "status", "issued", "seller", "total")
        print_table(columns, (_row(invoice) for invoice in answer["invoices"]), empty="There are no invoices.")
        tell_more(answer, narrowed("invoices list", filters), page, url)

    return await show_answer(url, lambda client: client.get(INVOICES, **filters, **page.query), tell, as_json=as_json)


def narrowed(command: str, filters: Filters) -> str:
    """Return a command with the options that narrow its list."""
    given = {f"--{name.removesuffix('_id')}": value for name, value in filters.items() if value is not None}
    return " ".join([command, *(f"{option} {shlex.quote(value)}" for option, value in given.items())])


def _row(invoice: Document) -> tuple[object, ...]:
    total = amount(invoice["total"], invoice)
    return (invoice["id"], invoice["number"], invoice["status"], invoice["issued_at"], invoice["seller"], total)


async def show_invoice(url: str | None, invoice_id: str, *, as_json: bool) -> Outcome:
    """Show an invoice."""
    return await show_answer(url, lambda client: client.get(_path(invoice_id)), _tell, as_json=as_json)


async def pay_invoice(url: str | None, invoice_id: str, key: str | None, *, as_json: bool) -> Outcome:
    """Record that an invoice was paid."""

    def tell(answer: Document) -> None:
        out().print(f"{answer['number']} over {amount(answer['total'], answer)} is paid.")

    path = f"{_path(invoice_id)}/pay"
    return await show_answer(url, lambda client: client.post(path, key=key), tell, as_json=as_json)


async def cancel_invoice(url: str | None, invoice_id: str, reason: str, key: str | None, *, as_json: bool) -> Outcome:
    """Take an invoice back."""

    def tell(answer: Document) -> None:
        out().print(f"{answer['number']} is cancelled by credit note {answer['credit_note']['number']}.")

    path, body = f"{_path(invoice_id)}/cancel", {"reason": reason}
    return await show_answer(url, lambda client: client.post(path, body, key=key), tell, as_json=as_json)


async def save_invoice(url: str | None, invoice_id: str, file: str) -> Outcome:
    """Write an invoice as a PDF."""
    async with open_client(url) as client:
        content = await client.download(f"{_path(invoice_id)}.pdf")
    return await save(content, file, is_pdf=True)


def _path(invoice_id: str) -> str:
    return f"{INVOICES}/{quote(invoice_id, safe='')}"


def _tell(answer: Document) -> None:
    note = answer["credit_note"]
    print_fields(
        (
            ("invoice", answer["id"]),
            ("number", answer["number"]),
            ("status", answer["status"]),
            ("issued", answer["issued_at"]),
            ("paid", answer["paid_at"]),
            ("cancelled", None if note is None else f"{note['issued_at']} by {note['number']}: {note['reason']}"),
            ("seller", answer["seller"]),
            ("buyer", answer["buyer"]),
        )
    )
    columns = ("quantity", "item", "list", "price", "saved", "total")
    print_table(columns, (_line(line, answer) for line in answer["lines"]), empty="It has no lines.")
    print_fields(
        (
            ("subtotal", amount(answer["subtotal"], answer)),
            (f"tax ({answer['tax_rate']:g} %)", amount(answer["tax"], answer)),
            ("total", amount(answer["total"], answer)),
            ("saved", amount(answer["saved"], answer)),
        )
    )


def _line(line: Document, invoice: Document) -> tuple[object, ...]:
    amounts = (amount(line[name], invoice) for name in ("list_price", "unit_price", "saved", "total"))
    return line["quantity"], line["item_name"], *amounts
