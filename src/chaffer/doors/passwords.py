"""The one password: checked off the event loop, in the same time for any user, and remembered for some seconds."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from chaffer.doors.remembered import Remembered
from chaffer.errors import ChafferError, Code

KEPT_SECONDS: Final = 10.0
"""How long a password that was right need not be hashed again."""

MOST_BCRYPT_BYTES: Final = 72

Attempt = Callable[[], Awaitable[None]]
"""What is called before a guess costs anything; it raises where there have been too many."""

_THREADS: Final = 2
_MOST_REMEMBERED: Final = 1_000
_BCRYPT: Final = re.compile(r"\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")
_ARGON2: Final = re.compile(
    r"\$argon2(?:id|i|d)\$v=(?:16|19)\$m=\d{1,10},t=\d{1,10},p=\d{1,8}\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}"
)


def is_hash(text: str) -> bool:
    """Tell whether a text is a hash of bcrypt or argon2, as other programs write them too."""
    return bool(_BCRYPT.fullmatch(text) or _ARGON2.fullmatch(text))


def hash_password(password: str, *, by_bcrypt: bool = False) -> str:
    """Return a new hash, of argon2id or of bcrypt.

    Raises VALIDATION_ERROR for an empty password, and for one that bcrypt would cut off.
    """
    if not password:
        raise ChafferError(Code.VALIDATION_ERROR, "The password is empty. Give one.")
    if not by_bcrypt:
        from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415  Slow, and needed by few.

        return Argon2Hasher().hash(password)
    if len(password.encode()) > MOST_BCRYPT_BYTES or "\0" in password:
        raise ChafferError(
            Code.VALIDATION_ERROR,
            f"bcrypt takes at most {MOST_BCRYPT_BYTES} bytes and no NUL. Choose a shorter password, or leave --bcrypt "
            "out.",
        )
    from pwdlib.hashers.bcrypt import BcryptHasher  # noqa: PLC0415  As above.

    return BcryptHasher().hash(password)


class Passwords:
    """Who knows the one user's password.

    Whatever user is named, the same hash is computed, so that time does not tell who exists. Right answers alone are
    remembered, under a key that no one outside this process can compute, and for the address that gave them: else who
    guesses could try for nothing, and as often as they like, whether a guess is what is remembered.
    """

    def __init__(self, user: str, hashed: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the user's name and what its password was hashed to; see `is_hash`."""
        self._user = user.encode()
        self._hash = hashed
        self._is_bcrypt = hashed.startswith("$2")
        self._key = secrets.token_bytes(32)
        self._right: Remembered[bytes] = Remembered(KEPT_SECONDS, _MOST_REMEMBERED, clock)
        self._checking: dict[bytes, asyncio.Task[bool]] = {}
        self._threads: ThreadPoolExecutor | None = None

    @property
    def user(self) -> str:
        """Return the one user's name."""
        return self._user.decode()

    @property
    def voucher(self) -> bytes:
        """Return what changes with the user or the hash, and tells neither."""
        return hashlib.sha256(b"basic\0" + self._user + b"\0" + self._hash.encode()).digest()

    async def are_right(self, user: bytes, password: bytes, attempt: Attempt, address: str = "") -> bool:
        """Tell whether a user named with a password is the one user.

        `attempt` is awaited before a hash is computed, and raises where that shall not be done. Equal checks of one
        address at one time share one computation, and one attempt. A guess that differs from what was right from that
        address a moment ago has this forgotten.
        """
        place = self._digest(address.encode("utf-8", "surrogatepass"))
        told = self._digest(place + len(user).to_bytes(8, "big") + user + password)
        right = self._right.find(place)
        if right is not None and hmac.compare_digest(right, told):
            return True
        self._right.forget(place)
        checking = self._checking.get(told)
        if checking is None:
            await attempt()
            # Who waited for the same may have begun meanwhile.
            checking = self._checking.get(told)
        if checking is None:
            checking = asyncio.create_task(self._check(place, told, user, password), name="check of a password")
            self._checking[told] = checking
            checking.add_done_callback(lambda _: self._checking.pop(told, None))
        return await asyncio.shield(checking)

    def _digest(self, told: bytes) -> bytes:
        return hmac.digest(self._key, told, "sha256")

    async def _check(self, place: bytes, told: bytes, user: bytes, password: bytes) -> bool:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="chaffer passwords")
        fits = await asyncio.get_running_loop().run_in_executor(self._threads, self._fits, password)
        is_right = hmac.compare_digest(user, self._user) & fits
        if is_right:
            self._right.keep(place, told)
        return is_right

    def _fits(self, password: bytes) -> bool:
        """Tell whether a password has the hash. What bcrypt cannot take is cut, hashed all the same, and wrong."""
        if not self._is_bcrypt:
            from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415  Slow, and needed where passwords are.

            return Argon2Hasher().verify(password, self._hash)
        from pwdlib.hashers.bcrypt import BcryptHasher  # noqa: PLC0415  As above.

        taken = password[:MOST_BCRYPT_BYTES].replace(b"\0", b"?")
        return BcryptHasher().verify(taken, self._hash) & (taken == password)

    def close(self) -> None:
        """End the threads; checks that wait for one are given up."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
