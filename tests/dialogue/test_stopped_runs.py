"""Runs that are stopped at any moment: the model is let go of, and what was seen is what is recorded."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from chaffer.bootstrap import Chaffer
from chaffer.conversation.journal import Append, Recorded
from chaffer.dialogue import runs
from chaffer.dialogue.commands import AskStop
from chaffer.dialogue.events import Cut, RunEnded, RunStarted, RunStatus, StopAsked
from chaffer.dialogue.rules import STOPPED
from chaffer.storage.memory import MemoryStore
from tests.support.model_markets import opened
from tests.support.server import until
from tests.support.standin import StandIn
from tests.support.standin_scripts import first
from tests.support.talks import Follower, begun, over, plan, play, speaks, turns_of


class SlowStore(MemoryStore):
    """A store whose disk takes its time, so that much is said while an append is under way."""

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Append, after a while."""
        await asyncio.sleep(0.03)
        return await super().append(append)


@pytest.mark.parametrize("paced", ["", "model", "between"])
def test_stop_closes_the_connection_and_keeps_what_was_said(tmp_path: Path, paced: str) -> None:
    """Issue 4: stop closes the provider's connection within 1 s, by the model's clock; what was said so far is kept."""
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
        heard = sum(map(len, follower.texts.values()))
        ended = await chaffer.runs.stop(live.conversation_id)
        assert await asyncio.to_thread(server.wait_until, lambda: server.broken_off == 1)
        await following
        follower.assert_saw_what_was_recorded()
        assert ended.ended == RunEnded(RunStatus.CANCELLED, STOPPED, 1 if paced else 0)
        assert [(one.cut, one.text.startswith("Tea is")) for one in turns_of(live)] == [(Cut.STOPPED, True)] * bool(
            paced
        )
        assert sum(len(one.text) for one in turns_of(live)) - heard <= 50 * len(" good"), "50 words take the model 1 s"
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


def test_a_stop_closes_the_connection_before_it_waits_for_the_journal(tmp_path: Path) -> None:
    """Issue 4: within 1 s, however long an append takes; what was seen by then is what is recorded."""

    class StandingStore(MemoryStore):
        """Appends nothing before the connection is closed."""

        async def append(self, append: Append) -> tuple[Recorded, ...]:
            assert await asyncio.to_thread(servers[0].wait_until, lambda: servers[0].broken_off == 1, 2.0)
            return await super().append(append)

    servers: list[StandIn] = []

    async def case(chaffer: Chaffer, server: StandIn) -> None:
        servers.append(server)
        live = await begun(chaffer, plan(turns=1))
        follower = Follower()
        following = asyncio.create_task(follower.follow(live))
        await until(lambda: any(follower.texts.values()))
        assert (await chaffer.runs.stop(live.conversation_id)).status is RunStatus.CANCELLED
        await following
        (kept,) = turns_of(live)
        assert (kept.cut, kept.making) == (Cut.STOPPED, None)
        follower.assert_saw_what_was_recorded()

    play(speaks("Tea is", endless=" good", pace=0.02), tmp_path, case, store=StandingStore())


def test_a_run_whose_owner_does_not_answer_is_stopped_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "OWNER_SECONDS", 0.2)
    store = MemoryStore()

    async def case(chaffer: Chaffer, server: StandIn) -> None:
        live = await begun(chaffer, plan(turns=1))
        run_id = live.conversation_id
        assert await asyncio.to_thread(server.wait_until, lambda: server.busy == 1)
        await chaffer.engine.close()
        assert await store.acquire(run_id, "dead", chaffer.now() + timedelta(hours=1), chaffer.now()) is not None
        async with opened(server.url, tmp_path, store=store) as other:
            stopped = await other.runs.stop(run_id)
            assert stopped.ended == RunEnded(RunStatus.CANCELLED, STOPPED, 0)
            assert [type(record.event) for record in await store.read(run_id)] == [RunStarted, StopAsked, RunEnded]
            assert len(server.asked) == 1

    play(speaks(hangs="at once"), tmp_path, case, store=store)


def test_a_run_that_was_to_be_stopped_when_its_owner_died_is_ended_and_nobody_asked(tmp_path: Path) -> None:
    store = MemoryStore()

    async def case(chaffer: Chaffer, server: StandIn) -> None:
        live = await begun(chaffer, plan(turns=1))
        assert await asyncio.to_thread(server.wait_until, lambda: server.busy == 1)
        await chaffer.engine.close()
        await live.submit(AskStop())
        async with opened(server.url, tmp_path, store=store) as other:
            ended = await over(await other.runs.run(live.conversation_id))
            assert ended.ended == RunEnded(RunStatus.CANCELLED, STOPPED, 0)
            assert len(server.asked) == 1

    play(speaks(hangs="at once"), tmp_path, case, store=store)
