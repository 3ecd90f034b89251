"""The books (issue 6): invoices are paid and cancelled once, and listed and summed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from chaffer.conversation.journal import Answer, EffectRefusedError, RememberAnswer
from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import CancelInvoice, PayInvoice, PurchaseWish
from chaffer.ledger.findings import Verification
from chaffer.ledger.invoices import Invoice, InvoiceStatus, InvoiceWish
from chaffer.ledger.outlays import By, Outlay, OutlayWish
from tests.contract.first_release import take_back_to_first_release
from tests.contract.stores import LATER, START, Place, Store, account, adding, at, begun, opening, purchase

PAID_AT = datetime(2026, 4, 1, 8, tzinfo=UTC)
CANCELLED_AT = datetime(2027, 1, 2, 8, 0, 0, 5, tzinfo=UTC)
MANY = 1_000_000


async def bought(store: Store, *deals: dict[str, Any], session: str = "session") -> list[str]:
    """Buy one thing after the other, each in a room of its own, and return the ids of the invoices."""
    await store.create([opening(f"talk_{session}")], START, [account(session, MANY, 1_000, len(deals), f"{session}_")])
    seen, ids = MANY, []
    for number, deal in enumerate(deals):
        effect = purchase(f"{session}_{number}", **{"seen": seen, "session_id": session, **deal})
        await store.append(adding(number + 1, "bought", to=f"talk_{session}", effects=(effect,)))
        seen -= effect.purchase.total_minor
        ids.append(effect.purchase.invoice_id)
    return ids


def cancel(invoice_id: str, note: str = "note_1") -> CancelInvoice:
    """Return the wish to cancel an invoice."""
    return CancelInvoice(invoice_id, note, "Came broken.")


async def clean(store: Store) -> Verification:
    """Return what a check of all books says, which finds nothing."""
    found = await store.verify()
    assert (found.findings, found.found, found.is_clean) == ((), 0, True)
    return found


async def refusal(store: Store, settlement: PayInvoice | CancelInvoice) -> ChafferError:
    """Return how paying or cancelling is refused."""
    with pytest.raises(EffectRefusedError) as refused:
        await store.settle(settlement, PAID_AT)
    return refused.value


def test_an_invoice_tells_the_tax_in_it_its_list_price_and_its_category(place: Place) -> None:
    async def case(store: Store) -> None:
        deal = {"price": 11_900, "quantity": 3, "list_price_minor": 12_500, "tax_percent": Decimal("8.875")}
        (name,) = await bought(store, {**deal, "category": "Laptops"})
        invoice = await store.find_invoice(name)
        assert invoice is not None
        assert (invoice.subtotal_minor, invoice.tax_minor, invoice.total_minor) == (32_790, 2_910, 35_700)
        assert invoice.tax_percent == Decimal("8.875")
        (line,) = invoice.lines
        assert (line.list_price_minor, line.category, invoice.saved_minor) == (12_500, "Laptops", 1_800)
        assert await store.invoices("session") == (invoice,)
        assert await store.find_invoice("INV-2026-000001") == invoice
        assert (await clean(store)).checked["postings"] == 3

    place.run(case)


def test_an_invoice_is_paid_once_and_cancelled_once(place: Place) -> None:
    async def case(store: Store) -> None:
        first, second = await bought(store, {}, {})
        issued = await store.find_invoice(first)
        assert issued is not None
        paid = await store.settle(PayInvoice(first), PAID_AT)
        assert (paid.status, paid.paid_at, paid.cancelled_at) == (InvoiceStatus.PAID, PAID_AT, None)
        assert await store.find_invoice(first) == paid
        again = await refusal(store, PayInvoice(first))
        assert (again.code, "paid on 2026-04-01 already" in again.message) == (Code.CONFLICT, True)
        gone = await store.settle(cancel(first), CANCELLED_AT)
        assert gone.credit_note is not None
        assert (gone.status, gone.paid_at) == (InvoiceStatus.CANCELLED, PAID_AT)
        assert (gone.credit_note.number, gone.credit_note.reason) == ("CN-2027-000001", "Came broken.")
        assert (gone.cancelled_at, gone.credit_note.total_minor) == (CANCELLED_AT, paid.total_minor)
        assert await store.find_invoice(first) == gone
        for settlement in (PayInvoice(first), cancel(first, "note_2")):
            refused = await refusal(store, settlement)
            assert (refused.code, "by credit note CN-2027-000001" in refused.message) == (Code.CONFLICT, True)
        unpaid = await store.settle(cancel(second, "note_2"), CANCELLED_AT)
        assert unpaid.credit_note is not None
        assert (unpaid.credit_note.number, unpaid.paid_at) == ("CN-2027-000002", None)
        checked = (await clean(store)).checked
        assert dict(checked) == {"accounts": 1, "purchases": 2, "invoices": 2, "credit_notes": 2, "postings": 12}

    place.run(case)


def test_an_unknown_invoice_is_not_found_and_cannot_be_settled(place: Place) -> None:
    async def case(store: Store) -> None:
        assert await store.find_invoice("nobody") is None
        for settlement in (PayInvoice("nobody"), cancel("nobody")):
            assert (await refusal(store, settlement)).code is Code.INVOICE_NOT_FOUND
        assert dict((await clean(store)).checked) == dict.fromkeys(
            ("accounts", "purchases", "invoices", "credit_notes", "postings"), 0
        )

    place.run(case)


def test_paying_commits_with_the_append_that_tells_of_it_or_not_at_all(place: Place) -> None:
    async def case(store: Store) -> None:
        (name,) = await bought(store, {})
        await begun(store)
        await store.append(adding(1, "paid", effects=(PayInvoice(name),)))
        with pytest.raises(EffectRefusedError):
            await store.append(adding(2, "paid again", effects=(cancel(name), PayInvoice(name))))
        assert len(await store.read("room")) == 2
        found = await store.find_invoice(name)
        assert found is not None
        assert (found.status, found.paid_at) == (InvoiceStatus.PAID, LATER)
        await store.append(adding(2, "cancelled", effects=(cancel(name),)))
        note = await store.find_invoice(name)
        assert note is not None
        assert note.credit_note is not None
        assert note.credit_note.number == "CN-2026-000001"
        await clean(store)

    place.run(case)


def test_an_answer_is_kept_with_the_payment_that_it_tells_of_or_neither(place: Place) -> None:
    def answer(invoice: Invoice) -> RememberAnswer:
        return RememberAnswer("local", "key", "digest", Answer(200, invoice.status))

    async def case(store: Store) -> None:
        first, second = await bought(store, {}, {})
        await store.settle(PayInvoice(first), PAID_AT, answer)
        assert await store.find_answer("local", "key") == ("digest", Answer(200, "paid"))
        with pytest.raises(EffectRefusedError) as refused:
            await store.settle(PayInvoice(second), PAID_AT, answer)
        assert refused.value.code is Code.IDEMPOTENCY_KEY_REUSED
        unpaid = await store.find_invoice(second)
        assert unpaid is not None
        assert unpaid.status is InvoiceStatus.ISSUED
        await clean(store)

    place.run(case)


async def pages(store: Store, owner: str | None, **wish: Any) -> list[list[str]]:
    """Return the ids of all invoices that are wished for, page by page."""
    found, after = [], None
    while True:
        page = await store.list_invoices(owner, InvoiceWish(**wish, after=after))
        found.append([invoice.invoice_id for invoice in page.invoices])
        after = page.next_after
        if after is None:
            return found


def test_invoices_are_listed_newest_first_page_by_page_and_by_what_is_wished(place: Place) -> None:
    async def case(store: Store) -> None:
        times = [START, START, START, LATER, PAID_AT]
        ids = await bought(store, *({"purchased_at": when} for when in times))
        (anns,) = await bought(store, {"owner": "ann", "seller_name": "Barn", "purchased_at": PAID_AT}, session="anns")
        await store.settle(PayInvoice(ids[0]), PAID_AT)
        await store.settle(cancel(ids[1]), PAID_AT)
        newest_first = [ids[4], ids[3], ids[2], ids[1], ids[0]]
        for limit in (1, 2, 4, 5):
            found = await pages(store, "local", limit=limit)
            assert [name for page in found for name in page] == newest_first
            assert all(len(page) == limit for page in found[:-1])
        assert await pages(store, "ann") == [[anns]]
        assert sorted((await pages(store, None))[0]) == sorted([anns, *ids])
        assert await pages(store, "nobody") == [[]]
        assert await pages(store, "local", status=InvoiceStatus.PAID) == [[ids[0]]]
        assert await pages(store, "local", status=InvoiceStatus.CANCELLED) == [[ids[1]]]
        assert await pages(store, None, seller="Barn") == [[anns]]
        assert await pages(store, None, session_id="anns") == [[anns]]
        assert await pages(store, "local", since=LATER) == [[ids[4], ids[3]]]
        assert await pages(store, "local", since=LATER, until=PAID_AT) == [[ids[3]]]

    place.run(case)


def test_invoices_and_purchases_are_narrowed_by_their_totals(place: Place) -> None:
    async def case(store: Store) -> None:
        small, middle, large = await bought(store, *({"price_minor": price} for price in (1_000, 2_000, 3_000)))
        for bounds, ids in (
            ((2_000, None), [large, middle]),
            ((None, 2_000), [middle, small]),
            ((1_001, 2_999), [middle]),
            ((3_001, None), []),
        ):
            wish: dict[str, Any] = dict(zip(("min_total_minor", "max_total_minor"), bounds, strict=True))
            assert sorted((await pages(store, "local", **wish))[0]) == sorted(ids)
            bought_for = (await store.purchases("local", PurchaseWish(**wish))).purchases
            assert sorted(one.invoice_id for one in bought_for) == sorted(ids)

    place.run(case)


@pytest.mark.parametrize("cursor", ["", "7", ".", "x.y", "-1.a", "1" * 19 + ".a"])
def test_a_cursor_of_another_list_is_refused(place: Place, cursor: str) -> None:
    async def case(store: Store) -> None:
        for listing in (
            store.list_invoices("local", InvoiceWish(after=cursor)),
            store.purchases("local", PurchaseWish(after=cursor)),
        ):
            with pytest.raises(ChafferError) as refused:
                await listing
            assert refused.value.code is Code.VALIDATION_ERROR

    place.run(case)


def test_purchases_are_listed_with_their_category_and_whether_they_were_cancelled(place: Place) -> None:
    async def case(store: Store) -> None:
        deals = ({"category": "Laptops", "tax_percent": Decimal(19)}, {"seller_name": "Barn", "purchased_at": PAID_AT})
        first, second = await bought(store, *deals)
        await store.settle(cancel(first), CANCELLED_AT)
        page = await store.purchases("local", PurchaseWish(limit=1))
        assert [each.invoice_id for each in page.purchases] == [second]
        page = await store.purchases("local", PurchaseWish(limit=1, after=page.next_after))
        (old,) = page.purchases
        assert (page.next_after, old.invoice_id, old.category, old.tax_percent) == (None, first, "Laptops", Decimal(19))
        assert (old.cancelled_at, old.purchased_at, old.total_minor) == (CANCELLED_AT, LATER, 10_000)
        assert old.invoice_number == "INV-2026-000001"
        assert len((await store.purchases("local", PurchaseWish(seller="Barn"))).purchases) == 1
        assert len((await store.purchases("local", PurchaseWish(until=PAID_AT))).purchases) == 1
        assert (await store.purchases("ann", PurchaseWish())).purchases == ()

    place.run(case)


async def spent_by(store: Store, by: By, owner: str | None = "local", **wish: Any) -> Sequence[tuple[Any, ...]]:
    """Return keys, counts, and amounts spent and saved."""
    found = (await store.spent(owner, OutlayWish(by, **wish))).outlays
    return [(each.key, each.currency, each.purchases, each.spent_minor, each.saved_minor) for each in found]


def test_spending_is_summed_by_month_seller_and_category_without_what_was_cancelled(place: Place) -> None:
    march, april = datetime(2026, 3, 31, 23, 59, 59, 999_999, UTC), datetime(2026, 4, 1, tzinfo=UTC)

    async def case(store: Store) -> None:
        ids = await bought(
            store,
            {"price": 9_000, "list_price_minor": 10_000, "quantity": 2, "purchased_at": march, "category": "Mice"},
            {"price": 500, "list_price_minor": 700, "purchased_at": april, "seller_name": "Barn", "category": "Mice"},
            {"price": 600, "list_price_minor": 600, "purchased_at": april, "seller_name": "Barn"},
            {"price": 77, "list_price_minor": 80, "purchased_at": april, "currency": "EUR"},
            {"price": 4_000, "list_price_minor": 9_000, "purchased_at": april},
        )
        await bought(store, {"owner": "ann", "price": 1}, session="anns")
        await store.settle(cancel(ids[4]), CANCELLED_AT)
        assert await spent_by(store, By.MONTH) == [
            ("2026-03", "USD", 1, 18_000, 2_000),
            ("2026-04", "EUR", 1, 77, 3),
            ("2026-04", "USD", 2, 1_100, 200),
        ]
        assert await spent_by(store, By.SELLER) == [
            ("Käthe & Söhne", "USD", 1, 18_000, 2_000),
            ("Barn", "USD", 2, 1_100, 200),
            ("Käthe & Söhne", "EUR", 1, 77, 3),
        ]
        assert await spent_by(store, By.CATEGORY) == [
            ("Mice", "USD", 2, 18_500, 2_200),
            (None, "USD", 1, 600, 0),
            (None, "EUR", 1, 77, 3),
        ]
        assert await spent_by(store, By.MONTH, until=april) == [("2026-03", "USD", 1, 18_000, 2_000)]
        assert await spent_by(store, By.MONTH, since=april, until=april + timedelta(microseconds=1)) == [
            ("2026-04", "EUR", 1, 77, 3),
            ("2026-04", "USD", 2, 1_100, 200),
        ]
        totals = (await store.spent("local", OutlayWish(By.SELLER))).totals
        assert totals == (Outlay(None, "EUR", 1, 77, 80), Outlay(None, "USD", 3, 19_100, 21_300))
        assert await spent_by(store, By.MONTH, "nobody") == []
        assert [each[2] for each in await spent_by(store, By.SELLER, None)] == [2, 2, 1]

    place.run(case)


def test_of_many_who_settle_one_invoice_at_once_in_two_processes_one_succeeds(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        paid, gone = await bought(one, {}, {})
        settlements = [PayInvoice(paid)] * 6 + [cancel(gone, f"note_{number}") for number in range(6)]
        answers = await asyncio.gather(
            *(store.settle(each, PAID_AT) for each, store in zip(settlements, [one, two] * 6, strict=True)),
            return_exceptions=True,
        )
        refused = [answer for answer in answers if isinstance(answer, EffectRefusedError)]
        assert {each.code for each in refused} == {Code.CONFLICT}
        assert [sum(isinstance(each, Invoice) for each in half) for half in (answers[:6], answers[6:])] == [1, 1]
        assert len(refused) == 10
        assert (await clean(two)).checked["credit_notes"] == 1

    place.run_two(case)


def test_credit_notes_count_within_their_year_without_gaps_also_from_two_processes(place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        ids = await bought(one, *([{}] * 12))
        notes = await asyncio.gather(
            *(
                store.settle(cancel(name, f"note_{name}"), PAID_AT)
                for name, store in zip(ids, [one, two] * 6, strict=True)
            )
        )
        numbers = sorted(each.credit_note.number for each in notes if each.credit_note is not None)
        assert numbers == [f"CN-2026-{place:06d}" for place in range(1, 13)]
        await clean(two)

    place.run_two(case)


def test_invoices_of_the_first_release_are_posted_and_tell_their_list_prices(database_url: str) -> None:
    async def buy(store: Store) -> None:
        await bought(store, {"list_price_minor": 12_000, "purchased_at": START}, {"quantity": 2})

    async def look(store: Store) -> None:
        assert dict((await clean(store)).checked) == {
            "accounts": 1,
            "purchases": 2,
            "invoices": 2,
            "credit_notes": 0,
            "postings": 4,
        }
        old = (await store.invoices("session"))[0]
        assert (old.saved_minor, old.tax_percent, old.lines[0].category) == (2_000, Decimal(0), None)
        assert await spent_by(store, By.MONTH) == [("2026-03", "USD", 2, 30_000, 2_000)]
        await store.settle(PayInvoice(old.invoice_id), PAID_AT)
        await clean(store)

    place = at(database_url, "old")
    place.run(buy)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        take_back_to_first_release(connection)
        lines = connection.execute(text("SELECT id, lines FROM invoices")).all()
        for name, body in lines:
            old = body.replace(',"list_price_minor":12000,"category":null', "")
            old = old.replace(',"list_price_minor":10000,"category":null', "")
            assert "list_price" not in old
            connection.execute(text("UPDATE invoices SET lines = :old WHERE id = :name"), {"old": old, "name": name})
    engine.dispose()
    place.run(look)
