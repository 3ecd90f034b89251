"""Models of LangChain that block: each call has a thread, and leaving it closes its connection."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, closing
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from chaffer.llm.faults import ModelFaultError
from chaffer.llm.provider import Timeouts
from chaffer.llm.providers.langchain import Bridge
from chaffer.llm.requests import Finish
from chaffer.llm.vendor import VendorConfig
from tests.support.langchain_models import FAST, REQUEST, ending_of, read, text_of
from tests.support.standin import StandIn, standing_in
from tests.support.standin_scripts import Answer, Script, always

ASKED: Final = b'{"model": "stand-in", "messages": [{"role": "user", "content": "Hi"}]}'
SILENT: Final = {"at once": Answer(hangs="at once"), "after": Answer("Good ", hangs="after")}
CALLS: Final = 60
"""More than the threads of a loop."""

Lines = Callable[[str], Iterator[bytes]]


def by_http_client(url: str) -> Iterator[bytes]:
    with closing(http.client.HTTPConnection(urlsplit(url).netloc)) as connection:
        connection.request("POST", "/v1/chat/completions", ASKED)
        with connection.getresponse() as answer:
            yield from answer


def by_httpx2(url: str) -> Iterator[bytes]:
    with httpx2.Client(timeout=60) as client, client.stream("POST", f"{url}/chat/completions", content=ASKED) as answer:
        yield from answer.iter_raw()


def with_retries(url: str) -> Iterator[bytes]:
    for _ in range(3):
        try:
            yield from by_http_client(url)
        except (OSError, http.client.HTTPException):
            continue
        else:
            return


class Generating(BaseChatModel):
    """A model that answers in one piece, and blocks."""

    url: str
    lines: Lines

    @property
    def _llm_type(self) -> str:
        return "generating"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        del messages
        told = b"".join(self.lines(self.url))
        message = AIMessage(content=f"{len(told)} bytes", response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=message)])


class Streaming(Generating):
    """A model that streams, and blocks."""

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        del messages
        for line in self.lines(self.url):
            if b"content" in line:
                yield ChatGenerationChunk(message=AIMessageChunk(content="word "))
        yield ChatGenerationChunk(message=AIMessageChunk(content="", response_metadata={"finish_reason": "stop"}))


class Failing(Streaming):
    """A model that fails as a package of its own does."""

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        del messages
        yield ChatGenerationChunk(message=AIMessageChunk(content="word "))
        raise ConnectionResetError


def bridge(server: StandIn, kind: type[Generating], lines: Lines, timeouts: Timeouts = Timeouts()) -> Bridge:  # noqa: B008
    def initialize(_: str, **__: Mapping[str, Any]) -> Any:
        return kind(url=server.url, lines=lines)

    return Bridge(VendorConfig("langchain", timeouts), lambda: initialize)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == f"asking {REQUEST.model}"]


@pytest.mark.parametrize("kind", [Generating, Streaming])
@pytest.mark.parametrize("lines", [by_http_client, by_httpx2, with_retries])
@pytest.mark.parametrize("silent", SILENT)
def test_leaving_a_model_that_blocks_closes_its_connection_within_a_second(
    kind: type[Generating], lines: Lines, silent: str
) -> None:
    """Issue: cancellation that closes the connection within 1 s, whatever the package does."""

    async def case() -> None:
        listening = asyncio.create_task(read(bridge(server, kind, lines)))
        assert await asyncio.to_thread(server.wait_until, lambda: server.busy == 1)
        listening.cancel()
        began = time.monotonic()
        await asyncio.gather(listening, return_exceptions=True)
        assert await asyncio.to_thread(server.wait_until, lambda: not server.connections and not threads(), 10.0)
        assert time.monotonic() - began < 1
        assert server.broken_off == len(server.asked)

    with standing_in(always(SILENT[silent])) as server:
        asyncio.run(case())


def test_model_that_blocks_streams_on_a_thread_of_its_own() -> None:
    def heard_while_it_speaks(answer: Answer) -> Script:
        return always(replace(answer, pace=0.01))

    with standing_in(heard_while_it_speaks(Answer("Good day to you, dear customer. " * 4))) as server:
        items = asyncio.run(read(bridge(server, Streaming, by_http_client)))
        assert server.wait_until(lambda: not threads()), "it ends a moment after its last word was heard"
    assert len(items) > 5, "it came in deltas"
    assert set(text_of(items).split()) == {"word"}
    assert ending_of(items).finish is Finish.COMPLETE


def test_model_that_cannot_stream_answers_in_one_piece() -> None:
    with standing_in(always(Answer("Good day."))) as server:
        items = asyncio.run(read(bridge(server, Generating, by_http_client)))
    assert text_of(items).endswith(" bytes")


def test_calls_of_models_that_block_do_not_wait_for_each_other() -> None:
    async def case() -> None:
        provider = bridge(server, Streaming, by_http_client)
        listening = [asyncio.create_task(read(provider)) for _ in range(CALLS)]
        assert await asyncio.to_thread(server.wait_until, lambda: server.busy == CALLS)
        for one in listening:
            one.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        assert await asyncio.to_thread(server.wait_until, lambda: not server.connections and not threads())

    with standing_in(always(SILENT["after"])) as server:
        asyncio.run(case())


def test_model_that_blocks_too_long_is_too_slow_and_its_connection_is_closed() -> None:
    with standing_in(always(SILENT["at once"])) as server:
        with pytest.raises(ModelFaultError):
            asyncio.run(read(bridge(server, Streaming, by_http_client, replace(FAST, total=0.3))))
        assert server.wait_until(lambda: server.broken_off == 1 and not threads())


def test_fault_of_a_model_that_blocks_is_told() -> None:
    with standing_in() as server, pytest.raises(ModelFaultError, match="cut the reply"):
        asyncio.run(read(bridge(server, Failing, by_http_client)))


def test_model_that_blocks_is_held_back_while_nobody_takes_what_it_says() -> None:
    spoken: list[int] = []

    def lines(_: str) -> Iterator[bytes]:
        for number in range(100_000):
            spoken.append(number)
            yield b"content"

    async def case() -> None:
        async with aclosing(bridge(server, Streaming, lines).stream(REQUEST)) as items:
            async for _ in items:
                await asyncio.sleep(0.2)
                break
            assert len(spoken) < 1_000
        assert await asyncio.to_thread(server.wait_until, lambda: not threads())

    with standing_in() as server:
        asyncio.run(case())


def test_what_waits_for_no_socket_ends_with_its_next_word() -> None:
    gate, spoken = threading.Event(), []

    def lines(_: str) -> Iterator[bytes]:
        for number in range(9):
            spoken.append(number)
            yield b"content"
            gate.wait(20)

    async def case() -> None:
        async with aclosing(bridge(server, Streaming, lines).stream(REQUEST)) as items:
            async for _ in items:
                break
        gate.set()
        assert await asyncio.to_thread(server.wait_until, lambda: not threads())
        assert len(spoken) == 2

    with standing_in() as server:
        asyncio.run(case())
