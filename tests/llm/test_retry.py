from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from chaffer.errors import Code
from chaffer.llm.breaker import LeftAloneError
from chaffer.llm.faults import LONGEST_RETRY_AFTER_SECONDS, Callee, ModelFaultError, retry_after
from chaffer.llm.provider import Timeouts
from chaffer.llm.retry import LONGEST_WAIT_SECONDS, Patience, Retries, persistently
from tests.support.leaping import leaping

CALLEE = Callee("openai", "m", "Try later.", Timeouts())
BROKEN = CALLEE.refused(500, {}, b"what the prompt said")
REFUSED = CALLEE.refused(401, {}, b"")
PATIENCE = Patience(3, 2.0, 30.0)
NOW_AT = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)


def limited(value: str) -> ModelFaultError:
    return CALLEE.refused(429, {"retry-after": value}, b"")


def left_alone(seconds: float) -> LeftAloneError:
    return LeftAloneError(Code.LLM_PROVIDER_UNAVAILABLE, "It is down.", is_transient=True, retry_after_seconds=seconds)


async def waits(faults: Sequence[ModelFaultError], retries: Retries) -> list[float]:
    """Return how long was waited before each further attempt; the one after the faults succeeds."""
    loop = asyncio.get_running_loop()
    coming, begun, again = iter(faults), [], []

    async def attempt() -> str:
        begun.append(loop.time())
        if (fault := next(coming, None)) is not None:
            raise fault
        return "Hi"

    try:
        assert await persistently(attempt, retries, lambda: again.append(loop.time())) == "Hi"
    finally:
        assert again == begun[1:], "told before each further attempt, and only then"
    return [round(after - before, 6) for before, after in itertools.pairwise(begun)]


def test_waits_double_and_are_spread_by_up_to_a_quarter() -> None:
    assert leaping(waits([BROKEN] * 3, Retries(PATIENCE, lambda: 0.0))) == [2, 4, 8]
    assert leaping(waits([BROKEN] * 3, Retries(PATIENCE, lambda: 1.0))) == [2.5, 5, 10]
    assert leaping(waits([BROKEN] * 6, Retries(Patience(9, 2.0, 30.0), lambda: 0.0))) == [2, 4, 8, 16, 30, 30]
    drawn = {leaping(waits([BROKEN], Retries(PATIENCE)))[0] for _ in range(20)}
    assert len(drawn) > 1, "agents that failed together come back apart"


def test_what_a_turn_may_try_again_is_shared_by_all_its_calls() -> None:
    async def turn(retries: Retries) -> None:
        assert await waits([BROKEN], retries) == [2]
        assert await waits([BROKEN], retries) == [4]
        with pytest.raises(ModelFaultError):
            await waits([BROKEN, BROKEN], retries)

    async def case() -> None:
        retries = Retries(PATIENCE, lambda: 0.0)
        await turn(retries)
        retries.renew()
        await turn(retries)

    leaping(case())


def test_what_will_not_pass_is_told_at_once() -> None:
    async def case() -> None:
        begun = asyncio.get_running_loop().time()
        retries = Retries(PATIENCE)
        with pytest.raises(ModelFaultError) as raised:
            await waits([REFUSED], retries)
        assert raised.value is REFUSED
        assert asyncio.get_running_loop().time() == begun
        await waits([BROKEN] * 3, retries)

    leaping(case())


@given(st.floats(0, LONGEST_WAIT_SECONDS), st.integers(0, 2), st.floats(0, 1))
def test_never_sooner_than_the_provider_asked(asked: float, before: int, draw: float) -> None:
    retries = Retries(PATIENCE, lambda: draw)
    for _ in range(before):
        retries.spend(BROKEN)
    delay = retries.spend(limited(repr(asked)))
    assert delay is not None
    assert max(asked, 2.0 * 2**before) <= delay <= LONGEST_WAIT_SECONDS


def test_waiting_for_a_host_that_is_left_alone_spends_no_retry() -> None:
    told: list[ModelFaultError] = []
    retries = Retries(PATIENCE, lambda: 0.0, told.append)
    faults = [left_alone(5), BROKEN, left_alone(1), BROKEN, left_alone(8), BROKEN]
    assert leaping(waits(faults, retries)) == [5, 2, 1, 4, 8, 8]
    assert told == [BROKEN] * 3, "a call that was not made is not made again"


@given(st.lists(st.floats(0.1, 40), min_size=1), st.floats(0, 1))
def test_a_turn_waits_for_such_a_host_no_longer_than_all_its_retries_would(asked: list[float], draw: float) -> None:
    retries = Retries(PATIENCE, lambda: draw)
    for _ in range(2):
        delays = [retries.spend(left_alone(seconds)) for seconds in asked]
        assert sum(delay or 0 for delay in delays) <= (2 + 4 + 8) * 1.25
        for seconds, delay in zip(asked, delays, strict=True):
            assert delay is None or delay >= seconds
        retries.renew()
    assert retries.spend(left_alone(14.5)) is None, "told at once"


def test_a_second_is_always_waited_for_such_a_host_where_retries_are_allowed() -> None:
    assert Retries(Patience(1, 0.001), lambda: 0.0).spend(left_alone(1)) == 1
    assert Retries(Patience(0, 2.0), lambda: 0.0).spend(left_alone(1)) is None


def test_a_date_is_waited_for_too() -> None:
    at = datetime.now(UTC) + timedelta(seconds=40)
    delay = Retries(PATIENCE, lambda: 0.0).spend(limited(format_datetime(at, usegmt=True)))
    assert delay is not None
    assert 30 < delay <= 40


def test_a_wait_that_is_too_long_is_told_instead() -> None:
    async def case() -> None:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(ModelFaultError) as raised:
            await waits([limited("9999")], Retries(PATIENCE))
        assert (raised.value.code, raised.value.retry_after_seconds) == (Code.LLM_PROVIDER_UNAVAILABLE, 9999)
        assert asyncio.get_running_loop().time() == begun

    leaping(case())


def test_cancelling_ends_the_wait() -> None:
    async def case() -> None:
        task = asyncio.ensure_future(waits([limited("100"), BROKEN], Retries(PATIENCE)))
        await asyncio.sleep(50)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()

    leaping(case())


def test_the_log_tells_of_a_retry_and_nothing_of_what_was_said() -> None:
    with capture_logs() as lines:
        leaping(waits([BROKEN], Retries(PATIENCE, lambda: 0.0)))
    assert lines == [
        {
            "event": "model.tried_again",
            "log_level": "warning",
            "code": "LLM_PROVIDER_UNAVAILABLE",
            "reason": "openai (model 'm') failed (status 500). Try again in a while. Try later.",
            "delay_seconds": 2.0,
        }
    ]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("0.3", 0.3),
        ("-3", 0),
        ("1e9", LONGEST_RETRY_AFTER_SECONDS),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30),
        ("Wednesday, 21-Oct-26 07:29:00 GMT", 60),
        ("Wed Oct 21 07:28:05 2026", 5),
        ("Wed, 21 Oct 2026 07:00:00 GMT", 0),
        ("Wed, 21 Oct 2099 07:00:00 GMT", LONGEST_RETRY_AFTER_SECONDS),
        (None, None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("Wed, 21 Oct 2026", None),
        ("Wed, 21 Oct 99999999999999999999 07:28:30 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW_AT) == seconds


@given(
    st.text() | st.from_regex(r"[A-Z][a-z]{2},? [0-9]{1,5}[- ][A-Z][a-z]{2}[- ][0-9]{1,9} [0-9:]{1,9} [-+A-Z0-9]{1,6}")
)
def test_no_retry_after_breaks_the_call(value: str) -> None:
    seconds = retry_after(value, NOW_AT)
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER_SECONDS
