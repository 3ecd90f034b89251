from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.llm.allowance import exhausted_seconds
from chaffer.llm.turnstile import LONGEST_PAUSE_SECONDS, WINDOW_SECONDS, Turnstile
from tests.support.leaping import BEGINS_AT, LeapingLoop, leaping

NOW_AT = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)
NOW = NOW_AT.timestamp()


@dataclass
class Street:
    """Rooms before a turnstile: who came in when, and how many were inside at once."""

    turnstile: Turnstile
    begun: list[tuple[float, str]] = field(default_factory=list)
    inside: int = 0
    most_inside: int = 0

    async def call(self, room: str, seconds: float = 1.0, name: str = "") -> None:
        async with self.turnstile.turn(room):
            await self.stay(name or room, seconds)

    async def stay(self, name: str, seconds: float) -> None:
        self.begun.append((asyncio.get_running_loop().time() - BEGINS_AT, name))
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.inside -= 1

    def begin(self, room: str, seconds: float = 1.0, name: str = "") -> asyncio.Task[None]:
        return asyncio.ensure_future(self.call(room, seconds, name))

    @property
    def order(self) -> list[str]:
        return [name for _, name in self.begun]

    @property
    def times(self) -> list[float]:
        return [round(at, 6) for at, _ in self.begun]


def street(concurrent: int | None, per_minute: int | None = None) -> Street:
    return Street(Turnstile(concurrent, per_minute, now=lambda: NOW))


async def a_moment() -> None:
    """Let every task go on as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_without_limits_nobody_waits() -> None:
    async def case() -> None:
        here = street(None)
        await asyncio.gather(*(here.call("a") for _ in range(50)))
        assert set(here.times) == {0}
        assert here.most_inside == 50

    leaping(case())


def test_no_more_than_allowed_are_inside_at_once() -> None:
    async def case() -> None:
        here = street(3)
        await asyncio.gather(*(here.call("a") for _ in range(9)))
        assert here.times == [0, 0, 0, 1, 1, 1, 2, 2, 2]
        assert here.most_inside == 3

    leaping(case())


def test_rooms_take_turns_and_within_a_room_the_first_comes_first() -> None:
    async def case() -> None:
        here = street(1)
        calls = [here.begin("a", name=f"a{number}") for number in range(4)]
        calls += [here.begin("b", name=f"b{number}") for number in range(2)]
        calls += [here.begin("c", name="c0")]
        await asyncio.gather(*calls)
        assert here.order == ["a0", "a1", "b0", "c0", "a2", "b1", "a3"]

    leaping(case())


@pytest.mark.parametrize("seconds", [1.0, 300.0])
def test_a_minute_holds_no_more_calls_than_allowed(seconds: float) -> None:
    async def case() -> None:
        here = street(None, 2)
        early = here.begin("a", seconds)
        await asyncio.sleep(10)
        await asyncio.gather(early, *(here.call("a", seconds) for _ in range(4)))
        assert here.times == [0, 10, 60, 70, 120]

    leaping(case())


def test_those_let_in_when_a_pause_ends_begin_the_minute_of_the_others() -> None:
    async def case() -> None:
        here = street(None, 2)
        here.turnstile.heard({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "5s"})
        await asyncio.gather(*(here.call("a", 300) for _ in range(6)))
        assert here.times == [5, 5, 65, 65, 125, 125]

    leaping(case())


def test_nobody_looks_again_while_waiting() -> None:
    async def case() -> None:
        here = street(1, 1)
        await asyncio.gather(*(here.call("a") for _ in range(3)))
        assert here.times == [0, 60, 120]
        loop = asyncio.get_running_loop()
        assert isinstance(loop, LeapingLoop)
        assert loop.leaps == 5, "three ends of calls and two of minutes are all that happened"

    leaping(case())


@pytest.mark.parametrize("moments", range(6))
def test_a_turn_given_to_one_who_gives_up_goes_to_the_next_of_its_room(moments: int) -> None:
    async def case() -> None:
        here = street(1)
        first = here.begin("a", 100, name="first")
        await a_moment()
        waiting = [here.begin(name[0], name=name) for name in ("b0", "b1", "c0")]
        await a_moment()
        first.cancel()
        for _ in range(moments):
            await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        expected = ["b1", "c0"] if "b0" not in here.order else ["b0", "c0", "b1"]
        assert here.order == ["first", *expected]
        assert here.times[-1] <= 2, "nobody waits for one who left"

    leaping(case())


@pytest.mark.parametrize("moments", range(6))
def test_a_turn_that_was_not_used_does_not_count_in_its_minute(moments: int) -> None:
    async def case() -> None:
        here = street(1, 2)
        first = here.begin("a", 5)
        await a_moment()
        given_up, other = here.begin("b"), here.begin("c")
        await a_moment()
        first.cancel()
        for _ in range(moments):
            await asyncio.sleep(0)
        given_up.cancel()
        await other
        assert here.begun == ([(0, "a"), (0, "b"), (60, "c")] if "b" in here.order else [(0, "a"), (0, "c")])

    leaping(case())


def test_a_turn_that_is_given_back_does_not_count_in_its_minute() -> None:
    async def case() -> None:
        loop = asyncio.get_running_loop()
        turnstile = Turnstile(None, 2)
        for given_back in (True, True, True, False):
            async with turnstile.turn("a") as turn:
                if given_back:
                    turn.give_back()
                    turn.give_back()
        async with turnstile.turn("a"):
            assert loop.time() == BEGINS_AT
        async with turnstile.turn("a"):
            assert loop.time() == BEGINS_AT + 60

    leaping(case())


def test_nothing_is_asked_until_the_reset_that_a_provider_told() -> None:
    async def case() -> None:
        here = street(1)
        early, late = here.begin("a"), here.begin("a")
        await a_moment()
        here.turnstile.heard({"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": ms(30)})
        here.turnstile.heard({"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": ms(20)})
        here.turnstile.heard({"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "7", "X-RateLimit-Reset": ms(90)})
        await asyncio.gather(early, late)
        assert here.times == [0, 30]
        here.turnstile.heard({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "23h59m"})
        await here.call("a")
        assert here.times[2] == 31 + LONGEST_PAUSE_SECONDS

    leaping(case())


def test_a_pause_that_is_told_while_rooms_wait_for_their_minute_prolongs_it() -> None:
    async def case() -> None:
        here = street(None, 1)
        calls = [here.begin("a"), here.begin("b")]
        await asyncio.sleep(10)
        here.turnstile.heard({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m10s"})
        await asyncio.gather(*calls)
        assert here.times == [0, 80]

    leaping(case())


def ms(seconds: float) -> str:
    return str(round((NOW + seconds) * 1000))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": ms(12.5)}, 12.5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": ms(-1)}, None),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": ms(9)}, None),
        ({"x-ratelimit-remaining": "0"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s"}, 1),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "12ms"}, 0.012),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1h2m3.5s"}, 3723.5),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "12"}, None),
        (
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-10-21T07:28:42Z",
            },
            42,
        ),
        (
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-10-21T09:28:07+02:00",
            },
            7,
        ),
        ({"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "tomorrow"}, None),
        (
            {
                "anthropic-ratelimit-requests-remaining": "3",
                "anthropic-ratelimit-requests-reset": "2026-10-22T00:00:00Z",
            },
            None,
        ),
        (
            {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": ms(3),
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "5s",
            },
            5,
        ),
        ({}, None),
    ],
)
def test_what_providers_tell_of_their_limits_is_understood(headers: Mapping[str, str], seconds: float | None) -> None:
    assert exhausted_seconds(headers, NOW) == (None if seconds is None else pytest.approx(seconds))


@given(st.text() | st.from_regex(r"[0-9]{1,40}[TZ:.msh-]{0,3}[0-9]{0,5}") | st.datetimes().map(datetime.isoformat))
def test_no_header_breaks_the_call(reset: str) -> None:
    headers = {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": reset,
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": reset,
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": reset,
    }
    seconds = exhausted_seconds(headers, NOW)
    assert seconds is None or seconds > 0


@dataclass(frozen=True)
class Caller:
    """One call: when it comes, how long it takes, and when it is given up, if it is."""

    room: str
    comes: int
    takes: int
    patience: int | None


CALLERS = st.lists(
    st.builds(
        Caller,
        st.sampled_from("abcd"),
        st.integers(0, 40),
        st.integers(0, 30),
        st.none() | st.none() | st.integers(0, 60),
    ),
    max_size=25,
)
CONCURRENT = st.none() | st.integers(1, 3)
PER_MINUTE = st.none() | st.integers(1, 6)


class Crowd(Street):
    """Many callers, and what happened to them in order."""

    def __init__(self, concurrent: int | None, per_minute: int | None) -> None:
        super().__init__(Turnstile(concurrent, per_minute, now=lambda: NOW))
        self.happened: list[tuple[str, str]] = []

    async def pass_by(self, caller: Caller, offset: float) -> str:
        """Return how it ended. No two callers come at the same moment when their offsets differ."""
        await asyncio.sleep(caller.comes + offset)
        patience = None if caller.patience is None else caller.patience + offset * 0.3
        before = len(self.begun)
        name = f"{caller.room}{offset}"
        self.happened.append(("came", caller.room))
        try:
            async with asyncio.timeout(patience):
                async with self.turnstile.turn(caller.room):
                    self.happened.append(("begun", caller.room))
                    await self.stay(name, caller.takes)
        except TimeoutError:
            if name not in self.order[before:]:
                self.happened.append(("gave up", caller.room))
            return "gave up"
        return "served"


async def passed_by(callers: list[Caller], concurrent: int | None, per_minute: int | None, offset: float) -> Crowd:
    crowd = Crowd(concurrent, per_minute)
    ends = await asyncio.gather(*(crowd.pass_by(caller, number * offset) for number, caller in enumerate(callers)))
    for caller, end in zip(callers, ends, strict=True):
        assert end == "served" or caller.patience is not None
    return crowd


@given(CALLERS, CONCURRENT, PER_MINUTE)
def test_limits_are_kept_and_no_place_is_lost(
    callers: list[Caller], concurrent: int | None, per_minute: int | None
) -> None:
    async def case() -> None:
        crowd = await passed_by(callers, concurrent, per_minute, 0.0)
        assert crowd.most_inside <= (concurrent or len(callers))
        if per_minute is not None:
            for early, late in zip(crowd.times, crowd.times[per_minute:], strict=False):
                assert late - early >= WINDOW_SECONDS - 1e-5
        await asyncio.sleep(WINDOW_SECONDS)
        crowd.begun.clear()
        allowed = min(concurrent or 5, per_minute or 5)
        await asyncio.gather(*(crowd.call("z", 200) for _ in range(allowed)))
        assert len(set(crowd.times)) == 1, "all places are free again"

    leaping(case())


@given(CALLERS, CONCURRENT, PER_MINUTE)
def test_no_room_waits_for_more_than_one_round_of_the_others(
    callers: list[Caller], concurrent: int | None, per_minute: int | None
) -> None:
    crowd = leaping(passed_by(callers, concurrent, per_minute, 0.001))
    waiting = dict.fromkeys("abcd", 0)
    served: dict[str, list[str]] = {room: [] for room in waiting}
    for what, room in crowd.happened:
        if what == "came":
            if not waiting[room]:
                served[room] = []
            waiting[room] += 1
            continue
        waiting[room] -= 1
        if what == "begun":
            served[room] = []
            for other in waiting:
                if other != room and waiting[other]:
                    served[other].append(room)
                    assert len(set(served[other])) == len(served[other])
