"""`GET /metrics`: whom it answers, in which format, and what a negotiation leaves there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics_families

from chaffer.api.openapi import document
from chaffer.api.requests import NO_ROUTE
from chaffer.errors import Code
from tests.support.exposition import samples, value
from tests.support.model_markets import market_of_models
from tests.support.server import Surface, opened, play, posted, until
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer, Asked, Script, always, first, haggles, only, says

TOKEN = "a-token-of-28-characters-a1b"
METRICS = "/metrics"
AWAY = "192.0.2.7"
TYPES = {
    "chaffer_llm_calls": "counter",
    "chaffer_llm_tokens": "counter",
    "chaffer_llm_cost_dollars": "counter",
    "chaffer_llm_retries": "counter",
    "chaffer_llm_faults": "counter",
    "chaffer_guard_corrections": "counter",
    "chaffer_rooms_ended": "counter",
    "chaffer_runs_ended": "counter",
    "chaffer_llm_first_token_seconds": "histogram",
    "chaffer_llm_call_seconds": "histogram",
    "chaffer_http_requests": "counter",
    "chaffer_http_answer_seconds": "histogram",
    "chaffer_stream_seconds": "histogram",
    "chaffer_database_seconds": "histogram",
    "chaffer_chat_turns": "counter",
    "chaffer_chat_tool_calls": "counter",
    "chaffer_chat_approvals": "counter",
    "chaffer_chat_models_left": "counter",
    "chaffer_chats": "gauge",
    "chaffer_rooms": "gauge",
    "chaffer_runs": "gauge",
    "chaffer_stream_readers": "gauge",
    "chaffer_rate_limit_fallbacks": "counter",
    "chaffer_rate_limited": "counter",
}


def client_from(at: Surface, peer: str) -> httpx2.AsyncClient:
    """Return a client whose requests come from that address."""
    transport = httpx2.ASGITransport(app=at.app, client=(peer, 4711))
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1")


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def refused(answer: httpx2.Response, code: Code, status: int) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert answer.headers["x-request-id"] == error["request_id"]
    message: str = error["message"]
    assert "METRICS_TOKEN" in message
    return message


async def read(at: Surface) -> Any:
    answer = await at.client.get(METRICS)
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


@pytest.mark.parametrize("settings", [{}, {"unsafe_no_auth": True}, {"metrics_token": TOKEN}], ids=str)
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_reads_metrics_without_a_token(tmp_path: Path, peer: str, settings: dict[str, Any]) -> None:
    """CONTRACT §1, Who may call: `/metrics` answers loopback peers."""

    async def case(at: Surface) -> None:
        async with client_from(at, peer) as client:
            answer = await client.get(METRICS)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
            assert value(samples(answer.text), "chaffer_rooms", status="active") == 0
            assert value(samples(answer.text), "chaffer_runs", status="running") == 0

    play(tmp_path, case, **settings)


@pytest.mark.parametrize("settings", [{}, {"unsafe_no_auth": True}], ids=str)
def test_another_machine_reads_nothing_where_no_token_is_set(tmp_path: Path, settings: dict[str, Any]) -> None:
    async def case(at: Surface) -> None:
        async with client_from(at, AWAY) as client:
            refused(await client.get(METRICS), Code.FORBIDDEN, 403)
            refused(await client.get(METRICS, headers=bearing("")), Code.FORBIDDEN, 403)

    play(tmp_path, case, **settings)


def test_another_machine_reads_metrics_for_the_token(tmp_path: Path) -> None:
    """CONTRACT §1, Who may call: `/metrics` answers loopback peers, or `METRICS_TOKEN`."""

    async def case(at: Surface) -> None:
        async with client_from(at, AWAY) as client:
            for headers in (bearing(TOKEN), {"Authorization": f"bearer  {TOKEN}"}):
                assert (await client.get(METRICS, headers=headers)).status_code == 200
            wrong = (TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "", "é")
            for given in ({}, {"Authorization": f"Basic {TOKEN}"}, *map(bearing, wrong)):
                encoded = [(name.encode(), text.encode()) for name, text in given.items()]
                answer = await client.get(METRICS, headers=encoded)
                assert TOKEN not in refused(answer, Code.UNAUTHORIZED, 401)
                assert answer.headers["www-authenticate"] == "Bearer"
            assert TOKEN not in at.log.getvalue()
            assert (await client.get(METRICS, params={"token": TOKEN})).status_code == 401

    play(tmp_path, case, metrics_token=TOKEN)


@pytest.mark.parametrize(
    "headers", [{"Host": "metrics.example"}, {"X-Forwarded-For": AWAY}, {"Forwarded": f"for={AWAY}"}], ids=str
)
def test_who_asks_through_this_machine_is_not_this_machine(tmp_path: Path, headers: dict[str, str]) -> None:
    """A proxy here asks for everybody, and a name of another site may be made to mean this machine."""

    async def case(at: Surface) -> None:
        refused(await at.client.get(METRICS, headers=headers), Code.UNAUTHORIZED, 401)
        assert (await at.client.get(METRICS, headers={**headers, **bearing(TOKEN)})).status_code == 200

    play(tmp_path, case, metrics_token=TOKEN)


def test_token_opens_nothing_else(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with client_from(at, AWAY) as client:
            answer = await client.get("/api/v1/simulation", headers=bearing(TOKEN))
            assert answer.json()["error"]["code"] == Code.FORBIDDEN

    play(tmp_path, case, metrics_token=TOKEN)


def test_every_metric_has_its_type_and_meaning_before_it_is_counted(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        text = (await at.client.get(METRICS)).text
        for name, kind in TYPES.items():
            shown = f"{name}_total" if kind == "counter" else name
            assert f"# TYPE {shown} {kind}\n" in text
            assert f"# HELP {shown} " in text

    play(tmp_path, case)


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3",
        "application/openmetrics-text; version=nonsense",
    ],
)
def test_open_metrics_is_spoken_to_those_who_ask_for_it(tmp_path: Path, accept: str) -> None:
    async def case(at: Surface) -> None:
        answer = await at.client.get(METRICS, headers={"Accept": accept})
        assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
        families = open_metrics_families(answer.text)  # type: ignore[no-untyped-call]  # This part bears no types.
        assert {family.name: family.type for family in families} == TYPES

    with standing_in() as server:
        play(tmp_path, lambda at: _after(at, case), lm_studio_base_url=server.url)


async def _after(at: Surface, case: Any) -> None:
    await _negotiate(at)
    await case(at)


async def _negotiate(at: Surface) -> None:
    """Play a room of models to its end."""
    market = await opened(at.client, market_of_models())
    await posted(at.client, f"{market.room}/start")
    await until(lambda: at.chaffer.engine.running == 0)


def _counts_of(tmp_path: Path, script: Script, **settings: Any) -> tuple[Any, list[Asked], str]:
    """Return what was counted of one negotiation, what its models were asked, and the text of it all."""
    told: list[Any] = []

    async def case(at: Surface) -> None:
        assert value(await read(at), "chaffer_llm_calls_total") == 0
        await _negotiate(at)
        told.append((await at.client.get(METRICS)).text)

    with standing_in(script) as server:
        play(tmp_path, case, lm_studio_base_url=server.url, llm_retry_delay=0.001, **settings)
    return samples(told[0]), server.asked, told[0]


def test_negotiation_of_models_moves_the_counts(tmp_path: Path) -> None:
    """Issue 3: calls, latency to first token, tokens."""
    found, asked, _ = _counts_of(tmp_path, haggles)
    labels = {"provider": "lm_studio", "model": MODEL}
    assert len(asked) > 2
    assert value(found, "chaffer_llm_calls_total", outcome="ok", **labels) == len(asked)
    assert value(found, "chaffer_llm_first_token_seconds_count", **labels) == len(asked)
    assert value(found, "chaffer_llm_call_seconds_count", **labels) == len(asked)
    assert value(found, "chaffer_llm_tokens_total", kind="input", **labels) > 0
    assert value(found, "chaffer_llm_tokens_total", kind="output", **labels) > 0
    assert value(found, "chaffer_rooms_ended_total", status="completed") == 1
    for name in ("chaffer_llm_retries_total", "chaffer_llm_faults_total", "chaffer_rooms"):
        assert value(found, name) == 0


def test_faults_and_retries_of_a_negotiation_are_counted_by_code(tmp_path: Path) -> None:
    """Issue 3: retries, faults by code."""
    found, asked, _ = _counts_of(tmp_path, first(2, always(Answer(status=500))), llm_max_retries=3)
    labels = {"provider": "lm_studio", "code": "LLM_PROVIDER_UNAVAILABLE"}
    assert value(found, "chaffer_llm_faults_total", **labels) == 2
    assert value(found, "chaffer_llm_retries_total", **labels) == 2
    assert value(found, "chaffer_llm_calls_total") == len(asked)
    assert value(found, "chaffer_llm_calls_total", outcome="LLM_PROVIDER_UNAVAILABLE") == 2


def test_corrections_of_the_guard_are_counted(tmp_path: Path) -> None:
    """Issue 3: guard corrections."""
    greedy = only(says(price=999_999.0), of_buyer=False)
    found, _, _ = _counts_of(tmp_path, greedy)
    assert value(found, "chaffer_guard_corrections_total", role="seller", provider="lm_studio") > 0
    assert value(found, "chaffer_guard_corrections_total", role="buyer") == 0


def test_negotiation_of_rules_asks_no_model(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.session}/start")
        await until(lambda: at.chaffer.engine.running == 0)
        found = await read(at)
        assert value(found, "chaffer_rooms_ended_total") == len(market.rooms)
        assert value(found, "chaffer_llm_calls_total") == 0

    play(tmp_path, case)


def test_calls_are_counted_by_route_with_how_long_they_took(tmp_path: Path) -> None:
    """Specification 004, Monitoring: request rate and latency, error rates by endpoint."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        room = market.rooms[0]
        for path in (f"/api/v1/negotiation/{room}/state", "/api/v1/negotiation/room_no/state", "/api/v1/no/such/path"):
            await at.client.get(path)
        await at.client.request("BREW", "/api/v1/no/such/path")
        found = await read(at)
        state = {"method": "GET", "route": "/api/v1/negotiation/{room_id}/state"}
        assert value(found, "chaffer_http_requests_total", status="200", **state) == 1
        assert value(found, "chaffer_http_requests_total", status="404", **state) == 1
        assert value(found, "chaffer_http_requests_total", status="404", route=NO_ROUTE) == 2
        assert value(found, "chaffer_http_requests_total", method="other", route=NO_ROUTE) == 1
        assert value(found, "chaffer_http_answer_seconds_count", **state) == 2
        assert 0 < value(found, "chaffer_http_answer_seconds_sum", **state) < 60

    play(tmp_path, case)


@pytest.mark.parametrize(
    "path",
    [
        "/api/run/run",
        "/api/products/p/q/%7Bproduct_id%7D",
        "/api/users/users/preferences",
        "/api/v1/invoices/%7Binvoice_id%7D.pdf",
    ],
)
def test_what_callers_put_into_a_path_makes_no_label(path: str, tmp_path: Path) -> None:
    """Labels are as many as there are routes, whatever strangers ask for."""

    async def case(at: Surface) -> None:
        await at.client.get(path)
        assert _routes(await read(at)) - {METRICS} <= set(document()["paths"])

    play(tmp_path, case)


def test_streams_are_timed_when_they_end(tmp_path: Path) -> None:
    """Specification 004, Monitoring: stream connection duration."""

    async def case(at: Surface) -> None:
        market = await opened(at.client)
        await posted(at.client, f"{market.session}/start")
        async with at.client.stream("GET", f"{market.session}/stream") as stream:
            async for _ in stream.aiter_bytes():
                pass
        found = await read(at)
        route = "/api/v1/simulation/{session_id}/stream"
        assert value(found, "chaffer_stream_seconds_count", route=route) == 1
        assert value(found, "chaffer_stream_seconds_count") == 1

    play(tmp_path, case)


def test_the_database_is_timed_while_callers_wait_for_it(tmp_path: Path) -> None:
    """Specification 004, Monitoring: database query performance."""

    async def case(at: Surface) -> None:
        before = await read(at)
        market = await opened(at.client)
        assert (await at.client.get(market.session)).is_success
        found, name = await read(at), "chaffer_database_seconds_count"
        for operation in ("read", "write"):
            assert value(found, name, operation=operation) > value(before, name, operation=operation)

    play(tmp_path, case, durable=True)


def _routes(found: Any) -> set[str]:
    """Return the routes that anything was counted of, but for none."""
    return {dict(labels)["route"] for name, labels in found if "http_requests" in name} - {NO_ROUTE}


def test_metrics_hold_nothing_of_a_negotiation(tmp_path: Path) -> None:
    """Issue 3: prompts, replies and prices are found nowhere in them."""
    _, asked, text = _counts_of(tmp_path, haggles)
    assert asked
    for route in _routes(samples(text)):
        assert route in {METRICS, *document()["paths"]}
        text = text.replace(route, "")
    assert not [word for word in ("Laptop", "Shop 1", "John Doe", "room_", "session") if word in text]
    # As whole numbers: the digits of a time that was measured may be any.
    shown = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)}
    assert shown
    private = {1311, 2987, 912, 922, 1213}
    assert not shown & (private | {100 * amount for amount in private})
