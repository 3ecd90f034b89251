"""Two-agent runs over HTTP: begun, listed, looked at, deleted."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from chaffer.errors import ChafferError, Code
from tests.support.runs import TOPIC, Mouth, begun, ended, plan, refused, stream_of
from tests.support.server import Surface, got, opened, play, until

NOWHERE = "/api/run/0190a0f0-0000-7000-8000-000000000000"
VALIDATION = Code.VALIDATION_ERROR
STORES = pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
SLOW: Final[dict[str, Any]] = {"builtin_chars_per_second": 5}


@STORES
def test_a_run_is_begun_and_all_of_it_can_be_read(tmp_path: Path, durable: object) -> None:
    """Specification §4, `POST /api/run` starts a run and returns its id; CONTRACT §4, `GET /api/run/{id}`."""

    async def case(at: Surface) -> None:
        answer = await at.client.post("/api/run", json=plan(user_id="ann"))
        begins = answer.json()
        assert (answer.status_code, begins["status"], begins["turns"]) == (201, "running", 0)
        run = f"/api/run/{begins['id']}"
        reader = await ended(at, run)
        state = await got(at.client, run)
        assert (state["status"], state["turns"], state["user_id"], state["seed"]) == ("completed", 4, "ann", 7)
        assert (state["topic"], state["max_turns"], state["error"]) == (TOPIC, 4, None)
        assert [line["turn"] for line in state["transcript"]] == [0, 1, 2, 3]
        assert [line["role"] for line in state["transcript"]] == ["bot0", "bot1", "bot0", "bot1"]
        assert [line["name"] for line in state["transcript"]] == ["Ada", "Ben", "Ada", "Ben"]
        assert {line["turn"]: line["content"] for line in state["transcript"]} == reader.told.texts
        assert state["position"] == reader.last_id
        assert begins["stream_url"] == stream_of(run)
        assert (await at.client.get(begins["export_url"])).is_success

    play(tmp_path, case, durable=bool(durable))


def test_what_a_plan_leaves_out_comes_from_the_settings(tmp_path: Path) -> None:
    """CONTRACT §4, BotConfig; specification §2, `RUN_MAX_TURNS`."""

    async def case(at: Surface) -> None:
        run = await begun(at.client, {"topic": TOPIC, "bots": [{}, {"temperature": 0}]})
        state = await got(at.client, run)
        first, second = state["bots"]
        assert (state["max_turns"], first["name"], second["name"]) == (10, "Bot 1", "Bot 2")
        assert (first["provider"], first["temperature"], first["max_tokens"]) == ("builtin", 0.4, 123)
        assert second["temperature"] == 0
        assert [bot["revision"] for bot in state["bots"]] == [0, 0]

    play(tmp_path, case, llm_provider="builtin", llm_default_temperature=0.4, llm_default_max_tokens=123, **SLOW)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"max_turns": 0}, "max_turns"),
    ({"max_turns": 51}, "max_turns"),
    ({"max_turns": 10**30}, "max_turns"),
    ({"max_turns": 2.5}, "max_turns"),
    ({"max_turns": "4"}, "max_turns"),
    ({"max_turns": True}, "max_turns"),
    ({"seed": -1}, "seed"),
    ({"seed": 2**53}, "seed"),
    ({"topic": ""}, "topic"),
    ({"topic": " \n\t"}, "topic"),
    ({"topic": "x" * 4_001}, "topic"),
    ({"topic": "a\x00b"}, "topic"),
    ({"topic": "a\ud800b"}, "topic"),
    ({"topic": None}, "topic"),
    ({"topic": 7}, "topic"),
    ({"bots": [{}]}, "bots"),
    ({"bots": [{}, {}, {}]}, "bots"),
    ({"bots": []}, "bots"),
    ({"bots": "two"}, "bots"),
    ({"bots": [{}, "Ben"]}, "bots[1]"),
    ({"turns": 4}, "turns"),
    ({"user_id": "a\nb"}, "user_id"),
]
REFUSED_OF_A_BOT: list[tuple[dict[str, Any], str]] = [
    ({"provider": "gpt"}, "provider"),
    ({"provider": ""}, "provider"),
    ({"model": ""}, "model"),
    ({"model": "x" * 201}, "model"),
    ({"model": "no-such-script"}, "model"),
    ({"name": "x" * 51}, "name"),
    ({"name": "a\nb"}, "name"),
    ({"name": "  "}, "name"),
    ({"name": "a\ud800"}, "name"),
    ({"name": "aDA"}, "name"),
    ({"prompt": "x" * 20_001}, "prompt"),
    ({"prompt": "a\x00b"}, "prompt"),
    ({"prompt": "a\udfff"}, "prompt"),
    ({"prompt": None}, "prompt"),
    ({"temperature": 1.5}, "temperature"),
    ({"temperature": -0.1}, "temperature"),
    ({"temperature": "0.5"}, "temperature"),
    ({"temperature": float("nan")}, "temperature"),
    ({"temperature": float("inf")}, "temperature"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_tokens": 32_001}, "max_tokens"),
    ({"max_tokens": 1.5}, "max_tokens"),
    ({"api_key": ""}, "api_key"),
    ({"api_key": "a\ud800"}, "api_key"),
    ({"temprature": 0.5}, "temprature"),
]


def test_a_refused_plan_names_the_field(tmp_path: Path) -> None:
    """CONTRACT §1, Errors; §4: `max_turns` 1…RUN_MAX_TURNS, whose default is 50; two bots."""

    async def case(at: Surface) -> None:
        found = [refused(await _sent(at.client, {**plan(), **changes}), VALIDATION) for changes, _ in REFUSED]
        assert found == [[field] for _, field in REFUSED]
        assert (await got(at.client, "/api/runs"))["runs"] == []

    play(tmp_path, case)


def test_a_refused_bot_names_the_field(tmp_path: Path) -> None:
    """CONTRACT §4, BotConfig: every field checked, unknown ones refused by name."""

    async def case(at: Surface) -> None:
        plans = [plan(bots=({}, changes)) for changes, _ in REFUSED_OF_A_BOT]
        found = [refused(await _sent(at.client, body), VALIDATION) for body in plans]
        assert found == [[f"bots[1].{field}"] for _, field in REFUSED_OF_A_BOT]

    play(tmp_path, case)


async def _sent(client: httpx2.AsyncClient, body: dict[str, Any]) -> httpx2.Response:
    """Send a body as Python writes it: with NaN, and with halves of characters."""
    headers = {"Content-Type": "application/json"}
    return await client.post("/api/run", content=json.dumps(body), headers=headers)


def test_every_fault_of_a_plan_is_named_at_once(tmp_path: Path) -> None:
    """CONTRACT §1: details name each field."""

    async def case(at: Surface) -> None:
        body = plan(topic="", max_turns=0, bots=({"temperature": 2}, {"provider": "x", "more": 1}))
        fields = refused(await at.client.post("/api/run", json=body), VALIDATION)
        wanted = {"topic", "max_turns", "bots[0].temperature", "bots[1].provider", "bots[1].more"}
        assert set(fields) == wanted

    play(tmp_path, case)


def test_a_name_that_is_left_out_is_none_that_the_other_bot_has(tmp_path: Path) -> None:
    """Each bot knows the other by its name: two of one name could not be told apart."""

    async def case(at: Surface) -> None:
        body = {"topic": TOPIC, "bots": [{"name": "bot 2", "provider": "builtin"}, {"provider": "builtin"}]}
        assert refused(await at.client.post("/api/run", json=body), VALIDATION) == ["bots[1].name"]

    play(tmp_path, case)


@pytest.mark.parametrize(("most", "status"), [(3, 400), (4, 201), (200, 201)])
def test_the_setting_bounds_the_turns(tmp_path: Path, most: int, status: int) -> None:
    """Specification §2: `RUN_MAX_TURNS` is the absolute cap per conversation."""

    async def case(at: Surface) -> None:
        answer = await at.client.post("/api/run", json=plan(max_turns=most if most > 50 else 4))
        assert answer.status_code == status
        if status == 400:
            assert str(most) in answer.json()["error"]["details"][0]["issue"]

    play(tmp_path, case, run_max_turns=most, **SLOW)


def test_a_body_of_ten_megabytes_is_refused_unread(tmp_path: Path) -> None:
    """CONTRACT §1: PAYLOAD_TOO_LARGE."""

    async def case(at: Surface) -> None:
        body = plan(topic="x" * 10_000_000)
        refused(await at.client.post("/api/run", json=body), Code.PAYLOAD_TOO_LARGE, 413)

    play(tmp_path, case)


@pytest.mark.parametrize(
    ("provider", "code", "status"),
    [("openai", "LLM_PROVIDER_DISABLED", 400), ("lm_studio", "LLM_PROVIDER_UNAVAILABLE", 503)],
)
def test_a_provider_that_cannot_be_asked_is_told_before_the_run_begins(
    tmp_path: Path, provider: str, code: Code, status: int
) -> None:
    """Specification §6, `validate_config`; CONTRACT §1: LLM_PROVIDER_DISABLED, LLM_PROVIDER_UNAVAILABLE."""

    async def case(at: Surface) -> None:
        body = plan(bots=({}, {"provider": provider}))
        refused(await at.client.post("/api/run", json=body), code, status)
        assert (await got(at.client, "/api/runs"))["runs"] == []

    play(tmp_path, case)


@STORES
def test_the_same_request_again_begins_one_run(tmp_path: Path, durable: object) -> None:
    """CONTRACT §1, Creating: `Idempotency-Key` on every creating POST."""

    async def case(at: Surface) -> None:
        headers = {"Idempotency-Key": "one"}
        calls = [at.client.post("/api/run", json=plan(), headers=headers) for _ in range(10)]
        answers = await asyncio.gather(*calls)
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert len((await got(at.client, "/api/runs"))["runs"]) == 1
        other = await at.client.post("/api/run", json=plan(seed=8), headers=headers)
        refused(other, Code.IDEMPOTENCY_KEY_REUSED, 409)

    play(tmp_path, case, durable=bool(durable), **SLOW)


def test_runs_are_listed_in_pages_newest_first(tmp_path: Path) -> None:
    """CONTRACT §4, `GET /api/runs`; §1: lists page by cursor, `limit` ≤ 100; `user_id` narrows them."""

    async def case(at: Surface) -> None:
        made = [(await begun(at.client, plan(user_id="ann" if number % 2 else "bob"))) for number in range(5)]
        found, after = [], None
        while True:
            page = await got(at.client, "/api/runs", limit="2", **({"after": after} if after else {}))
            found += page["runs"]
            after = page["next_after"]
            if after is None:
                break
        assert [f"/api/run/{run['id']}" for run in found] == made[::-1]
        ann = (await got(at.client, "/api/runs", user_id="ann"))["runs"]
        assert [f"/api/run/{run['id']}" for run in ann] == [made[3], made[1]]
        for limit in ("0", "101", "x"):
            assert refused(await at.client.get("/api/runs", params={"limit": limit}), VALIDATION) == ["limit"]
        sessions = await got(at.client, "/api/v1/simulation")
        assert sessions["sessions"] == [], "a run is no session"

    play(tmp_path, case, **SLOW)


@STORES
def test_what_is_deleted_is_gone(tmp_path: Path, durable: object) -> None:
    """The same as for sessions: it is stopped, its streams end, and it is not found any more."""

    async def case(at: Surface) -> None:
        running, over = await begun(at.client, max_turns=50), await begun(at.client)
        await ended(at, over)
        for run in (running, over):
            answer = await at.client.delete(run)
            assert (answer.status_code, answer.json()["id"]) == (200, run.rpartition("/")[2])
            refused(await at.client.get(run), Code.RUN_NOT_FOUND, 404)
            refused(await at.client.delete(run), Code.RUN_NOT_FOUND, 404)
        assert (await got(at.client, "/api/runs"))["runs"] == []
        await until(lambda: at.chaffer.engine.running == 0)

    play(tmp_path, case, durable=bool(durable), builtin_chars_per_second=2_000)


def calls_of(run: str) -> list[tuple[str, str, Any]]:
    """Return a call of every path that names a run."""
    export = run.replace("/api/run/", "/api/export/")
    return [
        ("GET", run, None),
        ("DELETE", run, None),
        ("PATCH", f"{run}/bot/0", {"name": "Z"}),
        ("POST", f"{run}/say", {"text": "Hi"}),
        ("POST", f"{run}/stop", None),
        ("GET", stream_of(run), None),
        *(("GET", f"{export}.{form}", None) for form in ("json", "md", "csv", "pdf")),
    ]


STRANGE = [NOWHERE, *(f"/api/run/{name}" for name in ("x", "%00", "x" * 2_000, "%F0%9F%98%80"))]


def test_an_unknown_id_is_not_found_on_any_path(tmp_path: Path) -> None:
    """CONTRACT §1: RUN_NOT_FOUND, 404."""

    async def case(at: Surface) -> None:
        for method, path, body in (call for name in STRANGE for call in calls_of(name)):
            refused(await at.client.request(method, path, json=body), Code.RUN_NOT_FOUND, 404)

    play(tmp_path, case, durable=True)


def test_the_id_of_another_thing_is_no_id_of_a_run_and_the_other_way_round(tmp_path: Path) -> None:
    """CONTRACT §1: a foreign object answers 404, as if it did not exist."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        for other in (market.session_id, market.rooms[0]):
            for method, path, body in calls_of(f"/api/run/{other}"):
                refused(await at.client.request(method, path, json=body), Code.RUN_NOT_FOUND, 404)
        run_id = (await begun(at.client)).rpartition("/")[2]
        for path, code in (
            (f"/api/v1/simulation/{run_id}", Code.SESSION_NOT_FOUND),
            (f"/api/v1/simulation/{run_id}/stream", Code.SESSION_NOT_FOUND),
            (f"/api/v1/negotiation/{run_id}/state", Code.ROOM_NOT_FOUND),
            (f"/api/v1/negotiation/{run_id}/stream", Code.ROOM_NOT_FOUND),
            (f"/api/v1/negotiation/{run_id}/export.json", Code.ROOM_NOT_FOUND),
        ):
            refused(await at.client.get(path), code, 404)
        refused(await at.client.delete(f"/api/v1/simulation/{run_id}"), Code.SESSION_NOT_FOUND, 404)
        refused(await at.client.post(f"/api/v1/negotiation/{run_id}/stop"), Code.ROOM_NOT_FOUND, 404)
        assert (await got(at.client, f"/api/run/{run_id}"))["status"] == "running"

    play(tmp_path, case, **SLOW)


def test_a_run_that_failed_tells_why_and_keeps_what_was_said(tmp_path: Path) -> None:
    """Specification §5: status `error` and its message; CONTRACT §4: what was said stays exportable."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client)
        mouth.say("All is well.", "", "But th", ChafferError(Code.LLM_TIMEOUT, "It took too long."))
        await ended(at, run)
        state = await got(at.client, run)
        assert (state["status"], state["error"]) == ("error", {"code": "LLM_TIMEOUT", "message": "It took too long."})
        assert [(line["content"], line["cut"]) for line in state["transcript"]] == [
            ("All is well.", None),
            ("But th", "fault"),
        ]
        listed = (await got(at.client, "/api/runs"))["runs"][0]
        assert (listed["status"], listed["error"]["code"], listed["turns"]) == ("error", "LLM_TIMEOUT", 2)
        assert "But th" in (await at.client.get(listed["export_url"])).text

    play(tmp_path, case)


def test_a_partial_transcript_can_be_exported_while_it_runs(tmp_path: Path) -> None:
    """Specification §4, `GET /api/export/{id}.json`: final or partial transcript download."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client)
        mouth.say("First words.", "", "Half a ")
        await until(lambda: len(mouth.asked) == 2)
        text = (await at.client.get(run.replace("/api/run/", "/api/export/") + ".json")).text
        assert "First words." in text
        assert "Half a" not in text

    play(tmp_path, case)


def test_whether_it_is_alive_is_told_without_a_run(tmp_path: Path) -> None:
    """Specification §4, `GET /health`: health check endpoint for monitoring."""

    async def case(at: Surface) -> None:
        assert (await got(at.client, "/health"))["status"] == "healthy"

    play(tmp_path, case)


def test_a_parameter_that_nobody_declared_is_refused_by_name(tmp_path: Path) -> None:
    """CONTRACT §1: fields nobody declared are refused by name."""

    async def case(at: Surface) -> None:
        for method, path in (("GET", NOWHERE), ("GET", "/api/runs"), ("GET", stream_of(NOWHERE)), ("POST", "/api/run")):
            answer = await at.client.request(method, path, params={"x": "1"}, json=plan())
            assert refused(answer, VALIDATION) == ["x"]

    play(tmp_path, case)


def test_a_wrong_method_is_refused_in_the_envelope(tmp_path: Path) -> None:
    """CONTRACT §1: METHOD_NOT_ALLOWED."""

    async def case(at: Surface) -> None:
        for method, path in (("GET", "/api/run"), ("PUT", NOWHERE), ("POST", "/api/runs"), ("GET", f"{NOWHERE}/stop")):
            refused(await at.client.request(method, path), Code.METHOD_NOT_ALLOWED, 405)

    play(tmp_path, case)
