"""The public keys of whoever issues tokens, fetched from where it publishes them (JWKS, RFC 7517)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import ipaddress
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog

from chaffer.errors import ChafferError, Code

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

FRESH_SECONDS: Final = 600.0
STALE_SECONDS: Final = 3600.0
BETWEEN_FETCHES_SECONDS: Final = 30.0
LONGEST_FETCH_SECONDS: Final = 5.0
LARGEST_BYTES: Final = 262_144

_MOST_KEYS: Final = 100
_WAIT_WITH_KEYS_SECONDS: Final = 1.0
"""How long a fetch is waited for while older keys would do."""
_LEAST_RSA_BITS: Final = 2048
_MOST_RSA_BITS: Final = 8192
_OK: Final = 200

_log = structlog.get_logger("chaffer.doors")


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, for one algorithm alone. `voucher` tells it from any other key."""

    kid: str | None
    algorithm: str
    public: RSAPublicKey | EllipticCurvePublicKey
    voucher: bytes


class UnfitKeyError(ValueError):
    """A key that is not for checking signatures of RS256 or ES256, or is too weak."""


def is_fetchable(url: str) -> bool:
    """Tell whether keys may be fetched from there: over https, or from this machine, and without a password."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class KeySet:
    """The keys at one address, kept for ten minutes, and for an hour while they cannot be fetched again.

    A key that is not among them has them fetched again, twice a minute at most; all who wait share one fetch.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Know where keys are, without fetching them. Raises VALIDATION_ERROR when what reads them is missing."""
        _require_cryptography()
        self._url = url
        self._clock = clock
        self._keys: tuple[Key, ...] = ()
        self._fetched_at: float | None = None
        self._tried_at = -STALE_SECONDS
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key of that name for an algorithm, or None. No name means the only key of that algorithm.

        Raises KEYS_UNAVAILABLE where no keys could be fetched, or those that were are too old.
        """
        await self._refresh()
        found = self._among(kid, algorithm)
        if found is None:
            await self._refresh(is_missed=True)
            found = self._among(kid, algorithm)
        if self._age >= STALE_SECONDS:
            raise _unavailable()
        return found

    async def holds(self, voucher: bytes, made: Callable[[bytes], bytes]) -> bool:
        """Tell whether the key from whose voucher another was made is still published.

        Raises KEYS_UNAVAILABLE where no keys could be fetched yet.
        """
        await self._refresh()
        if self._fetched_at is None:
            raise _unavailable()
        return any(made(key.voucher) == voucher for key in self._keys)

    async def aclose(self) -> None:
        """Give up a fetch under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    @property
    def _age(self) -> float:
        return math.inf if self._fetched_at is None else self._clock() - self._fetched_at

    def _among(self, kid: str | None, algorithm: str) -> Key | None:
        fit = [key for key in self._keys if key.algorithm == algorithm and kid in {None, key.kid}]
        return fit[0] if fit and (kid is not None or len(fit) == 1) else None

    async def _refresh(self, *, is_missed: bool = False) -> None:
        """Fetch the keys if they are old, or one was missed, unless that was tried a moment ago."""
        now, age = self._clock(), self._age
        if age >= STALE_SECONDS:
            self._keys = ()
        if self._fetching is None:
            is_due = is_missed or age >= FRESH_SECONDS
            if not is_due or now - self._tried_at < BETWEEN_FETCHES_SECONDS:
                return
            self._tried_at = now
            self._fetching = asyncio.create_task(self._fetch(), name="fetch of keys")
            self._fetching.add_done_callback(self._forget_fetch)
        elif not is_missed and age < FRESH_SECONDS:
            return
        wait = _WAIT_WITH_KEYS_SECONDS if self._keys and not is_missed else None
        await asyncio.wait({self._fetching}, timeout=wait)

    def _forget_fetch(self, _: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _fetch(self) -> None:
        import httpx2  # noqa: PLC0415  Needed where tokens are checked by published keys alone.

        try:
            async with asyncio.timeout(LONGEST_FETCH_SECONDS):
                body = await self._body()
            keys = tuple(keys_of(body))
        except (httpx2.HTTPError, TimeoutError, ValueError, RecursionError, OSError) as fault:
            hint = "tried again later; the keys known so far hold for an hour"
            _log.warning("keys.not_fetched", host=urlsplit(self._url).hostname, kind=type(fault).__name__, hint=hint)
            return
        self._keys, self._fetched_at = keys, self._clock()
        _log.info("keys.fetched", host=urlsplit(self._url).hostname, keys=len(keys))

    async def _body(self) -> bytes:
        import httpx2  # noqa: PLC0415  As above.

        verify = await asyncio.to_thread(httpx2.create_ssl_context, trust_env=False)
        headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "chaffer"}
        async with (
            httpx2.AsyncClient(
                headers=headers, timeout=LONGEST_FETCH_SECONDS, follow_redirects=False, trust_env=False, verify=verify
            ) as client,
            client.stream("GET", self._url) as answer,
        ):
            if answer.status_code != _OK:
                msg = f"status {answer.status_code}"
                raise ValueError(msg)
            body = b""
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > LARGEST_BYTES:
                    msg = "too large"
                    raise ValueError(msg)
            return body


def _unavailable() -> ChafferError:
    return ChafferError(
        Code.KEYS_UNAVAILABLE,
        "Your token cannot be checked: the keys of its issuer could not be fetched. Nothing is wrong with the token. "
        "Try again in half a minute; the server's log tells more.",
        retry_after_seconds=BETWEEN_FETCHES_SECONDS,
    )


def keys_of(body: bytes) -> Iterator[Key]:
    """Yield the keys of a document that are fit. Raises ValueError when it is no key set."""
    document = json.loads(body)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        msg = "no key set"
        raise ValueError(msg)  # noqa: TRY004  One sort of error for all that is no key set.
    for told in listed[:_MOST_KEYS]:
        if not isinstance(told, dict):
            continue
        try:
            yield _key_of(told)
        except UnfitKeyError as unfit:
            _log.info("keys.unfit", because=str(unfit))


def _key_of(told: Mapping[str, object]) -> Key:
    kid = told.get("kid")
    if kid is not None and not isinstance(kid, str):
        msg = "its name is no text"
        raise UnfitKeyError(msg)
    operations = told.get("key_ops", ["verify"])
    if told.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        msg = "it is not for checking signatures"
        raise UnfitKeyError(msg)
    make = {"RSA": _rsa, "EC": _p256}.get(str(told.get("kty")))
    if make is None:
        msg = "it is neither RSA nor of an elliptic curve"
        raise UnfitKeyError(msg)
    return make(kid, told)


def _rsa(kid: str | None, told: Mapping[str, object]) -> Key:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers  # noqa: PLC0415  Slow, needed by few.

    n, e = _number(told, "n"), _number(told, "e")
    if told.get("alg", "RS256") != "RS256" or not _LEAST_RSA_BITS <= n.bit_length() <= _MOST_RSA_BITS:
        msg = f"of RSA, keys of {_LEAST_RSA_BITS} bits and more for RS256 are taken"
        raise UnfitKeyError(msg)
    try:
        public = RSAPublicNumbers(e, n).public_key()
    except ValueError as fault:
        raise UnfitKeyError(str(fault)) from None
    return Key(kid, "RS256", public, hashlib.sha256(f"RSA {n} {e}".encode()).digest())


def _p256(kid: str | None, told: Mapping[str, object]) -> Key:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers  # noqa: PLC0415

    if told.get("crv") != "P-256" or told.get("alg", "ES256") != "ES256":
        msg = "of curves, P-256 for ES256 is taken"
        raise UnfitKeyError(msg)
    x, y = _number(told, "x"), _number(told, "y")
    try:
        public = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    except ValueError as fault:
        raise UnfitKeyError(str(fault)) from None
    return Key(kid, "ES256", public, hashlib.sha256(f"P-256 {x} {y}".encode()).digest())


def _number(told: Mapping[str, object], name: str) -> int:
    text = told.get(name)
    padded = text + "=" * (-len(text) % 4) if isinstance(text, str) else "?"
    try:
        return int.from_bytes(base64.b64decode(padded, altchars=b"-_", validate=True), "big")
    except (binascii.Error, ValueError):
        msg = f"its {name} is no number"
        raise UnfitKeyError(msg) from None


def _require_cryptography() -> None:
    try:
        import cryptography.hazmat.primitives.asymmetric.rsa  # noqa: F401, PLC0415  Only whether it is there.
    except ImportError:
        raise ChafferError(
            Code.VALIDATION_ERROR,
            "JWT_JWKS_URL (or SUPABASE_URL) is set, but what checks tokens by published keys is not installed. Install "
            "it: pip install 'chaffer[keys]'; or unset it, and set SUPABASE_JWT_SECRET and JWT_ISSUER.",
        ) from None
