"""Tokens: the good ones tell who comes, and of all forged ones none does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from chaffer.doors.key_sets import KeySet
from chaffer.doors.tokens import LEEWAY, Claims, RefusedTokenError, TokenRules, Tokens
from chaffer.errors import ChafferError, Code
from tests.support.loopback import Reply, answering
from tests.support.tokens import (
    AUDIENCE,
    FORGED,
    ISSUER,
    SECRET,
    SUBJECT,
    claims,
    ec_key,
    key_set,
    published,
    rsa_key,
    signed,
)

RULES = TokenRules(ISSUER, (AUDIENCE, "another"))


def played(case: Callable[[Tokens], Awaitable[None]], rules: TokenRules = RULES) -> None:
    """Play a case with tokens that are checked by the secret and by two published keys."""
    keys = key_set(published("rsa", rsa_key()), published("ec", ec_key()), published("rsa2", rsa_key("second")))

    async def main() -> None:
        async with answering(lambda _: Reply(keys)) as there:
            tokens = Tokens(rules, lambda: datetime.now(UTC), secret=SECRET, keys=KeySet(there.url))
            await case(tokens)
            await tokens.aclose()

    asyncio.run(main())


def by_secret(token: str, *, now: datetime | None = None, rules: TokenRules = RULES) -> Claims:
    tokens = Tokens(rules, lambda: now or datetime.now(UTC), secret=SECRET)
    return asyncio.run(tokens.claims_of(token))


def test_there_are_forged_tokens_enough() -> None:
    assert len(FORGED) >= 40


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused_and_the_reason_quotes_nothing_of_it(name: str) -> None:
    """Issue 4, Shown by tests."""
    token = FORGED[name]()

    async def case(tokens: Tokens) -> None:
        with pytest.raises(RefusedTokenError) as refused:
            await tokens.claims_of(token)
        assert not any(part in str(refused.value) for part in token.split(".") if len(part) > 3)

    played(case)


@pytest.mark.parametrize("name", ["secret", "rsa", "ec"])
def test_a_good_token_tells_who_comes_and_until_when(name: str) -> None:
    said = claims()
    token = {
        "secret": lambda: signed(said, kid="whatever"),
        "rsa": lambda: signed(said, rsa_key(), "RS256", kid="rsa"),
        "ec": lambda: signed(said, ec_key(), "ES256", kid="ec"),
    }[name]()

    async def case(tokens: Tokens) -> None:
        found = await tokens.claims_of(token)
        assert found.subject == SUBJECT
        assert found.expires_at == datetime.fromtimestamp(said["exp"], UTC)
        assert await tokens.vouch_still(found.voucher)
        assert not await tokens.vouch_still(bytes(32))

    played(case)


def test_no_name_of_a_key_means_the_only_key_of_its_algorithm() -> None:
    async def case(tokens: Tokens) -> None:
        assert (await tokens.claims_of(signed(None, ec_key(), "ES256"))).subject == SUBJECT

    played(case)


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_access_tokens_of_any_spelling_are_taken(kind: str) -> None:
    assert by_secret(signed(typ=kind)).subject == SUBJECT


@pytest.mark.parametrize("audience", [AUDIENCE, "another", ["x", AUDIENCE], [AUDIENCE]])
def test_one_of_the_audiences_is_enough(audience: object) -> None:
    assert by_secret(signed(claims(aud=audience))).subject == SUBJECT


def test_where_no_issuer_is_set_any_with_the_secret_is_taken_but_it_must_tell() -> None:
    rules = TokenRules(None, (AUDIENCE,))
    assert by_secret(signed(claims(iss="anyone")), rules=rules).subject == SUBJECT
    with pytest.raises(RefusedTokenError):
        by_secret(signed(claims(iss=None)), rules=rules)


@pytest.mark.parametrize(
    "subject", ["x", "x" * 200, "пользователь", "auth0|5f7c", "00000000-0000-4000-8000-000000000000"]
)
def test_subjects_of_any_script_up_to_their_length_are_taken(subject: str) -> None:
    assert by_secret(signed(claims(sub=subject))).subject == subject


def test_an_issuer_s_clock_may_run_ahead_by_the_leeway_and_no_more_and_what_expired_has() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for name in ("nbf", "iat"):
        within = signed(claims(now, **{name: int((now + LEEWAY).timestamp())}))
        assert by_secret(within, now=now).subject == SUBJECT
        with pytest.raises(RefusedTokenError):
            by_secret(within, now=now - timedelta(seconds=1))
    token = signed(claims(now, exp=int(now.timestamp()) + 60))
    assert by_secret(token, now=now + timedelta(seconds=59)).subject == SUBJECT
    with pytest.raises(RefusedTokenError):
        by_secret(token, now=now + timedelta(seconds=60))


def test_a_token_of_published_keys_is_refused_where_there_are_none() -> None:
    for token in (signed(None, rsa_key(), "RS256", kid="rsa"), signed(None, ec_key(), "ES256", kid="ec")):
        with pytest.raises(RefusedTokenError):
            by_secret(token)


def test_a_token_of_the_secret_is_refused_where_there_is_none() -> None:
    async def main() -> None:
        async with answering(lambda _: Reply(key_set(published("rsa", rsa_key())))) as there:
            tokens = Tokens(RULES, lambda: datetime.now(UTC), keys=KeySet(there.url))
            with pytest.raises(RefusedTokenError):
                await tokens.claims_of(signed(kid="rsa"))
            assert there.asked == []

    asyncio.run(main())


def test_the_voucher_is_another_after_the_secret_or_the_rules_change() -> None:
    def voucher(secret: str, rules: TokenRules) -> bytes:
        tokens = Tokens(rules, lambda: datetime.now(UTC), secret=secret)
        return asyncio.run(tokens.claims_of(signed(key=secret))).voucher

    other = SECRET[::-1]
    found = {voucher(SECRET, RULES), voucher(other, RULES), voucher(SECRET, TokenRules(ISSUER, (AUDIENCE,)))}
    assert len(found) == 3


def test_a_public_key_for_a_secret_is_refused_at_the_start() -> None:
    with pytest.raises(ChafferError) as refused:
        Tokens(RULES, lambda: datetime.now(UTC), secret="-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----")
    assert refused.value.code is Code.VALIDATION_ERROR
    assert "SUPABASE_JWT_SECRET" in refused.value.message
    assert "MIIB" not in refused.value.message


def test_without_cryptography_the_secret_checks_all_the_same_and_published_keys_name_the_remedy() -> None:
    program = """
import sys
sys.modules["cryptography"] = None
import asyncio
from datetime import UTC, datetime
from chaffer.doors.key_sets import KeySet
from chaffer.doors.tokens import TokenRules, Tokens
from chaffer.errors import ChafferError
tokens = Tokens(TokenRules(None, ("authenticated",)), lambda: datetime.now(UTC), secret=sys.argv[1])
print(asyncio.run(tokens.claims_of(sys.argv[2])).subject)
try:
    KeySet("https://issuer.test/keys")
except ChafferError as refused:
    print(refused.message)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, SECRET, signed()], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[0] == SUBJECT
    assert "pip install 'chaffer[keys]'" in done.stdout
