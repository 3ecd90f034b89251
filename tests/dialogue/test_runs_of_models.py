"""Runs of models from begin to end, against a stand-in: who is asked what, and what becomes of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chaffer.bootstrap import Chaffer, open_chaffer
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.minds import Making
from chaffer.dialogue.events import Cut, RunEnded, RunStatus
from chaffer.dialogue.plan import BotPatch
from chaffer.errors import ChafferError, Code
from tests.support.model_markets import opened
from tests.support.server import settings_for
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer, first
from tests.support.talks import PROMPTS, Follower, begun, over, plan, play, speaks, turns_of

Opening = Callable[[str], Any]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    """Return how the program is opened over a store, its models at a URL."""
    if request.param == "memory":
        return lambda url: opened(url, tmp_path)
    database: dict[str, Any] = {}
    if request.param == "postgresql":
        database["database_url"] = SecretStr(request.getfixturevalue("postgres_url"))

    @asynccontextmanager
    async def durable(url: str) -> AsyncIterator[Chaffer]:
        async with open_chaffer(settings_for(tmp_path, lm_studio_base_url=url, **database)) as chaffer:
            yield chaffer

    return durable


def makings_of(live: LiveConversation) -> list[Making]:
    """Return how the turns came about, of those of which it is known."""
    return [spoken.making for spoken in turns_of(live) if spoken.making is not None]


def test_a_run_goes_to_its_end_and_each_hears_the_other_and_not_its_prompt(opening: Opening) -> None:
    """Contract §4: own words as assistant, the other's as user, own prompt as system.

    The two sides take turns: the templates of many local models refuse two messages of one in a row.
    """

    async def case(url: str) -> list[str]:
        async with opening(url) as chaffer, asyncio.timeout(30):
            live = await begun(chaffer, plan(turns=4))
            assert (await over(live)).ended == RunEnded(RunStatus.COMPLETED, "All 4 turns were spoken.", 4)
            assert {making.model for making in makings_of(live)} == {MODEL}
            return [spoken.text for spoken in turns_of(live)]

    with standing_in(speaks()) as server:
        said = asyncio.run(case(server.url))
        calls = server.asked
    assert said == [f"This is reply {number}, and I mean it." for number in range(4)]
    for turn, call in enumerate(calls):
        system, *messages = call.body["messages"]
        heard = ["Tea or coffee?", *said[:turn]] if turn % 2 == 0 else [f"Tea or coffee?\n\n{said[0]}", *said[1:turn]]
        assert [one["content"] for one in messages] == heard
        assert [one["role"] for one in messages] == [("user", "assistant")[place % 2] for place in range(len(heard))]
        assert system["content"].startswith(PROMPTS[turn % 2])
        assert PROMPTS[1 - turn % 2] not in str(call.body)


def test_a_change_in_mid_turn_reaches_the_model_in_that_bots_next_turn(opening: Opening) -> None:
    """Issue 4: a patch in mid-turn holds from the next turn."""

    async def case(server: StandIn) -> None:
        async with opening(server.url) as chaffer, asyncio.timeout(30):
            live = await begun(chaffer, plan(turns=4))
            assert await asyncio.to_thread(server.wait_until, lambda: len(server.asked) == 1)
            change = BotPatch(prompt="A new prompt.", temperature=0.25, max_tokens=77)
            patched = [await chaffer.runs.patch(live.conversation_id, index, change) for index in (0, 1)]
            assert [(one.revision, one.effective_turn) for one in patched] == [(1, 2), (1, 1)]
            await over(live)

    with standing_in(speaks(delay=0.4)) as server:
        asyncio.run(case(server))
        sent = [
            (call.system.split("\n")[0], call.body["temperature"], call.body["max_tokens"]) for call in server.asked
        ]
    assert sent == [(PROMPTS[0], 0.7, 500), *[("A new prompt.", 0.25, 77)] * 3]


def test_what_a_person_says_is_heard_from_the_next_turn_on(opening: Opening) -> None:
    async def case(server: StandIn) -> None:
        async with opening(server.url) as chaffer, asyncio.timeout(30):
            live = await begun(chaffer, plan(turns=3))
            assert await asyncio.to_thread(server.wait_until, lambda: len(server.asked) == 1)
            await chaffer.runs.say(live.conversation_id, "And water?", "Pat")
            await over(live)

    with standing_in(speaks(delay=0.4)) as server:
        asyncio.run(case(server))
    assert ["And water?" in str(call.body) for call in server.asked] == [False, True, True]
    assert "Pat" in server.asked[1].body["messages"][1]["content"]


def test_a_fault_after_all_retries_ends_the_run_and_keeps_what_was_said(tmp_path: Path) -> None:
    """Contract §4: a retryable fault is retried, then the run ends as `error`; what was said stays."""
    broken = speaks("Coffee is a drink, and", finish_reason=None, disconnects=True)

    async def case(chaffer: Chaffer, server: StandIn) -> None:
        live = await begun(chaffer, plan())
        follower = Follower()
        following = asyncio.create_task(follower.follow(live))
        ended = (await over(live)).ended
        await following
        assert ended is not None
        assert (ended.status, ended.code, ended.turns) == (RunStatus.ERROR, Code.LLM_BAD_GATEWAY, 2)
        assert len(server.asked) == 4, "two retries"
        kept = turns_of(live)[-1]
        assert (kept.text, kept.cut, kept.attempt % 1000) == ("Coffee is a drink, and", Cut.FAULT, 2)
        follower.assert_saw_what_was_recorded()

    play(first(1, speaks("Tea."), broken), tmp_path, case, llm_max_retries=2)


def test_a_retry_says_the_message_again_under_a_higher_attempt(tmp_path: Path) -> None:
    async def case(chaffer: Chaffer, _: StandIn) -> None:
        live = await begun(chaffer, plan(turns=1))
        follower = Follower()
        following = asyncio.create_task(follower.follow(live))
        await over(live)
        await following
        (spoken,) = turns_of(live)
        (making,) = makings_of(live)
        assert (spoken.text, spoken.attempt, making.attempts) == ("Tea.", 1001, 2)
        follower.assert_saw_what_was_recorded()

    play(first(1, speaks("Coff", finish_reason=None, disconnects=True), speaks("Tea.")), tmp_path, case)


def test_a_bot_can_be_given_another_provider_and_a_key_of_its_own_in_mid_run(tmp_path: Path) -> None:
    async def case(chaffer: Chaffer, server: StandIn) -> None:
        live = await begun(chaffer, plan(turns=6))
        await asyncio.to_thread(server.wait_until, lambda: len(server.asked) == 1)
        change = BotPatch(provider="openai", model=MODEL, api_key="sk-CANARY-of-the-patch")
        patched = await chaffer.runs.patch(live.conversation_id, 1, change)
        assert patched.effective_turn == 1
        await asyncio.to_thread(server.wait_until, lambda: len(server.asked) == 3)
        other = BotPatch(model="other")
        assert (await chaffer.runs.patch(live.conversation_id, 1, other)).bot.mind.key_slot == "bot1", "the key stays"
        await over(live)
        assert [making.provider for making in makings_of(live)] == ["lm_studio", "openai"] * 3
        assert "sk-CANARY" not in repr(live.feed.records)
        assert "sk-CANARY" not in repr(chaffer.runs)

    server = play(speaks(delay=0.3), tmp_path, case)
    assert ["sk-CANARY-of-the-patch" in str(call.headers) for call in server.asked] == [False, True] * 3
    assert [call.body["model"] for call in server.asked][1::2][-1] == "other"


def test_a_patch_that_no_provider_can_serve_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async def case(chaffer: Chaffer, _: StandIn) -> None:
        live = await begun(chaffer, plan(turns=2))
        with pytest.raises(ChafferError) as refusal:
            await chaffer.runs.patch(live.conversation_id, 0, BotPatch(model="no-such-model"))
        assert (refusal.value.code, refusal.value.details[0].field) == (Code.VALIDATION_ERROR, "model")
        assert len(live.state.revisions[0]) == 1
        await over(live)

    play(speaks(delay=0.3), tmp_path, case)


def test_a_patch_that_is_refused_replaces_no_key(tmp_path: Path) -> None:
    async def case(chaffer: Chaffer, server: StandIn) -> None:
        live = await begun(chaffer, plan(turns=3, bots=[{"provider": "openai", "api_key": "sk-first"}, {}]))
        assert await asyncio.to_thread(server.wait_until, lambda: len(server.asked) == 1)
        with pytest.raises(ChafferError, match="must differ"):
            await chaffer.runs.patch(live.conversation_id, 0, BotPatch(name="Bob", api_key="sk-second"))
        assert (await over(live)).status is RunStatus.COMPLETED
        assert [server.asked[turn].headers["authorization"] for turn in (0, 2)] == ["Bearer sk-first"] * 2

    play(speaks(delay=0.4), tmp_path, case)


def test_a_deleted_run_stops_and_is_gone(tmp_path: Path) -> None:
    async def case(chaffer: Chaffer, server: StandIn) -> None:
        live = await begun(chaffer, plan())
        reading = asyncio.create_task(Follower().follow(live))
        await asyncio.to_thread(server.wait_until, lambda: server.busy == 1)
        await chaffer.runs.delete(live.conversation_id)
        assert await asyncio.to_thread(server.wait_until, lambda: server.broken_off == 1, 1.0)
        await reading
        with pytest.raises(ChafferError) as gone:
            await chaffer.runs.run(live.conversation_id)
        assert gone.value.code is Code.RUN_NOT_FOUND
        assert await chaffer.journal.read(live.conversation_id) == ()
        assert (chaffer.engine.running, chaffer.engine.held) == (0, 0)

    play(speaks("Tea", hangs="after"), tmp_path, case)


def test_a_cap_on_tokens_ends_the_run_for_good_and_what_was_said_can_be_read(tmp_path: Path) -> None:
    """A run's tokens count against LLM_MAX_TOKENS_PER_ROOM, on the run's own account."""

    async def case(chaffer: Chaffer, server: StandIn) -> None:
        live = await begun(chaffer, plan(turns=20))
        ended = (await over(live)).ended
        assert ended is not None
        assert (ended.status, ended.code) == (RunStatus.ERROR, Code.LLM_CAP_REACHED)
        assert 1 <= ended.turns == len(turns_of(live)) < 20
        asked = len(server.asked)
        await chaffer.engine.start(live.conversation_id)
        await chaffer.engine.join(live.conversation_id)
        assert len(server.asked) == asked
        with pytest.raises(ChafferError) as refusal:
            await chaffer.runs.say(live.conversation_id, "Go on.", "Pat")
        assert refusal.value.code is Code.CONFLICT
        again = await begun(chaffer, plan(turns=1))
        assert (await over(again)).status == "completed", "another run has its own account"

    for setting in ("llm_max_tokens_per_room", "llm_max_tokens_per_session"):
        play(speaks(), tmp_path, case, **{setting: 350})


def test_no_prompt_and_no_key_is_found_in_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Specification §10: never log API keys or prompts."""
    caplog.set_level(logging.DEBUG)

    async def case(chaffer: Chaffer, _: StandIn) -> None:
        bots = [{"provider": name, "api_key": f"sk-CANARY-{name}"} for name in ("openai", "anthropic")]
        live = await begun(chaffer, plan(bots=bots, topic="TOPIC-CANARY"))
        await over(live)
        bots[1]["api_key"] = "sk-CANARY-refused"
        await over(await begun(chaffer, plan(bots=bots)))

    refuses = first(
        7, lambda _: Answer(status=503, body=b"sk-CANARY"), lambda _: Answer(status=401, body=b"PROMPT-CANARY")
    )
    play(first(6, speaks("TEXT-CANARY"), refuses), tmp_path, case)
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    logged += "".join(capsys.readouterr())
    assert "model.tried_again" in logged, "nothing was logged: the test saw nothing"
    assert "CANARY" not in logged


def test_keys_of_a_run_are_forgotten_when_it_is_over(tmp_path: Path) -> None:
    async def case(chaffer: Chaffer, _: StandIn) -> None:
        live = await begun(chaffer, plan(turns=1, bots=[{"provider": "openai", "api_key": "sk-CANARY"}, {}]))
        mind = live.state.bot(0).mind
        assert await chaffer.runs.speakers.kept_key(live.conversation_id, mind) == "sk-CANARY"
        await over(live)
        await chaffer.engine.join(live.conversation_id)
        with pytest.raises(ChafferError, match="api_key that came with the request"):
            await chaffer.runs.speakers.kept_key(live.conversation_id, mind)

    play(speaks(delay=0.2), tmp_path, case)
