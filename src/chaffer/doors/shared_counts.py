"""Counts in Valkey or Redis, which several processes share."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from chaffer.doors.limits import ANSWERS_SECONDS, Rate, Standing, StorageAwayError
from chaffer.errors import ChafferError, Code

if TYPE_CHECKING:
    from limits.aio.storage import RedisStorage
    from limits.aio.storage.redis.valkey import ValkeyBridge

SCHEMES: Final = ("valkey", "valkeys", "redis", "rediss", "unix", "valkey+unix", "redis+unix")
"""What a URL of a storage may begin with; those that end in `s` are encrypted, those with `unix` name a socket file."""

_PREFIX: Final = "chaffer"
_PORT: Final = 6379


class SharedCounts:
    """Counts calls in a server that speaks the protocol of Valkey and Redis."""

    def __init__(self, url: str) -> None:
        """Get ready to call the server; nothing is connected yet.

        Raises VALIDATION_ERROR where the package is missing that speaks with it, or the URL cannot be read; its
        password is not in the message.
        """
        try:
            import_module("valkey")
        except ImportError:
            message = "RATE_LIMIT_STORAGE_URL needs a package that is not installed: pip install 'chaffer[valkey]'"
            raise ChafferError(Code.VALIDATION_ERROR, message) from None
        # Imported here, because a server that counts in its memory need not pay for it.
        from limits import RateLimitItemPerSecond  # noqa: PLC0415
        from limits.aio.storage import RedisStorage  # noqa: PLC0415
        from limits.aio.strategies import MovingWindowRateLimiter  # noqa: PLC0415
        from limits.errors import ConfigurationError, StorageError  # noqa: PLC0415

        self._item = RateLimitItemPerSecond
        # The timeouts hold for one step each; whoever asks bounds the whole.
        try:
            self._storage: RedisStorage = RedisStorage(
                _plain(url),
                wrap_exceptions=True,
                implementation="valkey",
                key_prefix=_PREFIX,
                socket_timeout=ANSWERS_SECONDS,
                socket_connect_timeout=ANSWERS_SECONDS,
            )
        except (ConfigurationError, ValueError, TypeError):
            message = "RATE_LIMIT_STORAGE_URL cannot be read. Write it as in valkey://:password@host:6379/0"
            raise ChafferError(Code.VALIDATION_ERROR, message) from None
        self._strategy = MovingWindowRateLimiter(self._storage)
        # The last three are what the library raises for answers that no such server gives.
        self._faults = (StorageError, OSError, EOFError, TypeError, ValueError, LookupError)

    async def count(self, rate: Rate, key: str) -> Standing:
        """Count a call, unless it is beyond the rate. Raises StorageAwayError."""
        item = self._item(rate.most, rate.seconds, rate.name)
        try:
            is_within = await self._strategy.hit(item, key)
            stats = await self._strategy.get_window_stats(item, key)
        except self._faults as fault:
            # Not its text: what a server answers may quote what it was sent.
            raise StorageAwayError(type(fault.__cause__ or fault).__name__) from fault
        return Standing(rate, is_within, max(0, stats.remaining), max(0.0, stats.reset_time - time.time()))

    async def aclose(self) -> None:
        """Close the connections."""
        await cast("ValkeyBridge", self._storage.bridge).storage.aclose()


def _plain(url: str) -> str:
    """Return a URL as the library takes it: sockets as `unix://`, others with their port."""
    scheme, _, rest = url.partition("://")
    if scheme.endswith("unix"):
        return f"unix://{rest}"
    parts = urlsplit(url)
    netloc = parts.netloc if parts.port is not None else f"{parts.netloc.removesuffix(':')}:{_PORT}"
    return parts._replace(netloc=netloc).geturl()


def is_storage(url: str) -> bool:
    """Tell whether a URL names a storage."""
    try:
        parts = urlsplit(url)
        has_place = bool(parts.path) if parts.scheme.endswith("unix") else bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return parts.scheme in SCHEMES and has_place
