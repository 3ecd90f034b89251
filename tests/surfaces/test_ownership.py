"""Whose it is what is made: by token, by password, by `user_id`; and what that means for lists, keys and logs."""

from __future__ import annotations

import ast
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

import chaffer.api
from chaffer.exports.log_owners import LogOwners
from chaffer.negotiation.scenario import Scenario
from tests.support.callers import ASKS_FOR_TOKENS, calling
from tests.support.markets import scenario
from tests.support.server import Surface, got, opened, play, posted
from tests.support.tokens import CHEAP

INITIALIZE, SESSIONS, LOGS, RUNS = "/api/v1/simulation/initialize", "/api/v1/simulation", "/api/v1/logs", "/api/runs"
LISTS = {SESSIONS: "sessions", LOGS: "logs", RUNS: "runs"}
STORES = pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
RUN = {"topic": "Tea or coffee?", "max_turns": 1, "bots": [{"provider": "builtin"}, {"provider": "builtin"}]}


async def listed(client: httpx2.AsyncClient, path: str = SESSIONS, **query: str) -> list[str]:
    """Return the ids of the sessions or runs of a list."""
    return [one.get("session_id") or one["id"] for one in (await got(client, path, **query))[LISTS[path]]]


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


def test_a_user_id_that_is_not_the_token_s_is_refused_and_makes_nothing(tmp_path: Path) -> None:
    """CONTRACT §1: where a token speaks, a `user_id` in body or query must equal its `sub`."""

    async def case(at: Surface) -> None:
        async with calling(at.app, "ann") as ann:
            for path, body in ((INITIALIZE, scenario()), ("/api/run", RUN)):
                named = {**body, "user_id": "bob"}
                agreed = {**body, "user_id": "ann"}
                for sent, query in ((named, {}), (body, {"user_id": "bob"}), (agreed, {"user_id": "bob"})):
                    assert code_of(await ann.post(path, json=sent, params=query)) == (403, "FORBIDDEN"), (sent, query)
            for path in LISTS:
                refusal = await ann.get(path, params={"user_id": "bob"})
                assert code_of(refusal) == (403, "FORBIDDEN")
                assert refusal.json()["error"]["userMessage"] == "You are logged in as somebody else."
                assert await listed(ann, path, user_id="ann") == []
            made = await ann.post(INITIALIZE, json={**scenario(), "user_id": "ann"}, params={"user_id": "ann"})
            assert made.status_code == 201
            assert await listed(ann, user_id="ann") == await listed(ann) == [made.json()["session_id"]]

    play(tmp_path, case, **ASKS_FOR_TOKENS)


def test_the_password_s_user_owns_what_it_makes_whoever_it_names(tmp_path: Path) -> None:
    """CONTRACT §1: the owner is the token's `sub`, else the Basic user, else the `user_id` that is given."""

    async def case(at: Surface) -> None:
        proof = httpx2.BasicAuth("ann", "right")
        made = await at.client.post(INITIALIZE, json=scenario(user_id="bob"), params={"user_id": "eve"}, auth=proof)
        assert made.status_code == 201, made.text
        session_id = made.json()["session_id"]
        head = await at.chaffer.journal.find(session_id)
        assert head is not None
        assert head.owner == "ann"
        for query in ({}, {"user_id": "bob"}, {"user_id": "ann"}):
            page = await at.client.get(SESSIONS, params=query, auth=proof)
            assert [one["session_id"] for one in page.json()["sessions"]] == [session_id]
        async with calling(at.app, "bob") as bob, calling(at.app, "ann") as ann:
            assert await listed(bob) == []
            assert await listed(ann) == [session_id], "a user is the same by token and by password"

    hashed = CHEAP.hash("right")
    play(tmp_path, case, basic_auth_user="ann", basic_auth_pw_hash=hashed, **ASKS_FOR_TOKENS)


@STORES
def test_the_same_idempotency_key_of_two_users_never_meets(tmp_path: Path, durable: object) -> None:
    """Issue 4: what a user makes is theirs; CONTRACT §1, Creating."""

    async def case(at: Surface) -> None:
        key = {"Idempotency-Key": "one"}
        async with calling(at.app, "ann") as ann, calling(at.app, "bob") as bob:
            for path, body, other in (
                (INITIALIZE, scenario(), scenario(seed=8)),
                ("/api/run", RUN, {**RUN, "seed": 8}),
            ):
                anns, again = [await ann.post(path, json=body, headers=key) for _ in range(2)]
                bobs = await bob.post(path, json=body, headers=key)
                assert anns.status_code == bobs.status_code == 201, bobs.text
                assert anns.content == again.content != bobs.content
                reused = await bob.post(path, json=other, headers=key)
                assert code_of(reused) == (409, "IDEMPOTENCY_KEY_REUSED")
                key = {"Idempotency-Key": "two"}
            room = anns_room = f"/api/v1/negotiation/{(await opened(ann)).rooms[0]}"
            await posted(ann, f"{anns_room}/start")
            said = await ann.post(f"{room}/message", json={"message": "Well?"}, headers={"Idempotency-Key": "three"})
            assert said.status_code == 201
            again = await bob.post(f"{room}/message", json={"message": "Well?"}, headers={"Idempotency-Key": "three"})
            assert code_of(again) == (404, "ROOM_NOT_FOUND"), "a kept answer is its owner's"

    play(tmp_path, case, durable=bool(durable), builtin_chars_per_second=1, **ASKS_FOR_TOKENS)


def test_a_cursor_of_another_s_list_shows_nothing_of_it(tmp_path: Path) -> None:
    """CONTRACT §1: lists are of what is one's own, from whatever place on."""

    async def case(at: Surface) -> None:
        async with calling(at.app, "ann") as ann, calling(at.app, "bob") as bob:
            bobs, _ = await ended(bob)
            for _ in range(3):
                await ended(ann)
            for path, name in ((SESSIONS, "sessions"), (LOGS, "logs")):
                cursor = (await got(ann, path, limit="1"))["next_after"]
                page = await got(bob, path, after=cursor)
                assert [one["session_id"] for one in page[name]] == [bobs], "which was the first of all"

    play(tmp_path, case, **ASKS_FOR_TOKENS)


async def ended(client: httpx2.AsyncClient) -> tuple[str, str]:
    """Open a session, end a room of it, and return both: there is a log of it by then."""
    market = await opened(client)
    await posted(client, f"{market.room}/stop")
    return market.session_id, market.rooms[0]


def test_logs_stay_their_owner_s_when_their_session_is_gone(tmp_path: Path) -> None:
    """CONTRACT §2: deleting a session leaves its logs; issue 4: they are still nobody else's."""

    async def case(at: Surface) -> None:
        async with calling(at.app, "ann") as ann, calling(at.app, "bob") as bob:
            session_id, room_id = await ended(ann)
            (await ann.delete(f"{SESSIONS}/{session_id}")).raise_for_status()
            assert (await got(ann, f"{LOGS}/{session_id}"))["room_ids"]
            assert (await got(ann, f"{LOGS}/{session_id}/{room_id}"))["room_id"] == room_id
            for path in (f"{LOGS}/{session_id}", f"{LOGS}/{session_id}/{room_id}"):
                assert code_of(await bob.get(path)) == (404, "LOG_NOT_FOUND")
            assert await listed(ann, LOGS) == [session_id]
            assert await listed(bob, LOGS) == []

    play(tmp_path, case, **ASKS_FOR_TOKENS)


def test_an_owner_s_oldest_logs_make_room_for_the_newest_and_nobody_else_s_do(tmp_path: Path) -> None:
    """Issue 4: stored bytes are bounded per owner, also of who deletes each session and begins another."""

    async def case(at: Surface) -> None:
        async with calling(at.app, "ann") as ann, calling(at.app, "bob") as bob:
            of_bob, _ = await ended(bob)
            kept = []
            for _ in range(3):
                session_id, _ = await ended(ann)
                kept.append(session_id)
                (await ann.delete(f"{SESSIONS}/{session_id}")).raise_for_status()
            assert await listed(ann, LOGS) == kept[-1:]
            assert await listed(bob, LOGS) == [of_bob]
            folders = [path.name for path in at.chaffer.settings.logs_dir.glob("session_*")]
            assert sorted(folders) == sorted(f"session_{key}" for key in (of_bob, kept[-1]))

    play(tmp_path, case, max_stored_bytes_per_owner=1, **{**ASKS_FOR_TOKENS, "rate_limit_enabled": True})


def without_the_index(logs: Path, _: str) -> None:
    """Leave the logs as an older program has left them."""
    shutil.rmtree(logs / "owners")


def without_index_and_summary(logs: Path, session_id: str) -> None:
    """Leave the logs as a crash of an older program has left them: the summary was about to be written."""
    shutil.rmtree(logs / "owners")
    (logs / f"session_{session_id}" / "summary.json").unlink()


@pytest.mark.parametrize("aged", [without_the_index, without_index_and_summary])
def test_logs_of_an_older_program_have_their_owner(tmp_path: Path, aged: Callable[[Path, str], None]) -> None:
    """What was written before owners were looked at is found by its own record."""

    async def case(at: Surface) -> None:
        async with calling(at.app, "ann") as ann, calling(at.app, "bob") as bob:
            session_id, room_id = await ended(ann)
            other, _ = await ended(bob)
            (await ann.delete(f"{SESSIONS}/{session_id}")).raise_for_status()
            aged(at.chaffer.settings.logs_dir, session_id)
            assert code_of(await bob.get(f"{LOGS}/{session_id}/{room_id}")) == (404, "LOG_NOT_FOUND")
            assert (await got(ann, f"{LOGS}/{session_id}/{room_id}"))["room_id"] == room_id
            assert await listed(ann, LOGS) == [session_id]
            assert await listed(bob, LOGS) == [other]

    play(tmp_path, case, **ASKS_FOR_TOKENS)


def test_logs_that_tell_no_owner_are_the_operator_s_alone(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        folder = at.chaffer.settings.logs_dir / "session_0193"
        folder.mkdir(parents=True)
        for name, text in (("summary.json", '{"owner": 7}'), ("negotiation_a.json", "[]"), ("negotiation_b.json", "{")):
            (folder / name).write_text(text, "utf-8")
        async with calling(at.app, "ann") as ann:
            assert await listed(ann, LOGS) == []
            assert code_of(await ann.get(f"{LOGS}/0193")) == (404, "LOG_NOT_FOUND")
        whole, _ = await at.chaffer.archive.list_sessions(None, 10, None)
        assert [one.session_id for one in whole] == ["0193"]

    play(tmp_path, case, **ASKS_FOR_TOKENS)


def test_a_list_of_logs_looks_at_no_log_of_another(tmp_path: Path) -> None:
    """A page costs what its owner has, however much others have: theirs may even be gone without a word."""
    for number in range(30):
        folder = tmp_path / f"session_{number:02d}"
        folder.mkdir()
        owner = "bob" if number % 10 == 0 else "ann"
        (folder / "summary.json").write_text(json.dumps({"owner": owner}), "utf-8")
    owners = LogOwners(tmp_path)
    assert owners.session_ids("bob") == ["20", "10", "00"]
    for folder in tmp_path.glob("session_*"):
        shutil.rmtree(folder)
    assert owners.session_ids("bob") == ["20", "10", "00"]
    assert owners.owns("bob", "20")
    assert not owners.owns("ann", "20")
    owners.note("30", "../ann/\0\ud800")
    assert owners.session_ids("../ann/\0\ud800") == ["30"]


def test_old_logs_leave_no_entry_behind(tmp_path: Path) -> None:
    """Retention: what is swept is gone from the lists' index, too."""

    async def case(at: Surface) -> None:
        session_id, _ = await ended(at.client)
        owners = LogOwners(at.chaffer.settings.logs_dir)
        assert owners.session_ids("local") == [session_id]
        for path in at.chaffer.archive.path_of(session_id).iterdir():
            os.utime(path, (0, 0))
        assert await at.chaffer.archive.sweep() == 1
        assert owners.session_ids("local") == []

    play(tmp_path, case)


@STORES
def test_what_is_refused_is_not_touched(tmp_path: Path, durable: object) -> None:
    """Another's session is neither remembered as called, which would keep it from its retention, nor loaded."""

    async def case(at: Surface) -> None:
        async with calling(at.app, "ann") as ann, calling(at.app, "bob") as bob:
            market = await opened(ann)
            for conversation_id in (market.session_id, *market.rooms):
                await at.chaffer.engine.forget(conversation_id)
            called, held = dict(at.chaffer.market.called_at), at.chaffer.engine.held
            for path in (market.session, f"{market.session}/summary", f"{market.room}/state", f"{market.room}/stream"):
                assert (await bob.get(path)).status_code == 404
            for path in (f"{market.session}/start", f"{market.room}/start", f"{market.room}/stop"):
                assert (await bob.post(path)).status_code == 404
            assert (await bob.delete(market.session)).status_code == 404
            assert (dict(at.chaffer.market.called_at), at.chaffer.engine.held) == (called, held)
            assert (await got(ann, f"{market.room}/state"))["status"] == "pending"

    play(tmp_path, case, durable=bool(durable), **ASKS_FOR_TOKENS)


def test_nobody_in_particular_owns_nothing_of_a_user_with_an_odd_name(tmp_path: Path) -> None:
    """Owners are compared as they are: no case, no space, no empty name makes one out of two."""

    async def case(at: Surface) -> None:
        names = ["Ann", "ann", "ann ", "local", "ann/../bob", "\uff21nn"]
        made: dict[str, Any] = {}
        for name in names:
            async with calling(at.app, name) as one:
                made[name] = await ended(one)
        for name in names:
            async with calling(at.app, name) as one:
                assert await listed(one) == [made[name][0]]
                assert await listed(one, LOGS) == [made[name][0]]

    play(tmp_path, case, **ASKS_FOR_TOKENS)


PARTS = ("market", "archive", "books", "runs", "threads", "purchasing", "tastes", "chats")


def test_routes_take_what_is_narrowed_to_their_caller() -> None:
    """No route reaches past its caller: the whole market and the like are named where they are narrowed, once."""
    whole = []
    for path in Path(chaffer.api.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=part), attr="of")):
                    whole.append(f"narrowed {part}")
                case ast.Attribute(value=ast.Name(id="chaffer"), attr=part) if part in PARTS:
                    whole.append(f"named {part}")
                case _:
                    pass
    for part in PARTS:
        assert whole.count(f"named {part}") == whole.count(f"narrowed {part}") == 1, whole


def test_one_owner_s_market_cannot_be_left_by_naming_another(tmp_path: Path) -> None:
    """Within a scope, lists and new sessions are that owner's, whatever a caller of the use cases passes."""

    async def case(at: Surface) -> None:
        market = at.chaffer.market.of("ann")
        new = await market.open_session(Scenario.model_validate(scenario()), owner="bob")
        assert new.session.owner == "ann"
        for scope, expected in (("ann", 1), ("bob", 0), ("", 0), (None, 1)):
            page, states = await at.chaffer.market.of(scope).list_sessions(owner=None, limit=5, after=None)
            assert len(page.heads) == len(states) == expected

    play(tmp_path, case)
