"""`chaffer invoices`, `chaffer purchases` and `chaffer spending`: what the API can do with the books."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from chaffer.cli.parameters import After, AsJson, Key, Limit, Url, UserId, run

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, show, pay and cancel invoices.")

InvoiceId = Annotated[str, typer.Argument(metavar="INVOICE", help="Number or id of an invoice.")]
Seller = Annotated[str | None, typer.Option(metavar="NAME", help="Only from this seller.")]
Since = Annotated[str | None, typer.Option(metavar="WHEN", help="Only since then: a day, or a time, in UTC.")]
Until = Annotated[str | None, typer.Option(metavar="WHEN", help="Only before then.")]


class Status(StrEnum):
    """Where an invoice may stand."""

    ISSUED = "issued"
    PAID = "paid"
    CANCELLED = "cancelled"


class SummedBy(StrEnum):
    """What spending may be summed by."""

    MONTH = "month"
    SELLER = "seller"
    CATEGORY = "category"


@app.command("list")
def list_(  # noqa: PLR0913  One for each option.
    *,
    status: Annotated[Status | None, typer.Option(help="Only where they stand so.")] = None,
    seller: Seller = None,
    session: Annotated[str | None, typer.Option(metavar="ID", help="Only of this session.")] = None,
    since: Since = None,
    until: Until = None,
    user_id: UserId = None,
    limit: Limit = 20,
    after: After = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List invoices, newest first."""
    from chaffer.cli.client import Page  # noqa: PLC0415
    from chaffer.cli.invoices import list_invoices  # noqa: PLC0415

    filters = {"status": status, "seller": seller, "session_id": session, "since": since, "until": until}
    run(list_invoices(url, filters, Page(limit, after, user_id), as_json=as_json))


@app.command()
def show(invoice: InvoiceId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Show an invoice."""
    from chaffer.cli.invoices import show_invoice  # noqa: PLC0415

    run(show_invoice(url, invoice, as_json=as_json))


@app.command()
def pay(invoice: InvoiceId, key: Key = None, url: Url = None, *, as_json: AsJson = False) -> None:
    """Record that an invoice was paid. No money is moved."""
    from chaffer.cli.invoices import pay_invoice  # noqa: PLC0415

    run(pay_invoice(url, invoice, key, as_json=as_json))


@app.command()
def cancel(
    invoice: InvoiceId,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; the credit note says so.")],
    key: Key = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Take an invoice back, in whole, by a credit note."""
    from chaffer.cli.invoices import cancel_invoice  # noqa: PLC0415

    run(cancel_invoice(url, invoice, reason, key, as_json=as_json))


@app.command()
def pdf(
    invoice: InvoiceId,
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="Where to; - is standard output.")] = "-",
    url: Url = None,
) -> None:
    """Write an invoice as a PDF: the same bytes as the API's."""
    from chaffer.cli.invoices import save_invoice  # noqa: PLC0415

    run(save_invoice(url, invoice, out))


def purchases(
    *,
    seller: Seller = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    after: After = None,
    user_id: UserId = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List what was bought, newest first."""
    from chaffer.cli.client import Page  # noqa: PLC0415
    from chaffer.cli.spending import list_purchases  # noqa: PLC0415

    filters = {"seller": seller, "since": since, "until": until}
    run(list_purchases(url, filters, Page(limit, after, user_id), as_json=as_json))


def spending(
    *,
    by: Annotated[SummedBy, typer.Option(help="What it is summed by.")] = SummedBy.MONTH,
    since: Since = None,
    until: Until = None,
    user_id: UserId = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Show what was spent, and saved against list prices."""
    from chaffer.cli.spending import show_spending  # noqa: PLC0415

    wish = {"by": by, "since": since, "until": until, "user_id": user_id}
    run(show_spending(url, wish, as_json=as_json))
