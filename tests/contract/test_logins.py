"""Logins are kept by what their cookie hashes to, found by any process, and forgotten when they end or expire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chaffer.doors.caller import Caller, Mode
from chaffer.doors.logins import FOUND_AGAIN_SECONDS, MOST_PER_OWNER, Login, Logins, digest_of
from tests.contract.stores import LATER, START, Place, Store

MOMENT = timedelta(microseconds=1)


def login(name: str = "one", **changes: Any) -> Login:
    """Return a login whose cookie had that value."""
    fields: dict[str, Any] = {
        "owner": "Zoë",
        "mode": Mode.BEARER,
        "voucher": b"\x00\xff" * 16,
        "expires_at": LATER,
        **changes,
    }
    return Login(digest_of(name), **fields)


def test_a_login_is_found_as_it_was_kept_until_it_is_forgotten(place: Place) -> None:
    async def case(store: Store) -> None:
        assert await store.find_login(digest_of("one")) is None
        await store.keep_login(login(), 9)
        await store.keep_login(login("two", mode=Mode.BASIC), 9)
        assert await store.find_login(digest_of("one")) == login()
        await store.forget_login(digest_of("one"))
        await store.forget_login(digest_of("one"))
        assert await store.find_login(digest_of("one")) is None
        assert await store.find_login(digest_of("two")) == login("two", mode=Mode.BASIC)

    place.run(case)


def test_logins_are_forgotten_once_they_have_expired_and_not_a_moment_sooner(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.keep_login(login(expires_at=START), 9)
        await store.forget_logins(START)
        assert await store.find_login(digest_of("one")) is not None
        await store.forget_logins(START + MOMENT)
        assert await store.find_login(digest_of("one")) is None

    place.run(case)


def test_of_one_owner_no_more_logins_stay_than_may_and_those_stay_that_last_longest(place: Place) -> None:
    async def case(store: Store) -> None:
        async def staying(*names: str) -> list[str]:
            return [name for name in names if await store.find_login(digest_of(name)) is not None]

        await store.keep_login(login("another's", owner="Käthe", expires_at=START), 3)
        for number in range(5):
            await store.keep_login(login(f"{number}", expires_at=LATER + number * MOMENT), 3)
        assert await staying("0", "1", "2", "3", "4", "another's") == ["2", "3", "4", "another's"]
        await store.keep_login(login("short", expires_at=START), 3)
        assert await staying("2", "3", "4", "short", "another's") == ["3", "4", "short", "another's"]
        await store.keep_login(login("alone", expires_at=START), 1)
        assert await staying("3", "4", "short", "alone", "another's") == ["alone", "another's"]

    place.run(case)


def test_a_flood_of_logins_leaves_an_owner_as_many_as_may_be_and_the_last_of_them(place: Place) -> None:
    now = [START]

    async def case(store: Store) -> None:
        logins = Logins(store, lambda: now[0], timedelta(hours=1), lambda: 0.0)
        begun = []
        for _ in range(MOST_PER_OWNER + 15):
            now[0] += MOMENT
            begun.append(await logins.begin(Caller(Mode.BASIC, "ada"), b"v"))
        there = [await logins.find(one.value) == one.login for one in begun]
        assert there == [False] * 15 + [True] * MOST_PER_OWNER

    place.run(case)


def test_what_one_process_keeps_and_forgets_the_other_sees(lasting_place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await one.keep_login(login(), 9)
        assert await two.find_login(digest_of("one")) == login()
        await two.forget_login(digest_of("one"))
        assert await one.find_login(digest_of("one")) is None

    lasting_place.run_two(case)


def test_a_login_ended_elsewhere_is_gone_here_within_seconds_and_one_ended_here_at_once(place: Place) -> None:
    seconds = [0.0]

    async def case(one: Store, two: Store) -> None:
        here, there = (Logins(store, lambda: START, timedelta(hours=1), lambda: seconds[0]) for store in (one, two))
        caller = Caller(Mode.BASIC, "ada")
        first, second = [await here.begin(caller, bytes(32)) for _ in range(2)]
        assert first.value != second.value
        for begun in (first, second):
            assert await here.find(begun.value) == begun.login
            assert await there.find(begun.value) == begun.login
        await here.end(first.value)
        assert await here.find(first.value) is None
        seconds[0] += FOUND_AGAIN_SECONDS
        assert await there.find(first.value) is None
        assert await there.find(second.value) == second.login

    place.run_two(case)


def test_a_login_ends_with_its_lifetime_or_with_the_proof_whichever_is_first(place: Place) -> None:
    now = [START]

    async def case(store: Store) -> None:
        logins = Logins(store, lambda: now[0], timedelta(hours=1), lambda: 0.0)
        short = await logins.begin(Caller(Mode.BEARER, "a", START + timedelta(minutes=5)), b"v")
        long = await logins.begin(Caller(Mode.BEARER, "a", START + timedelta(days=5)), b"v")
        assert short.login.expires_at == START + timedelta(minutes=5)
        assert long.login.expires_at == START + timedelta(hours=1)
        now[0] = START + timedelta(minutes=5) - MOMENT
        assert await logins.find(short.value) == short.login
        now[0] += MOMENT
        assert await logins.find(short.value) is None
        await logins.sweep()
        now[0] += MOMENT
        await logins.sweep()
        assert await store.find_login(short.login.digest) is None
        assert await logins.find(long.value) == long.login

    place.run(case)


def test_what_is_no_cookie_s_value_is_not_looked_up(place: Place) -> None:
    async def case(store: Store) -> None:
        logins = Logins(store, lambda: START, timedelta(hours=1), lambda: 0.0)
        begun = await logins.begin(Caller(Mode.BASIC, "a"), b"v")
        for value in ("", "x", begun.value[:-1], begun.value + "x", "é" * 43, "\0" * 43, "x" * 100_000):
            assert await logins.find(value) is None
            await logins.end(value)
        assert begun.value not in repr(begun)

    place.run(case)
