"""How often one caller may call: so many calls in any minute, counted in this process or in a storage that is shared.

The window moves with the clock: whatever span of a minute one looks at, no more calls than the limit lie in it. A fixed
window would let twice as many through around its boundary, and a weighted one only estimates.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import math
import time
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from chaffer.errors import ChafferError, Code

MOST_KEYS: Final = 50_000
"""Callers whose calls are remembered in this process; beyond them, who called longest ago is forgotten."""

ANSWERS_SECONDS: Final = 0.2
"""How long a call waits for the storage at most."""

AWAY_SECONDS: Final = 5.0
"""How long a storage that failed is left alone; then one call asks it."""

_TOLD_EVERY_SECONDS: Final = 60.0
_ONE_HOUSEHOLD: Final = 64

_log = structlog.get_logger("chaffer.limits")


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many calls in any span of so many seconds; calls are counted under its name."""

    name: str
    most: int
    seconds: int = 60


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a house: of calls that make models work, each by its name, of attempts to come in, of all others."""

    usual: Rate
    attempts: Rate
    costly: Mapping[str, Rate]


class LimitedError(ChafferError):
    """A call beyond a rate. `standing` tells which rate it was, and when one more call is within it."""

    def __init__(self, standing: Standing) -> None:
        """Say how long to wait."""
        rate, wait = standing.rate, standing.wait_seconds
        message = (
            f"More than {rate.most} calls in {rate.seconds} seconds came from you here. Call again in {wait} seconds."
        )
        super().__init__(Code.RATE_LIMIT_EXCEEDED, message, retry_after_seconds=wait)
        self.standing = standing


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands after a call: whether it was within the rate, how many more are, seconds to one more."""

    rate: Rate
    is_within: bool
    remaining: int
    reset_seconds: float

    @property
    def wait_seconds(self) -> int:
        """Return the whole seconds after which one more call is within the rate."""
        return max(1, math.ceil(self.reset_seconds))

    @property
    def refusal(self) -> LimitedError:
        """Return the error that a caller beyond the rate gets."""
        return LimitedError(self)


def by_user(user: str) -> str:
    """Return the key under which a user's calls are counted; it does not tell who that is."""
    return _digest(f"user {user}")


def by_address(address: str | None) -> str:
    """Return the key under which an address's calls are counted; it does not tell which that is.

    An IPv6 address counts as its /64 network, since one household or server has the whole of it. None stands for peers
    without an address, over a socket file.
    """
    return _digest(f"address {_network(address)}")


def _network(address: str | None) -> str:
    if address is None:
        return "none"
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped or ipaddress.IPv6Network((int(found), _ONE_HOUSEHOLD), strict=False))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Storage(Protocol):
    """Where several processes count together."""

    async def count(self, rate: Rate, key: str) -> Standing:
        """Count a call, unless it is beyond the rate. Raises StorageAwayError."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class StorageAwayError(Exception):
    """The storage did not count: it cannot be reached, is too slow, or refuses."""


class InMemory:
    """Counts calls in this process."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic, most_keys: int = MOST_KEYS) -> None:
        """Begin with no calls; `seconds` is a clock that only goes forward."""
        self._seconds = seconds
        self._most_keys = most_keys
        self._calls: OrderedDict[str, _Calls] = OrderedDict()

    def __len__(self) -> int:
        """Return how many callers are remembered."""
        return len(self._calls)

    def count(self, rate: Rate, key: str) -> Standing:
        """Count a call, unless it is beyond the rate."""
        now = self._seconds()
        self._forget(now)
        name = f"{rate.name}/{key}"
        calls = self._calls.get(name)
        if calls is None:
            calls = self._calls[name] = _Calls(rate.seconds, array("d"))
            if len(self._calls) > self._most_keys:
                self._calls.popitem(last=False)
        at = calls.at
        del at[: bisect_right(at, now - rate.seconds)]
        is_within = len(at) < rate.most
        if is_within:
            at.append(now)
            self._calls.move_to_end(name)
        return Standing(rate, is_within, rate.most - len(at), at[0] + rate.seconds - now)

    def _forget(self, now: float) -> None:
        """Forget those whose last call is out of its window; they stand in the order of their last calls."""
        while self._calls:
            calls = next(iter(self._calls.values()))
            if calls.at and calls.at[-1] + calls.seconds > now:
                return
            self._calls.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Calls:
    """When calls were made, and how long they count."""

    seconds: int
    at: array[float]


class Limiter:
    """Counts calls where it is told to, and in this process as long as that place does not answer.

    A limiter must not take the service down: what a storage that is away had counted is not known meanwhile.
    """

    def __init__(
        self,
        storage: Storage | None = None,
        *,
        fell_back: Callable[[], None] = lambda: None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count in the storage if there is one; `fell_back` hears of each call that it did not count."""
        self._storage = storage
        self._fell_back = fell_back
        self._seconds = seconds
        self._memory = InMemory(seconds)
        self._ask_again_at: float | None = None
        self._told_at: float | None = None

    async def count(self, rate: Rate, key: str) -> Standing:
        """Count a call under a key of `by_user` or `by_address`, unless it is beyond the rate."""
        if self._storage is None:
            return self._memory.count(rate, key)
        if self._may_ask():
            try:
                async with asyncio.timeout(ANSWERS_SECONDS):
                    standing = await self._storage.count(rate, key)
            except (StorageAwayError, TimeoutError) as fault:
                self._leave_alone(fault)
            else:
                self._trust_again()
                return standing
        self._fell_back()
        return self._memory.count(rate, key)

    async def admit(self, rate: Rate, key: str) -> None:
        """Count a call. Raises RATE_LIMIT_EXCEEDED where it is beyond the rate."""
        standing = await self.count(rate, key)
        if not standing.is_within:
            raise standing.refusal

    async def aclose(self) -> None:
        """Let go of the storage's connections."""
        if self._storage is not None:
            await self._storage.aclose()

    def _may_ask(self) -> bool:
        """Tell whether this call asks the storage; of those that come while it is away, one now and then does."""
        if self._ask_again_at is None:
            return True
        now = self._seconds()
        if now < self._ask_again_at:
            return False
        self._ask_again_at = now + AWAY_SECONDS
        return True

    def _leave_alone(self, fault: Exception) -> None:
        now = self._seconds()
        self._ask_again_at = now + AWAY_SECONDS
        if self._told_at is None or now - self._told_at >= _TOLD_EVERY_SECONDS:
            self._told_at = now
            _log.warning(
                "limits.storage_away",
                because=str(fault) or "it was too slow",
                hint="calls are let in and counted in this process meanwhile; look at RATE_LIMIT_STORAGE_URL",
            )

    def _trust_again(self) -> None:
        if self._ask_again_at is not None:
            self._ask_again_at = self._told_at = None
            _log.info("limits.storage_back")
