"""From a recommendation to a deal in a room, and back as news: `POST /api/shopping/{session_id}/negotiate`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from msgspec.structs import astuple

from chaffer.errors import Code
from chaffer.shopping.catalogue.products import Limits, Stocked
from tests.support.server import Surface, got, play, posted
from tests.support.shop import (
    QUERY,
    SHOPPING,
    ShopReader,
    furnish,
    haggled,
    laptop,
    overheard,
    refused,
    said,
    shop,
    sold_out,
    stream_of,
    streamed,
)

LAST_ONE: Final = laptop("last-one", {"Bargain Barn": (1000, 1)})
PAIR: Final = laptop("pair", {"Bargain Barn": (1000, 1), "Northlight": (1050, 6), "Grand Depot": (1400, 2)})


async def news_of(client: httpx2.AsyncClient, session_id: str, room_id: str) -> dict[str, Any]:
    """Return how a negotiation ended, as the session's stream tells it."""
    reader = ShopReader(client, stream_of(session_id))
    await reader.read_to_the_end()
    (news,) = [frame for frame in reader.told.news if frame["room_id"] == room_id]
    return news


async def bought(client: httpx2.AsyncClient, product_id: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Look for a product, send a buyer, and return what was opened and the news."""
    session_id = (await said(client, QUERY))["session_id"]
    opened = await haggled(client, session_id, product_id, **more)
    return opened, await news_of(client, session_id, opened["room_id"])


async def stock_of(client: httpx2.AsyncClient, product_id: str) -> dict[str, int]:
    """Return the pieces of a product by seller."""
    return {one["seller"]: one["stock"] for one in (await got(client, f"/api/products/{product_id}"))["sellers"]}


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_from_the_specification_s_query_to_a_deal_in_a_room(tmp_path: Path, durable: object) -> None:
    """Issue 5, done when: from `POST /api/shopping` with the specification's query to a deal in a room."""

    async def case(at: Surface) -> None:
        result = await said(at.client, QUERY)
        session_id, product = result["session_id"], result["recommendation"]["recommended_product"]
        before = await stock_of(at.client, product["id"])
        answer = await at.client.post(f"{SHOPPING}/{session_id}/negotiate", json={"product_id": product["id"]})
        assert answer.status_code == 201
        opened = answer.json()
        assert (opened["product_name"], opened["quantity"]) == (product["name"], 1)
        assert (opened["list_price"], opened["budget"]) == (product["price"], 1500)
        news = await news_of(at.client, session_id, opened["room_id"])
        room = await got(at.client, f"/api/v1/negotiation/{opened['room_id']}/state")
        deal = room["outcome"]
        assert (news["status"], news["seller_name"]) == ("completed", deal["seller_name"])
        assert news["total_cost"] == deal["total_cost"] <= product["price"]
        (invoice,) = await at.chaffer.ledger.invoices(opened["negotiation_session_id"])
        assert (news["invoice_id"], news["invoice_number"]) == (invoice.invoice_id, invoice.number)
        assert news["saved"] == invoice.saved_minor / 100
        assert (invoice.lines[0].category, invoice.lines[0].item_name) == (product["category"], product["name"])
        assert (await at.chaffer.ledger.verify()).findings == ()
        for told in (deal["seller_name"], product["name"], f"{deal['total_cost']:,.2f}", invoice.number):
            assert told in news["message"]
        state = await got(at.client, f"/api/sessions/{session_id}")
        last = state["conversation_history"][-1]
        assert (last["role"], last["content"], last["turn"]) == ("ai", news["message"], None)
        assert state["negotiations"] == []
        assert product["brand"] in state["user_preferences"]["liked_brands"]
        seller = deal["seller_name"]
        assert await stock_of(at.client, product["id"]) == before | {seller: before[seller] - 1}

    shop(tmp_path, case, durable=bool(durable))


def test_who_asks_what_came_of_it_is_told_the_news_again(tmp_path: Path) -> None:
    """Issue 5: the outcome comes back into the thread, which knows it from then on."""

    async def case(at: Surface) -> None:
        await furnish(at, [PAIR])
        session_id = (await said(at.client, QUERY))["session_id"]

        async def told(query: str) -> str:
            answer = await said(at.client, query, session_id=session_id)
            assert (answer["intent"], answer["recommendation"]) == ("question", None)
            message: str = answer["message"]
            return message

        assert await told("how did the negotiation go?") == "No buyer was sent to haggle in this session yet."
        opened = await haggled(at.client, session_id, "pair")
        news = await news_of(at.client, session_id, opened["room_id"])
        for query in ("how much did I save?", "how did the negotiation go?", "how did it go?", "what did I pay?"):
            assert news["message"] in await told(query), query
        opened = await haggled(at.client, session_id, "pair", quantity=2, budget=1)
        news = await news_of(at.client, session_id, opened["room_id"])
        assert "No deal" in news["message"]
        assert news["message"] in await told("did we get a deal?")
        # Who asks about a product, or for another one, is not told of it.
        assert "costs" in (await said(at.client, "how much is it?", session_id=session_id))["message"]
        assert (await said(at.client, "a laptop under 900", session_id=session_id))["intent"] != "question"

    play(tmp_path, case)


def test_who_asks_while_a_buyer_haggles_is_told_so(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await furnish(at, [PAIR])
        session_id = (await said(at.client, "hello"))["session_id"]
        await haggled(at.client, session_id, "pair", budget=950)
        message = (await said(at.client, "any news?", session_id=session_id))["message"]
        assert "A buyer still haggles for Laptop pair, for $950.00 at most" in message

    play(tmp_path, case, builtin_chars_per_second=200)


def test_the_room_has_that_product_s_sellers_who_have_enough(tmp_path: Path) -> None:
    """CONTRACT §5: a marketplace session with that product's sellers."""

    async def case(at: Surface) -> None:
        await furnish(at, [PAIR])
        opened, _ = await bought(at.client, "pair", quantity=2, budget=2500)
        room = await got(at.client, f"/api/v1/negotiation/{opened['room_id']}/state")
        sellers = [seller["seller_name"] for seller in room["participating_sellers"]]
        assert sellers == ["Northlight", "Grand Depot"], "Bargain Barn has one piece"
        assert (opened["quantity"], room["quantity_needed"], opened["budget"]) == (2, 2, 2500)
        assert opened["list_price"] == 1050, "of those who have two"
        assert await stock_of(at.client, "pair") == {"Bargain Barn": 1, "Northlight": 4, "Grand Depot": 2}

    play(tmp_path, case)


def test_a_seller_who_goes_down_by_the_smallest_unit_sells_at_its_price(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        product = laptop("firm", {"Bargain Barn": (1000, 5)}).product
        await furnish(at, [Stocked(product, {"Bargain Barn": Limits(0, 999_99)})])
        _, news = await bought(at.client, "firm")
        assert (news["status"], news["total_cost"], news["saved"]) == ("completed", 1000, 0)

    play(tmp_path, case)


def test_the_saving_is_against_the_list_price_of_who_sells_though_another_asks_less(tmp_path: Path) -> None:
    """Issue 5: the saving, as the books tell it."""
    limits = {"Bargain Barn": Limits(980_00, 990_00), "Northlight": Limits(300_00, 400_00)}

    async def case(at: Surface) -> None:
        product = laptop("two-lists", {"Bargain Barn": (1000, 5), "Northlight": (1100, 4)}).product
        await furnish(at, [Stocked(product, limits)])
        _, news = await bought(at.client, "two-lists", budget=980)
        assert news["seller_name"] == "Northlight"
        assert news["saved"] == round(1100 - news["total_cost"], 2)
        assert f"${news['saved']:,.2f} below its list price" in news["message"]
        invoice = await got(at.client, f"/api/v1/invoices/{news['invoice_number']}")
        assert (invoice["id"], invoice["saved"]) == (news["invoice_id"], news["saved"])

    play(tmp_path, case)


def test_the_budget_is_what_was_given_said_learned_or_asked(tmp_path: Path) -> None:
    """Issue 5: budget from the preferences unless given."""

    async def case(at: Surface) -> None:
        await furnish(at, [PAIR, laptop("untouched", {"Bargain Barn": (900, 5)})])

        async def budget(query: str, product_id: str = "pair", **more: Any) -> float:
            session_id = (await said(at.client, query))["session_id"]
            amount: float = (await haggled(at.client, session_id, product_id, **more))["budget"]
            return amount

        assert await budget("a gaming laptop") == 1000, "the lowest list price"
        assert await budget("a gaming laptop", quantity=2) == 2100, "of those who have two"
        (await at.client.patch("/api/users/local/preferences", json={"max_budget": 1300})).raise_for_status()
        assert await budget("hello") == 1300, "what the shopper usually spends"
        assert await budget("a gaming laptop under $1200") == 1200, "what the shopper said"
        assert await budget("a gaming laptop under $1200", budget=1100) == 1100, "what was given"
        other = {"max_budget": 50, "budget_category": "Mice"}
        (await at.client.patch("/api/users/local/preferences", json=other)).raise_for_status()
        # Another product: of the pair, those who asked for it before may have bought the cheapest pieces by now.
        assert await budget("hello", "untouched") == 900, "of another category"

    play(tmp_path, case)


def test_the_way_to_a_deal_tells_nothing_of_what_sellers_would_take(tmp_path: Path) -> None:
    """Issue 5: sellers' private numbers never appear on any shopper's path: answers, streams, the program's own log."""
    private = {"Bargain Barn": Limits(31_117, 52_229), "Northlight": Limits(41_443, 62_617)}
    canaries = [form for limits in private.values() for number in astuple(limits) for form in _forms(number)]

    async def case(at: Surface) -> None:
        product = laptop("canary", {"Bargain Barn": (1000, 5), "Northlight": (1100, 4)}).product
        await furnish(at, [Stocked(product, private)])
        told = await streamed(at.client, f"{SHOPPING}/stream", {"query": QUERY})
        session_id = told.frames[0]["session_id"]
        opened = await haggled(at.client, session_id, "canary")
        reader = ShopReader(at.client, stream_of(session_id))
        await reader.read_to_the_end()
        words = [await said(at.client, text, session_id=session_id) for text in ("what is its least price?", "cheaper")]
        seen = json.dumps([told.frames, opened, reader.told.frames, words]) + at.log.getvalue()
        assert reader.told.news[0]["invoice_id"]
        assert [canary for canary in canaries if canary in seen] == []

    play(tmp_path, case, log_level="DEBUG")


def _forms(minor: int) -> tuple[str, ...]:
    return f"{minor / 100:.2f}", f'"{minor}"', f" {minor},", f"={minor}"


def test_no_deal_is_news_too(tmp_path: Path) -> None:
    """Issue 5: its outcome comes back into the thread."""

    async def case(at: Surface) -> None:
        await furnish(at, [LAST_ONE])
        _, news = await bought(at.client, "last-one", budget=400)
        assert (news["seller_name"], news["total_cost"], news["saved"], news["invoice_id"]) == (None,) * 4
        assert news["invoice_number"] is None
        assert "No deal for Laptop last-one" in news["message"]
        assert "Nothing was bought" in news["message"]
        assert await stock_of(at.client, "last-one") == {"Bargain Barn": 1}

    play(tmp_path, case)


def test_a_product_that_is_sold_out_or_unknown_is_not_haggled_for(tmp_path: Path) -> None:
    """Issue 5: a product whose sellers are all out of stock; CONTRACT §1: PRODUCT_NOT_FOUND, INSUFFICIENT_INVENTORY."""

    async def case(at: Surface) -> None:
        await furnish(at, [sold_out(LAST_ONE), PAIR])
        session_id = (await said(at.client, QUERY))["session_id"]
        path = f"{SHOPPING}/{session_id}/negotiate"
        gone = await at.client.post(path, json={"product_id": "last-one"})
        assert gone.status_code == 422
        assert "out of stock" in refused(gone, Code.INSUFFICIENT_INVENTORY)
        many = await at.client.post(path, json={"product_id": "pair", "quantity": 7})
        told = refused(many, Code.INSUFFICIENT_INVENTORY)
        assert "has as many as 7 pieces: the most that a single one has is " in told
        unknown = await at.client.post(path, json={"product_id": "nothing"})
        assert unknown.status_code == 404
        refused(unknown, Code.PRODUCT_NOT_FOUND)
        refused(await at.client.get("/api/products/nothing"), Code.PRODUCT_NOT_FOUND)
        elsewhere = await at.client.post(f"{SHOPPING}/nowhere/negotiate", json={"product_id": "pair"})
        refused(elsewhere, Code.SESSION_NOT_FOUND)
        for field, value in (("quantity", 0), ("quantity", 1.5), ("budget", 0), ("budget", -1), ("product_id", "")):
            unfit = await at.client.post(path, json={"product_id": "pair", field: value})
            refused(unfit, Code.VALIDATION_ERROR)
        assert (await got(at.client, "/api/v1/simulation"))["sessions"] == []

    play(tmp_path, case)


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_the_last_piece_is_sold_once(tmp_path: Path, durable: object) -> None:
    """Issue 5: two sessions opened from the catalogue draw on the same pieces, and the last one is sold once."""

    async def case(at: Surface) -> None:
        await furnish(at, [LAST_ONE])
        ends = await asyncio.gather(*(bought(at.client, "last-one", budget=1000) for _ in range(4)))
        deals = [news for _, news in ends if news["invoice_id"]]
        assert len(deals) == 1
        assert await stock_of(at.client, "last-one") == {"Bargain Barn": 0}
        sessions = [opened["negotiation_session_id"] for opened, _ in ends]
        invoices = [invoice for one in sessions for invoice in await at.chaffer.ledger.invoices(one)]
        assert [invoice.invoice_id for invoice in invoices] == [deals[0]["invoice_id"]]
        result = await said(at.client, QUERY)
        assert result["total_results"] == 0, "what is gone is not recommended"

    play(tmp_path, case, durable=bool(durable))


def test_a_buyer_is_sent_once_for_one_key(tmp_path: Path) -> None:
    """CONTRACT §1: every creating POST takes `Idempotency-Key`."""

    async def case(at: Surface) -> None:
        await furnish(at, [PAIR])
        path = f"{SHOPPING}/{(await said(at.client, QUERY))['session_id']}/negotiate"
        key = {"Idempotency-Key": "buy"}
        first, again = [await at.client.post(path, json={"product_id": "pair"}, headers=key) for _ in range(2)]
        assert (first.status_code, first.content) == (201, again.content)
        assert len((await got(at.client, "/api/v1/simulation"))["sessions"]) == 1
        other = await at.client.post(path, json={"product_id": "pair", "quantity": 2}, headers=key)
        refused(other, Code.IDEMPOTENCY_KEY_REUSED)

    play(tmp_path, case)


def test_so_many_buyers_are_under_way_at_most(tmp_path: Path) -> None:
    """A thread that sends buyer after buyer is told to wait."""

    async def case(at: Surface) -> None:
        await furnish(at, [PAIR])
        session_id = await overheard(at.client, "hello")
        path = f"{SHOPPING}/{session_id}/negotiate"
        for _ in range(10):
            await posted(at.client, path, {"product_id": "pair"})
        assert "Wait for one to end" in refused(await at.client.post(path, json={"product_id": "pair"}), Code.CONFLICT)
        assert len((await got(at.client, "/api/v1/simulation", limit="100"))["sessions"]) == 10, (
            "the 11th is taken back"
        )
        assert len((await got(at.client, f"/api/sessions/{session_id}"))["negotiations"]) == 10

    play(tmp_path, case, builtin_chars_per_second=1)


def test_a_negotiation_that_is_deleted_has_ended(tmp_path: Path) -> None:
    """The thread hears of it as soon as somebody looks, and does not wait for ever."""

    async def case(at: Surface) -> None:
        await furnish(at, [PAIR])
        session_id = await overheard(at.client, "hello")
        opened = await haggled(at.client, session_id, "pair")
        (await at.client.delete(f"/api/v1/simulation/{opened['negotiation_session_id']}")).raise_for_status()
        state = await got(at.client, f"/api/sessions/{session_id}")
        assert state["negotiations"] == []
        assert "was deleted" in state["conversation_history"][-1]["content"]

    play(tmp_path, case, builtin_chars_per_second=1)
