"""The endpoint of vectors: what it is asked, which answers are none, and what comes of its faults."""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from chaffer.errors import ChafferError, Code
from chaffer.ledger.model_usage import Used
from chaffer.llm.caps import CapReachedError, Caps, Limits
from chaffer.llm.embeddings import LONGEST_TEXT, Embeddings, EmbeddingsConfig
from chaffer.llm.faults import ModelFaultError
from chaffer.llm.provider import Timeouts
from chaffer.llm.requests import Usage
from chaffer.llm.retry import Patience
from tests.support.capped_calls import DAY, Desk, settle, uncapped
from tests.support.loopback import Loopback, Reply, Request, answering
from tests.support.meanings import vectors_for

KEY = "sk-KEY-CANARY-7d21"
T = TypeVar("T")


def asked(
    answer: Callable[[Request], Reply],
    case: Callable[[Embeddings], Awaitable[T]],
    caps: Caps | None = None,
    model: str = "tiny",
    **changes: Any,
) -> tuple[T, Loopback]:
    """Return what comes of a case with the endpoint, and the server."""

    async def run() -> tuple[T, Loopback]:
        async with answering(answer) as there, asyncio.timeout(20):
            given = {"key": KEY, "timeouts": Timeouts(2, 2, 2, 2), "patience": Patience(2, 0.001), **changes}
            endpoint = Embeddings(EmbeddingsConfig(f"{there.url}/v1", model, **given), caps or uncapped())
            try:
                return await case(endpoint), there
            finally:
                await endpoint.aclose()

    return asyncio.run(run())


def fault_of(answer: Callable[[Request], Reply], **changes: Any) -> tuple[ChafferError, Loopback]:
    """Return the fault that an answer leads to."""

    async def case(endpoint: Embeddings) -> ChafferError:
        with pytest.raises(ModelFaultError) as raised:
            await endpoint.vectors(["chair", "lamp"])
        return raised.value

    return asked(answer, case, **changes)


def said(**body: Any) -> Callable[[Request], Reply]:
    return lambda _: Reply(json.dumps(body).encode())


def test_texts_become_vectors_of_length_one_in_their_order() -> None:
    def turned_round(request: Request) -> Reply:
        document = json.loads(vectors_for(request).body)
        return Reply(json.dumps({**document, "data": document["data"][::-1]}).encode())

    found, there = asked(turned_round, lambda endpoint: endpoint.vectors(["chair", "lamp", "chair"]))
    assert found[0] == found[2] != found[1]
    assert all(math.hypot(*vector) == pytest.approx(1, abs=1e-4) for vector in found)
    (request,) = there.asked
    assert (request.method, request.target) == ("POST", "/v1/embeddings")
    assert json.loads(request.body) == {"model": "tiny", "input": ["chair", "lamp", "chair"]}
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_without_a_key_none_is_sent_and_a_long_text_is_cut() -> None:
    _, there = asked(vectors_for, lambda endpoint: endpoint.vectors(["x" * 10_000]), key=None)
    assert "authorization" not in there.asked[0].headers
    assert len(json.loads(there.asked[0].body)["input"][0]) == LONGEST_TEXT


GOOD = [0.1] * 8
NONSENSE = {
    "no JSON": lambda _: Reply(b"<html>"),
    "no object": said(error="no"),
    "too few": said(data=[{"index": 0, "embedding": GOOD}]),
    "too many": said(data=[{"index": number, "embedding": GOOD} for number in range(3)]),
    "twice the same": said(data=[{"index": 0, "embedding": GOOD}] * 2),
    "unequal": said(data=[{"index": 0, "embedding": GOOD}, {"index": 1, "embedding": [0.1] * 9}]),
    "of no numbers": said(data=[{"index": 0, "embedding": ["a"] * 8}, {"index": 1, "embedding": GOOD}]),
    "of nothing": said(data=[{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]),
    "pointing nowhere": said(data=[{"index": 0, "embedding": [0.0] * 8}, {"index": 1, "embedding": GOOD}]),
    "infinite": lambda _: Reply(
        b'{"data": [{"index": 0, "embedding": [1e999, 1]}, {"index": 1, "embedding": [1, 1]}]}'
    ),
    "no objects": said(data=["a", "b"]),
    "an object of objects": said(data={"a": {}, "b": {}}),
    "deep": lambda _: Reply(b"[" * 100_000),
    "a number that is a text": said(data=[{"index": "0", "embedding": GOOD}, {"index": 1, "embedding": GOOD}]),
}


@pytest.mark.parametrize("answer", NONSENSE)
def test_an_answer_that_is_none_is_a_fault_and_not_asked_for_again(answer: str) -> None:
    fault, there = fault_of(NONSENSE[answer])
    assert fault.code is Code.LLM_BAD_GATEWAY
    assert len(there.asked) == 1


@pytest.mark.parametrize(
    ("status", "code", "calls"),
    [
        (401, Code.INVALID_API_KEY, 1),
        (404, Code.VALIDATION_ERROR, 1),
        (400, Code.LLM_BAD_GATEWAY, 1),
        (429, Code.LLM_PROVIDER_UNAVAILABLE, 3),
        (500, Code.LLM_PROVIDER_UNAVAILABLE, 3),
        (504, Code.LLM_TIMEOUT, 3),
    ],
)
def test_a_refusal_has_a_code_and_is_tried_again_where_that_may_help(status: int, code: Code, calls: int) -> None:
    fault, there = fault_of(lambda _: Reply(json.dumps({"error": f"{KEY} chair"}).encode(), status))
    assert fault.code is code
    assert len(there.asked) == calls
    assert "EMBEDDINGS" in fault.message or code is Code.LLM_BAD_GATEWAY or code is Code.VALIDATION_ERROR
    assert KEY not in fault.message
    assert "chair" not in fault.message


def test_what_passes_by_itself_is_waited_out() -> None:
    calls: list[Request] = []

    def down_at_first(request: Request) -> Reply:
        calls.append(request)
        return Reply(b"{}", 503) if len(calls) == 1 else vectors_for(request)

    found, _ = asked(down_at_first, lambda endpoint: endpoint.vectors(["chair"]))
    assert len(found) == 1


def test_an_answer_that_does_not_end_is_given_up_in_time() -> None:
    quick = Timeouts(1, 0.2, 0.2, 0.2)
    fault, there = fault_of(lambda _: Reply(b'{"data": [', stays_open=True), timeouts=quick, patience=Patience(0, 0))
    assert fault.code is Code.LLM_TIMEOUT
    assert len(there.asked) == 1


def test_a_query_is_asked_once_and_no_longer_than_it_may_take() -> None:
    async def case(endpoint: Embeddings) -> ChafferError:
        await endpoint.vectors(["table"])  # The first question imports the client, which takes a while of its own.
        with pytest.raises(ModelFaultError) as raised:
            await endpoint.vector("chair", 0.3)
        return raised.value

    def answer(request: Request) -> Reply:
        is_first = b"table" in request.body
        return said(data=[{"index": 0, "embedding": GOOD}])(request) if is_first else Reply(b"{", stays_open=True)

    fault, there = asked(answer, case)
    assert fault.code is Code.LLM_TIMEOUT
    assert len(there.asked) == 2


def test_giving_up_closes_the_connection() -> None:
    async def case(endpoint: Embeddings) -> None:
        task = asyncio.create_task(endpoint.vectors(["chair"]))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def run() -> None:
        def answer(_: Request) -> Reply:
            begun.set()
            return Reply(b"{", stays_open=True)

        async with answering(answer) as there, asyncio.timeout(10):
            endpoint = Embeddings(EmbeddingsConfig(there.url, "tiny"), uncapped())
            await case(endpoint)
            await there.left.wait()
            await endpoint.aclose()

    begun = asyncio.Event()
    asyncio.run(run())


def told(tokens: int) -> Callable[[Request], Reply]:
    """Return an endpoint that says of each call that it used so many tokens."""

    def answer(request: Request) -> Reply:
        document = json.loads(vectors_for(request).body)
        return Reply(json.dumps({**document, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}).encode())

    return answer


def test_what_is_used_counts_for_the_day_and_its_cap_is_overshot_by_one_call_at_most() -> None:
    desk = Desk(Limits(day_tokens=1_000))

    async def case(endpoint: Embeddings) -> Used:
        for _ in range(3):
            await endpoint.vectors(["chair"])
        with pytest.raises(CapReachedError, match="LLM_MAX_TOKENS_PER_DAY"):
            await endpoint.vectors(["lamp"])
        with pytest.raises(CapReachedError):
            await endpoint.vector("lamp", 1)
        return await desk.stored(DAY)

    used, there = asked(told(400), case, desk.caps)
    assert used.tokens == 1_200
    assert len(there.asked) == 3


def test_what_is_not_told_counts_by_estimate_also_where_the_answer_is_none() -> None:
    desk = Desk(Limits(day_tokens=1_000))

    async def case(endpoint: Embeddings) -> Used:
        with pytest.raises(ModelFaultError):
            await endpoint.vectors(["chair " * 100])
        return await desk.stored(DAY)

    used, _ = asked(said(data=[]), case, desk.caps)
    assert 100 <= used.tokens <= 300


@pytest.mark.parametrize(
    ("model", "key", "cost"),
    [("text-embedding-3-small", KEY, 20), ("text-embedding-3-large", KEY, 130), ("any", None, 0)],
)
def test_a_cost_is_openai_s_price_and_nothing_where_no_key_is_asked_for(model: str, key: str | None, cost: int) -> None:
    desk = Desk(Limits(day_cost_micros=1_000))

    async def case(endpoint: Embeddings) -> Used:
        await endpoint.vectors(["chair"])
        return await desk.stored(DAY)

    used, _ = asked(told(1_000), case, desk.caps, model, key=key)
    assert used == Used(1_000, cost)


def test_a_model_without_a_price_is_not_asked_while_costs_are_limited() -> None:
    fault, there = fault_of(vectors_for, caps=Desk(Limits(day_cost_micros=1_000)).caps)
    assert fault.code is Code.VALIDATION_ERROR
    assert there.asked == []


def test_a_shopper_does_not_wait_for_calls_that_may_use_up_what_is_left() -> None:
    desk = Desk(Limits(day_tokens=100))

    async def case(endpoint: Embeddings) -> Code:
        ended = asyncio.Event()
        other = asyncio.create_task(desk.hangs(ended, Usage(10, 10)))
        await settle()
        with pytest.raises(ModelFaultError) as raised:
            await endpoint.vector("chair", 0.05)
        ended.set()
        await other
        assert len(await endpoint.vector("chair", 5)) > 0
        return raised.value.code

    code, there = asked(told(10), case, desk.caps)
    assert code is Code.LLM_TIMEOUT
    assert len(there.asked) == 1


def test_the_key_is_shown_nowhere() -> None:
    assert KEY not in repr(EmbeddingsConfig("http://localhost", "tiny", KEY))


def test_a_large_batch_of_long_vectors_is_read() -> None:
    chance = random.Random(1)
    long = [[chance.gauss(0, 1) for _ in range(1536)] for _ in range(64)]
    answer = said(data=[{"index": number, "embedding": numbers} for number, numbers in enumerate(long)])
    found, _ = asked(answer, lambda endpoint: endpoint.vectors(["x"] * 64))
    assert [len(vector) for vector in found] == [1536] * 64
