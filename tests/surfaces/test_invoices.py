"""Invoices over HTTP: what a deal leaves, how it is found, and what it can become."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.books import INVOICES, bought, listed
from tests.support.callers import ASKS_FOR_TOKENS, calling
from tests.support.exports import text_of_pdf
from tests.support.server import Surface, got, opened, play, posted
from tests.support.streams import Reader

STORES = pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
MARCH = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


async def settle(client: httpx2.AsyncClient, invoice_id: str, how: str, key: str | None = None) -> httpx2.Response:
    """Pay or cancel an invoice."""
    body = {"reason": "It never came."} if how == "cancel" else None
    headers = {} if key is None else {"Idempotency-Key": key}
    return await client.post(f"{INVOICES}/{invoice_id}/{how}", json=body, headers=headers)


def promised(deal: dict[str, Any], session_id: str) -> dict[str, Any]:
    """Return the invoice of a deal, taxed at 19 %, without what nobody can know before."""
    total, untaxed = deal["total_cost"], round(deal["total_cost"] * 100 / 119, 2)
    line = {
        "item_name": deal["item_name"],
        "quantity": deal["quantity"],
        "unit_price": deal["final_price_per_unit"],
        "total": total,
        "list_price": deal["list_price_per_unit"],
        "saved": deal["saved"],
        "category": None,
    }
    return {
        "id": "",
        "number": "",
        "status": "issued",
        "issued_at": "",
        "paid_at": None,
        "cancelled_at": None,
        "user_id": "local",
        "buyer": "John Doe",
        "seller": deal["selected_seller"],
        "lines": [line],
        "subtotal": untaxed,
        "tax_rate": 19,
        "tax": round(total - untaxed, 2),
        "total": total,
        "saved": deal["saved"],
        "currency": "USD",
        "room_id": deal["room_id"],
        "session_id": session_id,
        "credit_note": None,
    }


@STORES
def test_deal_leaves_the_invoice_that_was_promised(tmp_path: Path, durable: object) -> None:
    """CONTRACT §2, An invoice; issue 6: lines, tax rate by setting, saving against list price."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.session}/start")
        await Reader(at.client, f"{market.session}/stream").read_to_the_end()
        summary = await got(at.client, f"{market.session}/summary")
        page = await got(at.client, INVOICES, session_id=market.session_id)
        found = {invoice["id"]: invoice for invoice in page["invoices"]}
        assert found.keys() == {bought["invoice_id"] for bought in summary["purchases"]} != set()
        for deal in summary["purchases"]:
            invoice = found[deal["invoice_id"]]
            assert invoice == await got(at.client, f"{INVOICES}/{invoice['id']}")
            assert {**invoice, "id": "", "number": "", "issued_at": ""} == promised(deal, market.session_id)
        numbers = sorted(invoice["number"] for invoice in page["invoices"])
        assert numbers == [f"INV-{at.chaffer.now().year}-{number:06d}" for number in range(1, len(numbers) + 1)]

    play(tmp_path, case, durable=bool(durable), tax_rate_percent=19)


@STORES
def test_list_is_narrowed_by_each_filter_and_pages_newest_first(tmp_path: Path, durable: object) -> None:
    """Issue 6: `GET /api/v1/invoices` (filters, cursor)."""

    async def case(at: Surface) -> None:
        made = [
            await bought(at, on=MARCH + timedelta(days=day), seller_name=("Ann & Co", "Ben's")[day % 2])
            for day in range(6)
        ]
        await settle(at.client, made[1], "pay")
        await settle(at.client, made[2], "cancel")
        newest = made[::-1]
        for limit in ("1", "4", "100"):
            assert await listed(at.client, limit=limit) == newest
        assert await listed(at.client, status="paid") == [made[1]]
        assert await listed(at.client, status="cancelled") == [made[2]]
        assert await listed(at.client, status="issued", limit="2") == [made[5], made[4], made[3], made[0]]
        assert await listed(at.client, seller="Ben's", limit="1") == [made[5], made[3], made[1]]
        assert await listed(at.client, seller="ben's") == []
        session_id = (await got(at.client, f"{INVOICES}/{made[4]}"))["session_id"]
        assert await listed(at.client, session_id=session_id) == [made[4]]
        assert await listed(at.client, since="2026-03-03", until="2026-03-05") == [made[3], made[2]]
        assert await listed(at.client, since="2026-03-03T12:30:00Z", until="2026-03-04T13:30:00+01:00") == [made[2]]

    play(tmp_path, case, durable=bool(durable))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "open"}, "status"),
        ({"since": "yesterday"}, "since"),
        ({"until": "0001-01-01T00:00:00+23:59"}, "until"),
        ({"since": "2026-04-01", "until": "2026-03-01"}, "since"),
        ({"seller": "a\x00b"}, "seller"),
        ({"session_id": ""}, "session_id"),
        ({"limit": "101"}, "limit"),
        ({"after": "nonsense"}, "after"),
        ({"sellers": "Ann"}, "sellers"),
    ],
)
def test_wish_that_means_nothing_is_refused_by_name(tmp_path: Path, query: dict[str, str], field: str) -> None:
    """CONTRACT §1, Errors: a field that is wrong is named."""

    async def case(at: Surface) -> None:
        refused = await at.client.get(INVOICES, params=query)
        assert code_of(refused) == (400, "VALIDATION_ERROR")
        assert [detail["field"] for detail in refused.json()["error"]["details"]] == [field]

    play(tmp_path, case)


@STORES
def test_invoice_is_paid_once_and_says_when(tmp_path: Path, durable: object) -> None:
    """Issue 6: issued / paid; `POST /{id}/pay` (recorded only)."""

    async def case(at: Surface) -> None:
        invoice_id = await bought(at)
        paid = await settle(at.client, invoice_id, "pay")
        assert paid.status_code == 200
        assert paid.json() == await got(at.client, f"{INVOICES}/{invoice_id}")
        assert (paid.json()["status"], paid.json()["credit_note"]) == ("paid", None)
        assert paid.json()["paid_at"] >= paid.json()["issued_at"]
        again = await settle(at.client, invoice_id, "pay")
        assert code_of(again) == (409, "CONFLICT")
        assert again.json()["error"]["userMessage"] == "This invoice cannot be paid any more."
        assert paid.json()["number"] in again.json()["error"]["message"]

    play(tmp_path, case, durable=bool(durable))


@STORES
def test_of_twenty_payments_at_once_one_is_recorded(tmp_path: Path, durable: object) -> None:
    """Issue 6: nothing twice."""

    async def case(at: Surface) -> None:
        invoice_id = await bought(at)
        answers = await asyncio.gather(*(settle(at.client, invoice_id, "pay") for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]

    play(tmp_path, case, durable=bool(durable))


@STORES
@pytest.mark.parametrize("how", ["pay", "cancel"])
def test_key_that_is_sent_again_gets_the_same_answer_with_one_effect(tmp_path: Path, durable: object, how: str) -> None:
    """CONTRACT §1, Creating: same key and body, same answer; a reused key is refused, and does nothing."""

    async def case(at: Surface) -> None:
        one, other = await bought(at), await bought(at)
        answers = [await settle(at.client, one, how, "k")]
        answers += await asyncio.gather(*(settle(at.client, one, how, "k") for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert code_of(await settle(at.client, other, how, "k")) == (409, "IDEMPOTENCY_KEY_REUSED")
        assert (await got(at.client, f"{INVOICES}/{other}"))["status"] == "issued"

    play(tmp_path, case, durable=bool(durable))


@STORES
@pytest.mark.parametrize("is_paid", [False, True], ids=["issued", "paid"])
def test_cancelled_invoice_bears_a_credit_note_and_stays(tmp_path: Path, durable: object, is_paid: object) -> None:
    """Issue 6: states issued / paid / cancelled with credit notes, numbered without gaps per year."""

    async def case(at: Surface) -> None:
        made = [await bought(at) for _ in range(3)]
        for number, invoice_id in enumerate(made, 1):
            if is_paid:
                await settle(at.client, invoice_id, "pay")
            cancelled = await settle(at.client, invoice_id, "cancel")
            assert cancelled.status_code == 200, cancelled.text
            invoice = await got(at.client, f"{INVOICES}/{invoice_id}")
            note = invoice["credit_note"]
            assert invoice == cancelled.json()
            assert invoice["status"] == "cancelled"
            assert (invoice["paid_at"] is not None) == is_paid
            assert invoice["cancelled_at"] == note["issued_at"] >= invoice["issued_at"]
            assert (note["reason"], note["total"]) == ("It never came.", invoice["total"])
            assert note["number"] == f"CN-{at.chaffer.now().year}-{number:06d}"
            for how in ("pay", "cancel"):
                assert code_of(await settle(at.client, invoice_id, how)) == (409, "CONFLICT")
        assert await listed(at.client) == made[::-1]

    play(tmp_path, case, durable=bool(durable))


@pytest.mark.parametrize("body", [None, {}, {"reason": ""}, {"reason": " \u2028"}, {"reason": "x" * 301}, {"why": "x"}])
def test_invoice_is_not_cancelled_without_a_reason(tmp_path: Path, body: Any) -> None:
    async def case(at: Surface) -> None:
        invoice_id = await bought(at)
        refused = await at.client.post(f"{INVOICES}/{invoice_id}/cancel", json=body)
        assert code_of(refused) == (400, "VALIDATION_ERROR")
        assert (await got(at.client, f"{INVOICES}/{invoice_id}"))["status"] == "issued"

    play(tmp_path, case)


def test_pdf_is_a_file_that_stays_the_same_while_the_status_does(tmp_path: Path) -> None:
    """CONTRACT §2: `GET /invoices/{id}.pdf`; a cancelled one says so and names its credit note."""

    async def case(at: Surface) -> None:
        invoice_id = await bought(at)
        number = (await got(at.client, f"{INVOICES}/{invoice_id}"))["number"]
        path, files = f"{INVOICES}/{invoice_id}.pdf", []
        for how, told in (("", "Issued, not paid yet"), ("pay", "Paid on"), ("cancel", "credit note CN-")):
            if how:
                await settle(at.client, invoice_id, how)
            first, second = [await at.client.get(path) for _ in range(2)]
            assert first.content == second.content
            assert first.headers["content-type"] == "application/pdf"
            assert first.headers["content-disposition"] == f'attachment; filename="invoice-{number}.pdf"'
            assert (first.headers["x-content-type-options"], first.headers["cache-control"]) == ("nosniff", "no-store")
            assert told in text_of_pdf(first.content)
            files.append(first.content)
        assert len(set(files)) == 3

    play(tmp_path, case)


@pytest.mark.parametrize("unknown", ["none", "INV-2026-000002", "inv-2026-000001", "a%00b", "x" * 300])
def test_what_is_no_id_is_not_found_on_any_path(tmp_path: Path, unknown: str) -> None:
    async def case(at: Surface) -> None:
        await bought(at, on=MARCH)
        for method, path in (("GET", ""), ("GET", ".pdf"), ("POST", "/pay"), ("POST", "/cancel")):
            body = {"reason": "x"} if path == "/cancel" else None
            answer = await at.client.request(method, f"{INVOICES}/{unknown}{path}", json=body)
            assert code_of(answer) == (404, "INVOICE_NOT_FOUND")

    play(tmp_path, case, durable=True)


@STORES
def test_number_names_an_invoice_as_its_id_does(tmp_path: Path, durable: object) -> None:
    """People know the number; who asks for another one's by it finds nothing."""

    async def case(at: Surface) -> None:
        invoice_id = await bought(at, owner="ann")
        invoice = await got(at.client, f"{INVOICES}/{invoice_id}")
        path = f"{INVOICES}/{invoice['number']}"
        assert await got(at.client, path, user_id="ann") == invoice
        assert (await at.client.get(f"{path}.pdf")).is_success
        for method, rest in (("GET", ""), ("GET", ".pdf"), ("POST", "/pay")):
            foreign = await at.client.request(method, f"{path}{rest}", params={"user_id": "bob"})
            assert code_of(foreign) == (404, "INVOICE_NOT_FOUND")
        assert (await settle(at.client, invoice["number"], "pay")).json()["id"] == invoice_id
        assert (await settle(at.client, invoice["number"], "cancel")).json()["status"] == "cancelled"

    play(tmp_path, case, durable=bool(durable))


@STORES
def test_user_id_says_who_asks_where_no_token_does(tmp_path: Path, durable: object) -> None:
    """CONTRACT §2: where no token says who asks, `user_id` does; a foreign invoice is none."""

    async def case(at: Surface) -> None:
        anns, bobs = await bought(at, owner="ann"), await bought(at, owner="bob")
        assert await listed(at.client, user_id="ann") == [anns]
        assert await listed(at.client) == [bobs, anns]
        for path in ("", ".pdf"):
            assert (await at.client.get(f"{INVOICES}/{anns}{path}", params={"user_id": "ann"})).is_success
            foreign = await at.client.get(f"{INVOICES}/{bobs}{path}", params={"user_id": "ann"})
            assert code_of(foreign) == (404, "INVOICE_NOT_FOUND")
        foreign = await at.client.post(f"{INVOICES}/{bobs}/pay", params={"user_id": "ann"})
        assert code_of(foreign) == (404, "INVOICE_NOT_FOUND")
        assert (await got(at.client, f"{INVOICES}/{bobs}"))["status"] == "issued"

    play(tmp_path, case, durable=bool(durable))


def test_user_id_of_somebody_else_than_the_token_s_is_refused(tmp_path: Path) -> None:
    """CONTRACT §1: where a token speaks, a `user_id` must equal its `sub`."""

    async def case(at: Surface) -> None:
        anns = await bought(at, owner="ann")
        async with calling(at.app, "bob") as bob:
            for path in (INVOICES, f"{INVOICES}/{anns}", f"{INVOICES}/{anns}.pdf", "/api/v1/spending"):
                assert code_of(await bob.get(path, params={"user_id": "ann"})) == (403, "FORBIDDEN")
            assert await listed(bob, user_id="bob") == []

    play(tmp_path, case, **ASKS_FOR_TOKENS)


def test_deleted_session_leaves_its_invoices(tmp_path: Path) -> None:
    """CONTRACT §2: invoices are books and stay."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.session}/start")
        await Reader(at.client, f"{market.session}/stream").read_to_the_end()
        before = await got(at.client, INVOICES)
        assert before["invoices"]
        (await at.client.delete(market.session)).raise_for_status()
        assert await got(at.client, INVOICES) == before

    play(tmp_path, case, durable=True)
