"""Keys of requests (CONTRACT §1): whom each is sent to, how long it lasts, and that it is seen nowhere else."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from tests.support.model_markets import market_of_models
from tests.support.server import Opened, Server, Surface, got, opened, play, posted
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer
from tests.support.streams import Reader

INITIALIZE: Final = "/api/v1/simulation/initialize"
KEY: Final = "sk-canary-of-the-session-8c1f"
OWN_KEY: Final = "sk-canary-of-a-seller-77ab"
CONFIGURED: Final = "sk-configured-0d2e"
SECRET: Final = "canary: forty characters of secret, or so"
OPENAI: Final = {"provider": "openai", "model": MODEL, "api_key": KEY}
MEMORY_ONLY: Final = (
    "openai needs the api_key that came with the request, which was kept in memory only, and the server has restarted "
    "since. Set SECRET_KEY to keep keys encrypted."
)


def market(*minds: dict[str, Any] | None, rounds: int = 2, **changes: Any) -> dict[str, Any]:
    """Return a market whose agents have the session's mind, or those that are given for the first sellers."""
    body = market_of_models(sellers=3, rounds=rounds, llm_config=OPENAI)
    for seller, mind in zip(body["sellers"], minds, strict=False):
        if mind is not None:
            seller["llm_config"] = mind
    return {**body, **changes}


def keys_by_speaker(model: StandIn) -> dict[str, set[str | None]]:
    """Return with which keys each agent's model was asked, by the agent's name."""
    keys: defaultdict[str, set[str | None]] = defaultdict(set)
    for asked in model.asked:
        speaker = asked.system.partition("You are ")[2].partition(",")[0]
        keys[speaker].add(asked.headers.get("authorization", "").removeprefix("Bearer ") or None)
    return dict(keys)


async def played(at: Surface, body: dict[str, Any]) -> Opened:
    """Play a session to its end."""
    session = await opened(at.client, body)
    await posted(at.client, f"{session.session}/start")
    await Reader(at.client, f"{session.session}/stream").read_to_the_end()
    return session


def kept_in(folder: Path) -> list[tuple[str, str, str]]:
    """Return whose keys a data folder keeps, sealed."""
    with closing(sqlite3.connect(folder / "data" / "chaffer.db")) as database:
        return database.execute("SELECT session_id, slot, provider FROM session_keys ORDER BY slot").fetchall()


def test_every_agent_s_model_is_asked_with_the_key_that_came_for_it(tmp_path: Path) -> None:
    body = market(
        {"provider": "openai", "model": "other", "api_key": OWN_KEY},  # a key of its own
        {"provider": "openai", "model": "other"},  # the session's provider, and so the session's key
        {"provider": "openrouter", "model": MODEL},  # another provider, which knows the configured key alone
    )

    async def case(at: Surface) -> None:
        await played(at, body)

    with standing_in() as model:
        urls: dict[str, Any] = {"openai_base_url": model.url, "openrouter_base_url": model.url}
        play(tmp_path, case, **urls, openrouter_api_key=CONFIGURED, openai_api_key=CONFIGURED)
        assert keys_by_speaker(model) == {
            "John Doe": {KEY},
            "Shop 1": {OWN_KEY},
            "Shop 2": {KEY},
            "Shop 3": {CONFIGURED},
        }


def test_a_key_is_its_session_s_alone(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await played(at, market())
        model.asked.clear()
        await played(at, market(llm_config={"provider": "openai", "model": MODEL}))

    with standing_in() as model:
        play(tmp_path, case, openai_base_url=model.url, openai_api_key=CONFIGURED)
        assert set().union(*keys_by_speaker(model).values()) == {CONFIGURED}


def test_who_looks_whether_the_provider_answers_uses_the_request_s_key(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        without = await at.client.post(INITIALIZE, json=market(llm_config={"provider": "openai", "model": MODEL}))
        error = without.json()["error"]
        assert (without.status_code, error["code"]) == (400, "LLM_PROVIDER_DISABLED")
        assert error["details"][0]["field"] == "llm_config.api_key"
        assert (await at.client.post(INITIALIZE, json=market())).status_code == 201

    with standing_in() as model:
        play(tmp_path, case, openai_base_url=model.url)


def test_a_key_that_the_provider_refuses_is_told_at_its_field_and_not_kept(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        answer = await at.client.post(INITIALIZE, json=market(llm_config=None, buyer=_buyer(OPENAI)))
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_API_KEY")
        assert KEY not in answer.text + at.log.getvalue()

    with standing_in() as model:
        model.listing = lambda _: Answer(status=401, body=f'{{"error": "bad key {KEY}"}}'.encode())
        play(tmp_path, case, durable=True, openai_base_url=model.url, secret_key=SECRET)
    assert kept_in(tmp_path) == []


def _buyer(mind: dict[str, Any]) -> dict[str, Any]:
    return {**market_of_models()["buyer"], "llm_config": mind}


@pytest.mark.parametrize("provider", ["builtin", "lm_studio"])
def test_a_key_for_who_needs_none_is_taken_and_dropped(provider: str, tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await played(at, market(llm_config={"provider": provider, "api_key": KEY}, rounds=1))
        assert bool(model.asked) == (provider == "lm_studio")
        assert all("authorization" not in asked.headers for asked in model.asked)

    with standing_in() as model:
        settings: dict[str, Any] = {"lm_studio_base_url": model.url, "lm_studio_default_model": MODEL}
        play(tmp_path, case, durable=True, secret_key=SECRET, **settings)
    assert kept_in(tmp_path) == []


@pytest.mark.parametrize("field", ["base_url", "url", "host"])
def test_no_address_is_taken_from_a_request(field: str, tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        answer = await at.client.post(INITIALIZE, json=market(llm_config={**OPENAI, field: "http://127.0.0.1:9/v1"}))
        assert answer.status_code == 400
        assert answer.json()["error"]["details"][0]["field"] == f"llm_config.{field}"
        assert KEY not in answer.text

    play(tmp_path, case)


def test_the_same_request_again_gives_the_same_session_with_its_key(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        headers = {"Idempotency-Key": "one"}
        answers = await asyncio.gather(*(at.client.post(INITIALIZE, json=market(), headers=headers) for _ in range(4)))
        assert {answer.text for answer in answers} == {answers[0].text}
        other = await at.client.post(INITIALIZE, json=market(llm_config={**OPENAI, "api_key": "x"}), headers=headers)
        assert (other.status_code, other.json()["error"]["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
        path = f"/api/v1/simulation/{answers[0].json()['session_id']}"
        await posted(at.client, f"{path}/start")
        await Reader(at.client, f"{path}/stream").read_to_the_end()
        assert set().union(*keys_by_speaker(model).values()) == {KEY}

    with standing_in() as model:
        play(tmp_path, case, durable=True, openai_base_url=model.url, secret_key=SECRET)
    assert [slot for _, slot, _ in kept_in(tmp_path)] == ["session"]


def test_sealed_keys_go_with_their_session(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        sessions = [await opened(at.client, market({**OPENAI, "api_key": OWN_KEY})) for _ in range(2)]
        rows = [(one.session_id, slot, "openai") for one in sessions for slot in ("seller_001", "session")]
        assert sorted(kept_in(tmp_path)) == sorted(rows)
        await at.client.delete(sessions[0].session)
        assert sorted(kept_in(tmp_path)) == sorted(rows[2:])

    with standing_in() as model:
        play(tmp_path, case, durable=True, openai_base_url=model.url, secret_key=SECRET)


@asynccontextmanager
async def restarted(server: Server, path: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Kill the server while the session's models are asked, start it again, and yield once its rooms have ended."""
    await asyncio.to_thread(server.kill)
    server.start()
    async with server.client() as client, asyncio.timeout(30):
        await posted(client, f"{path}/start")
        await Reader(client, f"{path}/stream").read_to_the_end()
        yield client


async def half_played(server: Server, model: StandIn, body: dict[str, Any]) -> Opened:
    """Open a session, start it, and return when its models are being asked."""
    async with server.client() as client:
        session = await opened(client, body)
        await posted(client, f"{session.session}/start")
        assert await asyncio.to_thread(model.wait_until, lambda: len(model.asked) >= 3)
    return session


async def ending_of(client: httpx2.AsyncClient, session: Opened) -> dict[str, Any]:
    """Return how the session's room ended, as its stream tells."""
    reader = Reader(client, f"{session.room}/stream")
    await reader.read_to_the_end()
    return reader.named("negotiation_complete")[-1].data


def variables(model: StandIn, **more: str) -> dict[str, str]:
    return {"OPENAI_BASE_URL": model.url, "LEASE_SECONDS": "0.5", **more}


@pytest.mark.parametrize("configured", [None, CONFIGURED])
def test_without_a_secret_key_a_room_ends_as_failed_after_a_restart_and_says_why(
    configured: str | None, tmp_path: Path
) -> None:
    """The configured key is not put in the lost one's place: it is another's money."""

    async def case(server: Server) -> None:
        session = await half_played(server, model, market())
        asked = len(model.asked)
        async with restarted(server, session.session) as client:
            ending = await ending_of(client, session)
            assert (ending["status"], ending["code"]) == ("failed", "LLM_PROVIDER_DISABLED")
            assert ending["reason"] == f"A model of this room cannot be asked: {MEMORY_ONLY}"
            state = await got(client, f"{session.room}/state")
            assert state["status"] == "failed"
        assert len(model.asked) == asked

    more = {} if configured is None else {"OPENAI_API_KEY": configured}
    with standing_in(delay=0.3) as model, Server(tmp_path, **variables(model, **more)) as server:
        asyncio.run(case(server))


def test_with_a_secret_key_a_room_goes_on_after_a_restart_with_its_key(tmp_path: Path) -> None:
    async def case(server: Server) -> None:
        session = await half_played(server, model, market({**OPENAI, "api_key": OWN_KEY}))
        async with restarted(server, session.session) as client:
            assert (await ending_of(client, session))["status"] == "completed"
        assert keys_by_speaker(model) == {
            "John Doe": {KEY},
            "Shop 1": {OWN_KEY},
            "Shop 2": {KEY},
            "Shop 3": {KEY},
        }

    with standing_in(delay=0.2) as model, Server(tmp_path, **variables(model, SECRET_KEY=SECRET)) as server:
        asyncio.run(case(server))


def test_after_a_change_of_address_the_key_is_not_sent_to_the_new_one(tmp_path: Path) -> None:
    async def first(server: Server) -> Opened:
        return await half_played(server, model, market())

    async def second(server: Server, session: Opened) -> None:
        async with server.client() as client, asyncio.timeout(30):
            await posted(client, f"{session.session}/start")
            await Reader(client, f"{session.session}/stream").read_to_the_end()
            ending = await ending_of(client, session)
            assert (ending["status"], ending["code"]) == ("failed", "LLM_PROVIDER_DISABLED")
            assert "SECRET_KEY or the address of openai has changed since" in ending["reason"]

    with standing_in(delay=0.3) as model, standing_in() as another:
        with Server(tmp_path, **variables(model, SECRET_KEY=SECRET)) as server:
            session = asyncio.run(first(server))
        with Server(tmp_path, **variables(another, SECRET_KEY=SECRET)) as server:
            asyncio.run(second(server, session))
        assert another.asked == []


@pytest.mark.parametrize("secret_key", [None, SECRET])
def test_keys_are_seen_nowhere_but_at_their_provider(secret_key: str | None, tmp_path: Path) -> None:
    """Streams, states, summaries, logs, refusals, faults, the database and the program's own log at DEBUG."""
    canaries = (KEY, OWN_KEY, SECRET)
    refused = market({**OPENAI, "api_key": OWN_KEY}, seed=-1)
    misspelt = market({**OPENAI, OWN_KEY: KEY})

    async def all_answers(client: httpx2.AsyncClient, session: Opened) -> list[str]:
        room = session.rooms[0]
        paths = [session.session, f"{session.session}/summary", f"{session.room}/state", "/api/v1/simulation"]
        paths += [f"{session.room}/state?agent_id=seller_001", f"/api/v1/logs/{session.session_id}/{room}"]
        paths += [f"/api/v1/logs/{session.session_id}", "/api/v1/logs", "/api/v1/llm/status", "/api/v1/health"]
        answers = [await client.get(path) for path in paths]
        answers += [await client.post(INITIALIZE, json=body) for body in (refused, misspelt)]
        answers.append(await client.post(INITIALIZE, content=f'{{"llm_config": {{"api_key": "{KEY}"'))
        return [answer.text + str(answer.headers) for answer in answers]

    async def case(server: Server) -> None:
        body = market({**OPENAI, "api_key": OWN_KEY}, {**OPENAI, "api_key": "no key, a text with spaces"}, rounds=1)
        async with server.client() as client:
            told = [(await client.post(INITIALIZE, json=body)).text]
            body["sellers"][1]["llm_config"]["api_key"] = KEY
            headers = {"Idempotency-Key": "one"}
            told += [(await client.post(INITIALIZE, json=body, headers=headers)).text for _ in range(2)]
            session = await opened(client, body)
            await posted(client, f"{session.session}/start")
            for path in (session.session, session.room, f"{session.room}?agent_id=seller_001"):
                reader = Reader(client, path.replace("?", "/stream?") if "?" in path else f"{path}/stream")
                await reader.read_to_the_end()
                told.append(reader.raw.decode())
            told += await all_answers(client, session)
        _assert_nowhere(canaries, told)

    faults = iter([Answer(status=500), Answer(status=401), Answer(status=404)])
    more = {"LOG_LEVEL": "DEBUG", "LOG_FILE": str(tmp_path / "logs" / "app.log")}
    more |= {} if secret_key is None else {"SECRET_KEY": secret_key}
    with standing_in() as model:
        haggles = model.script
        model.script = lambda asked: next(faults, None) or haggles(asked)
        with Server(tmp_path, **variables(model, **more)) as server:
            asyncio.run(case(server))
            _assert_nowhere(canaries, server.log)
            _assert_in_no_file(canaries, tmp_path)
            server.stop()
    _assert_in_no_file(canaries, tmp_path)
    assert {slot for _, slot, _ in kept_in(tmp_path)} == (
        set() if secret_key is None else {"session", "seller_001", "seller_002"}
    )
    assert {KEY, OWN_KEY} <= set().union(*keys_by_speaker(model).values())


def _assert_nowhere(canaries: Sequence[str], told: Sequence[str]) -> None:
    assert told
    for canary in canaries:
        assert not any(canary in text for text in told)


def _assert_in_no_file(canaries: Sequence[str], folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"chaffer.db", "app.log"} <= {path.name for path in files}
    assert any(path.name.startswith("negotiation_") for path in files)
    for path in files:
        content = path.read_bytes()
        assert not any(canary.encode() in content for canary in canaries), path
