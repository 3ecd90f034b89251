"""Whatever minute one looks at, no more calls than the limit lie in it; a storage that is away takes nothing down."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from chaffer.doors import limits
from chaffer.doors.limits import AWAY_SECONDS, InMemory, Limiter, Rate, Standing, StorageAwayError, by_address, by_user
from chaffer.doors.shared_counts import SharedCounts
from chaffer.errors import ChafferError, Code
from tests.support.valkey import ValkeyAtHand

TEN = Rate("ten", 10)


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 30), max_size=120), st.integers(1, 12))
def test_no_minute_holds_more_than_the_limit(pauses: list[float], most: int) -> None:
    clock, rate, let_in = Clock(), Rate("any", most), []
    counts = InMemory(clock)
    for pause in pauses:
        clock.now += pause
        if counts.count(rate, "somebody").is_within:
            let_in.append(clock.now)
    for place, first in enumerate(let_in):
        assert sum(at < first + rate.seconds for at in let_in[place:]) <= most


def test_a_burst_around_a_full_minute_is_no_larger_than_the_limit() -> None:
    clock = Clock()
    counts = InMemory(clock)
    clock.now = 59.9
    before = [counts.count(TEN, "somebody").is_within for _ in range(10)]
    clock.now = 60.1
    after = [counts.count(TEN, "somebody").is_within for _ in range(10)]
    assert (before.count(True), after.count(True)) == (10, 0)


def test_whoever_waits_as_long_as_told_is_let_in() -> None:
    clock = Clock()
    counts = InMemory(clock)
    for _ in range(10):
        clock.now += 3.3
        counts.count(TEN, "somebody")
    refused = counts.count(TEN, "somebody")
    assert not refused.is_within
    assert refused.remaining == 0
    assert refused.refusal.retry_after_seconds == refused.wait_seconds
    clock.now += refused.wait_seconds
    assert counts.count(TEN, "somebody").is_within


def test_refused_calls_do_not_prolong_the_wait() -> None:
    clock = Clock()
    counts = InMemory(clock)
    for _ in range(500):
        counts.count(TEN, "somebody")
    clock.now += 60
    assert counts.count(TEN, "somebody").remaining == 9


def test_callers_and_rates_are_counted_apart() -> None:
    counts = InMemory(Clock())
    for _ in range(10):
        counts.count(TEN, "somebody")
    assert counts.count(TEN, "somebody else").is_within
    assert counts.count(Rate("other", 10), "somebody").is_within


def test_who_called_long_ago_takes_no_memory() -> None:
    clock = Clock()
    counts = InMemory(clock)
    for caller in range(1000):
        counts.count(TEN, str(caller))
    clock.now += 61
    counts.count(TEN, "somebody")
    assert len(counts) == 1


def test_a_flood_of_addresses_takes_no_more_memory_than_is_set_aside() -> None:
    counts = InMemory(Clock(), most_keys=100)
    for caller in range(1000):
        counts.count(TEN, str(caller))
    assert len(counts) == 100


def test_addresses_of_one_household_count_as_one() -> None:
    assert by_address("2001:db8:1:2::1") == by_address("2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert by_address("2001:db8:1:2::1") != by_address("2001:db8:1:3::1")
    assert by_address("::ffff:192.0.2.1") == by_address("192.0.2.1")
    assert by_address("192.0.2.1") != by_address("192.0.2.2")
    assert by_address("fe80::1%eth0") == by_address("fe80::2%eth1")


def test_keys_tell_neither_user_nor_address() -> None:
    assert "alice" not in by_user("alice@example.com")
    assert "192.0.2.1" not in by_address("192.0.2.1")
    assert by_user("192.0.2.1") != by_address("192.0.2.1")


class Faulty:
    """A storage that counts, or does not."""

    def __init__(self) -> None:
        self.is_away = False
        self.asked = 0
        self._counts = InMemory()

    async def count(self, rate: Rate, key: str) -> Standing:
        self.asked += 1
        if self.is_away:
            because = "ConnectionError"
            raise StorageAwayError(because)
        return self._counts.count(rate, key)

    async def aclose(self) -> None:
        """Do nothing."""


def _warnings(log: list[Any]) -> int:
    return sum(entry["event"] == "limits.storage_away" for entry in log)


def test_while_the_storage_is_away_calls_are_counted_here_and_told_once_a_minute() -> None:
    async def case() -> None:
        clock, storage, fallen_back = Clock(), Faulty(), []
        limiter = Limiter(storage, fell_back=lambda: fallen_back.append(1), seconds=clock)
        assert (await limiter.count(TEN, "somebody")).is_within
        storage.is_away = True
        with structlog.testing.capture_logs() as log:
            found = [(await limiter.count(TEN, "somebody")).is_within for _ in range(20)]
            assert found == [True] * 10 + [False] * 10
            assert storage.asked == 2, "one call found out; the others left it alone"
            for _ in range(11):
                clock.now += AWAY_SECONDS
                await limiter.count(TEN, "somebody")
            assert storage.asked == 13, "one call each few seconds asks whether it is back"
            assert _warnings(log) == 1
            clock.now += AWAY_SECONDS
            await limiter.count(TEN, "somebody")
            assert _warnings(log) == 2
            storage.is_away = False
            clock.now += AWAY_SECONDS
            assert (await limiter.count(TEN, "somebody")).is_within
            assert log[-1]["event"] == "limits.storage_back"
        assert len(fallen_back) == 32

    asyncio.run(case())


def test_of_many_calls_at_once_one_asks_whether_the_storage_is_back() -> None:
    class Stuck(Faulty):
        async def count(self, rate: Rate, key: str) -> Standing:
            self.asked += 1
            await asyncio.Event().wait()
            return InMemory().count(rate, key)

    async def case() -> None:
        clock, storage = Clock(), Stuck()
        limiter = Limiter(storage, seconds=clock)
        await limiter.count(TEN, "somebody")
        clock.now += AWAY_SECONDS
        await asyncio.gather(*(limiter.count(TEN, str(caller)) for caller in range(100)))
        assert storage.asked == 2

    asyncio.run(case())


@asynccontextmanager
async def _shared(url: str) -> AsyncIterator[Limiter]:
    limiter = Limiter(SharedCounts(url))
    try:
        yield limiter
    finally:
        await limiter.aclose()


def _run(case: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(cast("Any", case()))


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the storage waited for: on a busy machine it may take longer than a server would wait."""
    monkeypatch.setattr(limits, "ANSWERS_SECONDS", 20.0)


@pytest.mark.usefixtures("patience")
def test_two_processes_count_together_in_valkey(valkey: ValkeyAtHand) -> None:
    async def case() -> None:
        async with _shared(valkey.url) as one, _shared(valkey.url) as other:
            found = [(await limiter.count(TEN, "somebody")).is_within for limiter in (one, other) * 6]
            assert found == [True] * 10 + [False] * 2
            last = await one.count(TEN, "somebody")
            assert last.remaining == 0
            assert 50 < last.reset_seconds <= 60

    _run(case)


@pytest.mark.usefixtures("patience")
def test_many_calls_at_once_are_counted_right_in_valkey(valkey: ValkeyAtHand) -> None:
    async def case() -> None:
        async with _shared(valkey.url) as limiter:
            found = await asyncio.gather(*(limiter.count(TEN, "somebody") for _ in range(50)))
            assert sum(standing.is_within for standing in found) == 10

    _run(case)


def test_a_socket_file_serves_too(valkey: ValkeyAtHand) -> None:
    async def case() -> None:
        for scheme in ("unix", "valkey+unix", "redis+unix"):
            async with _shared(f"{scheme}://:{valkey.password}@{valkey.socket_file}?db=0") as limiter:
                assert (await limiter.count(TEN, scheme)).is_within
        assert len(valkey.keys()) == 3

    _run(case)


def test_what_is_stored_tells_nobody(valkey: ValkeyAtHand) -> None:
    async def case() -> None:
        async with _shared(valkey.url) as limiter:
            await limiter.count(TEN, by_user("alice@example.com"))
            await limiter.count(TEN, by_address("192.0.2.1"))

    _run(case)
    keys = valkey.keys()
    assert len(keys) == 2
    assert not [key for key in keys if "alice" in key or "192.0.2.1" in key]


def test_calls_go_on_when_valkey_dies_and_are_counted_there_again_when_it_is_back(valkey: ValkeyAtHand) -> None:
    async def case() -> None:
        clock = Clock()
        limiter = Limiter(SharedCounts(valkey.url), seconds=clock)
        await limiter.count(TEN, "somebody")
        valkey.kill()
        with structlog.testing.capture_logs() as log:
            found = [(await limiter.count(TEN, "somebody")).is_within for _ in range(12)]
        assert found == [True] * 10 + [False] * 2
        assert _warnings(log) == 1
        assert valkey.password not in json.dumps(log, default=str)
        valkey.start()
        clock.now += AWAY_SECONDS
        assert (await limiter.count(TEN, "somebody")).remaining == 9
        await limiter.aclose()

    _run(case)


def test_a_valkey_that_stands_still_holds_nobody_up(valkey: ValkeyAtHand) -> None:
    async def case() -> None:
        async with _shared(valkey.url) as limiter:
            await limiter.count(TEN, "somebody")
            loop = asyncio.get_running_loop()
            with valkey.standing_still():
                began = loop.time()
                found = await asyncio.gather(*(limiter.count(TEN, "somebody") for _ in range(5)))
                assert loop.time() - began < 1, "200 ms and what the machine adds"
                assert all(standing.is_within for standing in found)

    _run(case)


@pytest.mark.parametrize("answer", [b":5\r\n", b"*1\r\n$1\r\nx\r\n", b"-NOAUTH x\r\n", b"HTTP/1.1 400\r\n\r\n"])
def test_what_answers_but_is_no_storage_lets_calls_in(answer: bytes) -> None:
    """The setting may name a port on which something else listens, or what listens there may be taken over."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            writer.write(answer * 8)
        writer.close()

    async def case() -> None:
        async with (
            await asyncio.start_server(talk, "127.0.0.1", 0) as server,
            _shared(f"valkey://127.0.0.1:{server.sockets[0].getsockname()[1]}/0") as limiter,
        ):
            with structlog.testing.capture_logs() as log:
                assert (await limiter.count(TEN, "somebody")).is_within
            assert _warnings(log) == 1

    _run(case)


def test_a_wrong_password_lets_calls_in_and_tells_no_secret(valkey: ValkeyAtHand) -> None:
    async def case() -> None:
        async with _shared(valkey.url.replace("canary", "wrong-canary")) as limiter:
            with structlog.testing.capture_logs() as log:
                assert (await limiter.count(TEN, "somebody")).is_within
            assert _warnings(log) == 1
            assert "canary" not in json.dumps(log, default=str)

    _run(case)


@pytest.fixture
def no_valkey_package(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is None there is not found, as one that is not installed is not.
    monkeypatch.setitem(sys.modules, "valkey", None)


@pytest.mark.usefixtures("no_valkey_package")
def test_a_missing_package_is_told_when_the_server_starts() -> None:
    with pytest.raises(ChafferError, match=r"chaffer\[valkey\]") as refused:
        SharedCounts("valkey://127.0.0.1")
    assert refused.value.code is Code.VALIDATION_ERROR
