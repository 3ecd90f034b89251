"""What `chaffer purchases` and `chaffer spending` do: calls of the API, shown as they are (`--json`) or as tables."""

from __future__ import annotations

from typing import Final

from chaffer.cli.answers import show_answer, tell_more
from chaffer.cli.client import Document, Page
from chaffer.cli.invoices import Filters, narrowed
from chaffer.cli.outcomes import Outcome
from chaffer.cli.tables import amount, print_table

PURCHASES: Final = "/api/v1/purchases"
SPENDING: Final = "/api/v1/spending"

_NO_CATEGORY: Final = "(none)"


async def list_purchases(url: str | None, filters: Filters, page: Page, *, as_json: bool) -> Outcome:
    """List purchases, newest first."""

    def tell(answer: Document) -> None:
        columns = ("bought", "quantity", "item", "seller", "category", "price", "total", "saved", "invoice")
        print_table(columns, (_purchase(one) for one in answer["purchases"]), empty="Nothing was bought.")
        tell_more(answer, narrowed("purchases", filters), page, url)

    return await show_answer(url, lambda client: client.get(PURCHASES, **filters, **page.query), tell, as_json=as_json)


def _purchase(one: Document) -> tuple[object, ...]:
    amounts = (amount(one[name], one) for name in ("unit_price", "total", "saved"))
    invoice = one["invoice_number"] if one["cancelled_at"] is None else f"{one['invoice_number']} (cancelled)"
    return one["purchased_at"], one["quantity"], one["item_name"], one["seller"], one["category"], *amounts, invoice


async def show_spending(url: str | None, wish: Filters, *, as_json: bool) -> Outcome:
    """Show what was spent and saved."""

    def tell(answer: Document) -> None:
        columns = (answer["by"], "purchases", "spent", "at list prices", "saved", "saved %")
        rows = [_entry(_NO_CATEGORY if one["key"] is None else one["key"], one) for one in answer["entries"]]
        rows += [_entry("in all", one) for one in answer["totals"]]
        print_table(columns, rows, empty="Nothing was spent.")

    return await show_answer(url, lambda client: client.get(SPENDING, **wish), tell, as_json=as_json)


def _entry(name: str, entry: Document) -> tuple[object, ...]:
    amounts = (amount(entry[field], entry) for field in ("spent", "list_total", "saved"))
    return name, entry["purchases"], *amounts, f"{entry['saved_percent']:.2f}"
