"""Bearer tokens: signed texts (JWT, RFC 7519) that say who comes, checked as RFC 8725 advises."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from chaffer.doors.key_sets import KeySet
from chaffer.errors import ChafferError, Code

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

LARGEST_BYTES: Final = 8192
LEEWAY: Final = timedelta(seconds=30)
"""How far an issuer's clock may run ahead of ours (`nbf`, `iat`). What has expired has expired at once."""

LONGEST_SUBJECT: Final = 200

_SHARED: Final = "HS256"
_PUBLISHED: Final = ("RS256", "ES256")
_FORBIDDEN_HEADS: Final = frozenset({"crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"})
"""What would have us fetch or take keys that a stranger names, or read a token otherwise than it looks."""
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class RefusedTokenError(Exception):
    """A token that is not taken; the text says why, to the log alone, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Whose tokens are taken, and for whom they must be; no issuer means any that has the secret."""

    issuer: str | None
    audiences: tuple[str, ...]

    @property
    def told(self) -> bytes:
        """Return the rules as bytes."""
        return json.dumps([self.issuer, *self.audiences]).encode()


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token proves: who comes, until when, and by which key (`voucher`)."""

    subject: str
    expires_at: datetime
    voucher: bytes


class Tokens:
    """Checks tokens by a shared secret, by published keys, or by either; the algorithms are these and no others."""

    def __init__(
        self, rules: TokenRules, now: Callable[[], datetime], *, secret: str | None = None, keys: KeySet | None = None
    ) -> None:
        """Take by what to check. Raises VALIDATION_ERROR for a secret that is a public key."""
        from jwt import PyJWS  # noqa: PLC0415  Slow to import, and needed where tokens are.
        from jwt.algorithms import HMACAlgorithm  # noqa: PLC0415
        from jwt.exceptions import InvalidKeyError  # noqa: PLC0415

        self._rules = rules
        self._now = now
        self._secret = secret
        self._keys = keys
        self._signatures = PyJWS(algorithms=[_SHARED, *(_PUBLISHED if keys is not None else ())])
        if secret is not None:
            try:
                HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(secret)
            except InvalidKeyError:
                message = "SUPABASE_JWT_SECRET is a key or a certificate, but must be the secret. Set the secret."
                raise ChafferError(Code.VALIDATION_ERROR, message) from None

    async def claims_of(self, token: str) -> Claims:
        """Return what a token proves. Raises RefusedTokenError."""
        if len(token) > LARGEST_BYTES:
            msg = "it is too large"
            raise RefusedTokenError(msg)
        if not token.isascii():
            msg = "it is malformed"
            raise RefusedTokenError(msg)
        algorithm, kid = self._head(token)
        key, of_key = await self._key(algorithm, kid)
        payload = self._verified(token, key, algorithm)
        return self._claims(payload, self._voucher(of_key))

    async def vouch_still(self, voucher: bytes) -> bool:
        """Tell whether the key that vouched for a token is still in use."""
        if self._secret is not None and voucher == self._voucher(_of_secret(self._secret)):
            return True
        if self._keys is None:
            return False
        return await self._keys.holds(voucher, self._voucher)

    async def aclose(self) -> None:
        """Give up what is under way."""
        if self._keys is not None:
            await self._keys.aclose()

    def _head(self, token: str) -> tuple[str, str | None]:
        """Return the algorithm and the key's name that a token tells of itself."""
        from jwt.exceptions import PyJWTError  # noqa: PLC0415  Imported before, by the constructor.

        try:
            head = self._signatures.get_unverified_header(token)
        except (PyJWTError, ValueError, TypeError):
            msg = "its head is malformed"
            raise RefusedTokenError(msg) from None
        if not _FORBIDDEN_HEADS.isdisjoint(head):
            msg = "its head has what is not taken"
            raise RefusedTokenError(msg)
        algorithm, kid, kind = head.get("alg"), head.get("kid"), head.get("typ", "JWT")
        allowed = [*([_SHARED] if self._secret is not None else []), *(_PUBLISHED if self._keys is not None else ())]
        if not isinstance(algorithm, str) or algorithm not in allowed:
            msg = "its algorithm is not allowed"
            raise RefusedTokenError(msg)
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            msg = "it is of another type"
            raise RefusedTokenError(msg)
        return algorithm, kid if isinstance(kid, str) else None

    async def _key(self, algorithm: str, kid: str | None) -> tuple[str | RSAPublicKey | EllipticCurvePublicKey, bytes]:
        """Return what checks a signature, and what tells it from other keys."""
        if algorithm == _SHARED and self._secret is not None:
            return self._secret, _of_secret(self._secret)
        found = None if self._keys is None else await self._keys.find(kid, algorithm)
        if found is None:
            msg = "its key is not known"
            raise RefusedTokenError(msg)
        return found.public, found.voucher

    def _verified(
        self, token: str, key: str | RSAPublicKey | EllipticCurvePublicKey, algorithm: str
    ) -> Mapping[str, object]:
        """Return what a token says, its signature checked."""
        from jwt.exceptions import PyJWTError  # noqa: PLC0415  As above.

        try:
            payload = json.loads(self._signatures.decode(token, key, algorithms=[algorithm]))
        except (PyJWTError, ValueError, TypeError, RecursionError):
            msg = "its signature is wrong, or it is malformed"
            raise RefusedTokenError(msg) from None
        if not isinstance(payload, dict):
            msg = "it says nothing"
            raise RefusedTokenError(msg)
        return payload

    def _claims(self, payload: Mapping[str, object], voucher: bytes) -> Claims:
        now = self._now()
        expires_at = _moment(payload, "exp")
        if expires_at is None or expires_at <= now:
            msg = "it has expired, or does not say when it will"
            raise RefusedTokenError(msg)
        for name in ("nbf", "iat"):
            begins_at = _moment(payload, name)
            if begins_at is not None and begins_at > now + LEEWAY:
                msg = "it is not valid yet"
                raise RefusedTokenError(msg)
        issuer = payload.get("iss")
        if not isinstance(issuer, str) or not issuer or self._rules.issuer not in {None, issuer}:
            msg = "its issuer is another"
            raise RefusedTokenError(msg)
        if not _is_for(payload.get("aud"), self._rules.audiences):
            msg = "its audience is another"
            raise RefusedTokenError(msg)
        return Claims(_subject(payload), expires_at, voucher)

    def _voucher(self, of_key: bytes) -> bytes:
        return hashlib.sha256(b"bearer\0" + of_key + self._rules.told).digest()


def _of_secret(secret: str) -> bytes:
    return hashlib.sha256(b"secret\0" + secret.encode()).digest()


def _is_for(audience: object, wanted: tuple[str, ...]) -> bool:
    if isinstance(audience, str):
        return audience in wanted
    if not isinstance(audience, list) or not all(isinstance(one, str) for one in audience):
        return False
    return any(one in wanted for one in audience)


def _subject(payload: Mapping[str, object]) -> str:
    subject = payload.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        msg = f"its subject is no printable text of up to {LONGEST_SUBJECT} characters"
        raise RefusedTokenError(msg)
    return subject


def _moment(payload: Mapping[str, object], name: str) -> datetime | None:
    """Return a time of a token, None where it has none; it must be a number (RFC 7519, NumericDate)."""
    seconds = payload.get(name)
    if seconds is None and name not in payload:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _LATEST:
        msg = f"its {name} is no time"
        raise RefusedTokenError(msg)
    return datetime.fromtimestamp(seconds, UTC)
