"""Purchases over HTTP, and what they come to by month, seller and category."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.books import INVOICES, PURCHASES, SPENDING, bought
from tests.support.server import Surface, got, play, posted

STORES = pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])


def day(month: int, number: int) -> datetime:
    """Return the noon of a day of 2026."""
    return datetime(2026, month, number, 12, tzinfo=UTC)


async def shopped(at: Surface) -> list[str]:
    """Buy four things from two sellers in two months, and one of them in another currency."""
    keyboard: dict[str, Any] = {"category": "Keyboards", "price": 8_000, "list_price_minor": 10_000}
    return [
        await bought(at, on=day(3, 1), seller_name="Ann", quantity=2, **keyboard),
        await bought(at, on=day(3, 31), seller_name="Ben", price=1_999, list_price_minor=1_999),
        await bought(at, on=day(4, 1), seller_name="Ann", price=3_333, list_price_minor=10_000, category="Mice"),
        await bought(at, on=day(4, 2), seller_name="Ann", currency="EUR", **keyboard),
    ]


def total(currency: str, purchases: int, spent: float, list_total: float, percent: float) -> dict[str, Any]:
    """Return a sum as the document has it."""
    saved = round(list_total - spent, 2)
    sums = {"spent": spent, "list_total": list_total, "saved": saved, "saved_percent": percent}
    return {"currency": currency, "purchases": purchases, **sums}


@STORES
def test_spending_is_summed_by_month_seller_and_category(tmp_path: Path, durable: object) -> None:
    """Issue 6: spending by month, seller, category, saving against list price; a sum never mixes currencies."""

    async def case(at: Surface) -> None:
        await shopped(at)
        march, april = total("USD", 2, 179.99, 219.99, 18.18), total("USD", 1, 33.33, 100, 66.67)
        euros = total("EUR", 1, 80, 100, 20)
        by_month = await got(at.client, SPENDING)
        assert by_month["by"] == "month"
        assert by_month["entries"] == [
            {"key": "2026-03", **march},
            *sorted(({"key": "2026-04", **one} for one in (april, euros)), key=by_month["entries"].index),
        ]
        totals = {one["currency"]: one for one in by_month["totals"]}
        assert totals == {"USD": total("USD", 3, 213.32, 319.99, 33.34), "EUR": euros}
        by_seller = await got(at.client, SPENDING, by="seller")
        assert {(one["key"], one["currency"]): one["spent"] for one in by_seller["entries"]} == {
            ("Ann", "USD"): 193.33,
            ("Ben", "USD"): 19.99,
            ("Ann", "EUR"): 80,
        }
        by_category = await got(at.client, SPENDING, by="category", since="2026-03-01", until="2026-04-01")
        assert [(one["key"], one["spent"]) for one in by_category["entries"]] == [("Keyboards", 160), (None, 19.99)]
        assert by_category["totals"] == [march]
        assert (by_category["since"], by_category["until"]) == ("2026-03-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z")

    play(tmp_path, case, durable=bool(durable))


@STORES
def test_cancelled_purchase_counts_no_more_but_is_listed(tmp_path: Path, durable: object) -> None:
    """Issue 6: cancelled invoices do not count as spent."""

    async def case(at: Surface) -> None:
        made = await shopped(at)
        await posted(at.client, f"{INVOICES}/{made[0]}/cancel", {"reason": "Broken."})
        march = await got(at.client, SPENDING, until="2026-04-01")
        assert march["totals"] == [total("USD", 1, 19.99, 19.99, 0)]
        listed = (await got(at.client, PURCHASES))["purchases"]
        assert [one["invoice_id"] for one in listed] == made[::-1]
        assert [one["cancelled_at"] is not None for one in listed] == [False, False, False, True]

    play(tmp_path, case, durable=bool(durable))


@STORES
def test_purchases_are_listed_newest_first_with_what_they_saved(tmp_path: Path, durable: object) -> None:
    async def case(at: Surface) -> None:
        made = await shopped(at)
        pages, after = list[dict[str, Any]](), dict[str, str]()
        while not pages or after:
            page = await got(at.client, PURCHASES, limit="3", **after)
            pages += page["purchases"]
            after = {} if page["next_after"] is None else {"after": page["next_after"]}
        assert [one["invoice_id"] for one in pages] == made[::-1]
        first = pages[-1]
        shown = {name: first[name] for name in ("seller", "category", "quantity", "unit_price", "list_price", "total")}
        told = {"seller": "Ann", "category": "Keyboards", "quantity": 2, "unit_price": 80, "list_price": 100}
        assert shown == {**told, "total": 160}
        assert (first["saved"], first["currency"]) == (40, "USD")
        narrowed = await got(at.client, PURCHASES, seller="Ann", since="2026-04-01", until="2026-04-02")
        assert [one["invoice_id"] for one in narrowed["purchases"]] == [made[2]]

    play(tmp_path, case, durable=bool(durable))


def test_nothing_bought_is_nothing_spent(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        spent = await got(at.client, SPENDING, user_id="nobody")
        assert (spent["entries"], spent["totals"]) == ([], [])
        refused = await at.client.get(SPENDING, params={"by": "day"})
        assert refused.json()["error"]["details"][0]["field"] == "by"

    play(tmp_path, case)
