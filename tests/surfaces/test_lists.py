"""Lists page by cursor, newest first, whatever is opened or deleted between two pages."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chaffer.errors import Code
from tests.support.markets import scenario
from tests.support.operations import OPERATIONS
from tests.support.server import Surface, got, opened, play
from tests.surfaces.test_errors import refused


async def pages(client: httpx2.AsyncClient, path: str, name: str, **parameters: str) -> list[list[dict[str, Any]]]:
    """Return all pages of a list."""
    found: list[list[dict[str, Any]]] = []
    after: str | None = None
    while True:
        cursor = {} if after is None else {"after": after}
        page = await got(client, path, **parameters, **cursor)
        assert page.keys() == {name, "next_after"}
        found.append(page[name])
        if (after := page["next_after"]) is None:
            return found


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_sessions_and_logs_come_newest_first_on_pages_each_once(tmp_path: Path, durable: object) -> None:
    """CONTRACT §1: lists page by cursor, newest first, in an object that names them."""

    async def case(at: Surface) -> None:
        ids = [(await opened(at.client)).session_id for _ in range(7)]
        newest = ids[::-1]
        for size, expected in (("3", [3, 3, 1]), ("7", [7]), ("100", [7])):
            found = await pages(at.client, "/api/v1/simulation", "sessions", limit=size)
            assert [len(page) for page in found] == expected
            assert [entry["session_id"] for page in found for entry in page] == newest
        for session_id in ids[:5]:
            await at.client.delete(f"/api/v1/simulation/{session_id}")
        found = await pages(at.client, "/api/v1/logs", "logs", limit="2")
        assert [entry["session_id"] for page in found for entry in page] == ids[4::-1]
        assert all(entry["has_summary"] and len(entry["room_ids"]) == 2 for page in found for entry in page)

    play(tmp_path, case, durable=bool(durable))


LISTS = [
    operation.path
    for operation in OPERATIONS
    if not operation.streams and any(one["name"] == "after" for one in operation.told.get("parameters", ()))
]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_what_is_no_cursor_is_refused_in_a_sentence(tmp_path: Path, path: str, *, durable: bool) -> None:
    """CONTRACT §1, Errors: a message says what happened, why and what to do, on each list alike."""

    async def case(at: Surface) -> None:
        for cursor in ("garbage", "1.", "-1"):
            error = refused(await at.client.get(path, params={"after": cursor}), Code.VALIDATION_ERROR, field="after")
            issue = "is not a cursor of this list; take `next_after` of the page before"
            assert error["message"] == f"The request was refused: after {issue}."
            assert error["details"] == [{"field": "after", "issue": issue}]

    play(tmp_path, case, durable=durable)


def test_there_are_lists() -> None:
    assert len(LISTS) == 8


def test_a_list_shows_one_user_s_sessions_when_asked(tmp_path: Path) -> None:
    """CONTRACT §1: every creating call and list takes an optional `user_id`."""

    async def case(at: Surface) -> None:
        for user in ("ada", "bob", "ada"):
            await opened(at.client, scenario(user_id=user))
        await opened(at.client)
        sizes = {}
        for user in ("ada", "bob", "local", "nobody"):
            page = await got(at.client, "/api/v1/simulation", user_id=user)
            sizes[user] = len(page["sessions"])
        assert sizes == {"ada": 2, "bob": 1, "local": 1, "nobody": 0}
        assert len((await got(at.client, "/api/v1/simulation"))["sessions"]) == 4

    play(tmp_path, case)


def test_a_cursor_holds_while_sessions_come_and_go(tmp_path: Path) -> None:
    """CONTRACT §1: by cursor, so that a page neither repeats nor leaves out what stood there all the time."""

    async def case(at: Surface) -> None:
        ids = [(await opened(at.client)).session_id for _ in range(6)]
        first = await got(at.client, "/api/v1/simulation", limit="2")
        await opened(at.client)
        for gone in (ids[4], ids[2]):
            await at.client.delete(f"/api/v1/simulation/{gone}")
        rest = await got(at.client, "/api/v1/simulation", limit="10", after=first["next_after"])
        assert [entry["session_id"] for entry in rest["sessions"]] == [ids[3], ids[1], ids[0]]

    play(tmp_path, case, durable=True)


def test_a_session_deleted_while_it_is_listed_is_left_out(tmp_path: Path) -> None:
    """A list that comes between two steps of a deletion is a list, not a 404."""

    async def case(at: Surface) -> None:
        for _ in range(5):
            made = [await opened(at.client) for _ in range(3)]
            calls = [at.client.delete(market.session) for market in made]
            calls += [at.client.get("/api/v1/simulation") for _ in range(6)]
            answers = await asyncio.gather(*calls)
            assert {answer.status_code for answer in answers} == {200}

    play(tmp_path, case, durable=True)
