"""The entrance: every caller comes in by it, or is turned away, and who was let in is asked again while it stays."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

import structlog

from chaffer.doors.caller import ANYBODY, Caller, Mode
from chaffer.doors.logins import BegunLogin, Login, Logins
from chaffer.doors.passwords import Attempt, Passwords
from chaffer.doors.tokens import RefusedTokenError, Tokens
from chaffer.errors import ChafferError, Code

LOOKS_SECONDS: Final = 2.0
"""How often it is asked whether those who stay, as readers of streams do, are still let in."""

_LARGEST_BYTES: Final = 16_384
_BASIC: Final = 'Basic realm="chaffer", charset="UTF-8"'
_BEARER: Final = "Bearer"

T = TypeVar("T")

_log = structlog.get_logger("chaffer.doors")


class StrangerError(ChafferError):
    """Nobody whom we know. `challenges` tell how one may say who one is (RFC 9110, WWW-Authenticate)."""

    def __init__(self, challenges: tuple[str, ...]) -> None:
        """Say no more than that: which part was wrong is nobody's business."""
        ways = {_BASIC: "a user and a password", _BEARER: "a token"}
        told = " or ".join(way for challenge, way in ways.items() if challenge in challenges)
        message = f"Say who you are, by {told}: nothing was sent, or it does not prove it."
        super().__init__(Code.UNAUTHORIZED, message)
        self.challenges = challenges


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller brings: the text of `Authorization`, and the value of the cookie that a login gave; from where."""

    authorization: str | None = field(default=None, repr=False)
    cookie: str | None = field(default=None, repr=False)
    address: str = ""

    @classmethod
    def of_password(cls, user: str, password: str, address: str = "") -> Credentials:
        """Return a user and a password as a browser sends them."""
        return cls("Basic " + base64.b64encode(f"{user}:{password}".encode()).decode(), address=address)


class Entrance:
    """Lets in by a password, by a token, by a login that either began; with neither, anybody.

    Which machines may come where anybody is let in is not asked here.
    """

    def __init__(
        self, logins: Logins, now: Callable[[], datetime], passwords: Passwords | None, tokens: Tokens | None
    ) -> None:
        """Take what to know callers by."""
        self._logins = logins
        self._now = now
        self._passwords = passwords
        self._tokens = tokens
        self._staying: dict[object, tuple[Caller, Callable[[], None]]] = {}
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether nobody is asked who they are."""
        return self._passwords is None and self._tokens is None

    def opened(self) -> Entrance:
        """Return an entrance that lets anybody in, over the same logins."""
        return Entrance(self._logins, self._now, None, None)

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Return how callers are known here."""
        basic = (Mode.BASIC,) if self._passwords is not None else ()
        bearer = (Mode.BEARER,) if self._tokens is not None else ()
        return (*basic, *bearer) or (Mode.OPEN,)

    def stranger(self) -> StrangerError:
        """Return the refusal of who is not known."""
        challenges = {Mode.BASIC: _BASIC, Mode.BEARER: _BEARER}
        return StrangerError(tuple(challenges[mode] for mode in self.modes if mode is not Mode.OPEN))

    async def admit(self, credentials: Credentials, attempt: Attempt) -> Caller:
        """Return who calls. Where there is an `Authorization`, it alone counts.

        `attempt` is awaited for each guess that was wrong, and before a password is hashed; it may raise, which ends
        the matter. Raises StrangerError.
        """
        if self.is_open:
            return ANYBODY
        given = credentials.authorization
        if given is None:
            caller = await self._by_cookie(credentials.cookie)
            if caller is None and credentials.cookie is not None:
                await attempt()
        else:
            scheme, _, rest = given.partition(" ")
            caller = await self._by_scheme(scheme.lower(), rest.strip(), credentials.address, attempt)
        if caller is None:
            raise self.stranger()
        return caller

    async def still_admits(self, caller: Caller) -> bool:
        """Tell whether a caller who was let in would be now: not expired, not logged out, its key still in use."""
        if caller.mode is Mode.OPEN:
            return self.is_open
        if caller.until is not None and caller.until <= self._now():
            return False
        voucher, _, login = caller.proof.partition("/")
        if login:
            found = await self._logins.find_by_digest(bytes.fromhex(login))
            return found is not None and await self._vouches(found.mode, found.voucher)
        return await self._vouches(caller.mode, bytes.fromhex(voucher))

    async def begin_login(self, caller: Caller) -> BegunLogin:
        """Begin a login of a caller that was let in by a password or a token."""
        voucher, _, _ = caller.proof.partition("/")
        return await self._logins.begin(caller, bytes.fromhex(voucher))

    async def end_login(self, cookie: str) -> None:
        """End a login; who follows a stream by it is sent away soon."""
        await self._logins.end(cookie)

    @contextmanager
    def watched(self, caller: Caller, gone: Callable[[], None]) -> Iterator[None]:
        """Call `gone` within five seconds after the caller is no longer let in, while the context lasts."""
        if caller.mode is Mode.OPEN:
            yield
            return
        place = object()
        self._staying[place] = (caller, gone)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_now_and_then(), name="look at who stays")
        try:
            yield
        finally:
            del self._staying[place]

    async def sweep(self) -> None:
        """Drop the logins that have expired."""
        await self._logins.sweep()

    async def aclose(self) -> None:
        """Let go of threads and tasks."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        if self._passwords is not None:
            self._passwords.close()
        if self._tokens is not None:
            await self._tokens.aclose()

    async def look(self) -> None:
        """Send away everybody who stays and is no longer let in."""
        admitted: dict[Caller, bool] = {}
        for place, (caller, gone) in list(self._staying.items()):
            if caller not in admitted:
                admitted[caller] = await self._is_still_in(caller)
            if not admitted[caller] and place in self._staying:
                gone()

    async def _look_now_and_then(self) -> None:
        while self._staying:
            await asyncio.sleep(LOOKS_SECONDS)
            await self.look()

    async def _is_still_in(self, caller: Caller) -> bool:
        try:
            return await self.still_admits(caller)
        except ChafferError:
            # The database is away, which is no reason to send readers away: they could not come back.
            _log.warning("door.not_asked", hint="whether readers are still let in is asked again in a moment")
            return True

    async def _by_scheme(self, scheme: str, rest: str, address: str, attempt: Attempt) -> Caller | None:
        if scheme == "basic" and self._passwords is not None:
            return await self._by_password(self._passwords, rest, address, attempt)
        caller = await self._by_token(self._tokens, rest) if scheme == "bearer" and self._tokens is not None else None
        if caller is None:
            await attempt()
        return caller

    async def _by_password(self, passwords: Passwords, told: str, address: str, attempt: Attempt) -> Caller | None:
        pair = _pair(told)
        if pair is None:
            await attempt()
            return None
        if not await passwords.are_right(*pair, attempt, address):
            _log.info("door.refused", by="password")
            return None
        return Caller(Mode.BASIC, passwords.user, None, passwords.voucher.hex())

    async def _by_token(self, tokens: Tokens, token: str) -> Caller | None:
        try:
            claims = await tokens.claims_of(token)
        except RefusedTokenError as refused:
            _log.info("door.refused", by="token", because=str(refused))
            return None
        return Caller(Mode.BEARER, claims.subject, claims.expires_at, claims.voucher.hex())

    async def _by_cookie(self, cookie: str | None) -> Caller | None:
        login: Login | None = None if cookie is None else await self._logins.find(cookie)
        if login is None or not await self._vouches(login.mode, login.voucher):
            return None
        return Caller(login.mode, login.owner, login.expires_at, f"{login.voucher.hex()}/{login.digest.hex()}")

    async def _vouches(self, mode: Mode, voucher: bytes) -> bool:
        """Tell whether what vouched for somebody is still what it was: the password's hash, the token's key."""
        if mode is Mode.BASIC:
            return self._passwords is not None and self._passwords.voucher == voucher
        return self._tokens is not None and await self._tokens.vouch_still(voucher)


def _pair(told: str) -> tuple[bytes, bytes] | None:
    """Return the user and the password of a Basic header (RFC 7617), or None where it is malformed."""
    if len(told) > _LARGEST_BYTES:
        return None
    try:
        user, colon, password = base64.b64decode(told, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon else None


async def while_admitted(events: AsyncIterator[T], caller: Caller, entrance: Entrance) -> AsyncGenerator[T, None]:
    """Yield what comes until there is no more, or the caller is no longer let in; what comes is closed by its owner."""
    gone = asyncio.Event()
    with entrance.watched(caller, gone.set):
        leaving = asyncio.create_task(gone.wait())
        coming: asyncio.Future[T] | None = None
        try:
            while not leaving.done():
                coming = asyncio.ensure_future(anext(events))
                await asyncio.wait({coming, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    return
                try:
                    item = coming.result()
                except StopAsyncIteration:
                    return
                yield item
        finally:
            waiting = [task for task in (leaving, coming) if task is not None and not task.done()]
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
