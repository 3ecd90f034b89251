"""Every provider, whatever its wire, hands a reply on exactly, as it comes, and takes nothing cut for whole."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from typing import Final

import pytest

from chaffer.errors import Code
from chaffer.llm.provider import Provider
from chaffer.llm.requests import Finish
from tests.support.model_providers import PROVIDERS, WIRES
from tests.support.model_replies import REQUEST, asked_with_all, called, replied
from tests.support.model_servers.dialect import PROMPT_TOKENS, Dialect
from tests.support.model_servers.faults import CANARY_REPLY
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer, Asked, always

WORDS: Final = "Grüße, 你好 👋 – «naïve» 🏳️‍🌈"


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


@pytest.fixture(params=PROVIDERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_reply_comes_whole_with_what_it_used(server: StandIn, name: str) -> None:
    server.script = always(Answer(WORDS, letters=1))
    reply = called(name, server.root, replied)
    assert (reply.text, reply.fault) == (WORDS, None)
    assert reply.ending is not None
    assert (reply.ending.finish, reply.ending.model) == (Finish.COMPLETE, MODEL)
    usage = reply.ending.usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (PROMPT_TOKENS, len(WORDS) // 4)
    assert server.asked[-1].system == REQUEST.system
    assert server.asked[-1].dialect.model == MODEL


def test_a_reply_that_ran_into_max_tokens_says_so(server: StandIn, name: str) -> None:
    server.script = always(Answer("Half a sen", finish_reason="length"))
    reply = called(name, server.root, replied)
    assert reply.ending is not None
    assert reply.ending.is_cut


def test_a_reply_that_was_packed_is_unpacked(server: StandIn, name: str) -> None:
    packed = {"content-encoding": "gzip"}
    server.script = lambda asked: Answer(raw=gzip.compress(asked.dialect.whole(WORDS * 9)), headers=packed)
    reply = called(name, server.root, replied)
    assert (reply.text, reply.fault) == (WORDS * 9, None)


def test_letters_of_another_encoding_show_as_such_or_are_refused(server: StandIn, name: str) -> None:
    def script(asked: Asked) -> Answer:
        dialect = asked.dialect
        return Answer(raw=b"".join([*dialect.begins(), dialect.in_latin_1("Grüße"), *dialect.ends("stop", 7)]))

    server.script = script
    reply = called(name, server.root, replied)
    if reply.ending is not None:
        assert reply.text == "Gr\ufffd\ufffde"
    else:
        assert reply.fault is not None
        assert (reply.fault.code, reply.text) == (Code.LLM_BAD_GATEWAY, "")


def test_tool_calls_are_handed_over_whole(server: StandIn, name: str) -> None:
    pieces = ['{"ci', 'ty": "Zü', 'rich"}']

    def script(asked: Asked) -> Answer:
        dialect = asked.dialect
        calls = [*dialect.calls(0, "weather", pieces), *dialect.calls(1, "time", ["{}"])]
        return Answer(raw=b"".join([*dialect.begins(), *calls, *dialect.ends("tool_calls", 7)]))

    server.script = script
    reply = called(name, server.root, replied)
    assert reply.fault is None
    assert [(call.name, call.arguments) for call in reply.calls] == [("weather", "".join(pieces)), ("time", "{}")]
    assert len({call.call_id for call in reply.calls}) == 2
    assert reply.ending is not None
    assert reply.ending.finish is Finish.TOOLS


@pytest.mark.parametrize("name", WIRES)
@pytest.mark.parametrize("ends", ["the connection breaks", "the answer ends"])
@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.soak)])
def test_a_stream_that_is_cut_at_any_byte_is_never_taken_for_whole(
    server: StandIn, name: str, ends: str, step: int
) -> None:
    """Past its finish reason, a reply is whole whatever is missing then; before it, none is."""
    dialect = _dialect(server, name)
    whole = dialect.whole(CANARY_REPLY, letters=99)
    finish = whole.index(next(iter(dialect.ends("stop", 7))))

    def script(asked: Asked) -> Answer:
        return Answer(raw=whole[: int(asked.user)], disconnects=ends == "the connection breaks")

    server.script = script
    places = sorted({*range(0, len(whole), step), *range(finish - step, finish + step)})
    replies = called(name, server.root, lambda provider: asked_with_all(provider, places))
    for place, reply in zip(places, replies, strict=True):
        if reply.ending is not None:
            assert (place > finish, reply.text) == (True, CANARY_REPLY)
        else:
            assert reply.fault is not None
            assert reply.fault.code is Code.LLM_BAD_GATEWAY
            assert reply.text in {"", CANARY_REPLY}
    assert server.wait_until(lambda: server.connections == 0)


@pytest.mark.parametrize("name", WIRES)
def test_letters_of_several_bytes_are_exact_wherever_the_stream_is_split(server: StandIn, name: str) -> None:
    whole = _dialect(server, name).whole(WORDS, letters=99)
    begins = whole.index(WORDS.encode())
    places = range(begins, begins + len(WORDS.encode()) + 1)

    def script(asked: Asked) -> Answer:
        return Answer(raw=(whole[: int(asked.user)], whole[int(asked.user) :]), pace=0.01)

    server.script = script
    replies = called(name, server.root, lambda provider: asked_with_all(provider, places))
    assert Counter(reply.text for reply in replies) == {WORDS: len(places)}
    assert all(reply.ending is not None for reply in replies)


def _dialect(server: StandIn, name: str) -> Dialect:
    """Return the dialect in which this provider asks."""
    server.script = always(Answer("Hi"))
    called(name, server.root, replied)
    return server.asked[-1].dialect


@pytest.mark.parametrize(
    "answer",
    [Answer(hangs="at once"), Answer(hangs="after"), Answer("A word and ", hangs="after"), Answer(endless="word ")],
    ids=["before the head", "before the first token", "in the middle", "in a flood"],
)
def test_giving_up_closes_the_connection_within_a_second(server: StandIn, name: str, answer: Answer) -> None:
    server.script = always(answer)
    asked, broken_off = len(server.asked), server.broken_off

    async def case(provider: Provider) -> None:
        task = asyncio.ensure_future(replied(provider))
        assert await asyncio.to_thread(server.wait_until, lambda: len(server.asked) > asked)
        await asyncio.wait({task}, timeout=0.05)
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        assert task.cancelled()
        assert await asyncio.to_thread(server.wait_until, lambda: server.broken_off > broken_off, 1.0)

    called(name, server.root, case)
    assert server.connections == 0


def test_text_is_handed_on_while_the_model_still_writes_and_closing_stops_it(server: StandIn, name: str) -> None:
    server.script = always(Answer("A word and ", letters=100, hangs="after"))

    async def case(provider: Provider) -> None:
        async with aclosing(provider.stream(REQUEST)) as items:
            assert await anext(items) == "A word and "
            assert server.busy == 1
        assert await asyncio.to_thread(server.wait_until, lambda: server.busy == 0, 1.0)

    called(name, server.root, case)


def test_models_are_listed(server: StandIn, name: str) -> None:
    async def case(provider: Provider) -> list[str]:
        return list(await provider.models())

    assert set(called(name, server.root, case)) >= ({MODEL, "other"} if PROVIDERS[name].lists else set())
