"""Processes that run runs and are killed, or stand beside each other: no turn is there twice, and none is lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from chaffer.dialogue.events import RunEnded, TurnSpoken
from tests.support.crashes import journals_of
from tests.support.runs import RunReader
from tests.support.server import Server, got, posted, until
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer
from tests.support.streams import Reader
from tests.support.talks import PROMPTS, speaks

TURNS = 8


def body(**changes: Any) -> dict[str, Any]:
    """Return the plan of a run of models."""
    bots = [
        {"name": name, "provider": "lm_studio", "model": MODEL, "prompt": prompt}
        for name, prompt in zip(("Ada", "Bob"), PROMPTS, strict=True)
    ]
    return {"topic": "Tea or coffee?", "max_turns": TURNS, "seed": 7, "bots": bots, **changes}


async def ended(client: httpx2.AsyncClient, run_id: str) -> dict[str, Any]:
    """Return a run once it is over."""
    async with asyncio.timeout(60):
        await Reader(client, f"/api/stream/{run_id}").read_to_the_end()
        return await got(client, f"/api/run/{run_id}")


def assert_whole(folder: Path, run_id: str, turns: int = TURNS) -> list[TurnSpoken]:
    """Assert that each turn of a run is in its journal once, in order, and that it has one end, the last."""
    (records,) = asyncio.run(journals_of(folder, [run_id]))
    events = [record.event for record in records]
    spoken = [event for event in events if isinstance(event, TurnSpoken)]
    assert [event.turn for event in spoken] == list(range(turns))
    assert len({event.message_id for event in spoken}) == turns
    assert [isinstance(event, RunEnded) for event in events] == [False] * (len(events) - 1) + [True]
    assert all(event.cut is None for event in spoken)
    return spoken


def variables(model: StandIn) -> dict[str, str]:
    """Return the settings of a server that picks up soon."""
    return {
        "LM_STUDIO_BASE_URL": model.url,
        "LEASE_SECONDS": "0.5",
        "BUILTIN_CHARS_PER_SECOND": "1000",
        "LOG_LEVEL": "DEBUG",
    }


@pytest.mark.timeout(200)
def test_killed_at_random_instants_runs_go_on_where_they_stood(tmp_path: Path) -> None:
    """Issue 4: a killed server picks running runs up."""
    seed = int.from_bytes(os.urandom(4))
    random = Random(seed)
    runs: list[str] = []

    async def play(server: Server, model: StandIn) -> None:
        async with server.client() as client:
            if not runs:
                scripted = body(bots=[{"provider": "builtin"}] * 2, max_turns=30)
                runs.extend([(await posted(client, "/api/run", plan))["id"] for plan in (body(), scripted)])
            asked = len(model.asked)
            await asyncio.to_thread(model.wait_until, lambda: len(model.asked) > asked, 2)
            await asyncio.sleep(random.uniform(0.0, 0.3))  # The instant is the test.
            await asyncio.to_thread(server.kill)

    async def finish(server: Server) -> None:
        async with server.client() as client:
            assert {(await ended(client, run_id))["status"] for run_id in runs} == {"completed"}

    try:
        with standing_in(speaks(pace=0.02, letters=4)) as model, Server(tmp_path, **variables(model)) as server:
            for _ in range(4):
                asyncio.run(play(server, model))
                server.start()
            asyncio.run(finish(server))
            server.stop()
            spoken = assert_whole(tmp_path, runs[0])
            assert_whole(tmp_path, runs[1], 30)
            assert len(model.asked) > TURNS, "no call was cut off: the test saw nothing"
            assert max(event.attempt for event in spoken) >= 2000, "another owner speaks under higher attempts"
            histories = [tuple(said["content"] for said in call.body["messages"][1:]) for call in model.asked]
            assert [len(history) for history in histories] == sorted(len(history) for history in histories)
    except BaseException as failure:
        failure.add_note(f"seed {seed}")
        raise


def beside(folder: Path, model: StandIn, case: Callable[[Server, Server], Any], **changes: str) -> None:
    """Run a case with two servers on one data folder; `changes` are settings of both."""
    shared = variables(model) | changes
    with Server(folder, **shared) as one, Server(folder, **shared) as other:
        asyncio.run(case(one, other))


def test_two_servers_on_one_folder_share_a_run_and_one_owns_it(tmp_path: Path) -> None:
    runs: list[str] = []

    async def case(one: Server, other: Server) -> None:
        async with one.client() as here, other.client() as there:
            run_id = (await posted(here, "/api/run", body()))["id"]
            runs.append(run_id)
            await until(lambda: bool(model.asked))
            await posted(there, f"/api/run/{run_id}/say", {"text": "And water?"})
            patched = await there.patch(f"/api/run/{run_id}/bot/0", json={"prompt": "A new prompt."})
            assert patched.is_success, patched.text
            for client in (here, there):
                assert (await ended(client, run_id))["status"] == "completed"
            logged = "".join([*one.log, *other.log])
            assert run_id in logged
            assert "PROMPT-CANARY" not in logged
            assert "And water?" not in logged

    with standing_in(speaks(delay=0.2)) as model:
        beside(tmp_path, model, case)
        assert len(model.asked) == TURNS, "one of them asks"
        assert "And water?" in str(model.asked[-1].body)
        assert model.asked[-2].system.startswith("A new prompt.")
    assert_whole(tmp_path, runs[0])


def test_a_server_takes_over_the_runs_of_one_that_was_killed(tmp_path: Path) -> None:
    runs: list[str] = []

    async def case(one: Server, other: Server) -> None:
        async with one.client() as here:
            runs.append((await posted(here, "/api/run", body()))["id"])
            await until(lambda: len(model.asked) > 2)
            await asyncio.to_thread(one.kill)
        async with other.client() as there:
            assert (await ended(there, runs[0]))["status"] == "completed"

    with standing_in(speaks(delay=0.15)) as model:
        beside(tmp_path, model, case)
    assert_whole(tmp_path, runs[0])


def test_a_run_stopped_or_deleted_beside_its_owner_goes_on_no_further(tmp_path: Path) -> None:
    async def case(one: Server, other: Server) -> None:
        async with one.client() as here, other.client() as there:
            stopped, deleted = [(await posted(here, "/api/run", body(max_turns=50)))["id"] for _ in range(2)]
            await until(lambda: len(model.asked) > 3)
            assert (await posted(there, f"/api/run/{stopped}/stop"))["status"] == "cancelled"
            assert (await there.delete(f"/api/run/{deleted}")).is_success
            assert (await ended(here, stopped))["status"] == "cancelled"
            assert (await there.get(f"/api/run/{deleted}")).status_code == httpx2.codes.NOT_FOUND
            await until(partial(_is_quiet, model))

    with standing_in(speaks(delay=0.1)) as model:
        beside(tmp_path, model, case)


def test_a_stop_beside_the_owner_closes_the_connection_and_keeps_what_was_said(tmp_path: Path) -> None:
    """Issue 4: stop closes the provider's connection, whichever process is asked, and loses no word."""

    async def case(one: Server, other: Server) -> None:
        async with one.client() as here, other.client() as there:
            run_id = (await posted(here, "/api/run", body()))["id"]
            readers = [RunReader(client, f"/api/stream/{run_id}") for client in (here, there)]
            reading = [asyncio.create_task(reader.read()) for reader in readers]
            await until(lambda: readers[0].told.texts.get(0, "").startswith("Well, and so on"), reading)
            stopping = asyncio.create_task(posted(there, f"/api/run/{run_id}/stop"))
            assert await asyncio.to_thread(model.wait_until, lambda: model.busy == 0)
            stopped = await stopping
            await asyncio.gather(*reading)
            (line,) = stopped["transcript"]
            assert (stopped["status"], line["cut"]) == ("cancelled", "stopped")
            assert line["content"].startswith("Well, and so on")
            for reader in readers:
                assert (reader.told.texts, reader.told.named("restart")) == ({0: line["content"]}, [])
            assert len(model.asked) == 1

    with standing_in(lambda _: Answer("Well, ", endless="and so on, ", pace=0.05)) as model:
        # On a busy machine the other would take over what is renewed in half a second, and live text stays where it is.
        beside(tmp_path, model, case, LEASE_SECONDS="60")


def _is_quiet(model: StandIn) -> bool:
    return model.busy == 0 and not model.wait_until(lambda: model.busy > 0, 0.5)
