"""The keys that came with requests: each is its session's alone, and goes nowhere but to the host it was given for.

They live in memory. With a SECRET_KEY they are kept in the store too, sealed, so that rooms outlive a restart.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urlsplit

import structlog

from chaffer.conversation.keys import KeepSealedKey, SealedKeys, Secret, vendor_behind
from chaffer.errors import ChafferError, Code

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PURPOSE: Final = b"chaffer: keys of requests, 1"
_FORM: Final = b"\x01"
"""The first byte of what is sealed, so that another way of sealing can be told from this one."""
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_PORTS: Final = {"http": 80, "https": 443}

_log = structlog.get_logger("chaffer.keys")


class KeyRing:
    """The keys of all sessions. `slot` names whose key it is: `session`, the buyer's id, or a seller's.

    `host` is where the key is sent, as `host_of` tells. Of a URL its scheme, name and port count: a key that was given
    for one is found for no other.
    """

    def __init__(self, store: SealedKeys, secret_key: str | None) -> None:
        """Seal with what `secret_key` gives, or without one keep keys in memory only.

        Raises VALIDATION_ERROR when what seals is not installed.
        """
        self._store = store
        self._seal = None if secret_key is None else Seal(secret_key)
        self._known: defaultdict[str, dict[bytes, Secret]] = defaultdict(dict)

    def __reduce__(self) -> NoReturn:
        """Raise TypeError: keys are not pickled."""
        msg = "A key ring is neither pickled nor copied."
        raise TypeError(msg)

    def keep(self, session_id: str, slot: str, provider: str, host: str, key: str) -> tuple[KeepSealedKey, ...]:
        """Keep a key, and return what is to be written in the transaction that makes the session."""
        place = _place(session_id, slot, provider, host)
        self._known[session_id][place] = Secret(key)
        if self._seal is None:
            return ()
        return (KeepSealedKey(session_id, slot, provider, self._seal.sealed(key, place)),)

    async def find(self, session_id: str, slot: str, provider: str, host: str) -> str | None:
        """Return a key, or None when it is gone, was given for another host, or can no longer be unsealed."""
        place = _place(session_id, slot, provider, host)
        known = self._known.get(session_id, {}).get(place)
        if known is not None:
            return known.reveal()
        if self._seal is None:
            return None
        ciphertext = await self._store.find_sealed_key(session_id, slot, provider)
        if ciphertext is None:
            return None
        key = self._seal.unsealed(ciphertext, place)
        if key is None:
            hint = "SECRET_KEY or the provider's address has changed since it was kept"
            _log.warning("key.unreadable", session_id=session_id, slot=slot, provider=provider, hint=hint)
        return key

    async def get(self, session_id: str, slot: str, provider: str, host: str) -> str:
        """Return a key. Raises LLM_PROVIDER_DISABLED, saying why it is gone."""
        key = await self.find(session_id, slot, provider, host)
        if key is None:
            raise _gone(provider, is_sealing=self._seal is not None)
        return key

    def forget(self, session_id: str) -> None:
        """Forget a session's keys; what the store has of them goes with the session."""
        self._known.pop(session_id, None)


class Seal:
    """Encrypts keys: AES-256-GCM, its key derived from SECRET_KEY by HKDF-SHA-256.

    The place that a key is kept for is authenticated with it (RFC 5116, associated data), so that what is copied to
    another session, slot or provider, or met by another address, stays shut. Nonces are drawn: that is sound for 2^32
    keys under one SECRET_KEY (NIST SP 800-38D, 8.3).
    """

    def __init__(self, secret_key: str) -> None:
        """Derive the key. Raises VALIDATION_ERROR when `cryptography` is not installed."""
        self._cipher = _cipher(secret_key)

    def sealed(self, key: str, place: bytes) -> bytes:
        """Return a key encrypted for a place."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORM + nonce + self._cipher.encrypt(nonce, key.encode(), _FORM + place)

    def unsealed(self, ciphertext: bytes, place: bytes) -> str | None:
        """Return the key, or None when it was sealed otherwise or for another place, or is damaged."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  Loaded where there is a SECRET_KEY alone.

        form, nonce, rest = ciphertext[:1], ciphertext[1 : 1 + _NONCE_BYTES], ciphertext[1 + _NONCE_BYTES :]
        if form != _FORM or len(nonce) < _NONCE_BYTES:
            return None
        try:
            return self._cipher.decrypt(nonce, rest, form + place).decode()
        except InvalidTag:
            return None


def _cipher(secret_key: str) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  As above.
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415
    except ImportError:
        message = (
            "SECRET_KEY is set, but what encrypts with it is not installed. Install it: pip install 'chaffer[keys]', "
            "or unset SECRET_KEY: keys of requests then live in memory only."
        )
        raise ChafferError(Code.VALIDATION_ERROR, message) from None
    return AESGCM(HKDF(SHA256(), _KEY_BYTES, salt=None, info=_PURPOSE).derive(secret_key.encode()))


def _place(session_id: str, slot: str, provider: str, host: str) -> bytes:
    """Return for whom and for where a key is, such that no two places are the same bytes."""
    return json.dumps([session_id, slot, provider, origin(host)]).encode()


def host_of(provider: str, model: str, base_url: str) -> str:
    """Return where the key of a model is sent: the provider's address, for LangChain with the vendor that it reaches.

    Its packages know their vendors' addresses, and here none is known: a key is bound to the vendor by name.
    """
    vendor = vendor_behind(provider, model)
    return f"{vendor} {origin(base_url)}" if vendor else base_url


def origin(url: str) -> str:
    """Return the scheme, the name and the port of a URL, `https://api.openai.com:443`; other texts as they are."""
    parts = urlsplit(url)
    if not parts.scheme or parts.hostname is None:
        return url
    return f"{parts.scheme}://{parts.hostname}:{parts.port or _PORTS.get(parts.scheme, '')}"


def _gone(provider: str, *, is_sealing: bool) -> ChafferError:
    needs = f"{provider} needs the api_key that came with the request, "
    why = (
        f"and none that is kept can be read: the session is older than SECRET_KEY, or SECRET_KEY or the address of "
        f"{provider} has changed since. Open a new session."
        if is_sealing
        else "which was kept in memory only, and the server has restarted since. Set SECRET_KEY to keep keys encrypted."
    )
    return ChafferError(Code.LLM_PROVIDER_DISABLED, needs + why)
