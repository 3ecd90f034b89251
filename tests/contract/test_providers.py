"""Every provider, whatever its wire, keeps one set of promises: each fault has its code and tells nothing private."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest
from structlog.testing import capture_logs

from chaffer.errors import Code
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.provider import Provider, Timeouts
from tests.support.model_providers import PROVIDERS
from tests.support.model_replies import Reply, asked_with_all, assert_kept, assert_silent, called, replied
from tests.support.model_servers.broken_listeners import BROKEN_LISTENERS
from tests.support.model_servers.faults import DELAYS, FAULTS, IMPATIENT, PATIENT, Fault
from tests.support.standin import StandIn, standing_in
from tests.support.standin_scripts import Answer, Asked, always

SHORT: Final = Timeouts(connect=0.2, first_token=1.0, between_tokens=1.0, total=1.5)
GRACE_SECONDS: Final = 2.0


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


@pytest.fixture(params=PROVIDERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("what", FAULTS)
def test_every_fault_becomes_its_code_and_tells_nothing_private(
    server: StandIn, name: str, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    fault = FAULTS[what]
    server.script = fault.script
    caplog.set_level(logging.DEBUG)

    async def case(provider: Provider) -> Reply:
        reply = await replied(provider)
        assert await asyncio.to_thread(server.wait_until, lambda: server.busy == 0, 1.0), "the model stops"
        return reply

    with capture_logs() as lines:
        reply = called(name, server.root, case)
    _assert_comes_of(what, fault, name, reply, f"{caplog.text} {lines}")
    assert server.wait_until(lambda: server.connections == 0)


def _assert_comes_of(what: str, fault: Fault, name: str, reply: Reply, logs: str) -> None:
    expected = PROVIDERS[name].comes_of(what, fault)
    if expected is None:
        assert (reply.fault, reply.ending is not None) == (None, True), "should it hear of it, the better: say so"
        return
    assert_kept(expected, name, reply)
    assert_silent(reply, logs)


def test_whatever_a_server_waits_for_the_call_ends_in_time(
    server: StandIn, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """All at the same time: they wait for no other."""
    _import_what_it_needs(server, name)
    server.script = lambda asked: DELAYS[asked.user].script(asked)
    caplog.set_level(logging.DEBUG)

    async def case(provider: Provider) -> list[Reply]:
        replies = await asked_with_all(provider, DELAYS)
        assert await asyncio.to_thread(server.wait_until, lambda: server.busy == 0, 1.0), "the model stops"
        return replies

    with capture_logs() as lines:
        replies = called(name, server.root, case, IMPATIENT)
    for fault, reply in zip(DELAYS.values(), replies, strict=True):
        assert_kept(fault, name, reply)
        assert_silent(reply, f"{caplog.text} {lines}")
        assert reply.seconds < IMPATIENT.total + GRACE_SECONDS
    assert server.wait_until(lambda: server.connections == 0)


def test_signs_of_life_are_no_tokens(server: StandIn, name: str) -> None:
    """A server that only keeps its connection alive is given up as one that is silent."""
    stages = {"A word and ": "go on with its reply", "": "begin its reply"}
    server.script = lambda asked: Answer(asked.user.removeprefix("say "), pulse=asked.dialect.pulse(), pace=0.05)
    prompts = [f"say {words}" for words in stages]
    timeouts = replace(IMPATIENT, total=2)
    replies = called(name, server.root, lambda provider: asked_with_all(provider, prompts), timeouts)
    for told, reply in zip(stages.values(), replies, strict=True):
        assert reply.fault is not None
        assert told in reply.fault.message
        assert reply.seconds < timeouts.total


def _import_what_it_needs(server: StandIn, name: str) -> None:
    """What a provider imports with its first call takes longer than a token may here."""
    server.script = always(Answer())
    called(name, server.root, lambda provider: asked_with_all(provider, ["say Hello."]), PATIENT)


@pytest.mark.parametrize("what", BROKEN_LISTENERS)
def test_nobody_to_speak_to_is_told_in_time_with_what_to_do(
    server: StandIn, name: str, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    _import_what_it_needs(server, name)
    caplog.set_level(logging.DEBUG)
    with BROKEN_LISTENERS[what]() as root:
        reply = called(name, root, replied, SHORT)
    fault = Fault(always(Answer()), Code.LLM_PROVIDER_UNAVAILABLE, is_transient=True, told="cannot be reached")
    _assert_comes_of(what, fault, name, reply, caplog.text)
    assert reply.seconds < SHORT.connect + GRACE_SECONDS


LISTING_FAULTS: Final[dict[str, tuple[Answer, Code]]] = {
    "401": (Answer(status=401), Code.INVALID_API_KEY),
    "500": (Answer(status=500), Code.LLM_PROVIDER_UNAVAILABLE),
    "404": (Answer(status=404), Code.LLM_BAD_GATEWAY),
    "a page of HTML": (Answer(body=b"<html>Welcome</html>"), Code.LLM_BAD_GATEWAY),
    "no list": (Answer(body=b'{"data": 7, "modelSummaries": [7]}'), Code.LLM_BAD_GATEWAY),
    "hangs": (Answer(hangs="at once"), Code.LLM_TIMEOUT),
}


@pytest.mark.parametrize("what", LISTING_FAULTS)
def test_faults_of_the_list_become_their_code(name: str, what: str) -> None:
    answer, code = LISTING_FAULTS[what]

    async def case(provider: Provider) -> None:
        if not PROVIDERS[name].lists:
            assert not await provider.models(), "it has nobody to ask"
            return
        with pytest.raises(ModelFaultError, match=name) as raised:
            await provider.models()
        assert raised.value.code is code

    with standing_in() as server:
        server.listing = lambda _: answer
        called(name, server.root, case, SHORT)


def test_a_prompt_that_does_not_fit_is_known_as_such(server: StandIn, name: str) -> None:
    server.script = FAULTS["400 context length"].script
    assert isinstance(called(name, server.root, replied).fault, PromptTooLongError)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_2000_faulty_calls_hang_nowhere_and_leave_nothing_behind(server: StandIn, name: str) -> None:
    """Six providers make them twelve thousand. No deadline is missed by two seconds, no cut text accepted."""
    draw = random.Random(7)
    kinds = [
        fault
        for what, fault in (FAULTS | DELAYS).items()
        if what != "words without end" and PROVIDERS[name].comes_of(what, fault) is not None
    ]
    timeouts = replace(IMPATIENT, total=1)

    def script(asked: Asked) -> Answer:
        return draw.choice(kinds).script(asked)

    server.script = script

    async def case(provider: Provider) -> list[Reply]:
        return [reply for _ in range(20) for reply in await asked_with_all(provider, range(100))]

    replies = called(name, server.root, case, timeouts)
    assert [reply.text for reply in replies if reply.ending is not None] == []
    assert max(reply.seconds for reply in replies) < timeouts.total + GRACE_SECONDS
    assert server.wait_until(lambda: server.connections == 0)
