"""Agents and a host that goes away and comes back: nobody is lost who need not be, and nobody waits for the dead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import pytest

from chaffer.bootstrap import utc_now
from chaffer.llm.breaker import Breaker, Breakers
from chaffer.llm.caps import Caps, Limits
from chaffer.llm.faults import Callee, ModelFaultError
from chaffer.llm.gateway import Gateway
from chaffer.llm.prices import MOST_MICROS
from chaffer.llm.provider import Timeouts
from chaffer.llm.requests import Account, Ending, Finish, Item, ModelRequest, Said, Usage
from chaffer.llm.retry import Patience, Retries, persistently
from chaffer.llm.telemetry import Telemetry
from chaffer.llm.turnstile import Turnstile
from chaffer.storage.memory import MemoryStore
from tests.support.leaping import BEGINS_AT, leaping

SELLERS: Final = 10
REQUEST: Final = ModelRequest("m", (Said("user", "x"),), 5, account=Account("session", "room"))
DEAD: Final = Callee("lm_studio", "m", "Is it running?", Timeouts()).unreachable()


def elapsed() -> float:
    return asyncio.get_running_loop().time() - BEGINS_AT


@dataclass
class Host:
    """A provider that is away until some second, then answers after so many; `dead` are models it never answers for."""

    back_after: float = 0.0
    fails_after: float = 0.0
    answers_after: float = 0.0
    dead: frozenset[str] = frozenset()
    name: str = "lm_studio"
    base_url: str = ""
    remedy: str = "Is it running?"
    lists_all: bool = True
    usage: Usage = field(default_factory=Usage)
    asked: list[float] = field(default_factory=list)

    async def models(self, key: str | None = None) -> Sequence[str]:  # noqa: ARG002  None are listed for any key.
        return ()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        self.asked.append(elapsed())
        if elapsed() < self.back_after or request.model in self.dead:
            await asyncio.sleep(self.fails_after)
            raise DEAD
        await asyncio.sleep(self.answers_after)
        yield "Good"
        yield " day."
        yield Ending(Finish.COMPLETE, request.model, self.usage, 1, 1)

    async def aclose(self) -> None:
        return


def guarded(host: Host, *, turnstile: Turnstile | None = None, by_model: bool = False) -> Gateway:
    def breaker(name: str) -> Breaker:
        return Breaker(name, host.remedy, now=asyncio.get_running_loop().time)

    caps = Caps(Limits(), MemoryStore(), utc_now)
    doors = Breakers(host.name, breaker, by_model=by_model)
    return Gateway(host, caps, turnstile or Turnstile(None, None), doors, Telemetry())


async def reply(gateway: Gateway, request: ModelRequest = REQUEST) -> bool:
    return [item async for item in gateway.stream(request)][:2] == ["Good", " day."]


async def turn(gateway: Gateway) -> bool:
    """Tell whether an agent was answered in its turn."""
    try:
        return await persistently(lambda: reply(gateway), Retries(Patience(3, 2.0)), lambda: None)
    except ModelFaultError:
        return False


async def round_(gateway: Gateway) -> int:
    """Return how many agents were answered."""
    return sum(await asyncio.gather(*(turn(gateway) for _ in range(SELLERS))))


async def opened(gateway: Gateway) -> None:
    """Have the breaker open."""
    for _ in range(5):
        with pytest.raises(ModelFaultError):
            await reply(gateway)
    assert gateway.breakers.of("m").state == "open"


def test_a_host_that_comes_back_answers_everybody() -> None:
    async def case() -> None:
        host = Host(back_after=3, answers_after=20)
        assert await round_(guarded(host)) == SELLERS
        assert elapsed() < 60

    leaping(case())


@pytest.mark.parametrize("time_out", [10, 15, 30, 60, 300])
def test_a_silent_host_ends_three_rounds_in_little_more_than_two_of_its_time_outs(time_out: float) -> None:
    async def case() -> None:
        host = Host(back_after=3_600, fails_after=time_out)
        gateway = guarded(host)
        for _ in range(3):
            assert await round_(gateway) == 0
        assert elapsed() < 2 * time_out + 15, "and the waits between"
        assert len(host.asked) == SELLERS + 1, "one probe, by which all others go"

    leaping(case())


@pytest.mark.parametrize(("fails_after", "seconds"), [(0, 45), (10, 45)])
def test_a_dead_host_ends_three_rounds_in_about_a_minute(fails_after: float, seconds: float) -> None:
    async def case() -> None:
        host = Host(back_after=3_600, fails_after=fails_after)
        gateway = guarded(host)
        for _ in range(3):
            assert await round_(gateway) == 0
        assert 14 < elapsed() < seconds
        assert len(host.asked) < 2 * SELLERS, "it is not hammered"

    leaping(case())


def test_a_probe_that_is_broken_off_after_its_first_word_has_shown_that_the_host_is_up() -> None:
    async def case() -> None:
        gateway = guarded(Host(back_after=3))
        await opened(gateway)
        await asyncio.sleep(5)
        async with aclosing(gateway.stream(REQUEST)) as items:
            assert await anext(items) == "Good"
        assert gateway.breakers.of("m").state == "closed"

    leaping(case())


def test_a_probe_that_is_given_up_before_its_first_word_is_followed_by_another() -> None:
    async def case() -> None:
        host = Host(back_after=3, answers_after=5)
        gateway = guarded(host)
        await opened(gateway)
        await asyncio.sleep(5)
        probe = asyncio.ensure_future(reply(gateway))
        await asyncio.sleep(1)
        others = [asyncio.ensure_future(reply(gateway)) for _ in range(9)]
        await asyncio.sleep(1)
        assert len(host.asked) == 6
        probe.cancel()
        assert await asyncio.gather(*others) == [True] * 9
        assert host.asked[6:] == [7, *[12] * 8]

    leaping(case())


@pytest.mark.parametrize("state", ["open", "opened while they waited"])
def test_calls_that_were_not_made_use_up_no_allowance(state: str) -> None:
    async def case() -> None:
        host = Host(back_after=3)
        gateway = guarded(host, turnstile=Turnstile(None, 20))
        if state == "open":
            await opened(gateway)
            for _ in range(50):
                with pytest.raises(ModelFaultError, match="times in a row"):
                    await reply(gateway)
        else:
            gateway = guarded(host, turnstile=Turnstile(1, 20))
            host.fails_after = 0.1
            await asyncio.gather(*(reply(gateway) for _ in range(50)), return_exceptions=True)
        assert len(host.asked) == 5
        await asyncio.sleep(6)
        assert await asyncio.gather(*(reply(gateway) for _ in range(15))) == [True] * 15
        assert elapsed() < 10

    leaping(case())


def test_a_dead_model_behind_an_address_of_many_leaves_the_others_alone() -> None:
    async def case(by_model: bool, told: Callable[[bool], bool]) -> None:  # noqa: FBT001  Each case names both.
        gateway = guarded(Host(dead=frozenset({"m"})), by_model=by_model)
        await opened(gateway)
        another = ModelRequest("another", REQUEST.messages, 5)
        (answered,) = await asyncio.gather(reply(gateway, another), return_exceptions=True)
        assert told(answered is True)

    leaping(case(by_model=True, told=lambda answered: answered))
    leaping(case(by_model=False, told=lambda answered: not answered))


def test_an_absurd_cost_that_is_told_breaks_no_count() -> None:
    async def case() -> None:
        gateway = guarded(Host(usage=Usage(5, 5, cost_micros=10**400)))
        for _ in range(3):
            ending = [item async for item in gateway.stream(REQUEST)][-1]
            assert isinstance(ending, Ending)
            assert ending.usage.cost_micros == MOST_MICROS
        assert [cost for _, cost in gateway.telemetry.cost.samples()] == [3_000_000.0]

    leaping(case())
