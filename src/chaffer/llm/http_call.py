"""One call over HTTP, bounded in time and bytes: what the transport raises becomes a fault, leaving closes it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx2

from chaffer.llm.connections import KEPT_SECONDS
from chaffer.llm.faults import Callee, ModelFaultError, Nonsense, Stage
from chaffer.llm.one_write import OneWriteTransport
from chaffer.llm.provider import Timeouts
from chaffer.llm.read_ahead import ReadAhead

_OK: Final = 200
_ERROR_BYTES: Final = 16_384
_FARTHEST_AHEAD_BYTES: Final = 262_144
_BYTES_OF_A_PIECE: Final = 64
"""What a piece costs besides its content."""


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


@cache
def _context(*, is_encrypted: bool) -> ssl.SSLContext:
    """Return what all clients verify others by: loading the authorities takes a while, and holds everybody up.

    Without TLS the context is never used: an empty one, which trusts nobody, loads none.
    """
    return httpx2.create_ssl_context(trust_env=False) if is_encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def client_of(base_url: str, timeouts: Timeouts, headers: Mapping[str, str]) -> httpx2.AsyncClient:
    """Return a client that follows no redirects, and no proxy or credentials that the environment may name.

    It keeps no cookies: it calls for many sessions and keys, and what one is given is none of the others'. It asks for
    answers as they are: packed ones cost more than they save, and a little that is sent may unpack to very much.
    Raises httpx2.InvalidURL.
    """
    return httpx2.AsyncClient(
        base_url=base_url,
        headers={
            "content-type": "application/json",
            "user-agent": "chaffer",
            "accept-encoding": "identity",
            **headers,
        },
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=httpx2.Timeout(timeouts.total, connect=min(timeouts.connect, timeouts.total)),
        transport=OneWriteTransport(
            _context(is_encrypted=base_url.startswith("https:")), httpx2.Limits(keepalive_expiry=KEPT_SECONDS)
        ),
        trust_env=False,
    )


@asynccontextmanager
async def answer_to(
    client: httpx2.AsyncClient, call: httpx2.Request, callee: Callee, clock: Clock, heard: Hear | None = None
) -> AsyncIterator[httpx2.Response]:
    """Yield the response once its status is known to be 200; leaving closes it. Raises ModelFaultError.

    `heard` is told the head of the answer, whatever its status.
    """
    with _told_as_faults(callee, clock, callee.unreachable):
        async with clock.limit():
            response = await client.send(call, stream=True)
    try:
        if heard is not None:
            heard(response.headers)
        if "," in response.headers.get("content-encoding", ""):
            # Unpacked one from the other, a few bytes keep us busy for hours before the first is out.
            raise callee.nonsense(Nonsense.ENCODING)
        if response.status_code != _OK:
            body = await body_of(response, _ERROR_BYTES, callee, clock)
            raise callee.refused(response.status_code, response.headers, body)
        yield response
    finally:
        await response.aclose()


async def body_of(response: httpx2.Response, limit: int, callee: Callee, clock: Clock) -> bytes:
    """Return the body, up to the limit."""
    content = b""
    async with aclosing(bursts_of(response, callee, clock)) as bursts:
        async for burst in bursts:
            content += burst
            if len(content) >= limit:
                break
    return content[:limit]


async def bursts_of(response: httpx2.Response, callee: Callee, clock: Clock) -> AsyncGenerator[bytes, None]:
    """Yield the bytes as they come, each burst awaited no longer than the clock allows."""
    is_packed = "content-encoding" in response.headers  # Else nothing has to look through each piece.
    content = response.aiter_bytes() if is_packed else response.aiter_raw()
    with _told_as_faults(callee, clock, callee.broke_off):
        async with ReadAhead(content, _FARTHEST_AHEAD_BYTES, _weight) as pieces:
            while True:
                async with clock.limit():
                    burst = await pieces.next()
                if burst is None:
                    return
                yield b"".join(burst)


def _weight(piece: bytes) -> int:
    return len(piece) + _BYTES_OF_A_PIECE


@contextmanager
def _told_as_faults(callee: Callee, clock: Clock, broken: Callable[[], ModelFaultError]) -> Iterator[None]:
    """Raise what the transport raises as a fault; `broken` makes the one of a connection that fails."""
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout):
        raise callee.unreachable() from None
    except (TimeoutError, httpx2.TimeoutException):
        raise callee.too_slow(clock.stage) from None
    except httpx2.DecodingError:
        raise callee.nonsense(Nonsense.ENCODING) from None
    except httpx2.RequestError:
        raise broken() from None
