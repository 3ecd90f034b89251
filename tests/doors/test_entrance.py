"""The entrance: half a lock is refused, every proof is known, and who stays is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chaffer.doors.caller import ANYBODY, Caller, Mode
from chaffer.doors.entrance import Credentials, Entrance, StrangerError, while_admitted
from chaffer.doors.locks import Locks
from chaffer.errors import ChafferError, Code
from chaffer.storage.memory import MemoryStore
from tests.support.loopback import Reply, answering
from tests.support.tokens import (
    HASHED,
    ISSUER,
    PASSWORD,
    SECRET,
    SUBJECT,
    USER,
    claims,
    key_set,
    published,
    rsa_key,
    signed,
)

BASIC = {"basic_auth_user": USER, "basic_auth_pw_hash": HASHED}
BEARER = {"supabase_jwt_secret": SECRET, "jwt_issuer": ISSUER}
KEYS = {"jwt_jwks_url": "https://issuer.test/keys", "jwt_issuer": ISSUER}

START = datetime(2026, 3, 1, tzinfo=UTC)


class Clock:
    """A time that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def locks(**given: Any) -> Locks:
    return Locks(**{"login_lifetime": timedelta(hours=12), "jwt_audience": ("authenticated",), **given})


async def free() -> None:
    """Let an attempt pass."""


def played(case: Callable[[Entrance, Clock], Awaitable[None]], **given: Any) -> None:
    async def main() -> None:
        clock = Clock()
        entrance = locks(**given).entrance(MemoryStore(), clock)
        await case(entrance, clock)
        await entrance.aclose()

    asyncio.run(main())


def password(user: str = USER, word: str = PASSWORD) -> Credentials:
    return Credentials.of_password(user, word)


def token(**said: Any) -> Credentials:
    return Credentials(f"Bearer {signed(claims(START, **said))}")


@pytest.mark.parametrize(
    ("given", "modes"),
    [
        ({}, [Mode.OPEN]),
        ({"basic_auth_user": "", "basic_auth_pw_hash": "", "supabase_url": ""}, [Mode.OPEN]),
        ({**BASIC, **BEARER, "dev_mode": True}, [Mode.OPEN]),
        (BASIC, [Mode.BASIC]),
        (BEARER, [Mode.BEARER]),
        ({"supabase_jwt_secret": SECRET}, [Mode.BEARER]),
        (KEYS, [Mode.BEARER]),
        ({"supabase_url": "https://project.supabase.test/"}, [Mode.BEARER]),
        ({"supabase_url": "http://127.0.0.1:54321"}, [Mode.BEARER]),
        ({**BASIC, **KEYS, "supabase_jwt_secret": SECRET}, [Mode.BASIC, Mode.BEARER]),
    ],
)
def test_what_is_configured_is_how_callers_are_known(given: dict[str, Any], modes: list[Mode]) -> None:
    """CONTRACT §1, Who may call."""
    entrance = locks(**given).entrance(MemoryStore(), Clock())
    assert list(entrance.modes) == modes
    assert entrance.is_open is (modes == [Mode.OPEN])


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"basic_auth_user": USER}, "BASIC_AUTH_PW_HASH"),
        ({"basic_auth_pw_hash": HASHED}, "BASIC_AUTH_USER"),
        ({**BASIC, "basic_auth_pw_hash": "canary-word"}, "BASIC_AUTH_PW_HASH"),
        ({**BASIC, "basic_auth_pw_hash": "canary-word", "dev_mode": True}, "BASIC_AUTH_PW_HASH"),
        ({**BASIC, "basic_auth_user": "canary:ada"}, "BASIC_AUTH_USER"),
        ({**BASIC, "basic_auth_user": "canary\n"}, "BASIC_AUTH_USER"),
        ({"jwt_issuer": "https://canary.test"}, "JWT_JWKS_URL"),
        ({"jwt_jwks_url": "https://canary.test/keys"}, "JWT_ISSUER"),
        ({"jwt_jwks_url": "http://canary.test/keys", "jwt_issuer": "x"}, "JWT_JWKS_URL"),
        ({"jwt_jwks_url": "canary", "jwt_issuer": "x"}, "JWT_JWKS_URL"),
        ({"supabase_url": "http://canary.test"}, "SUPABASE_URL"),
        ({"supabase_jwt_secret": "canary-short"}, "SUPABASE_JWT_SECRET"),
        ({**BEARER, "jwt_audience": ()}, "JWT_AUDIENCE"),
    ],
)
def test_half_a_lock_is_refused_by_name_and_never_by_value(given: dict[str, Any], named: str) -> None:
    with pytest.raises(ChafferError) as refused:
        locks(**given).entrance(MemoryStore(), Clock())
    assert refused.value.code is Code.VALIDATION_ERROR
    assert f" {named} " in refused.value.message
    assert "canary" not in refused.value.message


def test_locks_show_no_secret() -> None:
    assert SECRET not in repr(locks(**BEARER))
    assert HASHED not in repr(locks(**BASIC))


def test_both_proofs_let_in_and_each_says_who() -> None:
    async def case(entrance: Entrance, _: Clock) -> None:
        by_password = await entrance.admit(password(), free)
        assert (by_password.mode, by_password.user, by_password.until) == (Mode.BASIC, USER, None)
        by_token = await entrance.admit(token(), free)
        assert (by_token.mode, by_token.user) == (Mode.BEARER, SUBJECT)
        assert by_token.until == START + timedelta(minutes=5)
        for scheme in ("BASIC", "basic"):
            told = (password().authorization or "").replace("Basic", scheme)
            assert (await entrance.admit(Credentials(told), free)).user == USER

    played(case, **BASIC, **BEARER)


MALFORMED = [
    None,
    "",
    "Basic",
    "Basic ",
    "Basic !!!",
    "Basic YWRh",
    "Basic =",
    "Basic Og==",
    "Basic " + "A" * 20_000,
    "Basic é",
    "Bearer",
    "Bearer ",
    "Digest username=ada",
    "Negotiate x",
    "ada:password",
    PASSWORD,
]


@pytest.mark.parametrize("authorization", MALFORMED)
@pytest.mark.parametrize("given", [BASIC, BEARER, {**BASIC, **BEARER}], ids=["basic", "bearer", "both"])
def test_what_proves_nothing_is_refused_with_the_ways_to_prove_it(given: dict[str, Any], authorization: str) -> None:
    async def case(entrance: Entrance, _: Clock) -> None:
        with pytest.raises(StrangerError) as refused:
            await entrance.admit(Credentials(authorization), free)
        schemes = [challenge.split()[0] for challenge in refused.value.challenges]
        assert schemes == [mode.value.capitalize() for mode in entrance.modes]

    played(case, **given)


def test_a_scheme_that_is_off_lets_nobody_in() -> None:
    async def refused_by(entrance: Entrance, credentials: Credentials) -> None:
        with pytest.raises(StrangerError):
            await entrance.admit(credentials, free)

    played(lambda entrance, _: refused_by(entrance, token()), **BASIC)
    played(lambda entrance, _: refused_by(entrance, password()), **BEARER)


def test_where_it_is_open_anybody_is_anybody() -> None:
    async def case(entrance: Entrance, _: Clock) -> None:
        for credentials in (Credentials(), password(), Credentials("nonsense"), Credentials(cookie="x")):
            assert await entrance.admit(credentials, free) is ANYBODY
        assert await entrance.still_admits(ANYBODY)

    played(case)


def test_a_refusal_is_the_same_whatever_was_wrong() -> None:
    async def case(entrance: Entrance, _: Clock) -> None:
        told = set()
        wrong = (password("bob"), password(word="x"), Credentials(), Credentials("Bearer x"), token(aud="x"))
        for credentials in wrong:
            with pytest.raises(StrangerError) as refused:
                await entrance.admit(credentials, free)
            told.add(refused.value.message)
        assert len(told) == 1

    played(case, **BASIC, **BEARER)


def test_each_wrong_guess_is_an_attempt_and_a_proof_that_is_remembered_is_none() -> None:
    attempts: list[int] = []

    async def attempt() -> None:
        attempts.append(1)

    async def case(entrance: Entrance, _: Clock) -> None:
        caller = await entrance.admit(password(), attempt)
        assert len(attempts) == 1
        cookie = (await entrance.begin_login(caller)).value
        for credentials in (password(), Credentials(cookie=cookie), token()) * 3:
            await entrance.admit(credentials, attempt)
        assert len(attempts) == 1
        for wrong in (password("bob"), Credentials("Bearer x"), Credentials("Basic !"), Credentials(cookie="x")):
            before = len(attempts)
            with pytest.raises(StrangerError):
                await entrance.admit(wrong, attempt)
            assert len(attempts) == before + 1
        counted = len(attempts)
        with pytest.raises(StrangerError):
            await entrance.admit(Credentials(), attempt)
        assert len(attempts) == counted, "who brings nothing guesses nothing"

    played(case, **BASIC, **BEARER)


@pytest.mark.parametrize("proof", [password, token])
def test_a_login_lets_in_as_whom_it_was_begun_and_not_once_it_was_ended(proof: Callable[[], Credentials]) -> None:
    async def case(entrance: Entrance, _: Clock) -> None:
        begun_by = await entrance.admit(proof(), free)
        begun = await entrance.begin_login(begun_by)
        caller = await entrance.admit(Credentials(cookie=begun.value), free)
        assert (caller.mode, caller.user) == (begun_by.mode, begun_by.user)
        assert begun.value not in caller.proof
        assert await entrance.still_admits(caller)
        await entrance.end_login(begun.value)
        assert not await entrance.still_admits(caller)
        assert await entrance.still_admits(begun_by)
        with pytest.raises(StrangerError):
            await entrance.admit(Credentials(cookie=begun.value), free)

    played(case, **BASIC, **BEARER)


def test_an_authorization_that_is_wrong_is_not_saved_by_a_cookie() -> None:
    async def case(entrance: Entrance, _: Clock) -> None:
        begun = await entrance.begin_login(await entrance.admit(password(), free))
        with pytest.raises(StrangerError):
            await entrance.admit(Credentials("Bearer x", begun.value), free)

    played(case, **BASIC, **BEARER)


def test_a_login_is_void_once_what_vouched_for_it_changes_and_holds_where_it_does_not() -> None:
    other = "$argon2id$v=19$m=8,t=1,p=1$" + "A" * 22 + "$" + "A" * 43

    async def main() -> None:
        store, clock = MemoryStore(), Clock()

        def entrance(**given: Any) -> Entrance:
            return locks(**given).entrance(store, clock)

        async def is_in(given: dict[str, Any], cookie: str) -> bool:
            try:
                await entrance(**given).admit(Credentials(cookie=cookie), free)
            except StrangerError:
                return False
            return True

        both = {**BASIC, **BEARER}
        first = entrance(**both)
        by_password = (await first.begin_login(await first.admit(password(), free))).value
        by_token = (await first.begin_login(await first.admit(token(), free))).value
        await first.aclose()
        assert await is_in(both, by_password)
        assert await is_in(both, by_token)
        passwords: list[dict[str, Any]] = [{"basic_auth_pw_hash": other}, {"basic_auth_user": "bob"}]
        secrets: list[dict[str, Any]] = [
            {"supabase_jwt_secret": SECRET[::-1]},
            {"jwt_issuer": "x"},
            {"jwt_audience": ("x",)},
        ]
        for changed in passwords:
            assert not await is_in({**both, **changed}, by_password)
            assert await is_in({**both, **changed}, by_token)
        for changed in secrets:
            assert not await is_in({**both, **changed}, by_token)
            assert await is_in({**both, **changed}, by_password)
        assert not await is_in(BEARER, by_password)
        assert not await is_in(BASIC, by_token)

    asyncio.run(main())


def test_a_token_is_out_when_it_expires_and_its_login_with_it() -> None:
    async def case(entrance: Entrance, clock: Clock) -> None:
        caller = await entrance.admit(token(), free)
        begun = await entrance.begin_login(caller)
        by_cookie = await entrance.admit(Credentials(cookie=begun.value), free)
        clock.now += timedelta(minutes=5) - timedelta(microseconds=1)
        assert await entrance.still_admits(caller)
        assert await entrance.still_admits(by_cookie)
        clock.now += timedelta(microseconds=1)
        assert not await entrance.still_admits(caller)
        assert not await entrance.still_admits(by_cookie)

    played(case, **BEARER)


def test_who_came_by_a_key_that_was_withdrawn_is_out_once_that_is_known() -> None:
    reply = [Reply(key_set(published("old", rsa_key())))]

    async def main() -> None:
        async with answering(lambda _: reply[0]) as there:
            entrance = locks(jwt_jwks_url=there.url, jwt_issuer=ISSUER).entrance(MemoryStore(), Clock())
            old = Credentials("Bearer " + signed(claims(START), rsa_key(), "RS256", kid="old"))
            caller = await entrance.admit(old, free)
            assert await entrance.still_admits(caller)
        async with answering(lambda _: Reply(key_set(published("new", rsa_key("second"))))) as there:
            later = locks(jwt_jwks_url=there.url, jwt_issuer=ISSUER).entrance(MemoryStore(), Clock())
            assert not await later.still_admits(caller)

    asyncio.run(main())


def test_who_stays_is_sent_away_once_it_is_out_and_others_are_not() -> None:
    async def case(entrance: Entrance, clock: Clock) -> None:
        gone: list[str] = []
        short, long = await entrance.admit(token(), free), await entrance.admit(password(), free)
        with entrance.watched(short, lambda: gone.append("short")), entrance.watched(long, lambda: gone.append("long")):
            await entrance.look()
            assert gone == []
            clock.now += timedelta(hours=1)
            await entrance.look()
            assert gone == ["short"]

    played(case, **BASIC, **BEARER)


def test_who_stays_is_looked_at_by_itself_within_five_seconds() -> None:
    async def case(entrance: Entrance, clock: Clock) -> None:
        caller = await entrance.admit(token(), free)
        gone = asyncio.Event()
        with entrance.watched(caller, gone.set):
            clock.now += timedelta(hours=1)
            async with asyncio.timeout(5):
                await gone.wait()

    played(case, **BEARER)


async def _numbers(until: asyncio.Event) -> AsyncIterator[int]:
    yield 1
    yield 2
    await until.wait()
    yield 3


def test_events_end_when_their_reader_is_out_and_go_on_to_their_end_where_it_is_not() -> None:
    async def case(entrance: Entrance, clock: Clock) -> None:
        caller: Caller = await entrance.admit(token(), free)
        never, now = asyncio.Event(), asyncio.Event()
        now.set()
        assert [one async for one in while_admitted(_numbers(now), caller, entrance)] == [1, 2, 3]
        seen = []
        async for one in while_admitted(_numbers(never), caller, entrance):
            seen.append(one)
            clock.now += timedelta(hours=1)
            if one == 2:
                asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(entrance.look()))
        assert seen == [1, 2]

    played(case, **BEARER)
