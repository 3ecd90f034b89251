"""The connections to a host: kept for the next call, and let go when there is none for a while.

Here stands what aiohttp leaves open: a request leaves at once, nobody takes a connection on which something came
unasked, and whoever waits for the rest of an answer learns that there will be none.
"""

from __future__ import annotations

import asyncio
import select
import ssl
import sys
from collections.abc import Coroutine
from functools import partial
from typing import Any, Final, cast

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

KEPT_SECONDS: Final = 30.0

_AT_ONCE_BYTES: Final = 49_152
"""With its head, a body of so many is taken by a connection without a wait."""


class Connections(aiohttp.TCPConnector):
    """As many as there are calls at once; one that nobody has used for some seconds serves no more."""

    def __init__(self, context: ssl.SSLContext, kept_seconds: float = KEPT_SECONDS) -> None:
        """Connect to nobody yet; `context` is what servers are verified by."""
        super().__init__(ssl=context, limit=0, keepalive_timeout=kept_seconds, resolver=aiohttp.ThreadedResolver())
        self._factory = cast("partial[ResponseHandler]", partial(_Wire, loop=self._loop))  # There is no option for it.

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  As the class above has it.
    ) -> Connection:
        """Return one that serves: aiohttp itself asks of one that was kept only whether it has seen its end."""
        while True:
            connection = await super().connect(req, traces, timeout)
            wire = connection.protocol
            if not isinstance(wire, _Wire):
                return connection
            if wire.take():
                connection.add_callback(wire.rest)
                return connection
            connection.close()


class _Wire(ResponseHandler):
    """One connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._rests = False

    def take(self) -> bool:
        """Use it for a call; False where it was kept and something came since, be it the end."""
        rested, self._rests = self._rests, False
        return not rested or not (self.should_close or _is_readable(self.transport))

    def rest(self) -> None:
        """Wait for the next call."""
        self._rests = True

    def data_received(self, data: bytes) -> None:
        if self._rests and data:
            self.close()  # Nobody asked: taken for the answer to the next call, it would be another's.
        else:
            super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        body = self._payload
        if exc is not None:
            _tell(body)  # Else a body that has no length of its own passes for whole.
        super().connection_lost(exc)
        _tell(body)  # Where the frames of a body were nonsense, nothing has told its reader.

    def close(self) -> None:
        """Close it now, with whatever was not sent yet."""
        body = self._payload
        self.abort()
        _tell(body)


def _tell(body: aiohttp.StreamReader | None) -> None:
    """Tell who reads the body that no more of it will come."""
    if body is not None and not body.is_eof() and body.exception() is None:
        body.set_exception(aiohttp.ClientPayloadError())


def _is_readable(transport: asyncio.BaseTransport | None) -> bool:
    """Tell whether something came that the loop has not seen yet."""
    if transport is None:
        return True
    number: int = transport.get_extra_info("socket").fileno()
    if sys.platform == "win32":
        return bool(select.select([number], [], [], 0)[0])
    looking = select.poll()  # Other than `select`, it takes any number.
    looking.register(number, select.POLLIN)
    return bool(looking.poll(0))


class Prompt(aiohttp.ClientRequest):
    """A request that leaves in one write as soon as it is prepared.

    Before Python 3.12 aiohttp leaves that to a task. When ten sellers are asked at once, no request would leave before
    the last of them has been prepared: all models would begin late, and all replies come at the same moment.
    """

    def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> Coroutine[Any, Any, None]:
        """Write the body now, if it is short, and return what is left to be done."""
        writing = super().write_bytes(writer, conn, content_length)
        is_long = content_length is None or content_length > _AT_ONCE_BYTES
        if sys.version_info >= (3, 12) or is_long or (conn.protocol is not None and conn.protocol.writing_paused):
            return writing
        try:
            writing.send(None)
        except StopIteration:
            return _nothing()
        msg = "the connection was to take a short body at once"
        raise AssertionError(msg)


async def _nothing() -> None:
    return
