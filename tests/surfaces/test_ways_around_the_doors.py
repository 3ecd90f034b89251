"""Ways around the doors, as somebody tries them who has no proof: tricks of paths and methods, over the wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from chaffer.api.admission import OPEN_PATHS
from tests.support.callers import bearer, calling
from tests.support.proofs import BOTH
from tests.support.raw_requests import asked
from tests.support.runs import begun
from tests.support.server import Server, Surface, play

TRICKS: Final = [
    "//api/runs",
    "/api//runs",
    "/api/../api/runs",
    "/./api/runs",
    "/health/../api/runs",
    "/health/%2e%2e/api/runs",
    "/health%2f..%2fapi%2fruns",
    "/health;/api/runs",
    "/health;x",
    "/health/",
    "/health%00",
    "/health%20",
    "/health%2f",
    "/health%3f",
    "/health%09",
    "/HEALTH",
    "/Health",
    "//health",
    "/API/runs",
    "/Api/Runs",
    "/%61pi/runs",
    "/%2561pi/runs",
    "/api%2fruns",
    "/api%5cruns",
    "/api\\runs",
    "/api/runs/",
    "/api/runs/.",
    "/api/runs;x=1",
    "/api/runs%00",
    "/api/runs%0a",
    "/api/runs#/health",
    "/api/runs?/health",
    "/api/runs/..;/health",
    "/metrics/../api/runs",
    "/openapi.json/",
    "/openapi.json/../api/runs",
    "/api/v1/health/../simulation",
    "/api/v1/health%2f..%2fsimulation",
    "/api/v1/health/",
    "/api/v1/health/x",
    "/api/docs",
    "/api/docs/",
    "/api/redoc",
    "/api/docs/assets/begin.js",
    "/api/docs/assets/..%2f..%2f..%2fopenapi.json",
    "/api/docs/assets/%2e%2e/begin.js",
    "/docs",
    "/redoc",
    "/api/login/",
    "/api/login/../runs",
    "/api/logout%2f..%2fruns",
    "/%c0%ae%c0%ae/api/runs",
    "/%ef%bc%8fapi/runs",
    "/api/run%C2%ADs",
    "http://127.0.0.1/api/runs",
    "http://127.0.0.1/health",
    "x",
    "*",
]


@pytest.mark.parametrize("target", TRICKS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_no_spelling_of_a_path_gets_past_the_doors(guarded: Server, method: str, target: str) -> None:
    """CONTRACT §1: all `/api/**` is guarded, however it is spelt; and nothing sends a browser elsewhere."""
    answer = asked(guarded, method, target)
    assert answer.status in {400, 401}, answer
    assert not answer.values("location")


REWRITING: Final = ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Prefix", "X-Forwarded-Path")
OVERRIDING: Final = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method")


@pytest.mark.parametrize("name", REWRITING)
def test_no_head_makes_one_path_another(guarded: Server, name: str) -> None:
    assert asked(guarded, "GET", "/api/runs", f"{name}: /health").status == 401
    health = asked(guarded, "GET", "/health", f"{name}: /api/runs")
    assert health.status == 200
    assert "runs" not in json.loads(health.body)


def test_no_head_makes_one_method_another(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "ann") as ann:
            run = await begun(ann)
            for name in OVERRIDING:
                for method in ("DELETE", "PATCH", "TRACE"):
                    answer = await ann.get(run, headers={name: method})
                    assert answer.status_code == 200, name
            assert (await ann.get(run)).json()["id"] == run.rpartition("/")[2], "nothing deleted it"
        stranger = await at.client.post("/api/v1/simulation/none", headers={"X-HTTP-Method-Override": "OPTIONS"})
        assert stranger.status_code == 401

    play(tmp_path, case, **BOTH)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PUT", "PROPFIND", "GETS", "get", "OPTIONS", "DEBUG"])
def test_no_method_opens_a_door_or_echoes_what_it_was_sent(guarded: Server, method: str) -> None:
    canary = "Bearer canary-echoed"
    for target in ("/api/runs", "/api/nothing", "/nothing"):
        answer = asked(guarded, method, target, f"Authorization: {canary}", "Cookie: chaffer=canary-echoed")
        assert answer.status in {400, 401}, answer
        assert b"canary" not in answer.body
    for target in OPEN_PATHS:
        answer = asked(guarded, method, target, f"Authorization: {canary}")
        assert answer.status in {400, 405}, (target, answer)
        assert b"canary" not in answer.body


def test_a_preflight_tells_nothing_of_which_paths_there_are(guarded: Server) -> None:
    for origin, status in (("http://localhost:3000", 200), ("https://evil.example", 400)):
        heads = (f"Origin: {origin}", "Access-Control-Request-Method: DELETE")
        told = [asked(guarded, "OPTIONS", path, *heads) for path in ("/api/runs", "/api/nothing", "/metrics")]
        assert {answer.status for answer in told} == {status}
        shown = [[pair for pair in answer.headers if pair[0].startswith("access-control")] for answer in told]
        assert shown[0] == shown[1] == shown[2]
        allowed = dict(shown[0]).get("access-control-allow-origin")
        assert allowed == (origin if status == 200 else None)


REDIRECTING: Final = (
    "//evil.example",
    "//evil.example/%2e%2e",
    "/\\evil.example",
    "/%5cevil.example",
    "/https:%2f%2fevil.example",
    "/api/docs?next=https://evil.example",
    "/api/login?redirect_uri=https://evil.example",
    "/?url=//evil.example",
    "/api/run/",
    "/api/docs/",
    "/api/v1/simulation/",
)


@pytest.mark.parametrize("target", REDIRECTING)
def test_nothing_sends_anybody_to_another_place(guarded: Server, target: str) -> None:
    """No open redirect: there is no redirect at all, with a proof or without."""
    for heads in ((), (f"Authorization: {bearer('ann')['Authorization']}",)):
        for method in ("GET", "POST"):
            for host in ("127.0.0.1", "evil.example"):
                answer = asked(guarded, method, target, *heads, host=host)
                assert not 300 <= answer.status < 400, answer
                assert not answer.values("location", "refresh")
