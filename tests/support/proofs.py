"""Proofs of who calls, as clients send them, and what a stranger is answered."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from chaffer.cli.in_process import InProcessTransport
from tests.support.server import Surface
from tests.support.tokens import (
    HASHED,
    ISSUER,
    PASSWORD,
    SECRET,
    USER,
    signed,
)

# Without limits of rates, which would end these many wrong guesses of one address.
BASIC: dict[str, Any] = {"basic_auth_user": USER, "basic_auth_pw_hash": HASHED, "rate_limit_enabled": False}
BEARER: dict[str, Any] = {"supabase_jwt_secret": SECRET, "jwt_issuer": ISSUER, "rate_limit_enabled": False}
BOTH: dict[str, Any] = {**BASIC, **BEARER}

ME = "/api/v1/me"
LOGIN = "/api/login"
LOGOUT = "/api/logout"
ORIGIN = "http://localhost:3000"
CODES = httpx2.codes


def basic(user: str | bytes = USER, password: str | bytes = PASSWORD) -> dict[str, str]:
    pair = b":".join(part if isinstance(part, bytes) else part.encode() for part in (user, password))
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


def bearer(token: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token or signed()}"}


def code_of(answer: httpx2.Response) -> str:
    code: str = answer.json()["error"]["code"]
    return code


def assert_stranger(answer: httpx2.Response, *schemes: str) -> None:
    assert answer.status_code == CODES.UNAUTHORIZED, answer.text
    assert code_of(answer) == "UNAUTHORIZED"
    assert answer.headers["X-Request-ID"]
    told = answer.headers.get_list("WWW-Authenticate")
    assert [challenge.split()[0] for challenge in told] == list(schemes)
    assert "Basic" not in schemes or told[0] == 'Basic realm="chaffer", charset="UTF-8"'


@asynccontextmanager
async def client_of(at: Surface, base: str = "http://127.0.0.1", **given: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield another client, with no cookies yet."""
    async with httpx2.AsyncClient(transport=InProcessTransport(at.app), base_url=base, **given) as client:
        yield client


def from_peer(app: Any, address: str) -> Any:
    """Return the application as one who calls from that address reaches it."""

    async def called(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "client": (address, 5)}, receive, send)

    return called


def cookie_from(answer: httpx2.Response) -> dict[str, str]:
    """Return a cookie's name, value and attributes, the names of these in small letters."""
    (header,) = answer.headers.get_list("Set-Cookie")
    first, *rest = header.split("; ")
    name, _, value = first.partition("=")
    pairs = (part.partition("=") for part in rest)
    return {"name": name, "value": value, **{key.lower(): told for key, _, told in pairs}}


async def posted_login(client: httpx2.AsyncClient, headers: dict[str, str] | None = None) -> str:
    """Log in by the password, or as the headers say, and return the cookie's value."""
    answer = await client.post(LOGIN, headers=headers or basic())
    assert answer.status_code == CODES.OK, answer.text
    return cookie_from(answer)["value"]
