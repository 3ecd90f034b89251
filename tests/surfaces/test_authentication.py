"""Who may call, as CONTRACT §1 and issue 4 promise it, through HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import bcrypt
import httpx2
import pytest

from chaffer.api.admission import OPEN_PATHS
from chaffer.api.openapi import document
from chaffer.cli.in_process import InProcessTransport
from tests.support.loopback import Reply, answering
from tests.support.proofs import (
    BASIC,
    BEARER,
    BOTH,
    CODES,
    LOGIN,
    LOGOUT,
    ME,
    ORIGIN,
    assert_stranger,
    basic,
    bearer,
    client_of,
    code_of,
    from_peer,
    posted_login,
)
from tests.support.server import Server, Surface, play, surface
from tests.support.tokens import (
    CHEAP,
    FORGED,
    HASHED,
    ISSUER,
    PASSWORD,
    SECRET,
    SUBJECT,
    USER,
    claims,
    ec_key,
    key_set,
    published,
    rsa_key,
    signed,
)


def guarded() -> list[tuple[str, str]]:
    """Return every method and path of the OpenAPI document that is not open, with made-up ids in it."""
    return [
        (method.upper(), path.replace("{", "").replace("}", ""))
        for path, methods in document()["paths"].items()
        for method in methods
        if path not in OPEN_PATHS and path != LOGOUT
    ]


BESIDE = [
    "/api/docs",
    "/api/redoc",
    "/api/docs/assets/begin.js",
    "/api",
    "/api/",
    "/api/v1",
    "/api/nothing",
    "/nothing",
]


def test_every_path_of_the_document_is_shut_to_strangers(tmp_path: Path) -> None:
    """CONTRACT §1: all `/api/**` is guarded; a path that does not exist tells a stranger nothing either."""

    async def case(at: Surface) -> None:
        for method, path in [*guarded(), *(("GET", path) for path in BESIDE)]:
            assert_stranger(await at.client.request(method, path), "Basic", "Bearer")
        for path in ("/", "/health", "/api/v1/health", "/openapi.json", "/metrics"):
            assert (await at.client.get(path)).status_code == CODES.OK

    assert len(guarded()) > 15
    play(tmp_path, case, **BOTH)


def test_what_is_open_shows_nothing_private(tmp_path: Path) -> None:
    """CONTRACT §1."""

    async def case(at: Surface) -> None:
        for path in OPEN_PATHS:
            answer = await at.client.get(path)
            assert answer.is_success, path
            text = answer.text
            assert not any(private in text for private in (SECRET, HASHED, PASSWORD, ISSUER, USER + '"', str(tmp_path)))

    play(tmp_path, case, **BOTH)


@pytest.mark.parametrize("given", [BASIC, BEARER, BOTH], ids=["basic", "bearer", "both"])
def test_each_way_lets_in_where_it_is_on_and_not_where_it_is_off(tmp_path: Path, given: dict[str, Any]) -> None:
    """CONTRACT §1: Basic and bearer may both be on."""
    schemes = [name for name, part in (("Basic", BASIC), ("Bearer", BEARER)) if part.items() <= given.items()]

    async def case(at: Surface) -> None:
        for scheme, headers, user in (("Basic", basic(), USER), ("Bearer", bearer(), SUBJECT)):
            answer = await at.client.get(ME, headers=headers)
            if scheme in schemes:
                assert (answer.json()["mode"], answer.json()["user"]) == (scheme.lower(), user)
            else:
                assert_stranger(answer, *schemes)
        assert_stranger(await at.client.get(ME), *schemes)

    play(tmp_path, case, **given)


EVERY_ADDRESS = "0.0.0.0"  # noqa: S104  What is tried.


@pytest.mark.parametrize(
    "given", [{}, {"dev_mode": True}, {**BOTH, "dev_mode": True}, {"dev_mode": True, "host": EVERY_ADDRESS}]
)
def test_open_mode_serves_this_machine_alone_whatever_is_listened_on(tmp_path: Path, given: dict[str, Any]) -> None:
    """CONTRACT §1: `DEV_MODE=true`, or nothing configured; only loopback peers are served."""

    async def case(at: Surface) -> None:
        assert (await at.client.get(ME)).json()["mode"] == "open"
        for peer in ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1", "nonsense"):
            async with httpx2.AsyncClient(
                transport=InProcessTransport(from_peer(at.app, peer)), base_url="http://127.0.0.1"
            ) as far:
                answer = await far.get(ME)
                assert (answer.status_code, code_of(answer)) == (CODES.FORBIDDEN, "FORBIDDEN")
                assert "--unsafe-no-auth" in answer.text
                assert (await far.get("/health")).status_code == CODES.OK

    play(tmp_path, case, **given)


def test_who_proves_it_is_served_wherever_it_comes_from(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        transport = InProcessTransport(from_peer(at.app, "192.0.2.7"))
        async with httpx2.AsyncClient(transport=transport, base_url="https://haggle.example") as far:
            assert (await far.get(ME, headers=basic())).status_code == CODES.OK
            assert_stranger(await far.get(ME), "Basic", "Bearer")

    play(tmp_path, case, **BOTH)


def test_every_forged_token_is_answered_401(tmp_path: Path) -> None:
    """Issue 4, Shown by tests: 40 forged tokens; one by one they stand in tests/doors/test_tokens.py."""
    keys = key_set(published("rsa", rsa_key()), published("ec", ec_key()), published("rsa2", rsa_key("second")))

    async def main() -> None:
        async with (
            answering(lambda _: Reply(keys)) as there,
            surface(tmp_path, **BEARER, jwt_jwks_url=there.url) as at,
        ):
            for name, forge in FORGED.items():
                answer = await at.client.get(ME, headers={b"Authorization": b"Bearer " + forge().encode()})
                assert answer.status_code == CODES.UNAUTHORIZED, name
                assert_stranger(answer, "Bearer")
            assert (await at.client.get(ME, headers=bearer())).status_code == CODES.OK
            assert all(request.target == "/" for request in there.asked)

    asyncio.run(main())


def test_tokens_of_published_keys_let_in_through_a_rotation(tmp_path: Path) -> None:
    """Issue 4: RS256 and ES256 by JWT_JWKS_URL."""
    reply = [Reply(key_set(published("one", rsa_key())))]

    async def main() -> None:
        async with (
            answering(lambda _: reply[0]) as there,
            surface(tmp_path, jwt_jwks_url=there.url, jwt_issuer=ISSUER, rate_limit_enabled=False) as at,
        ):
            one = bearer(signed(None, rsa_key(), "RS256", kid="one"))
            two = bearer(signed(None, ec_key(), "ES256", kid="two"))
            assert (await at.client.get(ME, headers=one)).json()["user"] == SUBJECT
            assert_stranger(await at.client.get(ME, headers=two), "Bearer")
            reply[0] = Reply(key_set(published("one", rsa_key()), published("two", ec_key())))
        # Another process, as a restart is one: it fetches what is published by now.
        async with (
            answering(lambda _: reply[0]) as there,
            surface(tmp_path, jwt_jwks_url=there.url, jwt_issuer=ISSUER, rate_limit_enabled=False) as at,
        ):
            for headers in (one, two):
                assert (await at.client.get(ME, headers=headers)).json()["user"] == SUBJECT

    asyncio.run(main())


def test_while_the_issuer_is_away_a_good_token_is_not_said_to_be_wrong(tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            answering(lambda _: Reply(b"", 500)) as there,
            surface(tmp_path, jwt_jwks_url=there.url, jwt_issuer=ISSUER, rate_limit_enabled=False) as at,
        ):
            headers = bearer(signed(None, rsa_key(), "RS256", kid="one"))
            for answer in (await at.client.get(ME, headers=headers), await at.client.post(LOGIN, headers=headers)):
                assert (answer.status_code, code_of(answer)) == (CODES.SERVICE_UNAVAILABLE, "KEYS_UNAVAILABLE")
                assert answer.json()["error"]["retryable"] is True
                assert answer.headers["Retry-After"] == "30"

    asyncio.run(main())


WORDS: dict[str, bytes] = {
    "72 bytes": b"x" * 72,
    "73 bytes": b"x" * 73,
    "5000 bytes": b"x" * 5000,
    "Unicode": "пароль 🔑".encode(),
    "colons": b"a:b:c",
}


@pytest.mark.parametrize("by_bcrypt", [False, True], ids=["argon2", "bcrypt"])
@pytest.mark.parametrize("name", WORDS)
def test_passwords_of_any_length_and_script_are_in_or_401(tmp_path: Path, name: str, *, by_bcrypt: bool) -> None:
    """Issue 4, Shown by tests: never 5xx."""
    word = WORDS[name]
    fits = not by_bcrypt or len(word) <= 72
    right = word if fits else b"another"
    hashed = bcrypt.hashpw(right, bcrypt.gensalt(4)).decode() if by_bcrypt else CHEAP.hash(right)

    async def case(at: Surface) -> None:
        assert (await at.client.get(ME, headers=basic(USER, word))).status_code == (
            CODES.OK if fits else CODES.UNAUTHORIZED
        )
        for wrong in (word + b"x", word[:-1], b"\0" + word, word + b"\0", b"\xff" + word, b""):
            assert_stranger(await at.client.get(ME, headers=basic(USER, wrong)), "Basic")
            assert_stranger(await at.client.get(ME, headers=basic(b"bob", wrong)), "Basic")

    play(tmp_path, case, basic_auth_user=USER, basic_auth_pw_hash=hashed, rate_limit_enabled=False)


MALFORMED = ["", "Basic", "Basic !", "Basic YWRh", "Bearer", "Bearer a b c", "Digest x", "Basic \xff", "\x7f"]


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_credentials_are_answered_401(tmp_path: Path, text: str) -> None:
    async def case(at: Surface) -> None:
        answer = await at.client.get(ME, headers={b"Authorization": text.encode("latin-1")})
        assert_stranger(answer, "Basic", "Bearer")

    play(tmp_path, case, **BOTH)


def test_of_two_authorizations_none_counts(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        both = [("Authorization", basic()["Authorization"]), ("Authorization", bearer()["Authorization"])]
        assert_stranger(await at.client.get(ME, headers=both), "Basic", "Bearer")

    play(tmp_path, case, **BOTH)


def test_a_token_in_a_url_lets_nobody_in(tmp_path: Path) -> None:
    """CONTRACT §1: no token ever travels in a URL."""

    async def case(at: Surface) -> None:
        for name in ("token", "access_token", "authorization", "jwt"):
            assert_stranger(await at.client.get(ME, params={name: signed()}), "Basic", "Bearer")
        async with client_of(at, f"http://{USER}:x@127.0.0.1") as client:
            assert_stranger(await client.get(ME), "Basic", "Bearer")

    play(tmp_path, case, **BOTH)


def test_a_page_of_ten_requests_costs_one_hash(tmp_path: Path) -> None:
    """Issue 4: cached for seconds. Each hash is an attempt, and one attempt a minute is allowed here."""

    async def case(at: Surface) -> None:
        for _ in range(2):
            answers = await asyncio.gather(*(at.client.get(ME, headers=basic()) for _ in range(10)))
            assert {answer.status_code for answer in answers} == {CODES.OK}
        assert (await at.client.get(ME, headers=basic(USER, b"wrong"))).status_code == CODES.TOO_MANY_REQUESTS

    limits: dict[str, Any] = {"rate_limit_enabled": True, "rate_limit_attempts_per_minute": 1}
    play(tmp_path, case, basic_auth_user=USER, basic_auth_pw_hash=HASHED, **limits)


def test_a_browser_s_preflight_passes_and_may_read_the_401(tmp_path: Path) -> None:
    async def case(at: Surface) -> None:
        asking = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "a"}
        preflight = await at.client.options("/api/v1/simulation/initialize", headers=asking)
        assert preflight.status_code == CODES.OK
        assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
        refused = await at.client.get(ME, headers={"Origin": ORIGIN})
        assert_stranger(refused, "Basic", "Bearer")
        assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert refused.headers["Access-Control-Allow-Credentials"] == "true"

    play(tmp_path, case, **BOTH)


def test_no_proof_is_in_the_log_in_an_answer_or_on_disk(tmp_path: Path) -> None:
    """Issue 4, Shown by tests: canary secrets in no log, error, export, URL."""
    token, forged = signed(), signed(claims(sub="canary-subject"), key="another-secret-another-secret-another")
    tried: list[dict[str, Any]] = [
        {"headers": bearer(token)},
        {"headers": bearer(forged)},
        {"headers": basic()},
        {"headers": basic(password="canary-wrong")},
        {"headers": {"Authorization": f"Nonsense {token}"}},
    ]
    secrets = [token, forged, PASSWORD, "canary-wrong", basic()["Authorization"][6:], SECRET, HASHED]

    async def case(at: Surface) -> None:
        answers = [
            await at.client.request(method, path, **given)
            for given in tried
            for method, path in (("GET", ME), ("GET", "/api/v1/simulation"), ("GET", "/api/none"), ("POST", LOGIN))
        ]
        answers.append(await at.client.post(LOGIN, json={"username": USER, "password": "canary-wrong"}))
        value = await posted_login(at.client)
        for secret in [*secrets, value, "canary-subject"]:
            assert secret not in at.log.getvalue()
            assert not any(secret in answer.text for answer in answers)
        assert "door.refused" in at.log.getvalue()

    play(tmp_path, case, durable=True, **BOTH)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert not any(secret.encode() in path.read_bytes() for secret in secrets)


def test_the_server_says_at_its_start_who_is_served(tmp_path: Path) -> None:
    """Issue 4: DEV_MODE says so at start."""
    told = {
        "DEV_MODE switches authentication and limits off: this machine alone": {"DEV_MODE": "true"},
        "No authentication is configured: this machine alone": {"HOST": EVERY_ADDRESS},
        "Who calls must prove it, by the password": {"BASIC_AUTH_USER": USER, "BASIC_AUTH_PW_HASH": HASHED},
    }
    for sentence, variables in told.items():
        with Server(tmp_path, **variables) as server:
            asyncio.run(_alive(server))
        log = "".join(server.log)
        assert log.count(sentence) == 2, log


async def _alive(server: Server) -> None:
    async with httpx2.AsyncClient(base_url=server.url.replace(EVERY_ADDRESS, "127.0.0.1"), trust_env=False) as client:
        assert (await client.get("/health")).status_code == CODES.OK
