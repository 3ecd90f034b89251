"""Logins of browsers, which keep them as a cookie: a random value here, and in the store only what it hashes to."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from chaffer.doors.caller import Caller, Mode
from chaffer.doors.remembered import Remembered

FOUND_AGAIN_SECONDS: Final = 2.0
"""How long a login that was found is taken for being there; one that another process ends lives so much longer."""

MOST_PER_OWNER: Final = 20
"""How many logins one owner may have at one time; one more ends the one that would have ended first."""

_VALUE_BYTES: Final = 32
_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Login:
    """A login. `digest` is the SHA-256 of the cookie's value, `voucher` of what vouched for it."""

    digest: bytes = field(repr=False)
    owner: str
    mode: Mode
    voucher: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BegunLogin:
    """A login with its value, which is told to the browser once and kept nowhere."""

    value: str = field(repr=False)
    login: Login


class LoginStore(Protocol):
    """Where logins are kept."""

    async def keep_login(self, login: Login, most: int) -> None:
        """Keep a new login; of its owner's others so many stay that it has `most`, those that expire last."""
        ...

    async def find_login(self, digest: bytes) -> Login | None:
        """Return a login, expired or not, or None."""
        ...

    async def forget_login(self, digest: bytes) -> None:
        """Drop a login, if it is there."""
        ...

    async def forget_logins(self, before: datetime) -> None:
        """Drop the logins that expired before that time."""
        ...


class Logins:
    """Begins, finds and ends logins."""

    def __init__(
        self,
        store: LoginStore,
        now: Callable[[], datetime],
        longest: timedelta,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep logins in a store, none longer than `longest`."""
        self._store = store
        self._now = now
        self._longest = longest
        self._found: Remembered[Login] = Remembered(FOUND_AGAIN_SECONDS, _MOST_REMEMBERED, clock)

    async def begin(self, caller: Caller, voucher: bytes) -> BegunLogin:
        """Begin a login of a caller who has a user; it ends with the caller's proof at the latest.

        Beyond MOST_PER_OWNER of them, the one that would have ended first ends, so that nobody fills the store.
        """
        value = secrets.token_urlsafe(_VALUE_BYTES)
        ends_at = self._now() + self._longest
        if caller.until is not None:
            ends_at = min(ends_at, caller.until)
        login = Login(digest_of(value), caller.owner(), caller.mode, voucher, ends_at)
        await self._store.keep_login(login, MOST_PER_OWNER)
        return BegunLogin(value, login)

    async def find(self, value: str) -> Login | None:
        """Return the login that a cookie's value means, or None where there is none or it has expired."""
        return await self.find_by_digest(digest_of(value)) if _VALUE.fullmatch(value) else None

    async def find_by_digest(self, digest: bytes) -> Login | None:
        """Return the login with that digest, or None where there is none or it has expired."""
        login = self._found.find(digest)
        if login is None:
            login = await self._store.find_login(digest)
            if login is None:
                return None
            self._found.keep(digest, login)
        return login if login.expires_at > self._now() else None

    async def end(self, value: str) -> None:
        """End a login; one that is not there has ended."""
        if not _VALUE.fullmatch(value):
            return
        digest = digest_of(value)
        await self._store.forget_login(digest)
        self._found.forget(digest)

    async def sweep(self) -> None:
        """Drop the logins that have expired."""
        await self._store.forget_logins(self._now())


def digest_of(value: str) -> bytes:
    """Return what the store keeps of a cookie's value, which is as random as the digest is long: no salt is needed."""
    return hashlib.sha256(value.encode()).digest()
