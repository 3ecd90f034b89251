"""Hard caps on tokens and cost: overshot by one call at most, however many call at once, and kept over a restart."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.errors import Code
from chaffer.ledger.model_usage import Used
from chaffer.llm.caps import CapReachedError, Limits
from chaffer.llm.faults import ModelFaultError
from chaffer.llm.meter import Call
from chaffer.llm.requests import Account, Usage
from chaffer.storage.memory import MemoryStore
from tests.support.capped_calls import DAY, PROMPT, PROVIDER, START, Desk, asking, run, settle


@dataclass(frozen=True)
class Plan:
    """A call of the property test: whose, how long it takes, and how much it uses of what it may."""

    room: int
    arrives: int
    lasts: int
    prompt: int
    completion: int
    outcome: str

    @property
    def account(self) -> Account:
        return Account(f"session_{self.room // 2}", f"room_{self.room}")

    @property
    def scopes(self) -> list[str]:
        return [f"room:{self.account.room_id}", f"session:{self.account.session_id}", DAY]


PLANS = st.lists(
    st.builds(
        Plan,
        room=st.integers(0, 3),
        arrives=st.integers(0, 6),
        lasts=st.integers(0, 6),
        prompt=st.integers(0, PROMPT),
        completion=st.integers(0, 100),
        outcome=st.sampled_from(["told", "told", "told", "silent", "fault", "cancelled"]),
    ),
    min_size=1,
    max_size=25,
)
CAPS = st.one_of(st.none(), st.integers(1, 900))
COSTS = st.one_of(st.none(), st.integers(1, 50_000))
LIMITS = st.builds(Limits, CAPS, CAPS, CAPS, COSTS, COSTS, COSTS)
MOST_TOKENS = PROMPT + 100
MOST_MICROS = 30 * PROMPT + 60 * 100


@dataclass
class Rush:
    """Many calls at once, and what they used in truth."""

    desk: Desk
    counted: dict[str, Used] = field(default_factory=dict)

    async def call(self, plan: Plan) -> None:
        """Make a call, and see that it was right to let it in or to refuse it."""
        for _ in range(plan.arrives):
            await asyncio.sleep(0)
        try:
            async with self.desk.caps.call(PROVIDER, asking(account=plan.account)) as metered:
                assert not self.is_over(plan)
                metered.asked()
                for _ in range(plan.lasts):
                    await asyncio.sleep(0)
                self.end(plan, metered)
        except CapReachedError:
            assert self.is_over(plan)
        except (ModelFaultError, asyncio.CancelledError):
            pass

    def end(self, plan: Plan, metered: Call) -> None:
        """End a call as it was planned."""
        if plan.outcome == "fault":
            raise ModelFaultError(Code.LLM_PROVIDER_UNAVAILABLE, "down")
        if plan.outcome == "told":
            metered.told(Usage(plan.prompt, plan.completion))
            self.count(plan, Used(plan.prompt + plan.completion, 30 * plan.prompt + 60 * plan.completion))
            return
        self.count(plan, Used(PROMPT, 30 * PROMPT))
        if plan.outcome == "cancelled":
            raise asyncio.CancelledError

    def count(self, plan: Plan, used: Used) -> None:
        """Add what a call used; no cap is exceeded by more than the dearest call could use."""
        for scope in plan.scopes:
            counted = self.counted[scope] = self.counted.get(scope, Used()) + used
            tokens, micros = caps_of(self.desk.limits, scope)
            assert counted.tokens < tokens + MOST_TOKENS
            assert counted.cost_micros < micros + MOST_MICROS

    def is_over(self, plan: Plan) -> bool:
        """Tell whether a cap is reached that a call stands under."""
        under = [(caps_of(self.desk.limits, scope), self.counted.get(scope, Used())) for scope in plan.scopes]
        return any(used.tokens >= tokens or used.cost_micros >= micros for (tokens, micros), used in under)


def caps_of(limits: Limits, scope: str) -> tuple[float, float]:
    """Return the caps of a scope: tokens, millionths of a dollar."""
    tokens, micros = {
        "room": (limits.room_tokens, limits.room_cost_micros),
        "session": (limits.session_tokens, limits.session_cost_micros),
        "day": (limits.day_tokens, limits.day_cost_micros),
    }[scope.partition(":")[0]]
    return math.inf if tokens is None else tokens, math.inf if micros is None else micros


@given(plans=PLANS, limits=LIMITS)
def test_calls_at_once_exceed_no_cap_by_more_than_one_call_and_none_waits_for_ever(
    plans: list[Plan], limits: Limits
) -> None:
    async def case() -> None:
        rush = Rush(Desk(limits))
        await asyncio.gather(*(rush.call(plan) for plan in plans))
        for scope, used in rush.counted.items():
            assert await rush.desk.stored(scope) == (used if limits != Limits() else Used())

    run(case)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (
            Limits(room_tokens=50_000),
            "This room, run or turn used its 50,000 tokens (LLM_MAX_TOKENS_PER_ROOM). Raise the limit and begin anew.",
        ),
        (
            Limits(session_tokens=50_000),
            (
                "This session or run has used its 50,000 tokens (LLM_MAX_TOKENS_PER_SESSION). "
                "Raise the limit and begin anew."
            ),
        ),
        (
            Limits(day_tokens=50_000),
            (
                "All rooms and runs together have used today's 50,000 tokens (LLM_MAX_TOKENS_PER_DAY). "
                "Raise the limit, or go on tomorrow (UTC)."
            ),
        ),
        (
            Limits(room_cost_micros=1_500_000),
            "This room, run or turn used its $1.50 (LLM_MAX_COST_PER_ROOM). Raise the limit and begin anew.",
        ),
        (
            Limits(session_cost_micros=1_234),
            "This session or run has used its $0.001234 (LLM_MAX_COST_PER_SESSION). Raise the limit and begin anew.",
        ),
        (
            Limits(day_cost_micros=1_000_000),
            (
                "All rooms and runs together have used today's $1.00 (LLM_MAX_COST_PER_DAY). "
                "Raise the limit, or go on tomorrow (UTC)."
            ),
        ),
    ],
)
def test_a_reached_cap_says_which_it_is_and_what_to_raise(limits: Limits, sentence: str) -> None:
    async def case() -> None:
        desk = Desk(limits)
        await desk.uses(Usage(49_999, 1))
        with pytest.raises(CapReachedError) as refused:
            await desk.uses(Usage())
        assert refused.value.message == sentence
        assert refused.value.code is Code.LLM_CAP_REACHED
        assert not refused.value.is_transient

    run(case)


def test_a_room_that_used_up_its_cap_does_not_stop_another_room() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=100))
        await desk.uses(Usage(100, 0))
        with pytest.raises(CapReachedError):
            await desk.uses(Usage())
        await desk.uses(Usage(100, 0), asking("room_2"))

    run(case)


def test_the_day_begins_anew_at_midnight_utc() -> None:
    async def case() -> None:
        desk = Desk(Limits(day_tokens=100))
        await desk.uses(Usage(100, 0), asking(None))
        with pytest.raises(CapReachedError):
            await desk.uses(Usage())
        desk.watch.goes_on(3_600)
        await desk.uses(Usage(1, 0))
        assert await desk.stored("day:2026-03-02") == Used(1, 30)

    run(case)


def test_a_call_waits_only_while_calls_under_way_may_use_up_what_is_left() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=PROMPT + 100))
        until = asyncio.Event()
        first = asyncio.create_task(desk.hangs(until, Usage(5, 5)))
        await settle()
        second = asyncio.create_task(desk.uses(Usage(5, 5)))
        elsewhere = asyncio.create_task(desk.uses(Usage(5, 5), asking("room_2")))
        await settle()
        assert elsewhere.done()
        assert not second.done()
        until.set()
        await settle()
        assert first.done()
        assert second.done()
        assert second.exception() is None

    run(case)


def test_who_waits_is_refused_as_soon_as_the_cap_is_reached_and_in_the_order_of_coming_let_in_otherwise() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=PROMPT + 100))
        order: list[int] = []
        until = asyncio.Event()

        async def one(number: int, usage: Usage) -> None:
            async with desk.caps.call(PROVIDER, asking()) as call:
                order.append(number)
                await until.wait()
                call.told(usage)

        uses = [Usage(10, 0), Usage(PROMPT + 90, 0), Usage(), Usage()]
        calls = [asyncio.create_task(one(number, usage)) for number, usage in enumerate(uses)]
        await settle()
        assert order == [0]
        until.set()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert order == [0, 1]
        assert [type(answer) for answer in answers] == [type(None), type(None), CapReachedError, CapReachedError]

    run(case)


@pytest.mark.parametrize("steps", range(8))
def test_a_call_that_is_given_up_while_it_waits_gives_its_place_back(steps: int) -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=PROMPT + 100))
        until = asyncio.Event()
        first = asyncio.create_task(desk.hangs(until, Usage(5, 5)))
        await settle()
        second = asyncio.create_task(desk.uses(Usage(5, 5)))
        await asyncio.sleep(0)
        until.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        second.cancel()
        with suppress(asyncio.CancelledError):
            await second
        await first
        for _ in range(2):
            await desk.uses(Usage(1, 0))

    run(case)


def test_what_a_restart_finds_used_counts() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=100))
        await desk.uses(Usage(100, 0))
        await desk.caps.aclose()
        later = Desk(Limits(room_tokens=100), desk.books)
        with pytest.raises(CapReachedError):
            await later.uses(Usage())
        raised = Desk(Limits(room_tokens=101), desk.books)
        await raised.uses(Usage(1, 0))

    run(case)


def test_what_another_process_uses_is_heard_of_within_five_seconds() -> None:
    async def case() -> None:
        desk = Desk(Limits(day_tokens=100))
        other = Desk(Limits(day_tokens=100), desk.books, desk.watch)
        await desk.uses(Usage(10, 0))
        await desk.caps.aclose()
        await other.uses(Usage(90, 0))
        await other.caps.aclose()
        desk.watch.goes_on(4.9)
        reads = len(desk.books.reads)
        await desk.uses(Usage(0, 0))
        assert len(desk.books.reads) == reads
        desk.watch.goes_on(0.2)
        with pytest.raises(CapReachedError):
            await desk.uses(Usage(0, 0))
        assert desk.books.reads[reads:] == [[DAY]]

    run(case)


def test_who_has_waited_long_hears_of_other_processes_before_it_is_let_in() -> None:
    async def case() -> None:
        desk = Desk(Limits(day_tokens=PROMPT + 100))
        until = asyncio.Event()
        first = asyncio.create_task(desk.hangs(until, Usage(0, 0)))
        await settle()
        second = asyncio.create_task(desk.uses(Usage(1, 0)))
        await settle()
        await desk.books.add_used({DAY: Used(5_000)}, START)
        desk.watch.goes_on(60)
        until.set()
        with pytest.raises(CapReachedError):
            await second
        await first

    run(case)


def test_use_is_written_behind_every_call_in_one_statement_for_all_scopes() -> None:
    async def case() -> None:
        desk = Desk(Limits(day_tokens=10_000))
        await desk.uses(Usage(10, 1))
        await settle()
        assert desk.books.writes == [
            dict.fromkeys(["room:room_1", "session:session_1", DAY], Used(11, 360)),
        ]

    run(case)


def test_while_the_database_fails_calls_go_on_and_nothing_is_forgotten() -> None:
    async def case() -> None:
        desk = Desk(Limits(room_tokens=100))
        desk.books.is_down = True
        await desk.uses(Usage(60, 0))
        await desk.uses(Usage(39, 0))
        await desk.caps.aclose()
        assert await MemoryStore.used(desk.books, [DAY]) == {DAY: Used()}
        desk.books.is_down = False
        await desk.uses(Usage(1, 0))
        with pytest.raises(CapReachedError):
            await desk.uses(Usage())
        assert await desk.stored("room:room_1") == Used(100, 3_000)

    run(case)


def test_without_a_cap_nothing_is_read_written_or_awaited() -> None:
    desk = Desk(Limits())
    using = desk.uses(Usage(1_000_000, 1_000_000))
    with pytest.raises(StopIteration):
        using.send(None)
    assert not desk.books.reads
    assert not desk.books.writes
