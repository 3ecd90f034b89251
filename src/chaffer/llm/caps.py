"""Hard caps on what models may use in a room, in a session and on a day: tokens, and money where prices are known.

A call is let in only while what was used, and what the calls under way may use at most, lie below every cap together;
so however many are asked at once, a cap is exceeded by the use of one call at most. Where only calls under way stand
in the way, the next waits until they have ended; it is refused as soon as what was used reaches a cap. This holds in
one process, and as far as the estimate of a prompt is not too low; another process on the same database is heard of
within 5 s.

What was used is counted here and written to the database behind every call, so that it outlives the process; what
was not yet written when the process is killed is lost. Where no cap is set nothing is counted, written or awaited.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from chaffer.errors import Code, Detail
from chaffer.ledger.model_usage import ModelUsage, Used
from chaffer.llm.faults import ModelFaultError
from chaffer.llm.meter import Bound, Call, Meter, Tariffs
from chaffer.llm.requests import Account, ModelRequest
from chaffer.llm.tally import Counter, Tally

KEPT: Final = timedelta(days=40)
"""How long a room, a session or a day is remembered after its last call."""

_UNCOUNTED: Final = Call()


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be used at most, None for no limit; costs in millionths of a dollar, days in UTC."""

    room_tokens: int | None = None
    session_tokens: int | None = None
    day_tokens: int | None = None
    room_cost_micros: int | None = None
    session_cost_micros: int | None = None
    day_cost_micros: int | None = None


class CapReachedError(ModelFaultError):
    """A cap is reached: no model is asked any more on this account."""

    def __init__(self, message: str) -> None:
        """Bear which cap it is, its value, and the setting to raise."""
        super().__init__(Code.LLM_CAP_REACHED, message)


@dataclass(frozen=True, slots=True)
class _Cap:
    """The caps of one kind of scope, and how they are spoken of."""

    scope: str
    whose: str
    remedy: str
    tokens: int | None
    cost_micros: int | None

    @property
    def is_set(self) -> bool:
        return self.tokens is not None or self.cost_micros is not None

    def reached(self, used: Used) -> CapReachedError | None:
        if self.tokens is not None and used.tokens >= self.tokens:
            return self._error(f"{self.tokens:,} tokens", "TOKENS")
        if self.cost_micros is not None and used.cost_micros >= self.cost_micros:
            return self._error(_dollars(self.cost_micros), "COST")
        return None

    def has_room(self, counter: Counter) -> bool:
        may_be_used = counter.used + counter.bound
        if self.tokens is not None and may_be_used.tokens >= self.tokens:
            return False
        if self.cost_micros is None:
            return True
        return not counter.calls_without_bound and may_be_used.cost_micros < self.cost_micros

    def _error(self, amount: str, what: str) -> CapReachedError:
        return CapReachedError(
            f"{self.whose} {amount} (LLM_MAX_{what}_PER_{self.scope.upper()}). Raise the limit{self.remedy}"
        )


@dataclass(slots=True, eq=False)
class _Waiter:
    scopes: Mapping[str, _Cap]
    meter: Meter
    place: asyncio.Future[Bound]


class Caps:
    """Lets calls in, and counts what they use. It belongs to one event loop and needs no lock."""

    def __init__(self, limits: Limits, usage: ModelUsage, now: Callable[[], datetime]) -> None:
        """Begin without knowing what was used; it is read when it is first needed."""
        self._usage = usage
        self._now = now
        self._caps = _caps_of(limits)
        self._is_set = limits != Limits()
        self._limits_cost = any(cap.cost_micros is not None for cap in self._caps)
        self._tariffs = Tariffs()
        self._tally = Tally(usage, now, self._let_in)
        self._waiters: list[_Waiter] = []

    def check(self, provider: str, model: str) -> None:
        """Raise VALIDATION_ERROR where a cap on costs is set and the model's price is not known.

        Who limits what may be spent wants to be sure of it: calls that counted as nothing would break the limit unseen.
        """
        if self._limits_cost and not self._tariffs.knows(provider, model):
            raise ModelFaultError(
                Code.VALIDATION_ERROR,
                f"The price of model {model!r} of {provider} is not known, so that the limit on what models may cost "
                "could not be kept. Name a model whose price is known, or limit tokens (LLM_MAX_TOKENS_PER_ROOM and "
                "the like) in place of costs.",
                details=(Detail("llm_config.model", "must be a model whose price is known, while costs are limited"),),
            )

    @asynccontextmanager
    async def call(self, provider: str, request: ModelRequest) -> AsyncIterator[Call]:
        """Hold a place for one attempt of a call, and count what it used when the context is left, however it is.

        Waits while calls under way may use up what is left. Raises CapReachedError, and what `check` raises.
        """
        if not self._is_set:
            yield _UNCOUNTED
            return
        self.check(provider, request.model)
        meter = Meter(provider, request, self._tariffs)
        scopes = self._scopes(request.account)
        bound = await self._come_in(scopes, meter)
        used = Used()
        try:
            try:
                yield meter
            except BaseException as fault:
                used = meter.used(fault)
                raise
            used = meter.used()
        finally:
            self._leave(scopes, bound, used)

    async def sweep(self) -> None:
        """Forget the rooms, sessions and days whose last call is as long ago as KEPT."""
        if self._is_set:
            await self._usage.forget_used(self._now() - KEPT)

    async def aclose(self) -> None:
        """Write what is not yet written. No call may be under way any more."""
        await self._tally.flush()

    def _scopes(self, account: Account | None) -> Mapping[str, _Cap]:
        """Return the names of a call's scopes, the narrowest first, each with its cap."""
        room, session, day = self._caps
        today = {f"day:{self._now().date().isoformat()}": day}
        if account is None:
            return today
        return {f"room:{account.room_id}": room, f"session:{account.session_id}": session, **today}

    async def _come_in(self, scopes: Mapping[str, _Cap], meter: Meter) -> Bound:
        waiter = _Waiter(scopes, meter, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        self._let_in()
        try:
            return await waiter.place
        except asyncio.CancelledError:
            if waiter.place.cancelled():
                self._waiters.remove(waiter)
            elif waiter.place.exception() is None:  # The place came too late.
                self._leave(scopes, waiter.place.result(), Used())
            raise

    def _leave(self, scopes: Mapping[str, _Cap], bound: Bound, used: Used) -> None:
        """Count a call out, and what it used in."""
        for scope in scopes:
            self._tally.counter(scope).enter(bound, -1)
            self._tally.count(scope, used)
        self._let_in()

    def _let_in(self) -> None:
        """Give places to all who may come in and refuse all who never will, in the order of their coming."""
        for waiter in tuple(self._waiters):
            if waiter.place.done() or not self._knows(waiter):
                continue
            counters = [(cap, self._tally.counter(scope)) for scope, cap in waiter.scopes.items()]
            reached = next((fault for cap, counter in counters if (fault := cap.reached(counter.used))), None)
            if reached is not None:
                self._waiters.remove(waiter)
                waiter.place.set_exception(reached)
            elif all(cap.has_room(counter) for cap, counter in counters):
                self._waiters.remove(waiter)
                bound = waiter.meter.bound
                waiter.place.set_result(bound)
                for _, counter in counters:
                    counter.enter(bound)

    def _knows(self, waiter: _Waiter) -> bool:
        """Tell whether is known what was used wherever a cap is set; what is not, is being read."""
        unknown = [scope for scope, cap in waiter.scopes.items() if cap.is_set and not self._tally.is_fresh(scope)]
        return not unknown


def _caps_of(limits: Limits) -> tuple[_Cap, _Cap, _Cap]:
    anew = " and begin anew."
    return (
        _Cap("room", "This room, run or turn used its", anew, limits.room_tokens, limits.room_cost_micros),
        _Cap("session", "This session or run has used its", anew, limits.session_tokens, limits.session_cost_micros),
        _Cap(
            "day",
            "All rooms and runs together have used today's",
            ", or go on tomorrow (UTC).",
            limits.day_tokens,
            limits.day_cost_micros,
        ),
    )


def _dollars(micros: int) -> str:
    whole, _, part = f"{Decimal(micros).scaleb(-6):,.6f}".partition(".")
    return f"${whole}.{part.rstrip('0'):0<2}"
