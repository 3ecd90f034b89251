"""What a call counts for under a cap: told, estimated or unknown, in tokens and in money, and for how long."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from chaffer.errors import Code
from chaffer.ledger.model_usage import Used
from chaffer.llm import tally
from chaffer.llm.caps import KEPT, CapReachedError, Limits
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.requests import Usage
from tests.support.capped_calls import PROMPT, PROVIDER, Desk, asking, run, settle


@pytest.mark.parametrize(
    ("fault", "counts"),
    [
        (ModelFaultError(Code.LLM_PROVIDER_UNAVAILABLE, "down"), False),
        (ModelFaultError(Code.INVALID_API_KEY, "wrong key"), False),
        (ModelFaultError(Code.VALIDATION_ERROR, "no such model"), False),
        (PromptTooLongError(Code.LLM_BAD_GATEWAY, "too long"), False),
        (ModelFaultError(Code.LLM_TIMEOUT, "slow"), True),
        (ModelFaultError(Code.LLM_BAD_GATEWAY, "filtered"), True),
        (asyncio.CancelledError(), True),
        (None, True),
    ],
)
@pytest.mark.parametrize("heard", ["", "x" * 1_000])
def test_a_call_whose_use_was_not_told_counts_its_prompt_and_what_arrived(
    fault: BaseException | None, heard: str, *, counts: bool
) -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=10_000))
        with suppress(ModelFaultError, asyncio.CancelledError):
            async with desk.caps.call(PROVIDER, asking()) as call:
                call.asked()
                call.heard(heard)
                if fault is not None:
                    raise fault
        received = 310 if heard else 0
        expected = Used(PROMPT + received, 30 * PROMPT + 60 * received) if counts or heard else Used()
        assert await desk.stored("room:room_1") == expected

    run(case)


def test_a_call_that_was_never_sent_counts_nothing() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=10_000))
        with pytest.raises(asyncio.CancelledError):
            async with desk.caps.call(PROVIDER, asking()):
                raise asyncio.CancelledError
        assert await desk.stored("room:room_1") == Used()

    run(case)


def test_a_failed_attempt_counts_what_the_provider_told_of_it() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=10_000))
        with suppress(ModelFaultError):
            async with desk.caps.call(PROVIDER, asking()) as call:
                call.told(Usage(prompt_tokens=7))
                call.told(Usage(completion_tokens=3, cost_micros=99))
                raise ModelFaultError(Code.LLM_PROVIDER_UNAVAILABLE, "gone")
        assert await desk.stored("room:room_1") == Used(10, 99)

    run(case)


@pytest.mark.parametrize(("provider", "model"), [("openai", "brand-new"), ("langchain", "ollama:llama")])
def test_where_costs_are_limited_a_model_without_a_price_is_refused_before_it_is_asked(
    provider: str, model: str
) -> None:
    async def case() -> None:
        desk = Desk(Limits(day_cost_micros=1_000_000), provider=provider)
        with pytest.raises(ModelFaultError) as refused:
            await desk.uses(Usage(1, 1), asking(model=model))
        assert refused.value.code is Code.VALIDATION_ERROR
        assert model in refused.value.message
        assert refused.value.details[0].field == "llm_config.model"
        await Desk(Limits(day_tokens=100), provider=provider).uses(Usage(1, 1), asking(model=model))

    run(case)


def test_a_model_on_ones_own_machine_costs_nothing() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_cost_micros=1), provider="lm_studio")
        for _ in range(3):
            await desk.uses(Usage(1_000, 1_000), asking(model="llama"))
        assert await desk.stored("room:room_1") == Used(6_000, 0)

    run(case)


def test_where_only_the_provider_can_tell_the_cost_one_call_goes_ahead_and_then_as_many_as_may() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_cost_micros=1_000_000), provider="openrouter")
        request = asking(model="meta/some-model")
        until = [asyncio.Event() for _ in range(3)]
        told = Usage(PROMPT, 50, cost_micros=1_000)
        calls = [asyncio.create_task(desk.hangs(event, told, request)) for event in until]
        await settle()
        until[1].set()
        await settle()
        assert not any(call.done() for call in calls)
        until[0].set()
        await settle()
        assert [call.done() for call in calls] == [True, True, False]
        until[2].set()
        await asyncio.gather(*calls)
        assert await desk.stored("room:room_1") == Used(3 * (PROMPT + 50), 3_000)

    run(case)


def test_a_call_whose_cost_was_not_told_counts_at_most_what_the_last_one_shows() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_cost_micros=1_000_000), provider="openrouter")
        request = asking(model="meta/some-model")
        await desk.uses(Usage(100, 50, cost_micros=1_000, cached_tokens=50), request)
        await desk.uses(Usage(10, 5), request)  # At most 1000/50 a token of the prompt and 1000/50 of the reply.
        assert await desk.stored("room:room_1") == Used(165, 1_000 + 200 + 100)

    run(case)


def test_old_scopes_are_swept_and_newer_ones_stay() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=100))
        await desk.uses(Usage(5, 0))
        await desk.caps.aclose()
        desk.watch.at += KEPT
        await desk.caps.sweep()
        assert await desk.stored("room:room_1") == Used(5, 150)
        desk.watch.goes_on(1)
        await desk.caps.sweep()
        assert await desk.stored("room:room_1") == Used()

    run(case)


@pytest.mark.parametrize("is_down", [False, True])
def test_rooms_that_are_many_are_not_all_kept_in_memory_and_none_is_forgotten(
    monkeypatch: pytest.MonkeyPatch, *, is_down: bool
) -> None:
    monkeypatch.setattr(tally, "MOST_COUNTERS", 10)

    async def case() -> None:
        desk = Desk(Limits(room_tokens=10))
        desk.books.is_down = is_down
        for number in range(50):
            await desk.uses(Usage(10, 0), asking(f"room_{number}"))
        desk.books.is_down = False
        await desk.uses(Usage(10, 0), asking("room_50"))
        await desk.caps.aclose()
        reads = len(desk.books.reads)
        for number in (0, 25):
            with pytest.raises(CapReachedError):
                await desk.uses(Usage(), asking(f"room_{number}"))
        assert len(desk.books.reads) == reads + 2
        assert await desk.stored("session:session_1") == Used(510, 15_300)

    run(case)
