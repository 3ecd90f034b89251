"""A transport whose requests leave in one write, head and body together.

httpcore writes the head, then the body, and lets other tasks run after each write. When ten sellers are asked at once,
no request would be whole before the last of them has been prepared: all models would begin late, and all replies come
at the same moment. Written at once, the first model thinks while the other requests are prepared.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

import httpcore2
import httpx2

_MOST_HELD_BYTES: Final = 65_536

_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class OneWriteTransport(httpx2.AsyncHTTPTransport):
    """HTTP/1.1 over TCP or TLS, without proxies."""

    def __init__(self, context: ssl.SSLContext, limits: httpx2.Limits) -> None:
        """Connect to nobody yet; `context` is what servers are verified by."""
        super().__init__(verify=context, limits=limits, trust_env=False)
        # httpx2 has no option for a network backend of one's own: its pool is replaced by the same one with ours.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_HoldingBackend(),
        )


class _HoldingBackend(httpcore2.AnyIOBackend):
    """Connects as AnyIOBackend does."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  As the class above has it.
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        return _HoldingStream(await super().connect_tcp(host, port, timeout, local_address, socket_options))


class _HoldingStream(httpcore2.AsyncNetworkStream):
    """Holds what is written until something is read, which is when a request is whole."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._held = bytearray()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        if self._held:
            # A server that will not hear us out may have told why: that is what reading brings.
            with suppress(httpcore2.WriteError):
                await self._let_go(timeout)
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self._held += buffer
        if len(self._held) > _MOST_HELD_BYTES:
            await self._let_go(timeout)

    async def _let_go(self, timeout: float | None) -> None:  # noqa: ASYNC109
        held = bytes(self._held)
        self._held.clear()
        await self._stream.write(held, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        return _HoldingStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  As the class above has it.
        return self._stream.get_extra_info(info)
