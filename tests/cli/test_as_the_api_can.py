"""What the API takes the commands take: whose things are listed, where a stream is joined, what is done once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Chaffer, Ran
from tests.support.server import Server


@pytest.fixture
def market(tmp_path: Path, small_market: dict[str, Any]) -> str:
    path = tmp_path / "market.json"
    path.write_text(json.dumps(small_market), encoding="utf-8")
    return str(path)


@pytest.fixture
def slow_server(tmp_path: Path) -> Iterator[Server]:
    """Yield a server whose agents speak so slowly that a room stays open."""
    with Server(tmp_path / "server", BUILTIN_CHARS_PER_SECOND="10") as running:
        yield running


def document(ran: Ran) -> Any:
    """Return what a command with --json printed."""
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def events(ran: Ran) -> list[dict[str, Any]]:
    """Return the durable events that `watch --json` printed."""
    assert ran.code == 0, ran.err
    return [event for event in map(json.loads, ran.out.splitlines()) if event["id"]]


def test_caller_learns_who_it_is_and_what_is_limited(chaffer: Chaffer) -> None:
    """CONTRACT §1: `GET /api/v1/me` tells mode, user and limits."""
    told = document(chaffer("me", "--json"))
    assert (told["mode"], told["user"]) == ("open", "local")
    shown = chaffer("me").out
    assert "rate limit enabled" in shown
    assert all(str(told["limits"][name]) in shown for name in ("max_sellers", "max_rounds", "max_body_bytes"))


def test_lists_show_one_users_things_when_asked(chaffer: Chaffer, market: str) -> None:
    """CONTRACT §1: every creating call and list takes an optional `user_id`."""
    ann, bob = (document(chaffer("sessions", "open", market, "--user-id", who, "--json")) for who in ("ann", "bob"))
    for opened in (ann, bob):
        assert chaffer("sessions", "start", opened["session_id"]).code == 0
    for command, key in (("sessions", "sessions"), ("logs", "logs")):
        listed = document(chaffer(command, "list", "--user-id", "ann", "--json"))[key]
        assert [one["session_id"] for one in listed] == [ann["session_id"]]
        assert len(document(chaffer(command, "list", "--json"))[key]) == 2


def test_next_page_is_that_of_the_same_list(chaffer: Chaffer, market: str) -> None:
    """A hint to go on with must not show other users' sessions."""
    for _ in range(2):
        chaffer("sessions", "open", market, "--user-id", "ann b")
    (hint,) = (line for line in chaffer("sessions", "list", "--user-id", "ann b", "--limit", "1").out.splitlines()[-1:])
    assert hint.startswith("More: chaffer sessions list --limit 1 --after ")
    assert hint.endswith(" --user-id 'ann b'")


def test_user_is_not_taken_where_a_session_is_named(chaffer: Chaffer) -> None:
    ran = chaffer("logs", "list", "session", "--user-id", "ann")
    assert (ran.code, ran.out) == (2, "")
    assert "--user-id" in ran.err


def test_watch_goes_on_behind_the_event_that_is_named(chaffer: Chaffer, market: str) -> None:
    """CONTRACT §1: a client that comes back gets all it missed, once, in order; behind the last event nothing."""
    opened = document(chaffer("sessions", "open", market, "--json"))
    session, room = opened["session_id"], opened["negotiation_rooms"][0]["room_id"]
    assert chaffer("sessions", "start", session).code == 0
    for watched in (("sessions", "watch", session), ("rooms", "watch", room)):
        everything = events(chaffer(*watched, "--json"))
        middle = len(everything) // 2
        assert middle > 2
        rest = events(chaffer(*watched, "--json", "--after", everything[middle]["id"]))
        assert rest == everything[middle + 1 :]
        assert events(chaffer(*watched, "--json", "--after", everything[-1]["id"])) == []


def test_watch_shows_all_rooms_with_the_eyes_of_one_agent(chaffer: Chaffer, market: str) -> None:
    """CONTRACT §2: `agent_id` works on `/state` and `/stream`."""
    opened = document(chaffer("sessions", "open", market, "--json"))
    session, room = opened["session_id"], opened["negotiation_rooms"][0]["room_id"]
    assert chaffer("sessions", "start", session).code == 0
    of_all, of_one = (
        events(chaffer(*watched, "--agent", "seller_001", "--json"))
        for watched in (("sessions", "watch", session), ("rooms", "watch", room))
    )
    assert [event["id"] for event in of_all] == [event["id"] for event in of_one]
    shown = chaffer("sessions", "watch", session, "--agent", "seller_001")
    assert (shown.code, "Corner Shop" in shown.out, "Big Store" in shown.out) == (0, True, False)
    stranger = chaffer("sessions", "watch", session, "--agent", "seller_009")
    assert (stranger.code, stranger.out) == (2, "")
    assert "seller_001" in stranger.err


@pytest.mark.parametrize("position", ["999", "né"])
def test_watch_tells_that_a_position_is_not_known(chaffer: Chaffer, market: str, position: str) -> None:
    """CONTRACT §1: a lost history is told, never skipped in silence."""
    opened = document(chaffer("sessions", "open", market, "--json"))
    assert chaffer("sessions", "start", opened["session_id"]).code == 0
    ran = chaffer("sessions", "watch", opened["session_id"], "--after", position)
    assert ran.code == 0
    assert "position is not known" in ran.err


def test_session_is_opened_once_for_one_key(chaffer: Chaffer, market: str) -> None:
    """CONTRACT §1: same key and body, same answer, one effect; same key and other body is refused."""
    options = ("--idempotency-key", "one two", "--json")
    first, second = (document(chaffer("sessions", "open", market, *options)) for _ in range(2))
    assert first == second
    assert len(document(chaffer("sessions", "list", "--json"))["sessions"]) == 1
    refused = chaffer("sessions", "open", market, "--seed", "9", *options)
    assert (refused.code, refused.out) == (2, "")


def test_buyer_says_a_thing_once_for_one_key(chaffer: Chaffer, market: str, slow_server: Server) -> None:
    """CONTRACT §1: `Idempotency-Key` on `POST /message`."""
    there = ("--url", slow_server.url)
    opened = document(chaffer("sessions", "open", market, *there, "--json"))
    room = opened["negotiation_rooms"][0]["room_id"]
    assert chaffer("rooms", "start", room, *there).code == 0
    said = [
        document(chaffer("rooms", "say", room, "Hello there", *there, "--idempotency-key", "k", "--json"))
        for _ in range(2)
    ]
    assert said[0] == said[1]
    history = document(chaffer("rooms", "show", room, *there, "--json"))["conversation_history"]
    assert [entry["message"] for entry in history].count("Hello there") == 1
    assert chaffer("rooms", "say", room, "Another thing", *there, "--idempotency-key", "k").code == 2


@pytest.mark.parametrize("key", ["", "clé", " k", "a\nb", "k" * 256])
def test_key_that_no_header_can_bear_is_refused(chaffer: Chaffer, key: str) -> None:
    ran = chaffer("rooms", "say", "room", "Hello", "--idempotency-key", key)
    assert (ran.code, ran.out) == (2, "")
    assert "'--idempotency-key': it must have 1 to 255 printable ASCII characters" in ran.err
