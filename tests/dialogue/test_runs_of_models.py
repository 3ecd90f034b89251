"""Runs of models from begin to end, against a stand-in: who is asked what, and what becomes of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chaffer.bootstrap import Chaffer, open_chaffer
from chaffer.conversation.journal import Append, Recorded
from chaffer.dialogue.events import Cut, RunEnded, RunStatus
from chaffer.dialogue.plan import BotPatch
from chaffer.dialogue.runs import STOPPED
from chaffer.errors import ChafferError, Code
from chaffer.storage.memory import MemoryStore
from tests.support.model_markets import opened
from tests.support.server import settings_for, until
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer, Script, first
from tests.support.talks import PROMPTS, Follower, begun, over, plan, speaks, turns_of

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


def play(script: Script, folder: Path, case: Callable[[Chaffer, StandIn], Awaitable[None]], **settings: Any) -> StandIn:
    """Run a case over memory, against a stand-in that follows the script."""

    async def main(server: StandIn) -> None:
        async with opened(server.url, folder, **settings) as chaffer, asyncio.timeout(30):
            await case(chaffer, server)

    with standing_in(script) as server:
        asyncio.run(main(server))
        return server


class SlowStore(MemoryStore):
    """A store whose disk takes its time, so that much is said while an append is under way."""

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Append, after a while."""
        await asyncio.sleep(0.03)
        return await super().append(append)


def test_a_run_goes_to_its_end_and_each_hears_the_other_and_not_its_prompt(opening: Opening) -> None:
    """Contract §4: own words as assistant, the other's as user, own prompt as system.

    The two sides take turns: the templates of many local models refuse two messages of one in a row.
    """

    async def case(url: str) -> list[str]:
        async with opening(url) as chaffer, asyncio.timeout(30):
            live = await begun(chaffer, plan(turns=4))
            assert (await over(live)).ended == RunEnded(RunStatus.COMPLETED, "All 4 turns were spoken.", 4)
            assert {spoken.making.model for spoken in turns_of(live)} == {MODEL}
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


@pytest.mark.parametrize("paced", ["", "model", "between"])
def test_stop_closes_the_connection_within_a_second_and_keeps_what_was_said(tmp_path: Path, paced: str) -> None:
    """Issue 4: stop closes the provider's connection within 1 s; what was said so far is kept."""
    scripts = {
        "": speaks(hangs="at once"),
        "model": speaks("Tea is", endless=" good", pace=0.02),
        "between": speaks("Tea is good", hangs="after"),
    }

    async def case(chaffer: Chaffer, server: StandIn) -> None:
        live = await begun(chaffer, plan())
        follower = Follower()
        following = asyncio.create_task(follower.follow(live))
        assert await asyncio.to_thread(server.wait_until, lambda: server.busy == 1)
        await until(lambda: not paced or any(follower.texts.values()))
        begin = time.monotonic()
        ended = await chaffer.runs.stop(live.conversation_id)
        assert await asyncio.to_thread(server.wait_until, lambda: server.broken_off == 1, 1.0)
        assert time.monotonic() - begin < 1
        await following
        follower.assert_saw_what_was_recorded()
        assert ended.ended == RunEnded(RunStatus.CANCELLED, STOPPED, 1 if paced else 0)
        assert [(one.cut, one.text.startswith("Tea is")) for one in turns_of(live)] == [(Cut.STOPPED, True)] * bool(
            paced
        )
        assert await chaffer.runs.stop(live.conversation_id) == ended
        assert chaffer.engine.running == 0

    play(scripts[paced], tmp_path, case)


@pytest.mark.parametrize("seed", range(12))
def test_at_whatever_moment_it_is_stopped_what_was_seen_is_what_is_recorded(tmp_path: Path, seed: int) -> None:
    """Issue 4: the text that a reader has seen equals the text recorded."""
    moment = 0.01 + seed * 0.017

    async def case(chaffer: Chaffer, server: StandIn) -> None:
        live = await begun(chaffer, plan(turns=50))
        follower = Follower()
        following = asyncio.create_task(follower.follow(live))
        await asyncio.to_thread(server.wait_until, lambda: len(server.asked) > 0)
        await asyncio.sleep(moment)  # The instant is the test.
        await asyncio.gather(*(chaffer.runs.stop(live.conversation_id) for _ in range(1 + seed % 3)))
        await following
        follower.assert_saw_what_was_recorded()
        assert sum(isinstance(record.event, RunEnded) for record in live.feed.records) == 1

    broken = speaks("I will not say this whole.", finish_reason=None, disconnects=True, pace=0.005)
    faulty = first(2, broken, speaks(pace=0.004))
    script = faulty if seed % 2 else speaks(pace=0.004)
    play(script, tmp_path, case, llm_max_retries=3, store=SlowStore())


@pytest.mark.parametrize("store", [MemoryStore, SlowStore])
@pytest.mark.parametrize("pace", [0, 5_000])
def test_scripted_runs_stopped_at_any_moment_keep_what_was_seen(
    tmp_path: Path, store: type[MemoryStore], pace: int
) -> None:
    async def case(chaffer: Chaffer, _: StandIn) -> None:
        scripted = [{"provider": "builtin", "model": None}] * 2
        for number in range(25):
            live = await begun(chaffer, plan(turns=50, bots=scripted))
            follower = Follower()
            following = asyncio.create_task(follower.follow(live))
            await asyncio.sleep(0.003 * number)  # The instant is the test.
            await chaffer.runs.stop(live.conversation_id)
            await following
            follower.assert_saw_what_was_recorded()

    play(speaks(), tmp_path, case, builtin_chars_per_second=pace, store=store())


def test_a_retry_while_the_run_is_being_stopped_does_not_undo_what_was_said(tmp_path: Path) -> None:
    """The reader keeps the attempt that is recorded, though the model began another one meanwhile."""
    script = first(1, speaks("Coffee is a drink", finish_reason=None, disconnects=True), speaks("Tea.", pace=0.01))

    class StoppingStore(SlowStore):
        """Ends the run only once the model was asked again."""

        async def append(self, append: Append) -> tuple[Recorded, ...]:
            assert await asyncio.to_thread(servers[0].wait_until, lambda: len(servers[0].asked) == 2)
            return await super().append(append)

    servers: list[StandIn] = []

    async def case(chaffer: Chaffer, server: StandIn) -> None:
        servers.append(server)
        live = await begun(chaffer, plan(turns=1))
        follower = Follower()
        following = asyncio.create_task(follower.follow(live))
        await until(lambda: any(follower.texts.values()))
        await chaffer.runs.stop(live.conversation_id)
        await following
        assert [(one.text, one.attempt) for one in turns_of(live)] == [("Coffee is a drink", 1000)]
        follower.assert_saw_what_was_recorded()

    play(script, tmp_path, case, llm_retry_delay=0.1, store=StoppingStore())


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
        assert (spoken.text, spoken.attempt, spoken.making.attempts) == ("Tea.", 1001, 2)
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
        assert [spoken.making.provider for spoken in turns_of(live)] == ["lm_studio", "openai"] * 3
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
