"""What every request goes through, whatever its path: an id, a peer that may call, a body of a bearable size."""

from __future__ import annotations

import ipaddress
import re
import time
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chaffer.api.envelope import error_response
from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id

OPEN_PATHS: Final = frozenset({"/", "/health", "/api/v1/health", "/openapi.json"})

_SANE_ID: Final = re.compile(r"[A-Za-z0-9._\-]{1,128}")

_log = structlog.get_logger("chaffer.api")


def request_id_of(scope: Scope) -> str:
    """Return the id of the request that a scope belongs to."""
    state: dict[str, str] = scope.get("state", {})
    return state.get("request_id", "")


class RequestGate:
    """The outermost layer: gives every request an id, lets in who may call, and catches what nothing else caught."""

    def __init__(self, app: ASGIApp, *, loopback_only: bool, max_body_bytes: int) -> None:
        """Guard an application; with `loopback_only` peers of other machines see the open paths alone."""
        self._app = app
        self._loopback_only = loopback_only
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _id_from(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, request_id)
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._admit(scope, receive, answer)
            except Exception:
                _log.exception("request.broke", method=scope["method"], path=scope["path"])
                if answer.begun:
                    raise
                message = "Something broke on our side. The server's log tells what, under this request id."
                await error_response(ChafferError(Code.INTERNAL_ERROR, message), request_id)(scope, receive, answer)
            _log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=answer.status,
                milliseconds=round((time.perf_counter() - began) * 1000, 1),
            )

    async def _admit(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        if self._loopback_only and scope["path"] not in OPEN_PATHS and not is_loopback(scope.get("client")):
            refused = ChafferError(
                Code.FORBIDDEN,
                "No authentication is configured, so only this machine is served. Call from it, or start the server "
                "with --unsafe-no-auth to serve every machine that reaches it.",
            )
            await error_response(refused, request_id_of(scope))(scope, receive, answer)
            return
        limited = _LimitedBody(receive, self._max_body_bytes)
        try:
            limited.expect(Headers(scope=scope).get("content-length", ""))
            await self._app(scope, limited.receive, answer)
        except Exception:
            # Parsers wrap what the body raises in errors of their own; the flag tells what it was.
            if answer.begun or not limited.exceeded:
                raise
            too_large = ChafferError(
                Code.PAYLOAD_TOO_LARGE, f"The body is larger than {self._max_body_bytes} bytes. Send less at once."
            )
            await error_response(too_large, request_id_of(scope))(scope, receive, answer)


class _TooLargeError(Exception):
    pass


class _LimitedBody:
    """A request's body, up to a size, whatever its Content-Length says."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.exceeded = False

    def expect(self, content_length: str) -> None:
        if content_length.isdecimal() and int(content_length[:19]) > self._left:
            self._give_up()

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self._give_up()
        return message

    def _give_up(self) -> None:
        self.exceeded = True
        raise _TooLargeError


class _Answer:
    """A response on its way, with the request's id in its head."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    @property
    def begun(self) -> bool:
        return self.status != 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            headers["X-Content-Type-Options"] = "nosniff"
        await self._send(message)


def is_loopback(client: tuple[str, int] | None) -> bool:
    """Tell whether a peer is this machine. A peer without an address came over a socket file, which is local."""
    if client is None:
        return True
    try:
        address = ipaddress.ip_address(client[0].split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _id_from(headers: Headers) -> str:
    """Return the caller's request id when it is sane, else a new one."""
    given = headers.get("x-request-id", "")
    return given if _SANE_ID.fullmatch(given) else new_id()
