"""HTTP/1.1 as uvicorn speaks it, but that a peer which still sends is heard out: cut off, it would lose its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_DROPPED: Final = 16 * 2**20
"""Bytes that may come of a request that was answered before all of it had; none of them is kept."""


class LingeringHttp(HttpToolsProtocol):
    """Closes a connection in two steps (RFC 9112, section 9.6) where its peer has not sent all of its request.

    A peer that writes all before it reads would find its connection reset, and never read why it was refused.
    """

    lingering_seconds: ClassVar[float] = 10.0

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing is due to the peer: no head has come, or its request is answered."""
        # There is no cycle before the first request, whatever uvicorn's types say.
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]

    @property
    def is_dropping(self) -> bool:
        """Tell whether the rest of a body is to come that was answered already."""
        return bool(self.cycle) and self.cycle.response_complete and self.cycle.more_body

    @property
    def is_over(self) -> bool:
        """Tell whether this connection is closed, or no longer this protocol's."""
        return self.transport.is_closing() or self.transport.get_protocol() is not self

    def on_headers_complete(self) -> None:
        """Begin to work on the request, or have it wait."""
        super().on_headers_complete()
        self.cycle.transport = _Line(self.transport)
        # Who was refused before the body may send it or not, and what comes then could be read as either.
        self.cycle.keep_alive = self.cycle.keep_alive and not self.expect_100_continue

    def on_message_complete(self) -> None:
        """End the body, of a request that was answered already, too."""
        super().on_message_complete()
        self.cycle.more_body = False

    def on_response_complete(self) -> None:
        """Go on to the next request, if there may be one."""
        if not self.is_over:
            super().on_response_complete()

    def hang_up(self) -> None:
        """Close the connection behind an answer."""
        if self.cycle.more_body or self.flow.read_paused:
            self.linger()
        else:
            self.transport.close()

    def linger(self) -> None:
        """Say no more, and close the connection when the peer has, or has been heard for long enough."""
        if self.is_over:
            return
        # For this protocol it is lost: whoever still reads or writes here learns that, and nothing is waited for.
        self.connection_lost(ConnectionAbortedError())
        lingering = _Lingering(self.transport, self.lingering_seconds, self.connections.discard)
        self.connections.add(lingering)  # type: ignore[arg-type]  # What can be shut down serves as well.


class _Line(asyncio.Transport):
    """A connection as the answer to one request sees it.

    It finds the protocol by the transport: one that was held here would hold itself in memory.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._transport.write(data)

    def is_closing(self) -> bool:
        http = self._transport.get_protocol()
        return not isinstance(http, LingeringHttp) or http.is_over

    def close(self) -> None:
        http = self._transport.get_protocol()
        if isinstance(http, LingeringHttp):
            http.hang_up()


class _Lingering(asyncio.Protocol):
    """Drops what still comes, until the peer says no more or was heard for long enough."""

    def __init__(self, transport: asyncio.Transport, seconds: float, lost: Callable[[_Lingering], None]) -> None:
        self._transport = transport
        self._left = MOST_DROPPED
        self._lost = lost
        self._due = asyncio.get_running_loop().call_later(seconds, transport.abort)
        transport.set_protocol(self)
        try:
            transport.write_eof()
        except OSError:
            transport.abort()  # The peer is gone already.
        transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._due.cancel()
        self._lost(self)

    def shutdown(self) -> None:
        """Wait no longer, as the server goes."""
        self._transport.abort()
