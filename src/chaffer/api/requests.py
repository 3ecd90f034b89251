"""What every request goes through, whatever its path: it gets an id, and what became of it is logged and counted."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chaffer.api.envelope import error_response
from chaffer.errors import ChafferError
from chaffer.ids import new_id

if TYPE_CHECKING:
    from chaffer.bootstrap import Chaffer

_SANE_ID: Final = re.compile(r"[A-Za-z0-9._\-]{1,128}")

_PATH_LOGGED: Final = 200

NO_ROUTE: Final = "none"
"""What stands for the route of what reached none: unknown paths, and what was refused at the doors."""

NO_ANSWER: Final = "none"
"""What stands for the status of an answer that its caller did not wait for."""

_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_OTHER_METHOD: Final = "other"

_REFUSED_SOCKET: Final = 1008
_REFUSING: Final = "websocket.http.response"

_log = structlog.get_logger("chaffer.api")


def path_of(scope: Scope) -> str:
    """Return a request's path as routes know it, without the prefix under which the application is mounted."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if path.startswith(f"{root}/") else path


def route_of(scope: Scope) -> str:
    """Return the path of the route that took a request, with names in place of what its caller put there."""
    route = scope.get("route")
    return route.path_format if isinstance(route, Route | WebSocketRoute) else NO_ROUTE


def path_logged(scope: Scope) -> str:
    """Return as much of a request's path as the log tells: a stranger's long ones would push all else out of it."""
    path: str = scope["path"]
    return path[:_PATH_LOGGED]


def request_id_of(scope: Scope) -> str:
    """Return the id of the request that a scope belongs to."""
    state: dict[str, str] = scope.get("state", {})
    return state.get("request_id", "")


async def refuse(error: ChafferError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with an error, or a socket before it is accepted, where the server can send the envelope."""
    if scope["type"] == "websocket" and _REFUSING not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": _REFUSED_SOCKET, "reason": error.code.value})
        return
    await error_response(error, request_id_of(scope))(scope, receive, send)


class RequestGate:
    """The outermost layer: gives every request an id, and logs what became of it."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or pass on what is none."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = _id_from(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        if scope["type"] == "websocket":
            with structlog.contextvars.bound_contextvars(request_id=request_id):
                await self._app(scope, receive, send)
            return
        answer = Answer(send, request_id)
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                _count(scope, answer, began)
                _log.info(
                    "request",
                    method=scope["method"],
                    path=path_logged(scope),
                    status=answer.status,
                    milliseconds=round((time.perf_counter() - began) * 1000, 1),
                )


class Answer:
    """A response on its way, with the request's id in its head."""

    def __init__(self, send: Send, request_id: str) -> None:
        """Send by that, with that id."""
        self._send = send
        self._request_id = request_id
        self.status = 0
        self.begun_at = 0.0

    @property
    def begun(self) -> bool:
        """Tell whether its status has been sent."""
        return self.status != 0

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.begun_at = time.perf_counter()
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            headers["X-Content-Type-Options"] = "nosniff"
        await self._send(message)


def _count(scope: Scope, answer: Answer, came_at: float) -> None:
    """Count a request by its route, and the seconds until its answer began; one that got none has none."""
    chaffer: Chaffer = scope["app"].state.chaffer
    method = scope["method"] if scope["method"] in _METHODS else _OTHER_METHOD
    route = route_of(scope)
    chaffer.telemetry.requests.add(method, route, str(answer.status) if answer.begun else NO_ANSWER)
    if answer.begun:
        chaffer.telemetry.answering.observe(answer.begun_at - came_at, method, route)


def _id_from(headers: Headers) -> str:
    """Return the caller's request id when it is sane, else a new one."""
    given = headers.get("x-request-id", "")
    return given if _SANE_ID.fullmatch(given) else new_id()
