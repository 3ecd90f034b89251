"""Rates over HTTP: which calls count under which rate, and how a caller is told where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chaffer.api.admission import OPEN_PATHS, address_of
from chaffer.api.requests import path_of, refuse
from chaffer.api.standings import headers_of
from chaffer.doors.caller import Caller
from chaffer.doors.limits import Standing, by_address, by_user

if TYPE_CHECKING:
    from chaffer.bootstrap import Chaffer

COSTLY: Final = {
    ("POST", "/api/run"): "run",
    ("POST", "/api/v1/simulation/initialize"): "initialize",
    ("POST", "/api/chat"): "chat",
    ("POST", "/api/chat/stream"): "chat",
}
"""What makes models work, and its rate's name: each is counted for itself, apart from all other calls."""

_LIMITED: Final = "/api/"


class RateLimits:
    """The layer inside of admission, as it counts by who calls; calls to the open paths are not counted."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket, or pass on what is not limited."""
        if not _is_limited(scope):
            await self._app(scope, receive, send)
            return
        chaffer: Chaffer = scope["app"].state.chaffer
        rates = chaffer.rates
        if rates is None:
            await self._app(scope, receive, send)
            return
        name = COSTLY.get((scope.get("method", ""), path_of(scope)))
        rate = rates.usual if name is None else rates.costly[name]
        standing = await chaffer.limiter.count(rate, _key_of(scope))
        answer = _Told(send, standing)
        if standing.is_within:
            await self._app(scope, receive, answer)
        else:
            chaffer.telemetry.limited.add(rate.name)
            await refuse(standing.refusal, scope, receive, answer)


async def count_attempt(scope: Scope) -> None:
    """Count an attempt to come in without proof, by its address. Raises RATE_LIMIT_EXCEEDED."""
    chaffer: Chaffer = scope["app"].state.chaffer
    if chaffer.rates is not None:
        await chaffer.limiter.admit(chaffer.rates.attempts, by_address(address_of(scope)))


async def count_message(scope: Scope) -> None:
    """Count a message that came by a socket, as a call of who opened it. Raises RATE_LIMIT_EXCEEDED."""
    chaffer: Chaffer = scope["app"].state.chaffer
    if chaffer.rates is not None:
        await chaffer.limiter.admit(chaffer.rates.usual, _key_of(scope))


def _is_limited(scope: Scope) -> bool:
    if scope["type"] not in {"http", "websocket"}:
        return False
    path = path_of(scope)
    return path.startswith(_LIMITED) and path not in OPEN_PATHS


def _key_of(scope: Scope) -> str:
    caller: Caller | None = scope.get("state", {}).get("caller")
    return by_address(address_of(scope)) if caller is None or caller.user is None else by_user(caller.user)


class _Told:
    """An answer on its way that tells where the caller stands; one that tells of another rate already keeps to it."""

    def __init__(self, send: Send, standing: Standing) -> None:
        self._send = send
        self._standing = standing

    async def __call__(self, message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            headers = MutableHeaders(scope=message)
            for name, value in headers_of(self._standing).items():
                headers.setdefault(name, value)
        await self._send(message)
