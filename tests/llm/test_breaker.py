from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.errors import Code
from chaffer.llm.breaker import LONGEST_OPEN_SECONDS, MOST_MODELS, Breaker, Breakers, Passage
from chaffer.llm.faults import Callee, ModelFaultError, Nonsense, Stage, UnaskedError
from chaffer.llm.provider import Timeouts
from tests.support.leaping import leaping

CALLEE = Callee("lm_studio", "m", "Is LM Studio running?", Timeouts())
DEAD = CALLEE.unreachable()
OF_THE_HOST = [DEAD, CALLEE.too_slow(Stage.FIRST), *(CALLEE.refused(status, {}, b"") for status in (500, 503, 504))]
OF_THE_CALL = [
    *(CALLEE.refused(status, {"retry-after": "3"}, b"") for status in (400, 401, 403, 404, 413, 429)),
    CALLEE.broke_off(),
    CALLEE.empty(is_cut=False),
    CALLEE.nonsense(Nonsense.NO_JSON),
]


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("lm_studio", "Is LM Studio running?", open_seconds=15, now=clock)


def entered(breaker: Breaker) -> Passage:
    passage = breaker.enter()
    assert passage is not None
    return passage


def fail(breaker: Breaker, times: int, fault: ModelFaultError = DEAD) -> None:
    for _ in range(times):
        entered(breaker).failed(fault)


def state_of(breaker: Breaker) -> str:
    return breaker.state


def refusal(breaker: Breaker) -> ModelFaultError:
    assert breaker.enter() is None
    with pytest.raises(ModelFaultError) as raised:
        leaping(breaker.wait())
    return raised.value


@pytest.mark.parametrize("fault", OF_THE_HOST, ids=str)
def test_a_dead_host_is_left_alone_after_five_failures(breaker: Breaker, clock: Clock, fault: ModelFaultError) -> None:
    fail(breaker, 4, fault)
    assert state_of(breaker) == "closed"
    fail(breaker, 1, fault)
    assert state_of(breaker) == "open"
    clock.seconds += 3.5
    refused = refusal(breaker)
    assert (refused.code, refused.is_transient, refused.is_of_host) == (Code.LLM_PROVIDER_UNAVAILABLE, True, False)
    assert refused.retry_after_seconds == 12
    assert refused.message == ("lm_studio failed 5 times in a row; it is tried again in 12 s. Is LM Studio running?")


@pytest.mark.parametrize("fault", OF_THE_CALL, ids=str)
def test_a_fault_that_is_not_of_the_host_opens_nothing(breaker: Breaker, fault: ModelFaultError) -> None:
    fail(breaker, 50, fault)
    assert state_of(breaker) == "closed"


def test_a_success_forgets_the_failures_before(breaker: Breaker) -> None:
    for _ in range(10):
        fail(breaker, 4)
        entered(breaker).succeeded()
    assert state_of(breaker) == "closed"


@pytest.mark.parametrize("answer", OF_THE_CALL, ids=str)
def test_failures_with_an_answer_between_them_are_not_in_a_row(
    breaker: Breaker, clock: Clock, answer: ModelFaultError
) -> None:
    for _ in range(10):
        fail(breaker, 4)
        fail(breaker, 1, answer)
    assert state_of(breaker) == "closed"
    fail(breaker, 5)
    clock.seconds += 15
    fail(breaker, 1, answer)
    assert state_of(breaker) == "closed", "who answers a probe is up"


@pytest.mark.parametrize(
    "fault", [CALLEE.unknown_model(), UnaskedError(Code.LLM_PROVIDER_UNAVAILABLE, "no credentials")], ids=str
)
def test_a_call_whose_host_was_not_asked_is_no_answer_of_it(
    breaker: Breaker, clock: Clock, fault: ModelFaultError
) -> None:
    fail(breaker, 4)
    fail(breaker, 3, fault)
    assert state_of(breaker) == "closed", "it is no failure of the host either"
    fail(breaker, 1)
    assert state_of(breaker) == "open"
    clock.seconds += 15
    fail(breaker, 1, fault)
    assert state_of(breaker) == "half_open", "the host is still to be tried"
    entered(breaker)


def test_one_probe_at_a_time_and_its_success_lets_all_in(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.seconds += refusal(breaker).retry_after_seconds or 0
    assert state_of(breaker) == "half_open"
    probe = entered(breaker)
    assert [breaker.enter() for _ in range(9)] == [None] * 9
    probe.succeeded()
    assert state_of(breaker) == "closed"
    for _ in range(10):
        entered(breaker)
    fail(breaker, 4)
    assert state_of(breaker) == "closed", "the count begins anew"


def test_failed_probes_double_the_wait_up_to_the_longest(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    waits = []
    for _ in range(6):
        waits.append(refusal(breaker).retry_after_seconds)
        clock.seconds += waits[-1] or 0
        fail(breaker, 1)
    assert waits == [15, 30, 30, 30, 30, 30]
    assert refusal(breaker).message.startswith("lm_studio failed 11 times in a row;")
    clock.seconds += LONGEST_OPEN_SECONDS
    entered(breaker).succeeded()
    fail(breaker, 5)
    assert refusal(breaker).retry_after_seconds == 15, "after a success the wait is short again"


@pytest.mark.parametrize(("waited", "left_alone"), [(1, 10), (5, 10), (12, 24), (60, 30)])
def test_a_host_is_left_alone_for_twice_as_long_as_it_kept_its_probe_waiting(
    clock: Clock, waited: float, left_alone: float
) -> None:
    breaker = Breaker("lm_studio", "", open_seconds=5, now=clock)
    fail(breaker, 5)
    clock.seconds += 5
    probe = entered(breaker)
    clock.seconds += waited
    probe.failed(CALLEE.too_slow(Stage.FIRST))
    assert refusal(breaker).retry_after_seconds == left_alone


def test_a_probe_that_told_nothing_is_given_back(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.seconds += 15
    entered(breaker).left()
    assert state_of(breaker) == "half_open"
    entered(breaker)
    assert breaker.enter() is None


def test_who_is_told_to_wait_longer_than_the_longest_is_obeyed(clock: Clock) -> None:
    breaker = Breaker("lm_studio", "", open_seconds=60, now=clock)
    fail(breaker, 5)
    clock.seconds += 60
    fail(breaker, 1)
    assert refusal(breaker).retry_after_seconds == 60


@pytest.mark.parametrize(("how", "then"), [("succeeded", "closed"), ("failed", "open"), ("left", "half_open")])
def test_who_comes_during_a_probe_waits_for_its_outcome(how: str, then: str) -> None:
    async def case() -> None:
        loop = asyncio.get_running_loop()
        breaker = Breaker("lm_studio", "", open_seconds=5, now=loop.time)
        fail(breaker, 5)
        await asyncio.sleep(5)
        probe = entered(breaker)
        waiting = [asyncio.ensure_future(breaker.wait()) for _ in range(9)]
        await asyncio.sleep(40)
        assert not any(one.done() for one in waiting)
        probe.failed(DEAD) if how == "failed" else getattr(probe, how)()
        told = await asyncio.gather(*waiting, return_exceptions=True)
        assert loop.time() == 1_045
        assert state_of(breaker) == then
        assert {getattr(fault, "retry_after_seconds", None) for fault in told} == {30 if how == "failed" else None}

    leaping(case())


def test_a_probe_without_end_is_waited_for_no_longer_than_a_first_token() -> None:
    async def case() -> None:
        loop = asyncio.get_running_loop()
        breaker = Breaker("lm_studio", "", open_seconds=5, probe_seconds=20, now=loop.time)
        fail(breaker, 5)
        await asyncio.sleep(5)
        entered(breaker)
        with pytest.raises(ModelFaultError) as raised:
            await breaker.wait()
        assert (loop.time(), raised.value.retry_after_seconds) == (1_025, 5)

    leaping(case())


def test_models_with_hosts_of_their_own_are_left_alone_each_for_itself() -> None:
    breakers = Breakers("langchain", lambda host: Breaker(host, "Start it."), by_model=True)
    fail(breakers.of("ollama:x"), 5)
    assert refusal(breakers.of("ollama:x")).message.startswith("langchain (model 'ollama:x') failed 5 times in a row;")
    entered(breakers.of("openai:y")).succeeded()
    shared = Breakers("lm_studio", lambda host: Breaker(host, ""))
    fail(shared.of("x"), 5)
    assert refusal(shared.of("y")).message.startswith("lm_studio failed 5 times in a row;")


def test_only_the_models_asked_last_are_remembered() -> None:
    made: list[str] = []

    def make(host: str) -> Breaker:
        made.append(host)
        return Breaker(host, "")

    breakers = Breakers("openrouter", make, by_model=True)
    first = breakers.of("m0")
    for n in range(1, MOST_MODELS):
        breakers.of(f"m{n}")
    assert breakers.of("m0") is first
    breakers.of("another")
    assert breakers.of("m0") is first
    assert len(made) == MOST_MODELS + 1
    breakers.of("m1")
    assert len(made) == MOST_MODELS + 2, "the one that was not asked for longest is forgotten"


def test_the_late_end_of_an_earlier_call_is_not_taken_for_the_probes(breaker: Breaker, clock: Clock) -> None:
    late = [entered(breaker) for _ in range(3)]
    fail(breaker, 5)
    clock.seconds += 5
    late[0].failed(DEAD)
    assert refusal(breaker).retry_after_seconds == 10, "what was known already prolongs nothing"
    clock.seconds += 10
    probe = entered(breaker)
    late[1].failed(DEAD)
    late[2].left()
    assert breaker.enter() is None
    probe.left()
    entered(breaker)


class Callers:
    """Calls that begin and end at any time; those let in while half-open are known to be probes."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.breaker = Breaker("lm_studio", "", failures=2, now=self.clock)
        self.inside: list[Passage] = []
        self.probes: list[Passage] = []

    def begin(self) -> None:
        state = self.breaker.state
        passage = self.breaker.enter()
        if passage is None:
            assert state == "open" or self.probes
            return
        assert state != "open"
        self.inside.append(passage)
        if state == "half_open":
            self.probes.append(passage)
            assert len(self.probes) == 1

    def end(self, how: str, number: int) -> None:
        if not self.inside:
            return
        passage = self.inside.pop(number % len(self.inside))
        self.probes = [probe for probe in self.probes if probe is not passage]
        if how == "succeed":
            passage.succeeded()
            self.probes = []
        elif how == "fail":
            passage.failed(DEAD)
        else:
            passage.left()


@given(st.lists(st.tuples(st.sampled_from(["begin", "succeed", "fail", "leave", "wait"]), st.integers(0, 9))))
def test_never_two_probes_and_never_shut_for_ever(steps: list[tuple[str, int]]) -> None:
    callers = Callers()
    for step, number in steps:
        if step == "wait":
            callers.clock.seconds += number * 7
        elif step == "begin":
            callers.begin()
        else:
            callers.end(step, number)
    for passage in callers.inside:
        passage.left()
    callers.clock.seconds += LONGEST_OPEN_SECONDS
    entered(callers.breaker)
