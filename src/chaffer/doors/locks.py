"""What opens the doors, as it is configured; half of it is refused before anybody comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NoReturn

from chaffer.doors.entrance import Entrance
from chaffer.doors.key_sets import KeySet, is_fetchable
from chaffer.doors.logins import Logins, LoginStore
from chaffer.doors.passwords import Passwords, is_hash
from chaffer.doors.tokens import TokenRules, Tokens
from chaffer.errors import ChafferError, Code, Detail

_SUPABASE_ISSUER: Final = "/auth/v1"
_SUPABASE_KEYS: Final = "/auth/v1/.well-known/jwks.json"
_LEAST_SECRET_BYTES: Final = 32
_LONGEST_USER: Final = 200


@dataclass(frozen=True, slots=True)
class Locks:
    """What is configured, each under the name of its setting; empty is as good as nothing."""

    login_lifetime: timedelta
    dev_mode: bool = False
    basic_auth_user: str | None = None
    basic_auth_pw_hash: str | None = field(default=None, repr=False)
    supabase_jwt_secret: str | None = field(default=None, repr=False)
    supabase_url: str | None = None
    jwt_jwks_url: str | None = None
    jwt_issuer: str | None = None
    jwt_audience: tuple[str, ...] = ()

    def entrance(self, store: LoginStore, now: Callable[[], datetime]) -> Entrance:
        """Return the entrance. Raises VALIDATION_ERROR naming the setting that is wrong or missing, never its value.

        With `dev_mode` nobody is asked, but what is configured is checked all the same.
        """
        passwords, tokens = self._passwords(), self._tokens(now)
        if self.dev_mode:
            passwords = tokens = None
        return Entrance(Logins(store, now, self.login_lifetime), now, passwords, tokens)

    def _passwords(self) -> Passwords | None:
        user, hashed = self.basic_auth_user, self.basic_auth_pw_hash
        if not user and not hashed:
            return None
        if not user:
            _refuse("BASIC_AUTH_USER", "is missing, while BASIC_AUTH_PW_HASH is set")
        if not hashed:
            _refuse("BASIC_AUTH_PW_HASH", "is missing, while BASIC_AUTH_USER is set; `chaffer hash-password` makes one")
        if ":" in user or not user.isprintable() or len(user) > _LONGEST_USER:
            _refuse("BASIC_AUTH_USER", f"must be up to {_LONGEST_USER} printable characters without a colon")
        if not is_hash(hashed):
            _refuse("BASIC_AUTH_PW_HASH", "must be a hash of argon2 or bcrypt; `chaffer hash-password` makes one")
        return Passwords(user, hashed)

    def _tokens(self, now: Callable[[], datetime]) -> Tokens | None:
        secret, base = self.supabase_jwt_secret, (self.supabase_url or "").rstrip("/")
        url = self.jwt_jwks_url or (base + _SUPABASE_KEYS if base else None)
        issuer = self.jwt_issuer or (base + _SUPABASE_ISSUER if base else None)
        if not secret and not url:
            if issuer:
                missing = "is missing, while JWT_ISSUER is set: tokens are checked by it, or by SUPABASE_JWT_SECRET"
                _refuse("JWT_JWKS_URL", missing)
            return None
        if secret and len(secret.encode()) < _LEAST_SECRET_BYTES:
            _refuse("SUPABASE_JWT_SECRET", f"must have at least {_LEAST_SECRET_BYTES} bytes, as HS256 demands")
        if url and not issuer:
            _refuse("JWT_ISSUER", "is missing, while JWT_JWKS_URL is set: the `iss` of the provider's tokens")
        if url and not is_fetchable(url):
            name = "JWT_JWKS_URL" if self.jwt_jwks_url else "SUPABASE_URL"
            _refuse(name, "must be an https address without a password in it; http is for this machine alone")
        if not self.jwt_audience:
            _refuse("JWT_AUDIENCE", "must name whom tokens are for, such as authenticated")
        rules = TokenRules(issuer, self.jwt_audience)
        return Tokens(rules, now, secret=secret or None, keys=KeySet(url) if url else None)


def _refuse(name: str, issue: str) -> NoReturn:
    message = f"Authentication is half configured: {name} {issue}. Correct it, or unset what belongs to it."
    raise ChafferError(Code.VALIDATION_ERROR, message, details=(Detail(name, issue),))
