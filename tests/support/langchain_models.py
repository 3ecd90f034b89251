"""Models that behave as integrations of LangChain do, made for the tests, without a wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from chaffer.errors import ChafferError
from chaffer.llm.provider import Provider, Timeouts
from chaffer.llm.providers.langchain import Bridge
from chaffer.llm.requests import (
    Ending,
    Item,
    ModelRequest,
    Said,
)
from chaffer.llm.vendor import VendorConfig

KEY: Final = "sk-KEY-CANARY-51f0"
PROMPT: Final = "PROMPT-CANARY-77"
REQUEST: Final = ModelRequest(model="strange:model", messages=(Said("user", PROMPT),), max_tokens=300)
FAST: Final = Timeouts(1.0, 1.0, 1.0, 2.0)


async def read(provider: Provider, request: ModelRequest = REQUEST) -> list[Item]:
    async with asyncio.timeout(20), aclosing(provider.stream(request)) as items:
        return [item async for item in items]


def text_of(items: Sequence[Item]) -> str:
    return "".join(item for item in items if isinstance(item, str))


def ending_of(items: Sequence[Item]) -> Ending:
    assert isinstance(items[-1], Ending)
    return items[-1]


class Scripted(GenericFakeChatModel):
    """A model whose chunks are given, with a step of an exception that is raised."""

    messages: Any = None
    steps: list[Any] = []  # noqa: RUF012  Pydantic copies it.

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        del messages, stop, run_manager, kwargs
        for step in self.steps:
            if isinstance(step, Exception):
                raise step
            yield ChatGenerationChunk(message=step)


def scripted(*replies: Sequence[Any], model: str = "strange:model") -> list[list[Item] | ChafferError]:
    """Return what comes of models that give these chunks, a reply after the other."""
    left = list(replies)

    def initialize(_: str, **kwargs: Any) -> Any:
        assert set(kwargs) <= {"api_key"}, "only parameters that the class knows are given"
        return Scripted(steps=list(left[0]))

    async def case() -> list[list[Item] | ChafferError]:
        provider = Bridge(VendorConfig("langchain", FAST), lambda: initialize)
        came: list[list[Item] | ChafferError] = []
        for number in range(len(replies)):
            try:
                came.append(await read(provider, replace(REQUEST, model=model, max_tokens=300 + number)))
            except ChafferError as fault:
                came.append(fault)
            left.pop(0)
        return came

    return asyncio.run(case())


def chunk(text: str = "", **metadata: Any) -> AIMessageChunk:
    return AIMessageChunk(content=text, response_metadata=metadata)
