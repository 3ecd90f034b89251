"""Tokens as an issuer signs them, and as somebody forges them; keys are made once, and stand in no file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

SECRET = "canary-secret-of-the-issuer-0123456789abcdef"
ISSUER = "https://issuer.test/auth/v1"
AUDIENCE = "authenticated"
SUBJECT = "user-7f3a"

PASSWORD = "canary-password-ä"
USER = "ada"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Tests guess many passwords; what a real hash costs is not what they are about."""
HASHED = CHEAP.hash(PASSWORD)


@cache
def rsa_key(name: str = "rsa", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a key of that name, the same each time."""
    del name
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str = "ec") -> ec.EllipticCurvePrivateKey:
    """Return a key of that name, the same each time."""
    del name
    return ec.generate_private_key(ec.SECP256R1())


def published(kid: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, **changes: Any) -> dict[str, Any]:
    """Return a key as a key set tells it."""
    public = key.public_key()
    told: dict[str, Any]
    if isinstance(public, rsa.RSAPublicKey):
        told = {**RSAAlgorithm.to_jwk(public, as_dict=True), "alg": "RS256"}
    else:
        told = {**ECAlgorithm.to_jwk(public, as_dict=True), "alg": "ES256"}
    return {**told, "kid": kid, "use": "sig", **changes}


def key_set(*keys: dict[str, Any]) -> bytes:
    """Return a key set as it is published."""
    return json.dumps({"keys": list(keys)}).encode()


def claims(now: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """Return what a good token says; a change to None leaves a claim out."""
    now = now or datetime.now(UTC)
    good = {
        "sub": SUBJECT,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=5)).timestamp()),
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(said: dict[str, Any] | None = None, key: Any = SECRET, algorithm: str = "HS256", **head: Any) -> str:
    """Return a token signed as an issuer does."""
    return jwt.encode(claims() if said is None else said, key, algorithm=algorithm, headers=head or None)


def by_hand(head: Any, said: Any, secret: bytes = SECRET.encode()) -> str:
    """Return a token that no library would make, signed by HMAC-SHA-256 whatever its head says."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (head, said)]
    text = b".".join(map(_base64, parts))
    return (text + b"." + _base64(hmac.digest(secret, text, hashlib.sha256))).decode()


def unsigned(head: Any, said: Any | None = None) -> str:
    """Return a token without a signature."""
    return by_hand(head, claims() if said is None else said).rpartition(".")[0] + "."


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _pem() -> bytes:
    return rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _der() -> bytes:
    return rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


HS = {"alg": "HS256", "typ": "JWT"}
RS = {"alg": "RS256", "typ": "JWT", "kid": "rsa"}


def _ago(**spans: float) -> int:
    return int((datetime.now(UTC) - timedelta(**spans)).timestamp())


def _rs(said: dict[str, Any] | None = None, **head: Any) -> str:
    return signed(said, rsa_key(), "RS256", **{"kid": "rsa", **head})


FORGED: dict[str, Callable[[], str]] = {
    "no text at all": lambda: "",
    "one part": lambda: "x",
    "two parts": lambda: "x.y",
    "four parts": lambda: f"{signed()}.x",
    "garbage": lambda: "!!!.???.***",
    "not ascii": lambda: "é" + signed(),
    "no signature": lambda: signed().rpartition(".")[0] + ".",
    "signature of another": lambda: ".".join([*signed().split(".")[:2], signed(claims(sub="x")).split(".")[2]]),
    "subject changed": lambda: ".".join(
        [signed().split(".")[0], by_hand(HS, claims(sub="root")).split(".")[1], signed().split(".")[2]]
    ),
    "another secret": lambda: signed(key="another-secret-another-secret-another"),
    "empty secret": lambda: by_hand(HS, claims(), b""),
    "alg none": lambda: unsigned({"alg": "none"}),
    "alg None": lambda: unsigned({"alg": "None"}),
    "alg NONE": lambda: unsigned({"alg": "NONE"}),
    "alg nOnE signed": lambda: by_hand({"alg": "nOnE"}, claims()),
    "no alg": lambda: by_hand({"typ": "JWT"}, claims()),
    "alg null": lambda: by_hand({"alg": None}, claims()),
    "alg a list": lambda: by_hand({"alg": ["HS256"]}, claims()),
    "alg in small letters": lambda: by_hand({"alg": "hs256"}, claims()),
    "alg HS512": lambda: signed(algorithm="HS512", key=SECRET * 2),
    "alg PS256": lambda: signed(None, rsa_key(), "PS256", kid="rsa"),
    "RS256 by the secret": lambda: by_hand(RS, claims()),
    "HS256 by the public key as PEM": lambda: by_hand({**HS, "kid": "rsa"}, claims(), _pem()),
    "HS256 by the public key as DER": lambda: by_hand({**HS, "kid": "rsa"}, claims(), _der()),
    "RS256 by a key nobody published": lambda: signed(None, rsa_key("foreign"), "RS256", kid="rsa"),
    "RS256 by the name of the curve's key": lambda: _rs(kid="ec"),
    "ES256 by the name of the RSA key": lambda: signed(None, ec_key(), "ES256", kid="rsa"),
    "expired": lambda: signed(claims(exp=_ago(seconds=1))),
    "expired long ago": lambda: _rs(claims(exp=_ago(days=300))),
    "expired in 1970": lambda: signed(claims(exp=0)),
    "not yet": lambda: signed(claims(nbf=_ago(minutes=-5))),
    "issued in the future": lambda: signed(claims(iat=_ago(minutes=-5))),
    "exp as text": lambda: signed(claims(exp="9999999999")),
    "exp true": lambda: by_hand(HS, claims(exp=True)),
    "exp infinite": lambda: by_hand(HS, json.dumps(claims(exp=5)).replace(" 5", " Infinity").encode()),
    "exp not a number": lambda: by_hand(HS, json.dumps(claims(exp=5)).replace(" 5", " NaN").encode()),
    "exp beyond time": lambda: by_hand(HS, claims(exp=10**30)),
    "exp negative": lambda: by_hand(HS, claims(exp=-5)),
    "nbf as a list": lambda: by_hand(HS, claims(nbf=[])),
    "no exp": lambda: signed(claims(exp=None)),
    "no sub": lambda: signed(claims(sub=None)),
    "no iss": lambda: signed(claims(iss=None)),
    "no aud": lambda: signed(claims(aud=None)),
    "wrong audience": lambda: signed(claims(aud="somebody else")),
    "wrong audiences": lambda: _rs(claims(aud=["a", "b"])),
    "audience of numbers": lambda: by_hand(HS, claims(aud=[AUDIENCE, 5])),
    "audience an object": lambda: by_hand(HS, claims(aud={AUDIENCE: True})),
    "audience in capitals": lambda: signed(claims(aud=AUDIENCE.upper())),
    "wrong issuer": lambda: signed(claims(iss="https://evil.test/auth/v1")),
    "issuer with a slash more": lambda: signed(claims(iss=ISSUER + "/")),
    "issuer a list": lambda: by_hand(HS, claims(iss=[ISSUER])),
    "sub a number": lambda: by_hand(HS, claims(sub=7)),
    "sub a list": lambda: by_hand(HS, claims(sub=[SUBJECT])),
    "sub empty": lambda: by_hand(HS, claims(sub="")),
    "sub unprintable": lambda: by_hand(HS, claims(sub="a\x00b")),
    "sub with an escape": lambda: by_hand(HS, claims(sub="a\x1b[2J")),
    "sub half a character": lambda: by_hand(HS, b'{"sub": "\\ud800"}'),
    "sub too long": lambda: by_hand(HS, claims(sub="x" * 201)),
    "crit": lambda: by_hand({**HS, "crit": ["exp"]}, claims()),
    "crit empty": lambda: by_hand({**HS, "crit": []}, claims()),
    "b64": lambda: by_hand({**HS, "b64": False, "crit": ["b64"]}, claims()),
    "jku": lambda: signed(jku="https://evil.test/keys"),
    "x5u": lambda: _rs(x5u="https://evil.test/key"),
    "x5c": lambda: _rs(x5c=["MIIB"]),
    "jwk": lambda: signed(None, rsa_key("foreign"), "RS256", jwk=published("rsa", rsa_key("foreign")), kid="rsa"),
    "kid of a file": lambda: signed(None, rsa_key("foreign"), "RS256", kid="../../../../dev/null"),
    "kid of SQL": lambda: signed(None, rsa_key("foreign"), "RS256", kid="x' UNION SELECT 'key'--"),
    "kid with a NUL": lambda: by_hand({**RS, "kid": "rsa\x00"}, claims()),
    "kid huge": lambda: by_hand({**RS, "kid": "k" * 5000}, claims()),
    "kid a number": lambda: by_hand({**RS, "kid": 1}, claims()),
    "kid of a URL": lambda: signed(None, rsa_key("foreign"), "RS256", kid="https://evil.test/keys"),
    "no kid among two": lambda: signed(None, rsa_key(), "RS256"),
    "huge": lambda: signed(claims(filler="x" * 9000)),
    "deeply nested": lambda: by_hand(HS, b"[" * 4000 + b"]" * 1500),
    "a head deeply nested": lambda: by_hand(b'{"alg":' * 1000, claims()),
    "a list for claims": lambda: by_hand(HS, [claims()]),
    "a text for claims": lambda: by_hand(HS, "claims"),
    "a list for a head": lambda: by_hand([HS], claims()),
    "claims not JSON": lambda: by_hand(HS, b"{"),
    "claims not UTF-8": lambda: by_hand(HS, b"\xff\xfe{}"),
    "the anonymous key of a project": lambda: signed({"role": "anon", "iss": "supabase", "exp": 4_000_000_000}),
    "a logout token": lambda: signed(typ="logout+jwt"),
    "encrypted": lambda: "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.BBBB.CCCC",
}
"""Tokens that nobody is to be let in by, by what is wrong with them."""
