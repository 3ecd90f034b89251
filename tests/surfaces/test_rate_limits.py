"""Who calls too often is told so and for how long, whoever else it claims to be; what it holds is bounded too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from chaffer.doors.caller import Caller, Mode
from chaffer.errors import Code
from tests.support.callers import bearer, calling
from tests.support.markets import scenario
from tests.support.peers import calling_from
from tests.support.runs import begun
from tests.support.server import Surface, opened, play, posted, surface, until
from tests.support.tokens import SECRET
from tests.support.valkey import ValkeyAtHand

ASKED: Final[dict[str, Any]] = {"supabase_jwt_secret": SECRET}
LISTED: Final = "/api/v1/simulation"
INITIALIZE: Final = "/api/v1/simulation/initialize"
SLOW: Final[dict[str, Any]] = {"builtin_chars_per_second": 1, "lease_seconds": 300}


def limited(answer: httpx2.Response) -> int:
    """Check that an answer is the refusal of a call too many, and return the seconds it tells to wait."""
    assert answer.status_code == 429, answer.text
    error = answer.json()["error"]
    assert error["code"] == Code.RATE_LIMIT_EXCEEDED
    assert error["retryable"] is True
    assert answer.headers["ratelimit-remaining"] == "0"
    assert answer.headers["retry-after"] == answer.headers["ratelimit-reset"]
    return int(answer.headers["retry-after"])


async def statuses(client: httpx2.AsyncClient, calls: int, path: str = LISTED) -> list[int]:
    return [(await client.get(path)).status_code for _ in range(calls)]


def test_every_limited_answer_tells_where_the_caller_stands(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice:
            first = await alice.get(LISTED)
            unknown = await alice.get("/api/nothing")
        assert first.headers["ratelimit-limit"] == "60"
        assert first.headers["ratelimit-remaining"] == "59"
        assert 0 < int(first.headers["ratelimit-reset"]) <= 60
        assert first.headers["ratelimit-policy"] == '"usual";q=60;w=60'
        assert first.headers["ratelimit"] == f'"usual";r=59;t={first.headers["ratelimit-reset"]}'
        assert unknown.headers["ratelimit-remaining"] == "58"

    play(tmp_path, case, **ASKED)


def test_the_61st_call_of_a_minute_is_refused_with_the_time_to_wait(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice, calling(at.app, "bob") as bob:
            assert set(await statuses(alice, 60)) == {200}
            assert 0 < limited(await alice.get(LISTED)) <= 60
            assert (await bob.get(LISTED)).status_code == 200, "each user has a rate of their own"
        assert 'chaffer_rate_limited_total{rate="usual"} 1.0' in (await at.client.get("/metrics")).text

    play(tmp_path, case, **ASKED)


def test_a_prefix_under_which_the_program_is_mounted_lets_nobody_escape(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        whole = Starlette(routes=[Mount("/shop", at.app)])
        async with calling(whole, "alice") as alice:
            answer = await alice.get(f"/shop{LISTED}")
            assert answer.headers["ratelimit-remaining"] == "59"
            begun = await alice.post(f"/shop{INITIALIZE}", json=scenario())
            assert (begun.status_code, begun.headers["ratelimit-limit"]) == (201, "10")
            assert (await alice.get("/shop/health", headers={"Authorization": ""})).status_code == 200
        assert (await at.client.get("/shop/health")).status_code == 401, "no path but its own is open"

    play(tmp_path, case, **ASKED)


def test_the_eleventh_session_of_a_minute_is_refused_and_other_calls_go_on(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice:
            for _ in range(10):
                answer = await alice.post(INITIALIZE, json=scenario())
                assert answer.status_code == 201
                assert answer.headers["ratelimit-limit"] == "10"
            limited(await alice.post(INITIALIZE, json=scenario()))
            assert (await alice.get(LISTED)).headers["ratelimit-remaining"] == "59"

    play(tmp_path, case, **ASKED)


def test_the_eleventh_run_of_a_minute_is_refused(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice:
            answers = [await alice.post("/api/run", json={}) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [400] * 10 + [429]
        limited(answers[-1])

    play(tmp_path, case, **ASKED)


def test_open_paths_are_not_limited(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        for path in ("/", "/health", "/api/v1/health", "/openapi.json"):
            answers = [await at.client.get(path) for _ in range(5)]
            assert {answer.status_code for answer in answers} == {200}
            assert not [answer for answer in answers if "ratelimit-limit" in answer.headers]

    play(tmp_path, case, rate_limit_per_minute=1, rate_limit_enabled=True)


@pytest.mark.parametrize(
    ("changes", "is_limited"),
    [
        ({}, False),
        (ASKED, True),
        ({"rate_limit_enabled": True}, True),
        ({**ASKED, "rate_limit_enabled": False}, False),
        ({**ASKED, "dev_mode": True}, False),
        ({**ASKED, "dev_mode": True, "rate_limit_enabled": True}, False),
    ],
)
def test_limits_are_on_where_callers_are_known_or_where_it_is_said(
    tmp_path: Path, changes: dict[str, Any], *, is_limited: bool
) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice:
            assert ("ratelimit-limit" in (await alice.get(LISTED)).headers) is is_limited
            assert (await alice.get("/api/v1/me")).json()["limits"]["rate_limit_enabled"] is is_limited

    play(tmp_path, case, **changes)


def test_rotating_forwarded_addresses_do_not_get_more_calls_through(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async def let_in(client: httpx2.AsyncClient, **heads: str) -> int:
            found = 0
            for number in range(1000):
                told = {name.replace("_", "-"): text.format(number) for name, text in heads.items()}
                found += (await client.get(LISTED, headers=told)).status_code == 200
            return found

        async with calling_from(at.app, "192.0.2.7") as client:
            assert await let_in(client) == 60
        async with calling_from(at.app, "192.0.2.8") as client:
            spoofed = {"x_forwarded_for": "10.9.8.{0}", "forwarded": "for=10.9.8.{0}", "x_real_ip": "10.9.8.{0}"}
            assert await let_in(client, **spoofed) == 60
        async with calling_from(at.app, "203.0.113.5") as proxy:
            assert await let_in(proxy, x_forwarded_for="10.9.8.{0}, 198.51.100.1") == 60

    limited_by_address: dict[str, Any] = {
        "rate_limit_enabled": True,
        "unsafe_no_auth": True,
        "trusted_proxies": "203.0.113.0/24",
    }
    play(tmp_path, case, log_level="ERROR", **limited_by_address)


def test_callers_behind_a_trusted_proxy_are_counted_each_for_themselves(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling_from(at.app, "203.0.113.5") as proxy:
            for last in range(1, 6):
                answer = await proxy.get(LISTED, headers={"x-forwarded-for": f"198.51.100.{last}"})
                assert answer.headers["ratelimit-remaining"] == "59"
            household = [
                (await proxy.get(LISTED, headers={"x-forwarded-for": f"2001:db8::{last}"})).headers
                for last in range(1, 4)
            ]
            assert [headers["ratelimit-remaining"] for headers in household] == ["59", "58", "57"]

    play(tmp_path, case, rate_limit_enabled=True, unsafe_no_auth=True, trusted_proxies="203.0.113.5")


def test_wrong_tokens_are_limited_by_address(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling_from(at.app, "192.0.2.7", {"Authorization": "Bearer guessed"}) as guesser:
            answers = [await guesser.get(LISTED) for _ in range(8)]
            assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
            assert int(answers[-1].headers["retry-after"]) > 0
        async with calling_from(at.app, "192.0.2.8", bearer("alice")) as alice:
            assert (await alice.get(LISTED)).status_code == 200

    play(tmp_path, case, rate_limit_attempts_per_minute=5, **ASKED)


def test_a_page_of_an_allowed_origin_may_read_where_it_stands(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        origin = {"origin": "http://localhost:5173"}
        async with calling(at.app, "alice") as alice:
            await alice.get(LISTED)
            answer = await alice.get(LISTED, headers=origin)
            assert answer.status_code == 429
            exposed = answer.headers["access-control-expose-headers"].lower()
        names = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy", "retry-after")
        assert all(name in exposed for name in names)

    play(tmp_path, case, rate_limit_per_minute=1, **ASKED)


def test_two_servers_count_together_and_go_on_when_their_storage_dies(tmp_path: Path, valkey: ValkeyAtHand) -> None:
    async def main() -> None:
        changes = {**ASKED, "rate_limit_per_minute": 6, "rate_limit_storage_url": valkey.url}
        async with surface(tmp_path / "one", **changes) as one, surface(tmp_path / "other", **changes) as other:
            async with calling(one.app, "alice") as here, calling(other.app, "alice") as there:
                found = [(await client.get(LISTED)).status_code for client in (here, there) * 4]
                assert found == [200] * 6 + [429] * 2
                valkey.kill()
                assert await statuses(here, 8) == [200] * 6 + [429] * 2, "counted in its own memory now"
            assert "chaffer_rate_limit_fallbacks_total 8.0" in (await one.client.get("/metrics")).text
            # The log of the second program hears of both: they share a process here.
            assert other.log.getvalue().count("limits.storage_away") == 1
            assert valkey.password not in one.log.getvalue() + other.log.getvalue()

    asyncio.run(main())


async def _rooms(client: httpx2.AsyncClient, count: int) -> list[str]:
    return [(await opened(client)).room for _ in range(count)]


def conflict(answer: httpx2.Response, setting: str) -> None:
    assert answer.status_code == 409, answer.text
    error = answer.json()["error"]
    assert error["code"] == Code.CONFLICT
    assert setting in error["message"]


def test_no_owner_has_more_rooms_under_way_than_may_be_however_fast_they_are_started(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice, calling(at.app, "bob") as bob:
            rooms, his = await _rooms(alice, 6), await _rooms(bob, 1)
            answers = await asyncio.gather(*(alice.post(f"{room}/start") for room in rooms))
            assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409, 409]
            conflict(next(one for one in answers if one.status_code == 409), "MAX_UNDER_WAY_PER_OWNER")
            assert (await bob.post(f"{his[0]}/start")).status_code == 200
            started = next(room for room, one in zip(rooms, answers, strict=True) if one.status_code == 200)
            waiting = next(room for room, one in zip(rooms, answers, strict=True) if one.status_code == 409)
            await posted(alice, f"{started}/stop")
            assert (await alice.post(f"{waiting}/start")).status_code == 200, "one that is stopped makes room"
            assert (await alice.post("/api/v1/negotiation/room_none/start")).status_code == 404

    play(tmp_path, case, max_under_way_per_owner=2, **SLOW, **ASKED)


def test_no_owner_opens_more_conversations_than_may_be_until_one_is_deleted(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice, calling(at.app, "bob") as bob:
            answers = await asyncio.gather(*(alice.post("/api/conversations", json={}) for _ in range(5)))
            assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
            refused = next(answer for answer in answers if answer.status_code == 409)
            conflict(refused, "MAX_CONVERSATIONS_PER_OWNER")
            said = {"message": "What invoices do I have?"}
            conflict(await alice.post("/api/chat", json=said), "MAX_CONVERSATIONS_PER_OWNER")
            mine = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
            assert (await alice.post("/api/chat", json={**said, "conversation_id": mine})).status_code == 200
            assert (await bob.post("/api/chat", json=said)).status_code == 200
            assert (await alice.delete(f"/api/conversations/{mine}")).status_code == 200
            assert (await alice.post("/api/conversations", json={})).status_code == 201

    play(tmp_path, case, max_conversations_per_owner=2, **ASKED)


def test_nothing_is_stored_beyond_the_bytes_of_an_owner_until_something_is_deleted(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice:
            session = await opened(alice)
            held = await at.chaffer.journal.holdings("alice", ())
            assert held.stored_bytes > 1000
            conflict(await alice.post(INITIALIZE, json=scenario()), "MAX_STORED_BYTES_PER_OWNER")
            conflict(await alice.post(f"{session.room}/start"), "MAX_STORED_BYTES_PER_OWNER")
            words = await alice.post(f"{session.room}/message", json={"message": "Hello?"})
            conflict(words, "MAX_STORED_BYTES_PER_OWNER")
            assert (await alice.delete(session.session)).status_code == 200
            await opened(alice)

    play(tmp_path, case, max_stored_bytes_per_owner=1000, **ASKED)


def test_a_run_of_who_holds_too_much_is_neither_changed_nor_spoken_into_and_can_be_stopped(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "alice") as alice:
            run = await begun(alice)
            for answer in (
                await alice.patch(f"{run}/bot/0", json={"prompt": "x"}),
                await alice.post(f"{run}/say", json={"text": "x"}),
            ):
                conflict(answer, "MAX_STORED_BYTES_PER_OWNER")
            assert (await posted(alice, f"{run}/stop"))["status"] == "cancelled"

    play(tmp_path, case, max_stored_bytes_per_owner=100, **ASKED, **SLOW)


def test_no_owner_follows_more_streams_than_may_be_and_a_reader_that_leaves_makes_room(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        count = at.chaffer.possessions.open_streams
        async with calling(at.app, "alice") as alice, calling(at.app, "bob") as bob:
            path = f"{(await opened(alice)).room}/stream"
            his = f"{(await opened(bob)).room}/stream"
            async with alice.stream("GET", path) as first, alice.stream("GET", path) as second:
                assert (first.status_code, second.status_code) == (200, 200)
                conflict(await alice.get(path), "MAX_STREAMS_PER_OWNER")
                async with bob.stream("GET", his) as other:
                    assert other.status_code == 200
            await until(lambda: count("alice") == 0)
            async with alice.stream("GET", path) as again:
                assert again.status_code == 200

    play(tmp_path, case, max_streams_per_owner=2, **ASKED)


def test_a_stream_that_ends_or_breaks_makes_room(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        count = at.chaffer.possessions.open_streams
        async with calling(at.app, "alice") as alice:
            session = await opened(alice)
            async with alice.stream("GET", f"{session.room}/stream") as ending:
                assert count("alice") == 1
                await posted(alice, f"{session.room}/stop")
                assert (await ending.aread()).endswith(b"\n")
            await until(lambda: count("alice") == 0)
            task = asyncio.create_task(alice.get(f"{(await opened(alice)).room}/stream"))
            await until(lambda: count("alice") == 1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await until(lambda: count("alice") == 0)
        with pytest.raises(ZeroDivisionError), at.chaffer.possessions.streaming(Caller(Mode.BEARER, "alice")):
            _ = 1 / count("nobody")
        assert count("alice") == 0

    play(tmp_path, case, **ASKED)


def test_in_open_mode_nothing_is_bounded(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        rooms = await _rooms(at.client, 3)
        for room in rooms:
            await posted(at.client, f"{room}/start")
        async with (
            at.client.stream("GET", f"{rooms[0]}/stream") as one,
            at.client.stream("GET", f"{rooms[0]}/stream") as two,
        ):
            assert (one.status_code, two.status_code) == (200, 200)

    bounds: dict[str, Any] = {"max_under_way_per_owner": 1, "max_streams_per_owner": 1, "max_stored_bytes_per_owner": 1}
    play(tmp_path, case, rate_limit_enabled=True, **bounds, **SLOW)
