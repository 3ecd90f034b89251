"""Deltas are put together and bounded; nothing is lost, reordered or left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.errors import Code
from chaffer.llm.faults import Callee, ModelFaultError
from chaffer.llm.pacing import Bounds, bounded, coalesced
from chaffer.llm.provider import Timeouts
from chaffer.llm.read_ahead import ReadAhead
from chaffer.llm.requests import Ending, Finish, Item, ToolCall, Usage
from tests.support.leaping import leaping

ENDING: Final = Ending(Finish.COMPLETE, "m", Usage(), 1.0, 0.1)
CALL: Final = ToolCall("call_0", "look_up", '{"q": 1}')
CALLEE: Final = Callee("openai", "m", "Wait.", Timeouts())

Step = Item | float | BaseException


class Source:
    """Gives items, sleeps for numbers, raises exceptions; knows whether it was closed."""

    def __init__(self, *steps: Step) -> None:
        self._steps = steps
        self.given = 0
        self.is_closed = False

    async def items(self) -> AsyncGenerator[Item, None]:
        try:
            for step in self._steps:
                if isinstance(step, BaseException):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                    continue
                self.given += 1
                yield step
        finally:
            self.is_closed = True


Flow = Callable[[AsyncGenerator[Item, None]], AsyncGenerator[Item, None]]


def flowed(source: Source, flow: Flow = coalesced) -> tuple[list[tuple[float, Item]], BaseException | None]:
    """Return what comes, each with its time since the beginning, and what was raised after it."""

    async def case() -> tuple[list[tuple[float, Item]], BaseException | None]:
        loop, came, raised = asyncio.get_running_loop(), list[tuple[float, Item]](), None
        begun = loop.time()
        try:
            async for item in flow(source.items()):
                came.append((round(loop.time() - begun, 6), item))
        except (ModelFaultError, TimeoutError, KeyError) as fault:
            raised = fault
        assert asyncio.all_tasks() == {asyncio.current_task()}, "no task is left behind"
        assert source.is_closed
        return came, raised

    return leaping(case())


def test_words_that_come_fast_come_together() -> None:
    source = Source("So: ", 0.001, "What ", 0.001, "about ", 0.001, "nine ", 0.001, "hundred?", 0.001, "Yes", ENDING)
    came, _ = flowed(source)
    assert [item for _, item in came] == ["So: ", "What about nine hundred?", "Yes", ENDING]
    assert [at for at, _ in came] == pytest.approx([0, 0.004, 0.005, 0.005])


def test_words_that_come_slowly_do_not_wait() -> None:
    came, _ = flowed(Source("a", 0.031, "b", 1.0, "c", 0.031, ENDING))
    assert came == [(0.0, "a"), (0.031, "b"), (1.031, "c"), (1.062, ENDING)]


def test_words_wait_thirty_milliseconds_at_most_after_those_passed_on_before() -> None:
    came, _ = flowed(Source("a", 0.01, "b", 0.01, "c", 0.02, "d", 0.04, "e", ENDING))
    assert [item for _, item in came] == ["a", "bc", "d", "e", ENDING]
    assert [at for at, _ in came[:4]] == pytest.approx([0, 0.03, 0.06, 0.08 + 0.01], abs=0.011)


@pytest.mark.parametrize("other", [CALL, ENDING], ids=["a tool call", "the ending"])
def test_what_is_no_text_flushes_and_comes_at_once(other: Item) -> None:
    came, _ = flowed(Source("a", other, 5.0, "b"))
    assert came == [(0.0, "a"), (0.0, other), (5.0, "b")]


@pytest.mark.parametrize("fault", [CALLEE.broke_off(), TimeoutError(), KeyError("bug")], ids=type)
@pytest.mark.parametrize("pause", [0.001, 0.5])
def test_a_fault_follows_all_that_came_before_it(fault: Exception, pause: float) -> None:
    came, raised = flowed(Source("a", "b", pause, "c", fault))
    assert "".join(str(item) for _, item in came) == "abc"
    assert raised is fault


def test_a_source_that_fails_at_once_fails() -> None:
    fault = CALLEE.unreachable()
    assert flowed(Source(fault)) == ([], fault)


def test_an_empty_source_gives_nothing() -> None:
    assert flowed(Source()) == ([], None)


STEPS: Final = st.lists(
    st.one_of(
        st.text(min_size=1, max_size=30),
        st.sampled_from([0.0, 0.001, 0.029, 0.03, 0.031, 0.2]),
        st.just(CALL),
    ),
    max_size=30,
)


@given(STEPS, st.booleans())
def test_nothing_is_lost_or_reordered(steps: list[Step], fails: bool) -> None:  # noqa: FBT001  Drawn, not called.
    fault = CALLEE.broke_off()
    came, raised = flowed(Source(*steps, fault if fails else ENDING))
    assert raised is (fault if fails else None)
    expected: list[Item] = [step for step in steps if isinstance(step, str | ToolCall)]
    if not fails:
        expected.append(ENDING)
    assert _joined([item for _, item in came]) == _joined(expected)


def _joined(items: list[Item]) -> list[Item]:
    joined: list[Item] = []
    for item in items:
        if isinstance(item, str) and joined and isinstance(joined[-1], str):
            joined[-1] += item
        else:
            joined.append(item)
    return joined


@given(STEPS)
def test_no_text_waits_longer_than_allowed(steps: list[Step]) -> None:
    """Each character comes at most 30 ms after it was given."""
    now, due = 0.0, list[float]()
    for step in steps:
        if isinstance(step, float):
            now += step
        elif isinstance(step, str):
            due += [now + 0.03] * len(step)
    came, _ = flowed(Source(*steps))
    shown = [at for at, item in came if isinstance(item, str) for _ in item]
    assert len(shown) == len(due)
    assert all(at <= latest + 1e-5 for at, latest in zip(shown, due, strict=True))


def test_leaving_closes_a_source_that_waits() -> None:
    async def case() -> None:
        source = Source("a" * 24, 1000.0, "b")
        async with aclosing(coalesced(source.items())) as items:
            assert await anext(items) == "a" * 24
        assert source.is_closed
        assert asyncio.all_tasks() == {asyncio.current_task()}

    leaping(case())


def test_cancelling_closes_a_source_that_waits() -> None:
    async def case() -> None:
        source = Source("a", 1000.0, "b")

        async def read() -> list[Item]:
            return [item async for item in coalesced(source.items())]

        reading = asyncio.create_task(read())
        await asyncio.sleep(1)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert source.is_closed
        assert asyncio.all_tasks() == {asyncio.current_task()}

    leaping(case())


def test_a_slow_reader_holds_its_source_back() -> None:
    async def case() -> None:
        source = Source(*["x"] * 100)
        async with ReadAhead(source.items(), farthest_ahead=10) as ahead:
            assert await ahead.wait()
            await asyncio.sleep(1)
            assert source.given == 10
            came = 0
            while (taken := await ahead.next()) is not None:
                came += len(taken)
            assert came == 100

    leaping(case())


def test_leaving_stops_a_source_that_was_held_back_where_it_waits() -> None:
    """A generator that is only closed may go on reading to the end, as some packages do."""

    class Stubborn:
        was_cancelled = False

        async def items(self) -> AsyncGenerator[Item, None]:
            try:
                while True:
                    yield "x"
                    await asyncio.sleep(0.001)
            except asyncio.CancelledError:
                self.was_cancelled = True
                raise

    async def case() -> None:
        source = Stubborn()
        async with ReadAhead(source.items(), farthest_ahead=3):
            await asyncio.sleep(1)
        assert source.was_cancelled

    leaping(case())


def test_a_wait_that_was_given_up_loses_nothing() -> None:
    async def case() -> None:
        async with ReadAhead(Source(1.0, "late").items()) as ahead:
            assert not await ahead.wait(asyncio.get_running_loop().time() + 0.5)
            assert ahead.take() == []
            assert await ahead.next() == ["late"]
            assert await ahead.next() is None

    leaping(case())


def _within(bounds: Bounds) -> Flow:
    return lambda items: bounded(items, bounds, CALLEE)


def test_what_keeps_within_all_bounds_passes_unchanged() -> None:
    source = Source("äöü", 0.5, CALL, ENDING)
    bounds = Bounds(tokens=6, utf8_bytes=len("äöü".encode()) + len(CALL.arguments), seconds=0.6)
    assert flowed(source, _within(bounds)) == ([(0.0, "äöü"), (0.5, CALL), (0.5, ENDING)], None)


@pytest.mark.parametrize(
    "bounds", [Bounds(utf8_bytes=5), Bounds(tokens=2), Bounds(utf8_bytes=5, tokens=2)], ids=["bytes", "tokens", "both"]
)
def test_endless_text_ends_as_a_bad_gateway(bounds: Bounds) -> None:
    source = Source(*["ää"] * 1000)
    came, raised = flowed(source, _within(bounds))
    assert [item for _, item in came] == ["ää"]
    assert isinstance(raised, ModelFaultError)
    assert raised.code is Code.LLM_BAD_GATEWAY
    assert "without end" in raised.message
    assert source.given == 2


def test_endless_arguments_of_a_tool_count_too() -> None:
    huge = ToolCall("call_0", "t", "x" * 1000)
    came, raised = flowed(Source("a", huge), _within(Bounds(utf8_bytes=100)))
    assert (len(came), isinstance(raised, ModelFaultError)) == (1, True)


def test_a_drip_without_end_ends_as_a_time_out() -> None:
    drip: list[Step] = [" ", 0.3] * 1000
    came, raised = flowed(Source(*drip), _within(Bounds(seconds=1.0)))
    assert [at for at, _ in came] == pytest.approx([0.0, 0.3, 0.6, 0.9])
    assert isinstance(raised, ModelFaultError)
    assert raised.code is Code.LLM_TIMEOUT
    assert "within 1 s" in raised.message


def test_a_source_s_own_time_out_is_not_taken_for_the_bound() -> None:
    own = TimeoutError("its own")
    assert flowed(Source("a", own), _within(Bounds(seconds=10.0)))[1] is own


def test_both_together_bound_what_is_put_together() -> None:
    source = Source(*["word "] * 1000)
    came, raised = flowed(source, lambda items: coalesced(bounded(items, Bounds(utf8_bytes=52), CALLEE)))
    assert "".join(str(item) for _, item in came) == "word " * 10
    assert isinstance(raised, ModelFaultError)
