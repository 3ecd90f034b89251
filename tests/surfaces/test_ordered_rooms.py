"""Rooms that a shopping session ordered: their owner is a shopper, who sees what a buyer sees, on every path."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from chaffer.shopping.catalogue.products import Limits, Offer, Product, Seller, Stocked
from tests.support.callers import ASKS_FOR_TOKENS, calling
from tests.support.operations import OPERATIONS, Operation
from tests.support.server import LONGEST_SECONDS, Surface, got, opened, play, posted

SELLERS: Final = (
    Seller("Bargain Barn", "customer_retention", "rude"),
    Seller("Pixel Street", "maximize_profit", "rude"),
)
LAPTOP: Final = Product(
    product_id="laptop",
    name="Blade",
    brand="Asus",
    category="Laptops",
    description="",
    currency="USD",
    attributes={},
    offers=(Offer("Bargain Barn", 987_65, 5), Offer("Pixel Street", 989_00, 3)),
)
# Every number is found nowhere else, in no form.
LIMITS: Final = {"Bargain Barn": Limits(713_13, 801_17), "Pixel Street": Limits(714_19, 802_29)}
PRIVATE: Final = ("713.13", "71313", "801.17", "80117", "714.19", "71419", "802.29", "80229")


async def haggled(shopper: httpx2.AsyncClient, surface: Surface) -> dict[str, Any]:
    """Return a negotiation that a shopper ordered, once it is over."""
    await surface.chaffer.products.put([Stocked(LAPTOP, LIMITS)], SELLERS)
    session = (await posted(shopper, "/api/shopping", {"query": "asus laptop under $1500"}))["session_id"]
    ordered = await posted(shopper, f"/api/shopping/{session}/negotiate", {"product_id": "laptop"})
    async with asyncio.timeout(LONGEST_SECONDS):
        while (await got(shopper, f"/api/sessions/{session}"))["negotiations"]:  # noqa: ASYNC110  It sets no event here.
            await asyncio.sleep(0.01)
    return {**ordered, "shopping": session}


def _paths(operation: Operation, ordered: dict[str, Any]) -> list[str]:
    """Return the paths of an operation with all that was made, each looked at with every pair of eyes."""
    sessions = (ordered["negotiation_session_id"], ordered["shopping"])
    found = []
    for session in sessions:
        names = {"session_id": session, "room_id": ordered["room_id"], "product_id": "laptop", "user_id": "ann"}
        for form in ("json", "md", "csv"):
            path = operation.path
            for name, value in {**names, "form": form}.items():
                path = path.replace(f"{{{name}}}", value)
            found += [path, f"{path}?agent_id=seller_001", f"{path}?agent_type=buyer", f"{path}?after=999"]
    return [path for path in dict.fromkeys(found) if "{" not in path]


def test_no_path_tells_a_shopper_a_seller_s_own_numbers(tmp_path: Path) -> None:
    """Issue 5: sellers' private numbers never appear on any shopper's path: not as a log, an export, or a stream."""

    async def case(surface: Surface) -> None:
        async with calling(surface.app, "ann") as ann:
            ordered = await haggled(ann, surface)
            looked_at = 0
            for operation in OPERATIONS:
                for path in _paths(operation, ordered) if operation.method == "get" else ():
                    answer = await ann.get(path)
                    looked_at += answer.is_success
                    assert [number for number in PRIVATE if number in answer.text] == [], path
            assert looked_at > len(OPERATIONS) / 2

    play(tmp_path, case, **ASKS_FOR_TOKENS)


def test_its_log_and_its_exports_are_the_buyers_view(tmp_path: Path) -> None:
    async def case(surface: Surface) -> None:
        ordered = await haggled(surface.client, surface)
        room = f"/api/v1/negotiation/{ordered['room_id']}"
        log = f"{ordered['negotiation_session_id']}/{ordered['room_id']}"
        export = await got(surface.client, f"{room}/export.json")
        assert export["viewer"] == export["buyer"]["buyer_id"]
        served = await got(surface.client, f"/api/v1/logs/{log}")
        assert (served["audience"], served["status"]) == ("buyer", "completed")
        (kept,) = (tmp_path / "logs").glob("session_*/negotiation_*.json")
        assert len(json.loads(kept.read_text())["events"]) > len(served["events"]) > 0
        assert PRIVATE[1] in kept.read_text()

    play(tmp_path, case)


@pytest.mark.parametrize("path", ["state", "stream", "export.json"])
def test_nobody_looks_with_the_eyes_of_the_catalogue_s_sellers(tmp_path: Path, path: str) -> None:
    async def case(surface: Surface) -> None:
        ordered = await haggled(surface.client, surface)
        room = f"/api/v1/negotiation/{ordered['room_id']}/{path}"
        session = f"/api/v1/simulation/{ordered['negotiation_session_id']}/stream"
        for looked_at in (room, session):
            refused = await surface.client.get(looked_at, params={"agent_id": "seller_001"})
            assert refused.json()["error"]["details"][0]["field"] == "agent_id"

    play(tmp_path, case)


def test_who_wrote_the_sellers_numbers_still_sees_them(tmp_path: Path) -> None:
    async def case(surface: Surface) -> None:
        made = await opened(surface.client)
        export = await got(surface.client, f"{made.room}/export.json")
        assert export["viewer"] == "operator"
        assert len(export["sellers"]) == 2
        assert all(seller["least_price"] for seller in export["sellers"])

    play(tmp_path, case)
