"""A circuit breaker (Nygard, «Release It!»): a host that is down is left alone, and tried again by one call at a time.

Own code, because the breakers for Python do not fit calls that overlap and stream. When half-open, purgatory 3 and
aiobreaker let every call in instead of one, and they cannot tell a call that was given up, or the late end of one that
began before the opening, from an answer of the host. pybreaker knows the coroutines of Tornado only.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Literal

from chaffer.errors import Code
from chaffer.llm.faults import ModelFaultError, UnaskedError

State = Literal["closed", "open", "half_open"]

LONGEST_OPEN_SECONDS: Final = 30.0
MOST_MODELS: Final = 64

_LONGEST_PROBE_SECONDS: Final = 70.0


class LeftAloneError(ModelFaultError):
    """The call was not made, because its host is down; it is tried again in `retry_after_seconds`."""


class Passage:
    """One call that was let in; one of the three says how it went, and `left` is harmless after another."""

    __slots__ = ("_breaker",)

    def __init__(self, breaker: Breaker) -> None:
        """Begin the call."""
        self._breaker = breaker

    def succeeded(self) -> None:
        """Note that the host answers: its first word is enough."""
        self._breaker.succeeded()

    def failed(self, fault: ModelFaultError) -> None:
        """Note the fault; one that is not of the host is an answer of it."""
        self._breaker.failed(self, fault)

    def left(self) -> None:
        """Note that the call was given up: if it was the probe, another may be."""
        self._breaker.left(self)


class Breaker:
    """Closed until a host failed so many times in a row; then open, for twice as long after each failed probe.

    Where the probe itself was kept waiting for longer than it had been open, that is what is doubled: those who heard
    nothing for a whole time-out need not all hear nothing once more.

    It belongs to one event loop and needs no lock.
    """

    def __init__(
        self,
        host: str,
        remedy: str,
        *,
        failures: int = 5,
        open_seconds: float = 5.0,
        probe_seconds: float = _LONGEST_PROBE_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin closed; a probe is waited for `probe_seconds` at most. `now` returns seconds that only ever grow."""
        self._host = host
        self._remedy = remedy
        self._failures = failures
        self._first_open_seconds = open_seconds
        self._probe_seconds = probe_seconds
        self._now = now
        self._failed = 0
        self._open_seconds = open_seconds
        self._open_until: float | None = None
        self._probe: Passage | None = None
        self._probe_begun = 0.0
        self._probe_over = asyncio.Event()

    @property
    def state(self) -> State:
        """Return whether calls are let in: all, none, or one at a time."""
        if self._open_until is None:
            return "closed"
        return "open" if self._now() < self._open_until else "half_open"

    async def wait(self) -> None:
        """Return when a call may be tried: at once, or when the probe under way is over.

        Raises LeftAloneError while the host is left alone, and when the probe takes too long.
        """
        try:
            async with asyncio.timeout(self._probe_seconds):
                while self._probe is not None:
                    await self._probe_over.wait()
        except TimeoutError:
            raise self._refusal(self._open_seconds) from None
        if self._open_until is not None and (left_seconds := self._open_until - self._now()) > 0:
            raise self._refusal(left_seconds)

    def enter(self) -> Passage | None:
        """Return the passage of a call that may be made now; None when it is to wait."""
        passage = Passage(self)
        if self._open_until is None:
            return passage
        if self._probe is not None or self._now() < self._open_until:
            return None
        self._probe, self._probe_begun = passage, self._now()
        self._probe_over = asyncio.Event()
        return passage

    def succeeded(self) -> None:
        """Close: whichever call it was, the host has just answered."""
        self._failed = 0
        self._open_until = None
        self._end_probe()

    def failed(self, passage: Passage, fault: ModelFaultError) -> None:
        """Count a fault of the host; open when they are too many in a row, and again when it was the probe's.

        Any other fault was told by the host, which is up then, except where the host was not even asked.
        """
        if isinstance(fault, UnaskedError):
            self.left(passage)
            return
        if not fault.is_of_host:
            self.succeeded()
            return
        if passage is self._probe:
            self._failed += 1
            seconds = max(self._open_seconds, self._now() - self._probe_begun)
            self._open(min(seconds * 2, max(LONGEST_OPEN_SECONDS, self._first_open_seconds)))
            self._end_probe()
        elif self._open_until is None:  # Else it is a call from before the opening, and tells nothing new.
            self._failed += 1
            if self._failed >= self._failures:
                self._open(self._first_open_seconds)

    def left(self, passage: Passage) -> None:
        """Let another call be the probe, if this was it."""
        if passage is self._probe:
            self._end_probe()

    def _end_probe(self) -> None:
        self._probe = None
        self._probe_over.set()

    def _open(self, seconds: float) -> None:
        self._open_seconds = seconds
        self._open_until = self._now() + seconds

    def _refusal(self, left_seconds: float) -> LeftAloneError:
        seconds = float(math.ceil(left_seconds))
        return LeftAloneError(
            Code.LLM_PROVIDER_UNAVAILABLE,
            f"{self._host} failed {self._failed} times in a row; it is tried again in {seconds:g} s. {self._remedy}",
            is_transient=True,
            retry_after_seconds=seconds,
        )


class Breakers:
    """The breakers of a provider: one for its host, or `by_model` one for each model, where many hosts stand behind it.

    Of the models only those asked last are remembered.
    """

    def __init__(self, name: str, make: Callable[[str], Breaker], *, by_model: bool = False) -> None:
        """Begin without any; `make` returns one for what it is told to call the host."""
        self._name = name
        self._make = make
        self._by_model = by_model
        self._breakers: OrderedDict[str, Breaker] = OrderedDict()

    def of(self, model: str) -> Breaker:
        """Return the breaker of the host that answers for a model."""
        whose = model if self._by_model else ""
        if whose not in self._breakers:
            self._breakers[whose] = self._make(f"{self._name} (model {whose!r})" if whose else self._name)
        self._breakers.move_to_end(whose)
        if len(self._breakers) > MOST_MODELS:
            self._breakers.popitem(last=False)
        return self._breakers[whose]
