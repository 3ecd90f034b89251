"""What is known of providers: looked at in time, behind whoever asks, and not by the thousand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import pytest

from chaffer.bootstrap import utc_now
from chaffer.errors import Code
from chaffer.llm.caps import Caps, Limits
from chaffer.llm.catalogue import (
    GLANCE_KEPT_SECONDS,
    GLANCE_SECONDS,
    MOST_KEYED_PROBES,
    PROBE_KEPT_SECONDS,
    PROBE_SECONDS,
    Catalogue,
    CatalogueConfig,
    ProviderStatus,
)
from chaffer.llm.gateway import Gateway
from chaffer.llm.retry import Patience
from chaffer.llm.telemetry import Telemetry
from chaffer.storage.memory import MemoryStore
from tests.support.leaping import leaping

LISTED: Final = ("m1", "m2")


@dataclass
class Host:
    """A provider that takes its time to list its models, or breaks in a way that nobody foresaw."""

    seconds: float = 0.0
    broken: Exception | None = None
    looks: int = 0
    at_once: int = 0
    most_at_once: int = 0
    base_url: str = "http://127.0.0.1:1234/v1"
    remedy: str = "Is it running?"

    async def models(self, key: str | None = None) -> Sequence[str]:
        self.looks += 1
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(self.seconds)
            if self.broken is not None:
                raise self.broken
        finally:
            self.at_once -= 1
        return (*LISTED, *([] if key is None else [key]))


class OneHost(Catalogue):
    """A catalogue whose providers are all the same host."""

    def __init__(self, host: Host) -> None:
        config = CatalogueConfig({}, {}, Patience(3, 2.0))
        now = asyncio.get_running_loop().time
        super().__init__(config, Caps(Limits(), MemoryStore(), utc_now), Telemetry(), now=now)
        self.host = host

    def provider(self, name: str) -> Gateway:  # noqa: ARG002  It is the same one for every name.
        return cast("Gateway", self.host)


def now() -> float:
    return asyncio.get_running_loop().time()


async def seen(catalogue: Catalogue) -> tuple[ProviderStatus, float]:
    """Return what a glance tells of LM Studio, and how long it took."""
    begun = now()
    return (await catalogue.glance("builtin"))["lm_studio"], round(now() - begun, 6)


def test_a_glance_does_not_wait_for_a_host_that_does_not_answer() -> None:
    async def case() -> None:
        catalogue = OneHost(Host(seconds=3_600))
        status, seconds = await seen(catalogue)
        assert (status.probed, seconds) == (False, GLANCE_SECONDS)
        begun = now()
        assert (await catalogue.status("lm_studio")).fault is not None
        assert now() - begun == pytest.approx(PROBE_SECONDS - GLANCE_SECONDS), "the same look is waited for"
        assert catalogue.host.looks == 1
        status, seconds = await seen(catalogue)
        assert (status.probed, status.available, seconds) == (True, False, 0)

    leaping(case())


def test_a_host_that_answers_is_told_at_the_first_glance() -> None:
    async def case() -> None:
        status, seconds = await seen(OneHost(Host(seconds=0.05)))
        assert (status.models, seconds) == (LISTED, 0.05)

    leaping(case())


def test_a_glance_tells_what_is_known_while_it_is_looked_at_anew() -> None:
    async def case() -> None:
        host = Host(seconds=0.1)
        catalogue = OneHost(host)
        await seen(catalogue)
        host.seconds = 3_600
        await asyncio.sleep(PROBE_KEPT_SECONDS)
        for _ in range(5):
            status, seconds = await seen(catalogue)
            assert (status.available, seconds) == (True, 0)
        await asyncio.sleep(PROBE_SECONDS + 0.1)
        assert host.looks == 2
        assert not (await seen(catalogue))[0].available
        await asyncio.sleep(GLANCE_KEPT_SECONDS)
        status, seconds = await seen(catalogue)
        assert (status.probed, seconds) == (False, GLANCE_SECONDS), "what is so old is not told"

    leaping(case())


def test_closing_ends_the_looks_that_are_under_way() -> None:
    async def case() -> None:
        host = Host(seconds=3_600)
        catalogue = OneHost(host)
        await catalogue.glance("builtin")
        waiting = asyncio.ensure_future(catalogue.status("lm_studio"))
        await asyncio.sleep(0)
        assert host.at_once == 1
        await catalogue.aclose()
        assert host.at_once == 0
        assert not (await waiting).probed
        assert asyncio.all_tasks() == {asyncio.current_task()}

    leaping(case())


@pytest.mark.parametrize("broken", [ValueError("a secret"), OverflowError("a secret"), ExceptionGroup("", [OSError()])])
def test_what_nobody_foresaw_in_a_look_is_a_fault_of_the_status(broken: Exception) -> None:
    async def case() -> None:
        catalogue = OneHost(Host(broken=broken))
        status, _ = await seen(catalogue)
        assert (status.probed, status.available) == (True, False)
        assert status.fault is not None
        assert status.fault.code is Code.LLM_PROVIDER_UNAVAILABLE
        assert type(broken).__name__ in status.fault.message
        assert "secret" not in status.fault.message
        assert all(status.fault is not None for status in (await catalogue.statuses()).values())

    leaping(case())


def test_keys_are_not_tested_by_the_thousand() -> None:
    async def case() -> None:
        host = Host(seconds=1)
        catalogue = OneHost(host)
        found = await asyncio.gather(*(catalogue.status("openai", f"key {n}") for n in range(40)))
        assert host.most_at_once == MOST_KEYED_PROBES
        assert [status.models[-1] for status in found] == [f"key {n}" for n in range(40)]
        assert host.looks == 40

    leaping(case())


def test_looks_that_nobody_waits_for_any_more_leave_nothing_behind() -> None:
    async def case() -> None:
        host = Host(seconds=1)
        catalogue = OneHost(host)
        waiting = [asyncio.ensure_future(catalogue.status("openai", f"key {n}")) for n in range(10)]
        await asyncio.sleep(0.5)
        for one in waiting:
            one.cancel()
        await asyncio.sleep(1)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await catalogue.status("openai", "key 3")
        assert host.looks == 10, "what they found is known"

    leaping(case())
