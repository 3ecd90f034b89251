"""The application inside this process: the same requests as to a server, without a socket, streams included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Final

import httpx2

Message = MutableMapping[str, Any]
AsgiApp = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]

_PEER: Final = ("127.0.0.1", 0)
_NOTICES_SECONDS: Final = 5.0
"""An application that has not noticed by then that its reader left is cancelled: an interrupt must not wait for it."""


class InProcessTransport(httpx2.AsyncBaseTransport):
    """Hands requests to an ASGI application and its answers back while they are being written.

    The transport that the client library brings waits for the whole answer, which a stream of events never gives.
    """

    def __init__(self, app: AsgiApp) -> None:
        """Serve from that application."""
        self._app = app

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the answer as soon as its head is there; its body follows."""
        exchange = _Exchange(await request.aread())
        task = asyncio.ensure_future(self._app(_scope(request), exchange.receive, exchange.send))
        task.add_done_callback(lambda _: exchange.finish())
        try:
            await exchange.head
        except asyncio.CancelledError:
            task.cancel()
            raise
        if exchange.status is None:
            await task
            message = "the application answered nothing"
            raise httpx2.RemoteProtocolError(message, request=request)
        return httpx2.Response(exchange.status, headers=exchange.headers, stream=_Body(exchange, task))


class _Exchange:
    """One request and its answer, on the application's side."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.head: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.status: int | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.left = asyncio.Event()

    async def receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
            self.head.set_result(None)
        elif message["type"] == "http.response.body":
            if message.get("body"):
                self.chunks.put_nowait(bytes(message["body"]))
            if not message.get("more_body", False):
                self.chunks.put_nowait(None)

    def finish(self) -> None:
        """Let nobody wait for an application that is done."""
        if not self.head.done():
            self.head.set_result(None)
        self.chunks.put_nowait(None)


class _Body(httpx2.AsyncByteStream):
    def __init__(self, exchange: _Exchange, task: asyncio.Future[None]) -> None:
        self._exchange = exchange
        self._task = task

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._exchange.chunks.get()) is not None:
            yield chunk

    async def aclose(self) -> None:
        """Tell the application that the reader is gone, and wait until it has noticed.

        A fault of the application was logged and answered at its own edge.
        """
        self._exchange.left.set()
        await asyncio.wait({self._task}, timeout=_NOTICES_SECONDS)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.exception()


def _scope(request: httpx2.Request) -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port or 80),
        "client": _PEER,
        "state": {},
    }
