"""The cookie of a login: how it is given, found again, and taken back."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from chaffer.api.proxies import is_secure

_NAME: Final = "chaffer"
_NAME_OVER_HTTPS: Final = "__Host-chaffer"
"""A browser takes a cookie of such a name from this very host over https alone."""


def cookie_of(scope: Scope) -> str | None:
    """Return the value of a request's cookie, None where there is none; two of them are none."""
    name = _name(scope)
    pairs = (part.partition("=") for line in Headers(scope=scope).getlist("cookie") for part in line.split(";"))
    values = [value.strip() for found, _, value in pairs if found.strip() == name]
    return values[0] if len(values) == 1 else None


def given(scope: Scope, value: str, expires_at: datetime, now: datetime) -> str:
    """Return the header that gives the cookie."""
    return _header(scope, value, max(0, ceil((expires_at - now).total_seconds())))


def taken_back(scope: Scope) -> str:
    """Return the header that takes the cookie back."""
    return _header(scope, "", 0)


def _header(scope: Scope, value: str, seconds: int) -> str:
    secure = "; Secure" if is_secure(scope) else ""
    return f"{_name(scope)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def _name(scope: Scope) -> str:
    return _NAME_OVER_HTTPS if is_secure(scope) else _NAME
