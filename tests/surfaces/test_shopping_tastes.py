"""Sessions and what is learned of a shopper, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from chaffer.errors import Code
from tests.support.callers import ASKS_FOR_TOKENS, calling
from tests.support.server import Surface, got, play, posted
from tests.support.shop import QUERY, SHOPPING, furnish, laptop, refused, said, shop

MINE: Final = "/api/users/local/preferences"
NOTHING: Final[dict[str, Any]] = {
    "liked_brands": [],
    "disliked_brands": [],
    "max_budget": None,
    "budget_category": None,
    "min_rating": None,
    "required": [],
}


async def known(client: httpx2.AsyncClient, user: str = "local") -> dict[str, Any]:
    """Return what is known of a user's taste."""
    answer = await got(client, f"/api/users/{user}/preferences")
    assert answer.pop("user_id") == user
    return answer


async def patched(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    """Change preferences by hand."""
    answer = await client.patch(MINE, json=changes)
    assert answer.is_success, answer.text
    document: dict[str, Any] = answer.json()
    return document


def _brands(result: dict[str, Any]) -> set[str]:
    return {product["brand"] for product in result["matched_products"]}


def test_a_product_that_is_not_liked_is_left_out_alone_and_that_is_said(tmp_path: Path) -> None:
    """Specification 3.1: a thumb down with a reason; what it does is told."""

    async def case(at: Surface) -> None:
        first = await said(at.client, QUERY)
        product = first["recommendation"]["recommended_product"]
        session_id = first["session_id"]
        second = await said(at.client, "I don't like this because Features", session_id=session_id)
        assert second["constraints"]["not_products"] == [product["id"]]
        assert second["constraints"]["not_brands"] == []
        assert second["total_results"] == first["total_results"] - 1
        assert product["id"] not in {each["id"] for each in second["matched_products"]}
        assert second["message"].startswith(f"I left out the {product['name']}. Tell me which feature it is")
        third = await said(at.client, "at least 4 stars", session_id=session_id)
        assert third["constraints"]["not_products"] == [product["id"]]

    shop(tmp_path, case)


def test_feedback_changes_what_is_learned_and_the_next_result(tmp_path: Path) -> None:
    """Specification 3.1: «That's too expensive» as a normal query; CONTRACT §5: the next result changes."""

    async def case(at: Surface) -> None:
        await furnish(at, [laptop("cheap", {"Bargain Barn": (400, 5)}, rating=1.0)])
        first = await said(at.client, QUERY)
        price = first["recommendation"]["recommended_product"]["price"]
        cheaper = await said(at.client, "That's too expensive", session_id=first["session_id"])
        assert cheaper["intent"] == "feedback"
        assert cheaper["constraints"]["max_price"] < price
        assert "cheap" in {product["id"] for product in cheaper["matched_products"]}
        assert all(product["price"] < price for product in cheaper["matched_products"])
        assert (await known(at.client))["max_budget"] == cheaper["constraints"]["max_price"]

    shop(tmp_path, case)


def test_thumbs_down_for_the_brand_is_learned_for_every_session(tmp_path: Path) -> None:
    """Specification 3.1: thumbs down is «I don't like this because [reason]»; issue 5: learned per user."""

    async def case(at: Surface) -> None:
        first = await said(at.client, QUERY)
        brand = first["recommendation"]["recommended_product"]["brand"]
        after = await said(at.client, "I don't like this because Brand", session_id=first["session_id"])
        assert brand not in _brands(after)
        assert (await known(at.client))["disliked_brands"] == [brand]
        elsewhere = await said(at.client, QUERY)
        assert brand not in _brands(elsewhere)
        assert brand in _brands(await said(at.client, QUERY, user_id="somebody else"))

    shop(tmp_path, case)


def test_preferences_are_shown_in_the_session(tmp_path: Path) -> None:
    """Specification 4.1: learned preferences, as `{"liked_brands": ["Sony"], "max_budget": 1500}`."""

    async def case(at: Surface) -> None:
        given = {"liked_brands": ["Sony"], "max_budget": 1500}
        result = await said(at.client, QUERY, user_preferences=given)
        state = await got(at.client, f"/api/sessions/{result['session_id']}")
        assert state["user_preferences"] == {**NOTHING, **given}
        assert await known(at.client) == {**NOTHING, **given}

    shop(tmp_path, case)


def test_preferences_fill_in_what_words_leave_open(tmp_path: Path) -> None:
    """CONTRACT §5: feedback changes the learned preferences and the next result; over all sessions of the user."""

    async def case(at: Surface) -> None:
        need = {"name": "memory", "at_least": 32, "unit": "GB"}
        await patched(at.client, max_budget=1400, budget_category="Laptops", disliked_brands=["Dell"], required=[need])
        result = await said(at.client, "a gaming laptop")
        assert result["constraints"]["max_price"] == 1400
        assert result["constraints"]["not_brands"] == ["Dell"]
        assert [one["name"] for one in result["constraints"]["needs"]] == ["use", "memory"]
        stated = await said(at.client, "a gaming laptop under $2000")
        assert stated["constraints"]["max_price"] == 2000, "words go before"

    shop(tmp_path, case)


def test_preferences_are_edited_and_forgotten(tmp_path: Path) -> None:
    """Issue 5: `PATCH`/`DELETE /api/users/{id}/preferences`; what is left out stays, null forgets."""

    async def case(at: Surface) -> None:
        assert await known(at.client) == NOTHING
        need: dict[str, Any] = {"name": "noise cancelling", "texts": ["yes"], "at_least": None, "at_most": None}
        need |= {"unit": "", "excluded": False}
        whole: dict[str, Any] = {"liked_brands": ["Sony", "Bose"], "disliked_brands": ["HP"], "max_budget": 99.5}
        whole |= {"budget_category": "Headphones", "min_rating": 4.5, "required": [need]}
        assert await patched(at.client, **whole) == {"user_id": "local", **whole}
        assert await patched(at.client, min_rating=None, liked_brands=["Sony"]) == {
            "user_id": "local",
            **whole,
            "min_rating": None,
            "liked_brands": ["Sony"],
        }
        gone = await at.client.delete(MINE)
        assert (gone.status_code, gone.content) == (204, b"")
        assert await known(at.client) == NOTHING
        assert (await at.client.delete(MINE)).status_code == 204

    play(tmp_path, case)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"liked_brands": ["Sony"], "disliked_brands": ["HP", "sony"]}, "disliked_brands[1]"),
        ({"max_budget": 0}, "max_budget"),
        ({"max_budget": 2_000_000_000}, "max_budget"),
        ({"min_rating": 5.5}, "min_rating"),
        ({"required": [{"texts": ["yes"]}]}, "required[0].name"),
        ({"liked_brands": ["\x1b[31m"]}, "liked_brands[0]"),
        ({"likes": ["Sony"]}, "likes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_preferences_that_do_not_fit_are_refused_by_field(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    """CONTRACT §1: refused by name, and nothing is changed."""

    async def case(at: Surface) -> None:
        answer = await at.client.patch(MINE, json=changes)
        refused(answer, Code.VALIDATION_ERROR)
        assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]
        assert await known(at.client) == NOTHING

    play(tmp_path, case)


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_a_session_reads_back_word_for_word(tmp_path: Path, durable: object) -> None:
    """Specification 4.1: roles `user` and `ai`, with the recommendation; CONTRACT §5: word for word."""

    async def case(at: Surface) -> None:
        words = [f"  {QUERY}\n\twith <b>«quotes»</b> & 😀  ", "only Asus", "thanks!"]
        results = [await said(at.client, words[0])]
        session_id = results[0]["session_id"]
        results += [await said(at.client, text, session_id=session_id) for text in words[1:]]
        state = await got(at.client, f"/api/sessions/{session_id}")
        history = state["conversation_history"]
        assert [entry["role"] for entry in history] == ["user", "ai"] * 3
        assert [entry["content"] for entry in history[::2]] == words
        for entry, result in zip(history[1::2], results, strict=True):
            assert entry["content"] == result["message"]
            assert entry["recommendation"] == result["recommendation"]
            assert (entry["turn"], entry["message_id"]) == (result["turn"], result["message_id"])
        assert state["constraints"] == results[1]["constraints"]
        assert (state["turns"], state["status"], state["interrupt"]) == (3, "idle", None)

    shop(tmp_path, case, durable=bool(durable))


def test_sessions_are_listed_in_pages_newest_first_and_deleted(tmp_path: Path) -> None:
    """CONTRACT §6: shopping sessions can be listed and deleted; §1: `limit`, `after`, `next_after`."""

    async def case(at: Surface) -> None:
        made = [(await said(at.client, f"hello {number}"))["session_id"] for number in range(5)]
        other = (await said(at.client, "hello", user_id="ann"))["session_id"]
        listed, after = list[str](), dict[str, str]()
        while True:
            page = await got(at.client, "/api/sessions", user_id="local", limit="2", **after)
            assert len(page["sessions"]) <= 2
            listed += [one["session_id"] for one in page["sessions"]]
            if page["next_after"] is None:
                break
            after = {"after": page["next_after"]}
        assert listed == made[::-1]
        assert [one["session_id"] for one in (await got(at.client, "/api/sessions"))["sessions"]] == [other, *listed]
        (await at.client.delete(f"/api/sessions/{made[2]}")).raise_for_status()
        for method in ("GET", "DELETE"):
            refused(await at.client.request(method, f"/api/sessions/{made[2]}"), Code.SESSION_NOT_FOUND)
        refused(await at.client.post(SHOPPING, json={"query": "x", "session_id": made[2]}), Code.SESSION_NOT_FOUND)
        assert len((await got(at.client, "/api/sessions"))["sessions"]) == 5

    play(tmp_path, case)


def test_whose_session_and_taste_it_is_the_token_says(tmp_path: Path) -> None:
    """CONTRACT §1: where a token speaks, a `user_id` in body or query must equal its `sub`."""

    async def case(at: Surface) -> None:
        async with calling(at.app, "ann") as ann:
            for more in ({"user_id": "bob"}, {"user_preferences": {"user_id": "bob"}}):
                answer = await ann.post(SHOPPING, json={"query": QUERY, **more})
                assert answer.status_code == 403
                refused(answer, Code.FORBIDDEN)
            assert (await got(ann, "/api/sessions"))["sessions"] == []
            result = await said(ann, QUERY, user_preferences={"user_id": "ann", "min_rating": 4})
            assert (await got(ann, f"/api/sessions/{result['session_id']}"))["user_id"] == "ann"
            assert (await known(ann, "ann"))["min_rating"] == 4
            refused(await ann.patch("/api/users/bob/preferences", json={"min_rating": 1}), Code.NOT_FOUND)

    shop(tmp_path, case, **ASKS_FOR_TOKENS)


def test_a_session_that_is_deleted_leaves_what_was_learned(tmp_path: Path) -> None:
    """CONTRACT §5: preferences are per user."""

    async def case(at: Surface) -> None:
        result = await posted(at.client, SHOPPING, {"query": QUERY, "user_preferences": {"min_rating": 4}})
        (await at.client.delete(f"/api/sessions/{result['session_id']}")).raise_for_status()
        assert (await known(at.client))["min_rating"] == 4

    shop(tmp_path, case)
