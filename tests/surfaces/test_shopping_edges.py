"""What comes from outside at the edges of the catalogue and of the way to the market: answered, and never as 500."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from tests.support.server import Surface, got, play, posted
from tests.support.shop import SELLERS, laptop

BARN: Final = SELLERS[0].name


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("max_price", "1e999999999"),
        ("max_price", "NaN"),
        ("min_price", "-1"),
        ("min_rating", "6"),
        ("attribute", "memory:>=1e308 GB"),
        ("after", "W10"),
        ("sort_by", "weight"),
    ],
)
def test_a_parameter_that_means_nothing_is_named(tmp_path: Path, parameter: str, value: str) -> None:
    async def case(at: Surface) -> None:
        answer = await at.client.get("/api/products", params={"query": "laptop", parameter: value})
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["details"][0]["field"].startswith(parameter)

    play(tmp_path, case)


def test_products_are_put_in_the_order_of_an_attribute_that_is_named(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for name, lift in (("a", "1.4 kg"), ("b", "900 g"), ("c", "2 kg")):
            made = laptop(name, {BARN: (900, 5)})
            lifting = replace(made, product=replace(made.product, attributes={"Lift": lift}))
            await at.chaffer.products.put([lifting], SELLERS)
        for sort, order in (("least", "bac"), ("most", "cab")):
            found = await at.client.get("/api/products", params={"sort": sort, "sort_by": "LIFT", "limit": 3})
            assert [product["id"] for product in found.json()["products"]] == list(order)
        unnamed = await at.client.get("/api/products", params={"sort": "most"})
        assert unnamed.json()["error"]["details"][0]["field"] == "sort_by"

    play(tmp_path, case)


def test_a_sentence_is_read_as_filters_and_those_beside_it_count_instead(tmp_path: Path) -> None:
    """Issue 5: `under $1500`, `between 50 and 80`, `15-inch` are filters."""

    async def case(at: Surface) -> None:
        made = [laptop(str(price), {BARN: (price, 5)}) for price in (500, 700, 900)]
        await at.chaffer.products.put(made, SELLERS)

        async def fitting(**asked: float) -> tuple[list[str], dict[str, object] | None]:
            told = (await at.client.get("/api/products", params={"query": "laptops under 800", **asked})).json()
            return sorted(product["id"] for product in told["products"]), told["understood"]

        ids, understood = await fitting(sentence=True)
        assert ids == ["500", "700"]
        assert understood is not None
        assert understood["words"] == ["the limit of $800.00", "the category Laptops"]
        assert (await fitting(sentence=True, max_price=600))[0] == ["500"]
        assert (await fitting())[1] is None
        first = (await at.client.get("/api/products", params={"query": "laptops", "sentence": True, "limit": 2})).json()
        more = {"query": "laptops", "sentence": True, "limit": 2, "after": first["next_after"]}
        rest = (await at.client.get("/api/products", params=more)).json()
        assert len({product["id"] for product in first["products"] + rest["products"]}) == 3

    play(tmp_path, case)


@pytest.mark.parametrize(
    ("query", "corrected", "is_partial"),
    [("dell laptop", None, False), ("dell lapotp", "dell laptop", False), ("white laptop", "laptop", True)],
)
def test_it_is_told_what_was_searched_and_whether_all_words_were_found(
    tmp_path: Path, query: str, corrected: str | None, is_partial: object
) -> None:
    async def case(at: Surface) -> None:
        await at.chaffer.products.put([laptop("a", {BARN: (900, 5)})], SELLERS)
        page = await got(at.client, "/api/products", query=query)
        assert [product["id"] for product in page["products"]] == ["a"]
        assert (page["corrected"], page["is_partial"]) == (corrected, is_partial)

    play(tmp_path, case)


def test_a_product_whose_id_holds_a_slash_is_there(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await at.chaffer.products.put([laptop("SKU/15 a?b", {BARN: (900, 5)})], SELLERS)
        assert (await got(at.client, "/api/products/SKU%2F15%20a%3Fb"))["id"] == "SKU/15 a?b"

    play(tmp_path, case)


def test_a_user_of_no_name_has_no_preferences(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for method in ("GET", "PATCH", "DELETE"):
            body = {"min_rating": 4} if method == "PATCH" else None
            answer = await at.client.request(method, "/api/users/%00/preferences", json=body)
            assert answer.status_code == 400, method

    play(tmp_path, case)


async def _ordered(at: Surface, order: dict[str, Any], query: str = "hello") -> Any:
    session = (await posted(at.client, "/api/shopping", {"query": query}))["session_id"]
    return (await at.client.post(f"/api/shopping/{session}/negotiate", json=order)).json()


def test_a_buyer_goes_to_a_seller_who_is_called_as_it_is(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await at.chaffer.products.put([laptop("a", {"shopper": (900, 5)})], [replace(SELLERS[0], name="shopper")])
        ordered = await _ordered(at, {"product_id": "a"})
        state = await got(at.client, f"/api/v1/negotiation/{ordered['room_id']}/state")
        assert state["buyer_name"] == "Shopper 2"

    play(tmp_path, case)


def test_a_budget_of_nothing_is_none(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await at.chaffer.products.put([laptop("a", {BARN: (900, 5)})], SELLERS)
        assert (await _ordered(at, {"product_id": "a"}, "a laptop under $0"))["budget"] == 900

    play(tmp_path, case)


def test_many_dear_pieces_cost_no_more_than_money_can_say(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await at.chaffer.products.put([laptop("a", {BARN: (900_000_000, 10_000)})], SELLERS)
        assert (await _ordered(at, {"product_id": "a", "quantity": 10_000}))["budget"] == 1_000_000_000

    play(tmp_path, case)


def test_a_seller_of_whom_nothing_is_known_sells_nothing(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await at.chaffer.products.put([laptop("a", {"Nobody": (900, 5)})])
        assert (await _ordered(at, {"product_id": "a"}))["error"]["code"] == "INSUFFICIENT_INVENTORY"

    play(tmp_path, case)
