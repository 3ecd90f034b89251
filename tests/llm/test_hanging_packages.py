"""Packages of LangChain that hang while they make a model: nobody else waits, and nothing is left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from chaffer.errors import Code
from chaffer.llm.chat_models import MOST_MADE_AT_ONCE
from chaffer.llm.faults import ModelFaultError
from chaffer.llm.providers.langchain import Bridge
from chaffer.llm.vendor import VendorConfig
from tests.support.langchain_models import FAST, REQUEST, Scripted, chunk, read, text_of


class Hanging:
    """Makes models; one whose id begins with `hanging` once the gate is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.made: list[str] = []

    def __call__(self, model: str, **_: Any) -> Any:
        if model.startswith("hanging"):
            self.gate.wait()
        self.made.append(model)
        return Scripted(steps=[chunk("Hi", finish_reason="stop")])

    def bridge(self, seconds: float) -> Bridge:
        return Bridge(VendorConfig("langchain", replace(FAST, total=seconds)), lambda: self)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    initialize = Hanging()
    yield initialize
    initialize.gate.set()


HANGS: Final = replace(REQUEST, model="hanging:model")


def test_a_package_that_hangs_when_a_model_is_made_is_too_slow(hanging: Hanging) -> None:
    """And the loop is closed without waiting for it."""
    with pytest.raises(ModelFaultError) as raised:
        asyncio.run(read(hanging.bridge(0.3), HANGS))
    assert (raised.value.code, raised.value.is_transient) == (Code.LLM_TIMEOUT, True)
    assert "0.3" in raised.value.message


def test_a_package_that_hangs_holds_up_no_other_model(hanging: Hanging) -> None:
    async def case() -> None:
        provider = hanging.bridge(30)
        waiting = asyncio.create_task(read(provider, HANGS))
        others = [replace(REQUEST, max_tokens=400 + number) for number in range(3)]
        for items in await asyncio.gather(*(read(provider, other) for other in others)):
            assert text_of(items) == "Hi"
        assert not waiting.done()
        hanging.gate.set()
        assert text_of(await waiting) == "Hi"

    asyncio.run(case())


def test_a_model_is_made_to_its_end_when_nobody_waits_any_more(hanging: Hanging) -> None:
    async def case() -> None:
        provider = hanging.bridge(30)
        left = asyncio.create_task(read(provider, HANGS))
        staying = asyncio.create_task(read(provider, HANGS))
        await read(provider)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        hanging.gate.set()
        assert text_of(await staying) == "Hi"
        assert text_of(await read(provider, HANGS)) == "Hi"
        assert hanging.made.count("hanging:model") == 2, "one to see which parameters it takes, and one to ask"

    asyncio.run(case())


def test_what_is_made_after_the_end_is_not_kept(hanging: Hanging) -> None:
    async def case() -> None:
        provider = hanging.bridge(30)
        waiting = asyncio.create_task(read(provider, HANGS))
        await read(provider)
        await provider.aclose()
        hanging.gate.set()
        await waiting
        await read(provider, HANGS)
        assert hanging.made.count("hanging:model") == 4
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(case())


def test_packages_that_hang_keep_so_many_threads_and_no_more(hanging: Hanging) -> None:
    async def case() -> None:
        provider = hanging.bridge(30)
        requests = [replace(HANGS, max_tokens=number) for number in range(1, MOST_MADE_AT_ONCE + 9)]
        readings = [asyncio.create_task(read(provider, request)) for request in requests]
        for _ in range(20):
            await asyncio.sleep(0)
        assert _threads() == MOST_MADE_AT_ONCE
        hanging.gate.set()
        assert {text_of(items) for items in await asyncio.gather(*readings)} == {"Hi"}

    asyncio.run(case())


def _threads() -> int:
    return sum(thread.name == "making hanging:model" for thread in threading.enumerate())
