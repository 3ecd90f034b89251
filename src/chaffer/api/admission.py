"""Who may come in: every request and every socket passes here, and bears its caller from here on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from chaffer.api.bodies import LimitedBody
from chaffer.api.cookies import cookie_of
from chaffer.api.origins import LocalCallers, Pages
from chaffer.api.proxies import is_passed_on
from chaffer.api.requests import Answer, path_logged, path_of, refuse, request_id_of
from chaffer.doors.caller import ANYBODY, Caller
from chaffer.doors.entrance import Credentials, Entrance
from chaffer.doors.holdings import Possessions
from chaffer.errors import ChafferError, Code, Detail

if TYPE_CHECKING:
    from chaffer.bootstrap import Chaffer

OPEN_PATHS: Final = frozenset({"/", "/health", "/api/v1/health", "/openapi.json", "/metrics"})
"""Paths that anybody may call; what metrics tell they tell to whom they please."""

ASKING_PATHS: Final = frozenset({"/api/login", "/api/logout"})
"""Paths that ask for themselves who calls, as a password may stand in the body."""

Attempted = Callable[[Scope], Awaitable[None]]
"""What is told of each attempt to come in without proof; it raises where one address has made too many."""

_AUTHORIZATION: Final = b"authorization"

_log = structlog.get_logger("chaffer.api")


async def unlimited(_: Scope) -> None:
    """Let every attempt pass."""


class Admission:
    """The layer inside of CORS, so that a browser may read its refusals too: lets in who may call and what it bears.

    What nothing else caught becomes INTERNAL_ERROR here, which tells nothing; the log tells all.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        local: LocalCallers | None,
        pages: Pages,
        max_body_bytes: int,
        attempted: Attempted = unlimited,
    ) -> None:
        """Guard an application. Where nobody is asked who they are, callers who are not `local`, if given, stay out.

        Pages of other sites stay out in every mode: they would come by a browser of somebody who can call.
        """
        self._app = app
        self._local = local
        self._pages = pages
        self._max_body_bytes = max_body_bytes
        self._attempted = attempted
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket, or pass on what is neither."""
        if scope["type"] == "websocket":
            await self._admit_socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = Answer(send, request_id_of(scope))
        try:
            await self._admit(scope, receive, answer)
        except Exception:
            _log.exception("request.broke", method=scope["method"], path=path_logged(scope))
            if answer.begun:
                raise
            message = "Something broke on our side. The server's log tells what, under this request id."
            await refuse(ChafferError(Code.INTERNAL_ERROR, message), scope, receive, answer)

    async def _admit(self, scope: Scope, receive: Receive, answer: Answer) -> None:
        try:
            await self._know(scope)
        except ChafferError as refusal:
            await refuse(refusal, scope, receive, answer)
            return
        body = LimitedBody(receive, answer, self._max_body_bytes)
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
            await refuse(too_large, scope, receive, answer)

    async def _admit_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a socket in, or refuse it before it is accepted: with the envelope, where the server can send one."""
        try:
            await self._know(scope)
        except ChafferError as refusal:
            await refuse(refusal, scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _know(self, scope: Scope) -> None:
        """Put the caller into the scope. Raises UNAUTHORIZED, FORBIDDEN, and what limits attempts raises."""
        path = path_of(scope)
        if path in OPEN_PATHS:
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        entrance = entrance_of(scope)
        if entrance.is_open:
            self._object((self._local or self._pages).objection(scope))
            state["caller"] = ANYBODY
            return
        self._warn_of_proxies(scope)
        if path in ASKING_PATHS:
            self._object(self._pages.objection(scope))
            state["attempt"] = partial(self._attempted, scope)
            return
        credentials = credentials_of(scope)
        caller: Caller = await entrance.admit(credentials, partial(self._attempted, scope))
        if _is_ambient(credentials) or scope["type"] == "websocket":
            self._object(self._pages.objection(scope))
        state["caller"] = caller

    def _warn_of_proxies(self, scope: Scope) -> None:
        """Say, once, that all who come through a proxy that is not believed share what one address may do."""
        if not self._warned and is_passed_on(scope):
            self._warned = True
            hint = "name it in TRUSTED_PROXIES if it is yours; until then all behind it count as one address"
            _log.warning("proxy.not_believed", peer=address_of(scope), hint=hint)

    @staticmethod
    def _object(reason: str | None) -> None:
        if reason is not None:
            raise ChafferError(Code.FORBIDDEN, reason)


def entrance_of(scope: Scope) -> Entrance:
    """Return the entrance of the program that runs behind the application of a scope."""
    chaffer: Chaffer = scope["app"].state.chaffer
    return chaffer.entrance


def possessions_of(scope: Scope) -> Possessions:
    """Return what keeps owners within bounds, of the same program."""
    chaffer: Chaffer = scope["app"].state.chaffer
    return chaffer.possessions


def credentials_of(scope: Scope) -> Credentials:
    """Return what a request brings to prove who calls. Of two `Authorization` none counts, and nothing else either."""
    given = [value for name, value in scope["headers"] if name == _AUTHORIZATION]
    address = address_of(scope) or ""
    if not given:
        return Credentials(cookie=cookie_of(scope), address=address)
    return Credentials(given[0].decode("latin-1") if len(given) == 1 else "", address=address)


def address_of(scope: Scope) -> str | None:
    """Return the address of who calls; None for a peer that has none, over a socket file."""
    client: tuple[str, int] | None = scope.get("client")
    return None if client is None else client[0]


def _is_ambient(credentials: Credentials) -> bool:
    """Tell whether a browser may have sent the proof by itself, for a page that does not know it."""
    given = credentials.authorization
    return given is None or given[:6].lower() == "basic "
