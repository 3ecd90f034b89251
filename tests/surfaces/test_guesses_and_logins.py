"""Who guesses is counted wherever it guesses, and who logs in again and again fills nothing."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from chaffer.bootstrap import EVENT_TYPES, open_chaffer
from chaffer.conversation.codec import Codec
from chaffer.doors.caller import Mode
from chaffer.doors.logins import MOST_PER_OWNER, Login, digest_of
from chaffer.errors import Code
from chaffer.storage.opening import open_store
from tests.support.callers import bearer, calling
from tests.support.peers import calling_from
from tests.support.server import Surface, play, settings_for
from tests.support.tokens import HASHED, PASSWORD, SECRET, USER

PASSWORDS: Final[dict[str, Any]] = {"basic_auth_user": USER, "basic_auth_pw_hash": HASHED}
BOTH: Final[dict[str, Any]] = {**PASSWORDS, "supabase_jwt_secret": SECRET}
ME: Final = "/api/v1/me"
LOGIN: Final = "/api/login"
HOME: Final = "198.51.100.1"
GUESSER: Final = "192.0.2.66"
OF_METRICS: Final = "a-token-of-28-characters-a1b"
MOST: Final = 5
TOLD: Final = f'"attempts";q={MOST};w=60'

WAYS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "a password": ("GET", ME, {"auth": (USER, "wrong")}),
    "a token": ("GET", ME, {"headers": {"Authorization": "Bearer wrong"}}),
    "a cookie": ("GET", ME, {"headers": {"Cookie": "chaffer=" + "A" * 43}}),
    "another scheme": ("GET", ME, {"headers": {"Authorization": "Digest wrong"}}),
    "no pair": ("GET", ME, {"headers": {"Authorization": "Basic !"}}),
    "a login by header": ("POST", LOGIN, {"auth": (USER, "wrong")}),
    "a login by body": ("POST", LOGIN, {"json": {"username": USER, "password": "wrong"}}),
    "a path that is none": ("GET", "/api/nothing", {"headers": {"Authorization": "Bearer wrong"}}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_guess_too_many_is_refused_and_told_by_which_rate_until_when(tmp_path: Path, way: str) -> None:
    """Issue 4: headers and `Retry-After`, for failed attempts too."""
    method, path, given = WAYS[way]

    async def case(at: Surface) -> None:
        async with calling_from(at.app, GUESSER) as guesser:
            for _ in range(MOST):
                assert (await guesser.request(method, path, **_another(given))).status_code == 401
            answer = await guesser.request(method, path, **_another(given))
            assert answer.status_code == 429
            assert answer.json()["error"]["code"] == Code.RATE_LIMIT_EXCEEDED
            headers = answer.headers
            assert headers["ratelimit-policy"] == TOLD
            assert (headers["ratelimit-limit"], headers["ratelimit-remaining"]) == (str(MOST), "0")
            assert headers["retry-after"] == headers["ratelimit-reset"]
            assert 0 < int(headers["retry-after"]) <= 60
            assert headers["ratelimit"] == f'"attempts";r=0;t={headers["retry-after"]}'
            assert (await guesser.get(ME, headers=bearer("ann"))).status_code == 200, "who proves it is no guesser"
        async with calling_from(at.app, HOME) as home:
            assert (await home.request(method, path, **given)).status_code == 401, "others are not counted with it"

    play(tmp_path, case, rate_limit_attempts_per_minute=MOST, **BOTH)


_guesses = iter(range(1_000_000))


def _another(given: dict[str, Any]) -> dict[str, Any]:
    """Return another guess of the same sort."""
    text = json.dumps(given).replace("wrong", f"wrong {next(_guesses)}")
    again: dict[str, Any] = json.loads(text)
    return {**again, "auth": tuple(again["auth"])} if "auth" in again else again


def test_guesses_of_a_password_are_limited_while_its_user_is_at_work(tmp_path: Path) -> None:
    """A password that was right a moment ago is not hashed again, which must not let others guess for nothing."""

    async def case(at: Surface) -> None:
        right = (USER, PASSWORD)
        async with calling_from(at.app, HOME) as home, calling_from(at.app, GUESSER) as guesser:
            assert (await home.get(ME, auth=right)).status_code == 200
            for _ in range(MOST):
                assert (await guesser.get(ME, **_another({"auth": (USER, "wrong")}))).status_code == 401
            assert (await guesser.get(ME, auth=right)).status_code == 429, (
                "even the right one: it is not told from others"
            )
            assert (await guesser.post(LOGIN, auth=right)).status_code == 429
            assert (await home.get(ME, auth=right)).status_code == 200
        async with calling_from(at.app, HOME) as neighbour:
            for _ in range(2 * MOST):
                await neighbour.get(ME, **_another({"auth": (USER, "wrong")}))
            assert (await neighbour.get(ME, auth=right)).status_code == 429, "nor where both call from one address"

    play(tmp_path, case, rate_limit_attempts_per_minute=MOST, **PASSWORDS)


def test_guesses_of_the_token_of_metrics_are_limited(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling_from(at.app, GUESSER) as guesser:
            for _ in range(MOST):
                assert (await guesser.get("/metrics", headers={"Authorization": "Bearer guess"})).status_code == 401
            assert (await guesser.get("/metrics", headers={"Authorization": "Bearer guess"})).status_code == 429
        async with calling_from(at.app, HOME, {"Authorization": f"Bearer {OF_METRICS}"}) as reader:
            assert [(await reader.get("/metrics")).status_code for _ in range(2 * MOST)] == [200] * 2 * MOST

    play(tmp_path, case, rate_limit_attempts_per_minute=MOST, metrics_token=OF_METRICS, **BOTH)


def test_a_flood_of_logins_ends_the_oldest_and_no_other_users(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        async with calling(at.app, "bob") as bob, calling(at.app, "ann") as ann:
            his = _value(await bob.post(LOGIN))
            seconds = range(600, 605 + MOST_PER_OWNER)
            values = [_value(await ann.post(LOGIN, headers=_lasting(second))) for second in seconds]
        found = [
            (await at.client.get(ME, headers={"Cookie": f"chaffer={value}"})).status_code for value in [*values, his]
        ]
        assert found == [401] * 5 + [200] * MOST_PER_OWNER + [200]

    play(tmp_path, case, durable=True, rate_limit_enabled=False, supabase_jwt_secret=SECRET)


def _lasting(seconds: int) -> dict[str, str]:
    return bearer("ann", exp=int((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp()))


def _value(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text
    cookie: str = answer.headers["set-cookie"]
    return cookie.partition("=")[2].partition(";")[0]


def test_housekeeping_drops_the_logins_that_have_expired(tmp_path: Path) -> None:
    settings, now = settings_for(tmp_path, **PASSWORDS), datetime.now(UTC)
    expired, good = [
        Login(digest_of(name), USER, Mode.BASIC, b"v", now + timedelta(hours=hours))
        for name, hours in (("expired", -1), ("good", 1))
    ]

    async def main() -> None:
        store = await open_store(settings.store_url, Codec(EVENT_TYPES))
        await store.keep_login(expired, MOST_PER_OWNER)
        await store.keep_login(good, MOST_PER_OWNER)
        async with open_chaffer(settings), asyncio.timeout(20):
            while await store.find_login(expired.digest) is not None:  # noqa: ASYNC110  A database sets no event.
                await asyncio.sleep(0.01)
        assert await store.find_login(good.digest) == good
        await store.close()

    asyncio.run(main())
