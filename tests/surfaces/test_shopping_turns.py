"""A shopper's turns over HTTP: what the specification's examples show, sync and streamed, and words of every kind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest

from chaffer.errors import Code
from tests.support.server import Surface, got, play, posted
from tests.support.shop import (
    QUERY,
    SHOPPING,
    ShopReader,
    overheard,
    refused,
    said,
    shop,
    stream_of,
    streamed,
    without_ids,
)
from tests.support.streams import Parser

STREAM: Final = f"{SHOPPING}/stream"
SLOW: Final[dict[str, Any]] = {"builtin_chars_per_second": 1}


def test_the_specification_s_query_is_answered_with_every_field_of_its_example(tmp_path: Path) -> None:
    """Specification 1.1: session_id, user_query, matched_products, recommendation, total_results."""

    async def case(at: Surface) -> None:
        body = {"query": QUERY, "user_preferences": {"user_id": "user-123"}}
        result = await posted(at.client, SHOPPING, body)
        assert (result["status"], result["user_query"]) == ("completed", QUERY)
        assert len(result["matched_products"]) == 10 < result["total_results"]
        best = result["recommendation"]
        assert set(best) == {"recommended_product", "value_score", "reasoning", "explanation"}
        assert best["explanation"] == result["message"]
        scores = [each["value_score"] for each in result["matched_products"]]
        assert scores == sorted(scores, reverse=True)
        assert best["value_score"] == scores[0]
        assert result["matched_products"][0] == {**best["recommended_product"], "value_score": scores[0]}
        for each in result["matched_products"]:
            assert each["price"] < 1500
            assert each["attributes"]["use"] == "gaming"
            assert sum(seller["stock"] for seller in each["sellers"]) > 0
            assert each["price"] == min(one["price"] for one in each["sellers"] if one["stock"])
        session = await got(at.client, f"/api/sessions/{result['session_id']}")
        assert session["user_id"] == "user-123", "whose it is stands in user_preferences, as in the example"

    shop(tmp_path, case)


def test_a_product_has_every_field_of_the_contract(tmp_path: Path) -> None:
    """CONTRACT §5: a product."""

    async def case(at: Surface) -> None:
        product = (await said(at.client, QUERY))["recommendation"]["recommended_product"]
        assert list(product) == [
            *("id", "name", "brand", "category", "description", "price", "currency", "rating", "reviews"),
            *("attributes", "sellers", "url", "image"),
        ]
        assert list(product["sellers"][0]) == ["seller", "price", "stock"]
        assert await got(at.client, f"/api/products/{product['id']}") == product

    shop(tmp_path, case)


def test_the_stream_has_every_event_of_the_specification_with_its_fields(tmp_path: Path) -> None:
    """Specification 1.2: start, progress, chunk, complete; a frame is data alone, with its type."""

    async def case(at: Surface) -> None:
        told = await streamed(at.client, STREAM, {"query": QUERY})
        assert told.types == ["start", *["progress"] * 4, "chunk", "complete"]
        start, *_, complete = told.frames
        assert start == {"event_id": start["event_id"], "type": "start", "session_id": start["session_id"], "turn": 0}
        steps = [(frame["step"], frame["node"]) for frame in told.frames if frame["type"] == "progress"]
        assert steps == [(1, "router"), (2, "planning"), (3, "collection"), (4, "advisory")]
        assert all(frame["message"] for frame in told.frames if frame["type"] == "progress")
        assert complete["result"]["session_id"] == start["session_id"]
        assert told.text == complete["result"]["recommendation"]["explanation"]

    shop(tmp_path, case, builtin_chars_per_second=20_000)


def test_sync_and_stream_answer_the_same(tmp_path: Path) -> None:
    """Specification 1.2: `complete` has the same structure as the synchronous answer; and a seed the same words."""

    async def case(at: Surface) -> None:
        for query in (QUERY, "hello", "a laptop for less than 3 dollars", "a laptop"):
            body = {"query": query, "seed": 7}
            answer, told = await posted(at.client, SHOPPING, body), await streamed(at.client, STREAM, body)
            if answer["status"] == "completed":
                assert without_ids(told.results[0]) == without_ids(answer)
            else:
                (asked,) = told.questions
                unlike = ("thread_id", "expires_at")
                for name in set(answer["interrupt"]).difference(unlike):
                    assert asked[name] == answer["interrupt"][name]

    shop(tmp_path, case)


def test_nothing_that_fits_is_told_with_what_to_give_up(tmp_path: Path) -> None:
    """CONTRACT §5: if nothing matches, `recommendation: null`, why, and what to relax."""

    async def case(at: Surface) -> None:
        result = await said(at.client, "a gaming laptop with 32 GB under $500")
        assert (result["recommendation"], result["matched_products"], result["total_results"]) == (None, [], 0)
        assert result["relaxations"]
        for relaxation in result["relaxations"]:
            assert relaxation["what"]
            assert relaxation["total_results"] > 0
        assert result["message"]

    shop(tmp_path, case)


def test_an_empty_catalogue_recommends_nothing_and_says_so(tmp_path: Path) -> None:
    """Issue 5: empty catalogue."""

    async def case(at: Surface) -> None:
        for query in ("how do the first two differ?", "buy the first one", QUERY, "anything", "cheaper"):
            result = await said(at.client, query)
            assert (result["recommendation"], result["matched_products"], result["total_results"]) == (None, [], 0)
            assert ("the catalogue is empty" in result["message"].casefold()) is (result["constraints"] is not None)
        assert (await got(at.client, "/api/products"))["products"] == []
        assert (await got(at.client, "/api/catalog"))["products"] == 0

    play(tmp_path, case)


def test_a_query_of_10_000_characters_is_answered_and_a_longer_one_refused(tmp_path: Path) -> None:
    """Issue 5: 10 000-character queries."""

    async def case(at: Surface) -> None:
        words = f"{QUERY} {'with a nice keyboard and ' * 500}"[:10_000]
        result = await said(at.client, words)
        assert result["user_query"] == words
        too_long = await at.client.post(SHOPPING, json={"query": f"{words}!"})
        refused(too_long, Code.VALIDATION_ERROR)
        (detail,) = too_long.json()["error"]["details"]
        assert detail["field"] == "query"
        assert "10000" in detail["issue"].replace(",", "").replace(" ", "")

    shop(tmp_path, case)


ODD: Final = (
    '"gaming" laptop AND OR NOT NEAR("a" "b") *',
    "laptop'; DROP TABLE products; --",
    "' OR 1=1 /*",
    "laptop:* & !x | (y <-> z)",
    'name:"laptop" -gaming ^3 {a b} +c',
    "%_\\%_ laptop",
    "((((((((((",
    '"""""',
    "😀 ноутбук 笔记本 لابتوب",
    "laptop\nignore\tthe budget",
    "a" * 3_000,
    "1 " * 2_000,
    "$",
    "under under under",
    "-1 --2 ---3",
    "{{7*7}} ${jndi:ldap://x} <script>alert(1)</script>",
)


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_words_of_any_kind_are_words(tmp_path: Path, durable: object) -> None:
    """Issue 5: queries of quotes, operators and SQL."""

    async def case(at: Surface) -> None:
        for query in ODD:
            answer = await said(at.client, query)
            assert answer["user_query"] == query
            assert (await got(at.client, "/api/products", query=query[:2_000]))["total"] >= 0
        assert (await got(at.client, "/api/catalog"))["products"] == 59

    shop(tmp_path, case, durable=bool(durable))


@pytest.mark.parametrize(
    "query", ["", "   ", "a\0b", "\0", "\u200b"], ids=["empty", "space", "nul", "only nul", "unseen"]
)
def test_words_that_say_nothing_are_refused(tmp_path: Path, query: str) -> None:
    """CONTRACT §1: refused input names its field; NUL is no text."""

    async def case(at: Surface) -> None:
        for path in (SHOPPING, STREAM):
            answer = await at.client.post(path, json={"query": query})
            refused(answer, Code.VALIDATION_ERROR)
            assert [detail["field"] for detail in answer.json()["error"]["details"]] == ["query"]

    play(tmp_path, case)


UNFIT: Final[tuple[tuple[dict[str, Any], str], ...]] = (
    ({"query": QUERY, "session": "x"}, "session"),
    ({"query": QUERY, "session_id": "x", "seed": 1}, "seed"),
    ({"query": QUERY, "session_id": "x", "llm_config": {"provider": "builtin"}}, "llm_config"),
    ({"query": QUERY, "user_preferences": {"max_budget": "cheap"}}, "user_preferences.max_budget"),
    ({"query": QUERY, "user_preferences": {"max_budget": 10.001}}, "user_preferences.max_budget"),
    ({"query": QUERY, "user_preferences": {"min_rating": 6}}, "user_preferences.min_rating"),
    ({"query": 7}, "query"),
)


def test_what_does_not_fit_is_refused_by_its_field(tmp_path: Path) -> None:
    """CONTRACT §1: fields nobody declared are refused by name; amounts have two decimals."""

    async def case(at: Surface) -> None:
        for body, field in UNFIT:
            answer = await at.client.post(SHOPPING, json=body)
            refused(answer, Code.VALIDATION_ERROR)
            assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]

    play(tmp_path, case)


def test_words_while_an_answer_is_made_are_a_conflict(tmp_path: Path) -> None:
    """CONTRACT §6 of chats, here too: a message to a conversation that is answering gets 409."""

    async def case(at: Surface) -> None:
        session_id = await overheard(at.client, QUERY)
        for path in (SHOPPING, STREAM):
            answer = await at.client.post(path, json={"query": "and cheaper?", "session_id": session_id})
            assert answer.status_code == 409
            assert "still answering" in refused(answer, Code.CONFLICT)

    shop(tmp_path, case, **SLOW)


def test_who_leaves_cancels_nothing_and_a_second_reader_sees_the_same(tmp_path: Path) -> None:
    """CONTRACT §1: a client that leaves cancels nothing; a stream begun by a POST can be joined again by GET."""

    async def case(at: Surface) -> None:
        session_id = await overheard(at.client, QUERY)
        first, second = (ShopReader(at.client, stream_of(session_id)) for _ in range(2))
        await asyncio.gather(first.read(), second.read())
        (result,) = first.told.results
        assert second.told.results == [result]
        assert result["user_query"] == QUERY
        session = await got(at.client, f"/api/sessions/{session_id}")
        assert session["conversation_history"][-1]["content"] == result["message"]

    shop(tmp_path, case, builtin_chars_per_second=3_000)


def test_the_head_of_a_stream_is_that_of_every_stream(tmp_path: Path) -> None:
    """CONTRACT §1: X-Accel-Buffering, Cache-Control, retry; unknown sessions are refused before the stream begins."""

    async def case(at: Surface) -> None:
        async with at.client.stream("POST", STREAM, json={"query": QUERY}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["x-accel-buffering"] == "no"
            assert answer.headers["cache-control"] == "no-cache"
            (first, *_) = Parser().feed(await answer.aread())
            assert first.retry == 5000
        unknown = await at.client.post(STREAM, json={"query": QUERY, "session_id": "nowhere"})
        assert unknown.status_code == 404
        refused(unknown, Code.SESSION_NOT_FOUND)
        refused(await at.client.get(stream_of("nowhere")), Code.SESSION_NOT_FOUND)

    shop(tmp_path, case)


@pytest.mark.parametrize("path", [SHOPPING, STREAM])
def test_a_turn_is_begun_once_for_one_key(tmp_path: Path, path: str) -> None:
    """CONTRACT §1: same key and body, same answer, one effect; other body, IDEMPOTENCY_KEY_REUSED."""

    async def case(at: Surface) -> None:
        key, body = {"Idempotency-Key": "one"}, {"query": QUERY}
        first, again = [(await at.client.post(path, json=body, headers=key)) for _ in range(2)]
        assert first.content == again.content
        (session,) = (await got(at.client, "/api/sessions"))["sessions"]
        assert session["turns"] == 1
        other = await at.client.post(path, json={"query": "a mouse"}, headers=key)
        refused(other, Code.IDEMPOTENCY_KEY_REUSED)
        session_id = session["session_id"]
        more = {"query": "only Dell", "session_id": session_id}
        for _ in range(2):
            assert (await at.client.post(path, json=more, headers={"Idempotency-Key": "two"})).is_success
        assert (await got(at.client, f"/api/sessions/{session_id}"))["turns"] == 2

    shop(tmp_path, case)


def test_every_node_of_the_graph_is_walked_and_told(tmp_path: Path) -> None:
    """CONTRACT §5: router → planning → (clarification) → collection → advisory, and router → feedback → planning."""

    async def case(at: Surface) -> None:
        walks = {
            QUERY: ["router", "planning", "collection", "advisory"],
            "That's too expensive": ["router", "feedback", "planning", "collection", "advisory"],
            "only Dell": ["router", "planning", "collection", "advisory"],
            "how do the first two differ?": ["router", "advisory"],
            "thanks": ["router", "advisory"],
            "what is the capital of France?": ["router", "advisory"],
            "I'll take it": ["router", "advisory"],
        }
        intents, session = [], dict[str, str]()
        for query, nodes in walks.items():
            told = await streamed(at.client, STREAM, {"query": query, **session})
            assert told.nodes == nodes, query
            session = {"session_id": told.results[0]["session_id"]}
            intents.append(told.results[0]["intent"])
        assert intents == ["search", "feedback", "refine", "question", "thanks", "off_topic", "buy"]
        vague = await streamed(at.client, STREAM, {"query": "a laptop"})
        assert vague.nodes == ["router", "planning", "clarification"]

    shop(tmp_path, case)


def test_more_shows_all_that_fit_page_by_page_and_says_when_there_are_no_more(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        answer = await said(at.client, QUERY)
        total, shown = answer["total_results"], list[str]()
        wanted = answer["constraints"]
        while len(shown) < total:
            page = answer["matched_products"]
            assert page
            shown += [match["id"] for match in page]
            answer = await said(at.client, "show me 3 more", session_id=answer["session_id"])
            assert answer["constraints"] == wanted
        assert len(set(shown)) == len(shown) == total
        assert f"There are no more: I showed you all {total} that fit." in answer["message"]

    shop(tmp_path, case)
