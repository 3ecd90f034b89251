"""How a call shows that we may make it: the key in the head that the provider reads."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field

from chaffer.errors import ChafferError, Code, Detail
from chaffer.vendors import OR_WITH_REQUEST


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent, exactly so; the names of its headers, which may still be added to, are in small letters."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class KeyInHead:
    """A key in a header. `setting` is where the operator sets it; without any key nothing is sent at all."""

    provider: str
    setting: str
    header: str = "authorization"
    prefix: str = "Bearer "
    configured: str | None = field(default=None, repr=False)

    def __call__(self, call: Call, key: str | None) -> Awaitable[None]:
        """Add the call's own key, or the configured one. Raises LLM_PROVIDER_DISABLED."""
        return self._add(call, key or self.configured)

    async def _add(self, call: Call, key: str | None) -> None:
        if key is None:
            raise no_key(self.provider, self.setting)
        if not is_sendable(key):
            raise ChafferError(Code.INVALID_API_KEY, f"The key for {self.provider} has characters that no key has.")
        call.headers[self.header] = self.prefix + key


def is_sendable(key: str) -> bool:
    """Tell whether a key fits into a header."""
    return key.isascii() and key.isprintable() and " " not in key


def no_key(provider: str, setting: str) -> ChafferError:
    """Return the error of a provider that has no key."""
    message = f"{provider} needs a key: set {setting}{OR_WITH_REQUEST}. `builtin` needs none."
    return ChafferError(Code.LLM_PROVIDER_DISABLED, message, details=(Detail("llm_config.api_key", "is missing"),))
