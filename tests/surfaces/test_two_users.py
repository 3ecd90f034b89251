"""Two users over every route of the OpenAPI document: what is one's is not there for the other, whatever it calls."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Final

import httpx2
import pytest
from starlette.routing import Route, WebSocketRoute

from chaffer.errors import Code
from tests.support.neighbours import CANARY, Things, kept, knock, neighbours
from tests.support.operations import ABOUT_A_THING, CONTROLLED, OPERATIONS, PUBLIC, call, unknown
from tests.support.server import got, surface

METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
REFUSALS: Final = {401, 403, 404, 405}


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_what_is_another_s_is_not_there_on_any_route(tmp_path: Path, durable: object) -> None:
    """Issue 4: two users × every route of the document × every id of the other: 404, and nothing told or touched."""

    async def case() -> None:
        async with neighbours(tmp_path, durable=bool(durable)) as both:
            before = await kept(both)
            for operation in ABOUT_A_THING:
                for ids in both.anns.of(operation):
                    foreign = await call(both.bob, operation, ids)
                    where = f"{operation.method} {operation.path} {ids}"
                    assert foreign.status == 404, f"{where}: {foreign.status} {foreign.text}"
                    assert json.loads(foreign.text)["error"]["code"].endswith("NOT_FOUND"), where
                    assert CANARY not in f"{foreign.text}{foreign.headers}".casefold(), where
                    nothing = await call(both.bob, operation, unknown(ids))
                    told = nothing.without(*unknown(ids).values())
                    assert foreign.without(*ids.values()) == told, f"{where} differs from an id that is none"
            assert await kept(both) == before

    asyncio.run(case())


def test_no_method_tells_an_other_s_thing_from_none(tmp_path: Path) -> None:
    """Issue 4: ownership holds over every verb, also those that a path does not take."""

    async def case() -> None:
        async with neighbours(tmp_path, durable=False) as both:
            before = await kept(both)
            for operation in {one.path: one for one in ABOUT_A_THING}.values():
                for ids, method in product(both.anns.of(operation), METHODS):
                    foreign = await call(both.bob, operation, ids, method)
                    nothing = await call(both.bob, operation, unknown(ids), method)
                    told = nothing.without(*unknown(ids).values())
                    assert foreign.without(*ids.values()) == told, f"{method} {operation.path} {ids}"
                    assert CANARY not in f"{foreign.text}{foreign.headers}".casefold()
            assert await kept(both) == before

    asyncio.run(case())


def test_what_names_no_thing_shows_nothing_of_another_s(tmp_path: Path) -> None:
    """Issue 4: lists and the like hold nothing of another user, and making things of one's own touches none."""

    async def case() -> None:
        async with neighbours(tmp_path, durable=True) as both:
            before = await kept(both)
            for operation in (one for one in OPERATIONS if not one.names):
                for query in ({}, {"user_id": "ann"}):
                    answer = await both.bob.request(
                        operation.method.upper(), operation.path, params=query, json=operation.body()
                    )
                    told = f"{answer.text}{answer.headers}".casefold()
                    assert CANARY not in told, operation
                    assert not any(one in told for one in both.anns.all), operation
            for path, (name, things) in LISTS.items():
                everything = await _pages(both.bob, path, name)
                assert not any(one in everything for one in both.anns.all), path
                assert things(both.anns)[0] in await _pages(both.ann, path, name), path
            after = await kept(both)
            assert [after[0], after[1]] == before[:2]
            assert after[2].items() >= before[2].items()
            assert {name for name, _ in after[4]} >= {name for name, _ in before[4]}

    asyncio.run(case())


LISTS: Final[dict[str, tuple[str, Callable[[Things], tuple[str, ...]]]]] = {
    "/api/v1/simulation": ("sessions", lambda things: things.ids["session_id"]),
    "/api/v1/logs": ("logs", lambda things: things.ids["session_id"]),
    "/api/v1/invoices": ("invoices", lambda things: things.ids["invoice_id"]),
    "/api/v1/purchases": ("purchases", lambda things: things.ids["invoice_id"]),
    "/api/runs": ("runs", lambda things: things.ids["run_id"]),
    "/api/sessions": ("sessions", lambda things: things.threads),
    "/api/conversations": ("conversations", lambda things: things.ids["conversation_id"]),
}
PUBLIC_LISTS: Final = {"/api/products"}


def test_every_list_is_looked_at_above() -> None:
    lists = {
        operation.path
        for operation in OPERATIONS
        if any(parameter["name"] == "after" for parameter in operation.told.get("parameters", ()))
        if not operation.names
    }
    assert lists - PUBLIC_LISTS == LISTS.keys()


async def _pages(client: httpx2.AsyncClient, path: str, name: str) -> str:
    """Return the text of a whole list, a page of one entry at a time."""
    pages, after = "", dict[str, str]()
    while True:
        page = await got(client, path, limit="1", **after)
        pages += json.dumps(page[name], ensure_ascii=False)
        if page["next_after"] is None:
            return pages
        after = {"after": page["next_after"]}


def test_all_of_it_is_there_for_its_owner(tmp_path: Path) -> None:
    """The control of the tests above: the same calls, by who made the things, are refused by none of the doors."""

    async def case() -> None:
        async with neighbours(tmp_path, durable=True) as both:
            shown = ""
            for operation in CONTROLLED:
                ids = next(both.anns.of(operation))
                answer = await call(both.ann, operation, ids)
                where = f"{operation.method} {operation.path}: {answer.status} {answer.text}"
                assert answer.status not in REFUSALS, where
                assert answer.status < 500, where
                shown += answer.text
            assert CANARY in shown
            assert await got(both.ann, "/api/v1/me") | {"limits": None} == {
                "mode": "bearer",
                "user": "ann",
                "limits": None,
            }

    asyncio.run(case())


def test_a_stream_of_another_s_thing_is_refused_before_it_begins(tmp_path: Path) -> None:
    """CONTRACT §1: a refused subscription is refused with its status, not inside a 200, wherever it would begin."""

    async def case() -> None:
        async with neighbours(tmp_path, durable=False) as both:
            streams = [operation for operation in ABOUT_A_THING if operation.streams]
            assert len(streams) >= 3
            for operation in streams:
                for ids, after in product(both.anns.of(operation), ("", "0", "1", "999", "1.1", "nonsense")):
                    path = operation.path.format(**ids)
                    for query, headers in (({"after": after}, {}), ({}, {"Last-Event-ID": after})):
                        answer = await both.bob.get(path, params=query, headers=headers)
                        assert answer.status_code == 404, path
                        assert answer.headers["content-type"] == "application/json", path

    asyncio.run(case())


def test_an_agent_s_eyes_open_no_door(tmp_path: Path) -> None:
    """Issue 4: `agent_id` looks with an agent's eyes into one's own rooms, and into no other."""

    async def case() -> None:
        async with neighbours(tmp_path, durable=False) as both:
            room = both.anns.ids["room_id"][0]
            buyer = (await got(both.ann, f"/api/v1/simulation/{both.anns.ids['session_id'][0]}"))["buyer"]["id"]
            for agent in (buyer, "seller_001", "nobody"):
                for look in ("state", "stream"):
                    answer = await both.bob.get(f"/api/v1/negotiation/{room}/{look}", params={"agent_id": agent})
                    assert answer.json()["error"]["code"] == Code.ROOM_NOT_FOUND, answer.text

    asyncio.run(case())


SOCKETS: Final = ("/api/ws/run/{run_id}",)


def test_no_route_hides_from_the_document_that_the_tests_above_go_by(tmp_path: Path) -> None:
    async def case() -> None:
        async with surface(tmp_path) as at:
            routes = [route for route in at.app.routes if isinstance(route, Route | WebSocketRoute)]
            assert routes == at.app.routes, "each has its whole path, and none is built a second time in another"
            sockets = {route.path for route in routes if isinstance(route, WebSocketRoute)}
            assert sockets == set(SOCKETS)
            paths = {re.sub(r":\w+}", "}", route.path) for route in routes} - sockets - PUBLIC
            assert {path for path in paths if "{" in path} == {operation.path for operation in ABOUT_A_THING}

    asyncio.run(case())


def test_a_socket_to_another_s_thing_is_refused_before_it_opens(tmp_path: Path) -> None:
    """Issue 4: WebSockets go through the same doors; foreign is 404, as unknown is."""

    async def case() -> None:
        async with neighbours(tmp_path, durable=False) as both:
            before = await kept(both)
            for path, run_id in product(SOCKETS, both.anns.ids["run_id"]):
                assert await knock(both.at.app, path.format(run_id=run_id), "ann") == "accepted"
                ids = {"run_id": run_id}
                answers = [await knock(both.at.app, path.format(**one), "bob") for one in (ids, unknown(ids))]
                assert answers == ["404 RUN_NOT_FOUND"] * 2
            assert await kept(both) == before

    asyncio.run(case())
