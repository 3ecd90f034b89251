"""A shopper's thread whose assistant is a model, whole: over every wire, with a key of the request, and with faults."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from chaffer.bootstrap import Chaffer, fill_catalogue
from chaffer.conversation.feed import Piece
from chaffer.errors import ChafferError, Code
from chaffer.shopping.catalogue.products import Limits, Stocked
from chaffer.shopping.events import AdviceGiven, ProductsCollected, QuestionAsked, SearchPlanned, TurnFailed
from chaffer.shopping.plan import ShoppingQuery
from tests.support.assistant_scripts import assists, question_of, replies
from tests.support.model_markets import opened
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer, Asked, always

CANARY_KEY = "sk-KEY-CANARY-ab90"
WORDS = "I need a gaming laptop with 16 GB and a 15-inch screen under $1500"


@dataclass(frozen=True)
class Turned:
    """What came of a turn: its events, what was heard live of its answer, and what the log told."""

    events: tuple[Any, ...]
    heard: str
    logs: str

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def turned(
    server: StandIn,
    folder: Path,
    config: dict[str, Any] | None = None,
    limits: Limits | None = None,
    **settings: Any,
) -> Turned:
    """Return what comes of one turn with that model; `limits` are the private numbers of all who sell laptops."""

    async def case() -> Turned:
        async with opened(server.url, folder, **settings) as chaffer, asyncio.timeout(30):
            await fill_catalogue(chaffer)
            if limits is not None:
                await _limit(chaffer, limits)
            with structlog.testing.capture_logs() as logs:
                events, heard = await _spoken(chaffer, config or {"provider": "lm_studio", "model": MODEL})
            return Turned(events, heard, json.dumps(logs, default=str))

    return asyncio.run(case())


async def _limit(chaffer: Chaffer, limits: Limits) -> None:
    """Give those numbers to every seller of a laptop; other things may cost less."""
    stocked, _ = await chaffer.products.page(None, 1_000)
    laptops = [each for each in stocked if each.product.category == "Laptops"]
    await chaffer.products.put(
        [Stocked(each.product, dict.fromkeys(each.limits, limits)) for each in laptops],
        await chaffer.products.sellers(),
    )


async def _spoken(chaffer: Chaffer, config: dict[str, Any]) -> tuple[tuple[Any, ...], str]:
    query = ShoppingQuery.model_validate({"query": WORDS, "llm_config": config, "seed": 7})
    said = await chaffer.threads.speak(query, owner="local")
    begun = await chaffer.threads.turn(said.conversation_id, said.turn)
    drafts: dict[tuple[str, int], str] = {}

    async def listen() -> None:
        async for item in begun.live.follow(0):
            if isinstance(item, Piece):
                key = (item.message_id, item.attempt)
                drafts[key] = drafts.get(key, "") + item.delta

    listening = asyncio.create_task(listen())
    with suppress(ChafferError):  # A turn that failed is told as its fault, too.
        await chaffer.threads.outcome(begun)
    await asyncio.sleep(0)
    listening.cancel()
    return tuple(record.event for record in begun.live.feed.records), "\n".join(drafts.values())


@pytest.mark.parametrize("wire", ["lm_studio", "openai", "openrouter", "anthropic", "bedrock"])
def test_every_wire_carries_a_thread(wire: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {f"{name}_api_key": "sk-configured" for name in ("openai", "openrouter", "anthropic")}
    given |= {"aws_region": "eu-central-1", "aws_bearer_token_bedrock": "token"}
    with standing_in(assists) as server:
        came = turned(server, tmp_path, {"provider": wire, "model": MODEL}, **given)
        asked = [question_of(call) for call in server.asked]
    (advice,) = came.of(AdviceGiven)
    (plan,) = came.of(SearchPlanned)
    (found,) = came.of(ProductsCollected)
    assert asked == ["route", "plan", "advise"]
    assert plan.constraints.max_price_minor == 150_000
    assert all(match.product.price_minor <= 150_000 for match in found.matches)
    assert advice.product_id == found.matches[0].product.product_id
    assert (advice.making.provider, advice.struck) == (wire, 0)
    assert advice.text.startswith("I would take the ")


def test_prompts_hold_no_private_number_of_a_seller(tmp_path: Path) -> None:
    private = ("271.17", "27117", "282.19", "28219")
    with standing_in(assists) as server:
        turned(server, tmp_path, limits=Limits(27_117, 28_219))
        sent = json.dumps([call.body for call in server.asked])
    assert "Laptops" in sent
    assert not [number for number in private if number in sent]


def test_a_key_of_the_request_is_sent_and_told_nowhere(tmp_path: Path) -> None:
    config = {"provider": "openai", "model": MODEL, "api_key": CANARY_KEY}
    with standing_in(assists) as server:
        came = turned(server, tmp_path, config)
        assert {call.headers["authorization"] for call in server.asked} == {f"Bearer {CANARY_KEY}"}
        bodies = json.dumps([call.body for call in server.asked])
    assert CANARY_KEY not in bodies + came.logs + came.heard + repr(came.events)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=503), Code.LLM_PROVIDER_UNAVAILABLE),
        (Answer(status=401), Code.INVALID_API_KEY),
        (Answer(hangs="at once"), Code.LLM_TIMEOUT),
        (Answer("half a w", finish_reason=None, disconnects=True), Code.LLM_BAD_GATEWAY),
    ],
)
@pytest.mark.parametrize("at", ["route", "plan", "advise"])
def test_a_fault_at_any_node_ends_the_turn_with_its_code(at: str, answer: Answer, code: Code, tmp_path: Path) -> None:
    with standing_in(lambda asked: answer if question_of(asked) == at else assists(asked)) as server:
        came = turned(server, tmp_path, lm_studio_timeout=0.3 if code is Code.LLM_TIMEOUT else 20, llm_max_retries=0)
    (failed,) = came.of(TurnFailed)
    assert failed.code == code.value
    assert not came.of(AdviceGiven)


def test_a_model_of_gibberish_is_stood_in_for_at_every_node(tmp_path: Path) -> None:
    with standing_in(always(Answer("lorem ipsum dolor " * 30))) as server:
        came = turned(server, tmp_path)
    (advice,) = came.of(AdviceGiven)
    assert advice.making.provider == "builtin"
    assert came.of(SearchPlanned)[0].constraints.max_price_minor == 150_000
    assert not came.of(QuestionAsked)


def test_what_a_model_claims_falsely_reaches_no_reader(tmp_path: Path) -> None:
    def lies(asked: Asked) -> Answer:
        return replies(text="It costs $1.07 only. Good choice! It has 977 GB of memory.", max_price=None)(asked)

    with standing_in(lies) as server:
        came = turned(server, tmp_path)
    (advice,) = came.of(AdviceGiven)
    assert advice.struck == 2
    assert "1.07" not in came.heard + advice.text
    assert "977" not in came.heard + advice.text
    assert came.of(SearchPlanned)[0].constraints.max_price_minor == 150_000


def test_a_recorded_turn_is_answered_the_same_without_the_model(tmp_path: Path) -> None:
    with standing_in(assists) as server:
        recorded = turned(server, tmp_path / "first", chaffer_record=tmp_path / "tapes")
        before = len(server.asked)
        replayed = turned(server, tmp_path / "second", chaffer_replay=tmp_path / "tapes")
        assert len(server.asked) == before, "nobody was asked"
    (first,), (second,) = recorded.of(AdviceGiven), replayed.of(AdviceGiven)
    assert (first.text, first.product_id) == (second.text, second.product_id)
    assert recorded.of(SearchPlanned) == replayed.of(SearchPlanned)
