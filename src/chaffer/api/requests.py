"""What every request goes through, whatever its path: an id, a peer that may call, a body of a bearable size."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chaffer.api.envelope import error_response
from chaffer.errors import ChafferError, Code, Detail
from chaffer.ids import new_id

OPEN_PATHS: Final = frozenset({"/", "/health", "/api/v1/health", "/openapi.json", "/metrics"})
"""Paths that anybody may call; what metrics tell they tell to whom they please."""

_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SANE_ID: Final = re.compile(r"[A-Za-z0-9._\-]{1,128}")

_log = structlog.get_logger("chaffer.api")


def request_id_of(scope: Scope) -> str:
    """Return the id of the request that a scope belongs to."""
    state: dict[str, str] = scope.get("state", {})
    return state.get("request_id", "")


class RequestGate:
    """The outermost layer: gives every request an id, and logs what became of it."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self._app = app

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
                await self._app(scope, receive, answer)
            finally:
                _log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=answer.status,
                    milliseconds=round((time.perf_counter() - began) * 1000, 1),
                )


class LocalCallers:
    """Who is this machine's own, as long as nobody is asked who they are: its programs, and no page of another site."""

    def __init__(self, host: str, origins: Sequence[str]) -> None:
        """Know the host that is listened on, and the origins of front ends that may call."""
        self._hosts = _LOCAL_HOSTS | {host.casefold()}
        self._origins = frozenset(origins)

    def objection(self, scope: Scope) -> str | None:
        """Return why a request is refused, or None.

        The peer alone does not tell: a browser on this machine also calls for pages of other sites, which may even make
        a name of their own mean this machine (DNS rebinding).
        """
        if not is_loopback(scope.get("client")):
            return (
                "No authentication is configured, so only this machine is served. Call from it, or start the server "
                "with --unsafe-no-auth to serve every machine that reaches it."
            )
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _host_name(host) not in self._hosts:
            return (
                "No authentication is configured, so only calls to this machine by its own name are served. Call "
                "127.0.0.1 or localhost, or start the server with --unsafe-no-auth."
            )
        origin = headers.get("origin")
        is_own = origin is None or origin in self._origins or urlsplit(origin).netloc == host
        if scope["method"] not in _SAFE_METHODS and not is_own:
            return "A page of another site may not do this. Add its origin to CORS_ORIGINS if it is yours."
        return None


def _host_name(host: str) -> str:
    """Return a Host header without its port."""
    return host.rpartition(":")[0].casefold() if re.search(r":\d+$", host) else host.casefold()


class Admission:
    """The layer inside of CORS, so that a browser may read its refusals too: lets in who may call and what it bears.

    What nothing else caught becomes INTERNAL_ERROR here, which tells nothing; the log tells all.
    """

    def __init__(self, app: ASGIApp, *, local: LocalCallers | None, max_body_bytes: int) -> None:
        """Guard an application; callers who are not `local`, where that is given, see the open paths alone."""
        self._app = app
        self._local = local
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, request_id_of(scope))
        try:
            await self._admit(scope, receive, answer)
        except Exception:
            _log.exception("request.broke", method=scope["method"], path=scope["path"])
            if answer.begun:
                raise
            message = "Something broke on our side. The server's log tells what, under this request id."
            await _refuse(ChafferError(Code.INTERNAL_ERROR, message), scope, receive, answer)

    async def _admit(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        if self._local is not None and scope["path"] not in OPEN_PATHS:
            reason = self._local.objection(scope)
            if reason is not None:
                await _refuse(ChafferError(Code.FORBIDDEN, reason), scope, receive, answer)
                return
        body = _LimitedBody(receive, answer, self._max_body_bytes)
        try:
            body.expect(Headers(scope=scope).get("content-length", ""))
            await self._app(scope, body.receive, body.send)
        except Exception:
            # Parsers wrap what the body raises in errors of their own; the flag tells what it was.
            if answer.begun or not body.exceeded:
                raise
            too_large = ChafferError(
                Code.PAYLOAD_TOO_LARGE,
                f"The body is larger than {self._max_body_bytes} bytes. Send less at once.",
                details=(Detail("body", f"must have at most {self._max_body_bytes} bytes"),),
            )
            await _refuse(too_large, scope, receive, answer)


async def _refuse(error: ChafferError, scope: Scope, receive: Receive, send: Send) -> None:
    await error_response(error, request_id_of(scope))(scope, receive, send)


class _TooLargeError(Exception):
    pass


class _LimitedBody:
    """A request's body, up to a size, whatever its Content-Length says, and the answer to it."""

    def __init__(self, receive: Receive, answer: _Answer, limit: int) -> None:
        self._receive = receive
        self._answer = answer
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

    async def send(self, message: Message) -> None:
        """Pass an answer on, unless it is one to a body that was cut off: a parser's complaint about its end."""
        if self.exceeded and not self._answer.begun:
            raise _TooLargeError
        await self._answer(message)

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
