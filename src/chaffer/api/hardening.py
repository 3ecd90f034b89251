"""What protects every request and every browser: who calls is settled, the Host is right, nothing takes for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chaffer.api.hosts import Hosts
from chaffer.api.proxies import Proxies, is_secure
from chaffer.api.requests import path_logged, path_of, refuse
from chaffer.errors import ChafferError, Code, Detail

BARE_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What a page may do that says nothing of its own: nothing, and nobody may frame it."""

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_STRICT_TRANSPORT: Final = "max-age=31536000"
_SAME_SITE: Final = "same-site"
_CROSS_ORIGIN: Final = "cross-origin"

_log = structlog.get_logger("chaffer.api")


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds for the whole body of a request to arrive, and then to the first byte of the answer."""

    body: float
    answer: float


class Hardening:
    """The layer inside of the gate that gives ids: settles who calls and bounds what a request may be and take."""

    def __init__(self, app: ASGIApp, *, proxies: Proxies, hosts: Hosts, times: Times, origins: Sequence[str]) -> None:
        """Guard an application; pages of `origins` may read its answers."""
        self._app = app
        self._proxies = proxies
        self._hosts = hosts
        self._times = times
        self._resource_policy = _CROSS_ORIGIN if origins else _SAME_SITE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket, or pass on what is neither."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        self._proxies.introduce(scope)
        guarded = _Guarded(send, scope, self._resource_policy)
        objection = self._hosts.objection(scope) or _framing_objection(scope)
        if objection is not None:
            guarded.is_last = True
            await refuse(objection, scope, receive, guarded)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, guarded)
        else:
            await self._in_time(scope, receive, guarded)

    async def _in_time(self, scope: Scope, receive: Receive, send: _Guarded) -> None:
        """Have a request handled; once its answer has begun, it may take as long as it likes, as streams do."""
        body = _TimelyBody(receive, send, self._times.body)
        patience = asyncio.timeout(self._times.body + self._times.answer)
        try:
            async with patience:
                send.began = partial(patience.reschedule, None)
                await self._app(scope, body.receive, body.send)
        except TimeoutError:
            if not patience.expired():
                raise
            _log.warning("request.took_too_long", method=scope["method"], path=path_logged(scope))
            send.began = None
            await refuse(_too_slow(self._times), scope, receive, send)
        send.began = None
        if body.is_late and not send.begun:
            send.is_last = True
            await refuse(_too_late(self._times), scope, receive, send)


class _TimelyBody:
    """A request's body that must arrive in time. One that does not ends as if its sender had gone."""

    def __init__(self, receive: Receive, send: _Guarded, seconds: float) -> None:
        self._receive = receive
        self._send = send
        self._seconds = seconds
        self._due_at = asyncio.get_running_loop().time() + seconds
        self._is_whole = False
        self.is_late = False

    async def receive(self) -> Message:
        if self._is_whole:
            return await self._receive()
        if self.is_late:
            return {"type": "http.disconnect"}
        due = asyncio.timeout_at(self._due_at)
        try:
            async with due:
                message = await self._receive()
        except TimeoutError:
            if not due.expired():
                raise
            self.is_late = True
            return {"type": "http.disconnect"}
        self._is_whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on, unless it is one to a body that did not come: a parser's complaint about its end."""
        if not self.is_late or self._send.begun:
            await self._send(message)


class _Guarded:
    """An answer on its way, with what tells a browser how to treat it."""

    def __init__(self, send: Send, scope: Scope, resource_policy: str) -> None:
        self._send = send
        self._scope = scope
        self._resource_policy = resource_policy
        self.began: Callable[[], None] | None = None
        self.begun = False
        self.is_last = False

    async def __call__(self, message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            self._begin(message)
        await self._send(message)

    def _begin(self, message: Message) -> None:
        self.begun = True
        if self.began is not None:
            self.began()
        headers = MutableHeaders(scope=message)
        for name, value in _ALWAYS.items():
            headers[name] = value
        headers.setdefault("Cross-Origin-Resource-Policy", self._resource_policy)
        if headers.get("content-type", "").startswith("text/html"):
            headers.setdefault("Content-Security-Policy", BARE_POLICY)
        if path_of(self._scope).startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if is_secure(self._scope):
            headers["Strict-Transport-Security"] = _STRICT_TRANSPORT
        if self.is_last or message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            headers["Connection"] = "close"


def _framing_objection(scope: Scope) -> ChafferError | None:
    """Return why a request is refused whose end a proxy may see elsewhere (RFC 9112, section 6.3), or None."""
    names = {name for name, _ in scope["headers"]}
    if not {b"content-length", b"transfer-encoding"} <= names:
        return None
    return ChafferError(
        Code.VALIDATION_ERROR,
        "The request has Content-Length and Transfer-Encoding, which may mean two ends of it. Send one of them.",
        details=(Detail("Transfer-Encoding", "must not stand beside Content-Length"),),
    )


def _too_late(times: Times) -> ChafferError:
    return ChafferError(
        Code.REQUEST_TIMEOUT,
        f"The body did not arrive within {times.body:g} seconds (REQUEST_BODY_TIMEOUT). Send it again, faster.",
    )


def _too_slow(times: Times) -> ChafferError:
    return ChafferError(
        Code.ANSWER_TIMEOUT,
        f"No answer was ready within {times.answer:g} seconds (ANSWER_TIMEOUT). What was asked for may have "
        "been done all the same: look at the state before asking again.",
    )
