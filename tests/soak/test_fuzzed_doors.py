"""Nobody comes in by whatever stands in `Authorization` or a cookie, and nothing breaks; nor by what sockets say."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chaffer.ids import new_id
from tests.support.proofs import BOTH
from tests.support.runs import begun
from tests.support.server import Server, Surface, surface
from tests.support.tokens import AUDIENCE, FORGED, ISSUER, PASSWORD, USER, by_hand, claims, signed

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

PATHS: Final = (("GET", "/api/v1/me"), ("POST", "/api/login"), ("GET", "/api/docs"))

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
latin = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=300)
base64s = st.binary(max_size=300).map(lambda raw: base64.b64encode(raw).decode())
heads = st.dictionaries(st.sampled_from(["alg", "typ", "kid", "jku", "jwk", "crit", "b64", "x5c", "zip"]), values)
good_heads = st.fixed_dictionaries({"alg": st.just("HS256")})
said = st.dictionaries(st.sampled_from(["sub", "iss", "aud", "exp", "nbf", "iat", "jti"]), values)


def _bent(token: str, place: int, sign: str) -> str:
    """Return a good token with one character of it replaced."""
    at = place % len(token)
    return token[:at] + sign + token[at + 1 :]


another = "another-secret-another-secret-another"
"""What forgers sign with: what is signed by the secret and says what it must comes in, and rightly."""
tokens = st.one_of(
    st.builds(lambda head, told: by_hand(head, told, another.encode()), good_heads | heads, said | values),
    st.builds(lambda told: by_hand({"alg": "HS256"}, told), values.filter(lambda told: not isinstance(told, dict))),
    st.builds(lambda head: by_hand({**head, "alg": "none"}, claims()), heads),
    st.builds(lambda place: _bent(signed(), place, "!"), st.integers(0, 999)),
    st.sampled_from(sorted(FORGED)).map(lambda name: FORGED[name]()),
    st.lists(base64s, max_size=5).map(".".join),
)
pairs = st.builds(
    lambda user, colon, password: base64.b64encode(user + colon + password).decode(),
    st.sampled_from([USER.encode(), b""]) | st.binary(max_size=90),
    st.sampled_from([b":", b"", b"::", b"\0:"]),
    st.binary(max_size=90).filter(lambda word: word != PASSWORD.encode()),
)
schemes = (
    st.sampled_from(["Basic", "Bearer", "basic", "BEARER", "Digest", "Negotiate", "", " ", "Basic,Bearer"]) | latin
)
authorizations = st.one_of(
    latin,
    st.builds("{} {}".format, schemes, latin | base64s),
    tokens.map("Bearer {}".format),
    pairs.map("Basic {}".format),
)
cookies = st.one_of(
    latin,
    latin.map("chaffer={}".format),
    st.text("ABCDEFabcdef0123456789-_", min_size=43, max_size=43).map("chaffer={}".format),
    st.lists(latin, max_size=5).map("; chaffer=".join),
)


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """Yield what runs coroutines of this module, all on one loop."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def doors(loop: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surface]:
    """Yield a program that asks who calls."""
    opening = surface(tmp_path_factory.mktemp("doors"), **BOTH)
    at = loop.run(opening.__aenter__())
    yield at
    loop.run(opening.__aexit__(None, None, None))


def _assert_stays_out(loop: asyncio.Runner, at: Surface, headers: dict[bytes, bytes]) -> None:
    async def asked() -> list[httpx2.Response]:
        return [await at.client.request(method, path, headers=headers) for method, path in PATHS]

    for answer in loop.run(asked()):
        assert answer.status_code == 401, answer.text
        assert answer.json()["error"]["code"] == "UNAUTHORIZED"
        assert "set-cookie" not in answer.headers
    assert "request.broke" not in at.log.getvalue()


@given(authorization=authorizations)
@settings(max_examples=3_000, suppress_health_check=list(HealthCheck))
def test_no_authorization_comes_in_or_breaks_anything(loop: asyncio.Runner, doors: Surface, authorization: str) -> None:
    _assert_stays_out(loop, doors, {b"Authorization": authorization.encode("latin-1", "replace")})


@given(cookie=cookies)
@settings(max_examples=3_000, suppress_health_check=list(HealthCheck))
def test_no_cookie_comes_in_or_breaks_anything(loop: asyncio.Runner, doors: Surface, cookie: str) -> None:
    _assert_stays_out(loop, doors, {b"Cookie": cookie.encode("latin-1")})


@given(told=said)
@settings(max_examples=3_000, suppress_health_check=list(HealthCheck))
def test_what_the_issuer_signs_comes_in_or_is_refused_and_breaks_nothing(
    loop: asyncio.Runner, doors: Surface, told: dict[str, Any]
) -> None:
    token = by_hand({"alg": "HS256"}, {**claims(), **told})
    answer = loop.run(doors.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}))
    assert answer.status_code in {200, 401}
    if answer.status_code == 200:
        is_for_us = told.get("aud", AUDIENCE) == AUDIENCE or AUDIENCE in told["aud"]
        assert (told.get("iss", ISSUER), is_for_us) == (ISSUER, True)


requests = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["patch", "say", "sing"])}, optional={"text": values, "name": values}
    ),
    st.fixed_dictionaries(
        {"type": st.just("patch"), "index": values | st.integers(0, 1)},
        optional={
            "bot": values | st.dictionaries(st.sampled_from(["name", "prompt", "temperature", "api_key"]), values)
        },
    ),
    values,
)
messages = st.one_of(requests.map(json.dumps), st.text(max_size=500), st.binary(max_size=50))


def test_no_message_breaks_a_socket_or_its_run(tmp_path: Path) -> None:
    """Each is done, refused, or closes the socket with a reason; the run goes on, and so does the server."""
    with (
        Server(tmp_path, BUILTIN_CHARS_PER_SECOND="1", MAX_STREAMS_PER_OWNER="1000") as server,
        asyncio.Runner() as loop,
    ):
        client = server.client()
        run = loop.run(begun(client, max_turns=50))
        address = server.url.replace("http://", "ws://") + run.replace("/api/run/", "/api/ws/run/")

        @given(sent=st.lists(messages, min_size=1, max_size=12))
        @settings(max_examples=300, suppress_health_check=list(HealthCheck))
        def spoken(sent: list[str | bytes]) -> None:
            assert loop.run(_spoken(address, sent)) in {1003, 1009, None}

        spoken()
        state = loop.run(client.get(run)).json()
        assert state["status"] == "running"
        loop.run(client.aclose())
    assert not [line for line in server.log if "stream.broke" in line or "request.broke" in line]


async def _spoken(address: str, sent: list[str | bytes]) -> int | None:
    """Send messages and return the code with which the socket was closed; None where it still hears and answers."""
    last = new_id()
    async with asyncio.timeout(30), connect(address, proxy=None, max_size=None) as socket:
        try:
            for message in [*sent, json.dumps({"type": "say", "text": last})]:
                await socket.send(message)
            while json.loads(await socket.recv()).get("text") != last:
                pass
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else None
    return None
