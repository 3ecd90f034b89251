"""What stands between agents and a provider: caps, turns between rooms, a host that is down left alone, and counts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

from chaffer.llm.around import Around
from chaffer.llm.breaker import Breaker, Breakers, LeftAloneError, Passage
from chaffer.llm.caps import CapReachedError, Caps
from chaffer.llm.faults import ModelFaultError
from chaffer.llm.meter import Call
from chaffer.llm.prices import cost_micros
from chaffer.llm.requests import Ending, Item, ModelRequest
from chaffer.llm.telemetry import MeasuredCall, Telemetry
from chaffer.llm.turnstile import Turnstile


@dataclass(frozen=True, slots=True)
class Gateway(Around):
    """A provider with its guards; itself a provider."""

    caps: Caps
    turnstile: Turnstile
    breakers: Breakers
    telemetry: Telemetry

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        """Yield the reply as the provider does, once its host is up, the caps allow it and it is this room's turn.

        The ending bears what the call cost, where that is known. Raises CapReachedError, LeftAloneError.
        """
        room_id = request.account.room_id if request.account is not None else ""
        breaker = self.breakers.of(request.model)
        while True:
            await self._reachable(breaker)
            async with self._allowed(request) as call, self.turnstile.turn(room_id) as turn:
                passage = breaker.enter()
                if passage is None:  # While this call waited for its turn, others found that the host is down.
                    turn.give_back()
                    continue
                with self._watched(request, passage) as measured:
                    call.asked()
                    async with aclosing(self.provider.stream(request)) as items:
                        async for item in items:
                            passage.succeeded()
                            yield self._noted(item, request, call, measured)
                return

    def retried(self, fault: ModelFaultError) -> None:
        """Count a call that is made again because of a fault."""
        self.telemetry.retried(self.name, fault)

    @asynccontextmanager
    async def _allowed(self, request: ModelRequest) -> AsyncIterator[Call]:
        """Hold a place for a call under the caps, and count a refusal."""
        try:
            async with self.caps.call(self.name, request) as call:
                yield call
        except CapReachedError as refusal:
            self.telemetry.refused(self.name, refusal)
            raise

    async def _reachable(self, breaker: Breaker) -> None:
        """Wait while another call probes the host, and count a refusal. Raises LeftAloneError."""
        try:
            await breaker.wait()
        except LeftAloneError as refusal:
            self.telemetry.refused(self.name, refusal)
            raise

    @contextmanager
    def _watched(self, request: ModelRequest, passage: Passage) -> Iterator[MeasuredCall]:
        """Measure a call and tell the breaker how it went; one that was given up says nothing of the host."""
        try:
            with self.telemetry.call(self.provider, request) as measured:
                yield measured
        except ModelFaultError as fault:
            passage.failed(fault)
            raise
        except BaseException:
            passage.left()
            raise
        passage.succeeded()

    def _noted(self, item: Item, request: ModelRequest, call: Call, measured: MeasuredCall) -> Item:
        """Count an item, and return it; an ending with its cost."""
        if isinstance(item, str):
            call.heard(item)
            return item
        if not isinstance(item, Ending):
            call.heard(item.arguments)
            return item
        ending = replace(item, usage=replace(item.usage, cost_micros=cost_micros(self.name, request.model, item.usage)))
        call.told(ending.usage)
        measured.ended(ending)
        return ending
