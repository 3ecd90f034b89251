"""One call over HTTP, bounded in time and bytes: what the transport raises becomes a fault, leaving closes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Final

import aiohttp

from chaffer.llm.authorization import Call
from chaffer.llm.faults import Callee, ModelFaultError, Nonsense, Stage
from chaffer.llm.http_client import Client
from chaffer.llm.provider import Timeouts
from chaffer.llm.unpacking import Unpacking

_OK: Final = 200
_ERROR_BYTES: Final = 16_384

Hear = Callable[[Mapping[str, str]], None]


class Clock:
    """How long a call may still be waited for: to its next token, and to its end."""

    def __init__(self, timeouts: Timeouts) -> None:
        """Begin now."""
        self._loop = asyncio.get_running_loop()
        self._timeouts = timeouts
        self._begun = self._loop.time()
        self._end = self._begun + timeouts.total
        self._next = self._begun + timeouts.first_token
        self._has_begun = False

    @property
    def elapsed_seconds(self) -> float:
        """Return the time since the beginning."""
        return self._loop.time() - self._begun

    @property
    def stage(self) -> Stage:
        """Return which limit is, or was, the next to be reached."""
        if self._end <= self._next:
            return Stage.WHOLE
        return Stage.BETWEEN if self._has_begun else Stage.FIRST

    def came(self) -> None:
        """Note that something has come: the wait for the next begins anew."""
        self._has_begun = True
        self._next = self._loop.time() + self._timeouts.between_tokens

    def shorten(self, seconds: float) -> None:
        """Allow no more than so many seconds from now on."""
        self._end = min(self._end, self._loop.time() + seconds)

    def limit(self) -> asyncio.Timeout:
        """Return the context manager that raises TimeoutError when the next limit is reached."""
        return asyncio.timeout_at(min(self._end, self._next))


@asynccontextmanager
async def answer_to(
    client: Client, call: Call, callee: Callee, clock: Clock, heard: Hear | None = None
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Yield the response once its status is known to be 200; leaving closes it. Raises ModelFaultError.

    `heard` is told the head of the answer, whatever its status. One that was read to its end keeps its connection.
    """
    with _told_as_faults(callee, clock, callee.unreachable):
        async with clock.limit():
            response = await client.send(call)
    try:
        if heard is not None:
            heard(response.headers)
        if "," in _coding_of(response):
            # Unpacked one from the other, a few bytes keep us busy for hours before the first is out.
            raise callee.nonsense(Nonsense.ENCODING)
        if response.status != _OK:
            body = await body_of(response, _ERROR_BYTES, callee, clock)
            raise callee.refused(response.status, response.headers, body)
        yield response
    finally:
        if not response.closed:
            response.close()
            await asyncio.sleep(0)  # The loop closes the socket in its next turn.


async def body_of(response: aiohttp.ClientResponse, limit: int, callee: Callee, clock: Clock) -> bytes:
    """Return the body, up to the limit."""
    content = b""
    async with aclosing(bursts_of(response, callee, clock)) as bursts:
        async for burst in bursts:
            content += burst
            if len(content) >= limit:
                break
    return content[:limit]


async def bursts_of(response: aiohttp.ClientResponse, callee: Callee, clock: Clock) -> AsyncGenerator[bytes, None]:
    """Yield the bytes as they come, each burst awaited no longer than the clock allows."""
    unpacking = Unpacking(_coding_of(response))
    with _told_as_faults(callee, clock, callee.broke_off):
        while True:
            async with clock.limit():
                burst = await _burst(response.content)
            if not burst:
                return
            try:
                for piece in unpacking.pieces(burst):
                    yield piece
            except ValueError:
                raise callee.nonsense(Nonsense.ENCODING) from None


async def _burst(content: aiohttp.StreamReader) -> bytes:
    """Return all that came since the last one, nothing at the end; what broke is told after all that came before."""
    fault = content.exception()
    if fault is not None:
        content.set_exception(None)  # type: ignore[arg-type]  # Else it gives nothing of what it has.
        rest = content.read_nowait()
        content.set_exception(fault)
        if not rest:
            raise fault
        return rest
    return await content.readany()


def _coding_of(response: aiohttp.ClientResponse) -> str:
    return ",".join(response.headers.getall("content-encoding", ()))


@contextmanager
def _told_as_faults(callee: Callee, clock: Clock, broken: Callable[[], ModelFaultError]) -> Iterator[None]:
    """Raise what aiohttp raises as a fault; `broken` makes the one of a connection that fails."""
    try:
        yield
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, UnicodeError):
        # Of a name that no host can have comes UnicodeError.
        raise callee.unreachable() from None
    except TimeoutError:
        raise callee.too_slow(clock.stage) from None
    except aiohttp.ClientError:
        raise broken() from None
