"""Methods that the document does not list: HEAD wherever there is a GET, and what a path takes where it refuses."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest

from tests.support.raw_requests import asked
from tests.support.runs import begun
from tests.support.server import Server, Surface, opened, play, until

READ: Final = ("/", "/health", "/openapi.json", "/api/docs", "/api/docs/assets/swagger-ui.css", "/api/runs")


@pytest.mark.parametrize("path", READ)
def test_head_is_answered_as_get_is_without_the_body(tmp_path: Path, path: str) -> None:
    """RFC 9110, sections 9.1 and 9.3.2."""

    async def case(at: Surface) -> None:
        got, head = await at.client.get(path), await at.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert {**head.headers, "x-request-id": ""} == {**got.headers, "x-request-id": ""}

    play(tmp_path, case)


def test_head_of_what_is_not_there_or_has_no_get_is_refused(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for path, status in (("/api/nothing", 404), ("/api/run/none", 404), ("/api/chat", 405)):
            answer = await at.client.head(path)
            assert (answer.status_code, answer.content) == (status, b"")

    play(tmp_path, case)


def test_head_of_a_stream_ends_with_its_head_and_follows_nothing(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        run = await begun(at.client, max_turns=50)
        async with asyncio.timeout(20):
            answer = await at.client.head(run.replace("/run/", "/stream/"))
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"].startswith("text/event-stream")
        await until(lambda: at.chaffer.engine.readers == 0)
        assert (await at.client.get(run)).json()["status"] == "running"

    play(tmp_path, case, builtin_chars_per_second=20)


def test_head_counts_for_the_route_that_answers_it(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        await at.client.head("/health")
        assert 'method="HEAD",route="/health",status="200"' in (await at.client.get("/metrics")).text

    play(tmp_path, case)


def test_over_a_socket_nothing_follows_the_head(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        for path in ("/health", "/openapi.json", "/api/redoc"):
            answer = asked(server, "HEAD", path)
            assert (answer.status, answer.body) == (200, b"")
            assert int(*answer.values("content-length")) > 0


def test_a_wrong_method_is_told_all_that_the_path_takes(tmp_path: Path) -> None:
    """RFC 9110, section 15.5.6: also where a path has several routes, one for each method."""

    async def case(at: Surface) -> None:
        made, run = await opened(at.client), await begun(at.client)
        for path, takes in (
            (made.session, "DELETE, GET, HEAD"),
            (run, "DELETE, GET, HEAD"),
            ("/api/conversations", "GET, HEAD, POST"),
            ("/api/run", "POST"),
            ("/health", "GET, HEAD"),
        ):
            for method in ("PUT", "OPTIONS", "TRACE"):
                answer = await at.client.request(method, path)
                assert (answer.status_code, answer.headers["allow"]) == (405, takes), path
                assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"

    play(tmp_path, case)
