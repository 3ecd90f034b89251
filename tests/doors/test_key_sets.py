"""Published keys: fetched once, kept, fetched again when one is new, kept on when nobody answers, and never any key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chaffer.doors.key_sets import (
    BETWEEN_FETCHES_SECONDS,
    FRESH_SECONDS,
    LARGEST_BYTES,
    STALE_SECONDS,
    KeySet,
    is_fetchable,
    keys_of,
)
from chaffer.errors import ChafferError, Code
from tests.support.loopback import Loopback, Reply, answering
from tests.support.tokens import ec_key, key_set, published, rsa_key

FIRST = published("first", rsa_key())
SECOND = published("second", ec_key())


class Issuer:
    """A server that publishes keys, and a clock that it does not know of."""

    def __init__(self, there: Loopback) -> None:
        self.there = there
        self.now = 1000.0
        self.keys = KeySet(there.url + "/keys", lambda: self.now)

    @property
    def fetches(self) -> int:
        return len(self.there.asked)

    async def knows(self, kid: str, algorithm: str = "RS256") -> bool:
        return await self.keys.find(kid, algorithm) is not None

    async def is_away(self) -> bool:
        """Tell whether a key is refused because none can be looked through."""
        with pytest.raises(ChafferError) as refused:
            await self.keys.find("first", "RS256")
        return refused.value.code is Code.KEYS_UNAVAILABLE


def played(case: Callable[[Issuer, list[Reply]], Awaitable[None]], *keys: dict[str, Any]) -> None:
    """Play a case with an issuer; the list's only item is what it answers, and may be changed."""
    reply = [Reply(key_set(*(keys or (FIRST,))))]

    async def main() -> None:
        async with answering(lambda _: reply[0]) as there:
            issuer = Issuer(there)
            await case(issuer, reply)
            await issuer.keys.aclose()

    asyncio.run(main())


def test_keys_are_fetched_once_in_ten_minutes_by_all_who_ask_at_once() -> None:
    async def case(issuer: Issuer, _: list[Reply]) -> None:
        assert issuer.fetches == 0
        assert all(await asyncio.gather(*(issuer.knows("first") for _ in range(30))))
        issuer.now += FRESH_SECONDS - 1
        assert await issuer.knows("first")
        assert issuer.fetches == 1
        issuer.now += 1
        assert all(await asyncio.gather(*(issuer.knows("first") for _ in range(30))))
        assert issuer.fetches == 2

    played(case)


def test_a_new_key_is_fetched_at_once_and_a_key_that_is_gone_is_gone() -> None:
    async def case(issuer: Issuer, reply: list[Reply]) -> None:
        found = await issuer.keys.find("first", "RS256")
        assert found is not None
        reply[0] = Reply(key_set(SECOND))
        issuer.now += BETWEEN_FETCHES_SECONDS
        assert await issuer.knows("second", "ES256")
        assert not await issuer.knows("first")
        assert not await issuer.keys.holds(found.voucher, bytes)

    played(case)


def test_unknown_keys_have_them_fetched_twice_a_minute_at_most() -> None:
    async def case(issuer: Issuer, _: list[Reply]) -> None:
        for second in range(60):
            issuer.now = 1000.0 + second
            assert not any(await asyncio.gather(*(issuer.knows(f"none {second} {n}") for n in range(5))))
            assert await issuer.knows("first")
        assert issuer.fetches == 2

    played(case)


BROKEN = {
    "an error": Reply(b"{}", 500),
    "elsewhere": Reply(b"", 302, {"location": "/keys"}),
    "no JSON": Reply(b"<html>"),
    "no key set": Reply(b'{"keys": 5}'),
    "a list": Reply(b"[]"),
    "too much": Reply(b'{"keys": [' + b" " * LARGEST_BYTES + b"]}"),
    "too deep": Reply(b"[" * 100_000),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_old_keys_hold_for_an_hour_when_they_cannot_be_fetched_again(name: str) -> None:
    async def case(issuer: Issuer, reply: list[Reply]) -> None:
        assert await issuer.knows("first")
        reply[0] = BROKEN[name]
        issuer.now += FRESH_SECONDS
        assert await issuer.knows("first")
        issuer.now += STALE_SECONDS - FRESH_SECONDS - 1
        assert await issuer.knows("first")
        issuer.now += 1
        assert await issuer.is_away()
        asked = issuer.fetches
        issuer.now += BETWEEN_FETCHES_SECONDS - 2
        assert await issuer.is_away()
        assert issuer.fetches == asked
        reply[0] = Reply(key_set(FIRST))
        issuer.now += 1
        assert await issuer.knows("first")

    played(case)


@pytest.mark.parametrize("name", BROKEN)
def test_before_keys_could_be_fetched_nothing_is_said_of_any(name: str) -> None:
    async def case(issuer: Issuer, reply: list[Reply]) -> None:
        good, reply[0] = reply[0], BROKEN[name]
        assert await issuer.is_away()
        with pytest.raises(ChafferError, match="could not be fetched"):
            await issuer.keys.holds(b"voucher", bytes)
        reply[0] = good
        issuer.now += BETWEEN_FETCHES_SECONDS
        assert await issuer.knows("first")
        assert not await issuer.knows("none")

    played(case)


def test_who_waits_for_a_slow_issuer_waits_a_second_while_there_are_keys() -> None:
    async def case(issuer: Issuer, reply: list[Reply]) -> None:
        assert await issuer.knows("first")
        reply[0] = Reply(b'{"keys": [', stays_open=True)
        issuer.now += FRESH_SECONDS
        begun = asyncio.get_running_loop().time()
        assert await issuer.knows("first")
        assert asyncio.get_running_loop().time() - begun < 3

    played(case)


def test_no_cookie_credential_or_query_of_ours_goes_to_the_issuer() -> None:
    async def case(issuer: Issuer, _: list[Reply]) -> None:
        await issuer.knows("first")
        (asked,) = issuer.there.asked
        assert (asked.method, asked.target, asked.body) == ("GET", "/keys", b"")
        assert not {"cookie", "authorization"} & asked.headers.keys()

    played(case)


def _curve() -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True), "kid": "x"}


UNFIT: dict[str, Callable[[], Any]] = {
    "RSA of 1024 bits": lambda: published("x", rsa_key("weak", 1024)),
    "RSA for another algorithm": lambda: published("x", rsa_key(), alg="RS512"),
    "RSA for encryption": lambda: published("x", rsa_key(), use="enc"),
    "RSA for signing alone": lambda: published("x", rsa_key(), key_ops=["sign"]),
    "RSA with an even exponent": lambda: published("x", rsa_key(), e="AA"),
    "RSA of a huge number": lambda: published("x", rsa_key(), n="_" * 20_000),
    "RSA without a number": lambda: {"kty": "RSA", "kid": "x", "e": "AQAB"},
    "RSA of a list": lambda: published("x", rsa_key(), n=[1]),
    "a curve of 384 bits": _curve,
    "a point beside the curve": lambda: published("x", ec_key(), x="AAAA"),
    "a shared secret": lambda: {"kty": "oct", "k": "c2VjcmV0", "kid": "x", "alg": "HS256"},
    "another sort": lambda: {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "x"},
    "no sort": lambda: {"kid": "x"},
    "a number for a name": lambda: {**FIRST, "kid": 5},
    "a text": lambda: "key",
    "nothing": lambda: None,
}


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_keys_are_left_out_and_the_others_taken(name: str) -> None:
    found = list(keys_of(json.dumps({"keys": [UNFIT[name](), FIRST]}).encode()))
    assert [key.kid for key in found] == ["first"]


def test_of_a_private_key_published_by_mistake_the_public_half_is_taken() -> None:
    from jwt.algorithms import RSAAlgorithm  # noqa: PLC0415  This test's alone.

    told = {**RSAAlgorithm.to_jwk(rsa_key(), as_dict=True), "kid": "x", "key_ops": ["sign", "verify"]}
    (key,) = keys_of(key_set(told))
    assert not hasattr(key.public, "private_numbers")


@pytest.mark.parametrize(
    ("url", "fetchable"),
    [
        ("https://issuer.test/keys", True),
        ("https://issuer.test/keys?p=policy", True),
        ("http://127.0.0.1:54321/keys", True),
        ("http://localhost:54321/keys", True),
        ("http://[::1]/keys", True),
        ("http://issuer.test/keys", False),
        ("http://127.0.0.1.evil.test/keys", False),
        ("https://ada:pw@issuer.test/keys", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[", False),
        ("https://issuer.test:99999/", False),
    ],
)
def test_keys_come_over_https_or_from_this_machine(url: str, fetchable: bool) -> None:  # noqa: FBT001  A column.
    assert is_fetchable(url) is fetchable
