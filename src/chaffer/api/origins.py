"""Where requests come from: from this machine or another, and from which page of a browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from chaffer.api.proxies import is_passed_on, is_secure
from chaffer.doors.peers import is_loopback

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FOREIGN: Final = "A page of another site may not do this. Add its origin to CORS_ORIGINS if it is yours."
_WEB_SOCKET: Final = "WEBSOCKET"
_BY_HAND: Final = "none"
"""What a browser tells of calls that no page makes."""


class Pages:
    """Which pages may do something for whom a browser lets in by itself: our own, and those of CORS_ORIGINS."""

    def __init__(self, origins: Sequence[str]) -> None:
        """Know the origins of front ends that may call."""
        self._origins = frozenset(origins)

    def objection(self, scope: Scope) -> str | None:
        """Return why a request that changes something is refused, or None; a browser tells of itself from where.

        A socket is asked too: whoever opens it may send by it, and no preflight was made for it.
        """
        if method_of(scope) in SAFE_METHODS:
            return None
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None:
            is_ours = headers.get("sec-fetch-site", _BY_HAND) in {_BY_HAND, "same-origin"}
        else:
            is_ours = origin in self._origins or _is_own(origin, headers.get("host", ""), scope)
        return None if is_ours else _FOREIGN


class LocalCallers:
    """Who is this machine's own, as long as nobody is asked who they are: its programs, and no page of another site."""

    def __init__(self, host: str, origins: Sequence[str], allowed_hosts: Sequence[str] = ()) -> None:
        """Know the host that is listened on, and the origins of front ends that may call.

        Where `allowed_hosts` are given, nobody comes this far who calls by another name.
        """
        self._hosts = None if allowed_hosts else _LOCAL_HOSTS | {host.casefold()}
        self._pages = Pages(origins)

    def objection(self, scope: Scope) -> str | None:
        """Return why a request is refused, or None.

        The peer alone does not tell: a browser on this machine also calls for pages of other sites, which may even make
        a name of their own mean this machine (DNS rebinding).
        """
        if not is_loopback(scope.get("client")):
            return (
                "No authentication is configured, so only this machine is served. Call from it, configure "
                "authentication, or start the server with --unsafe-no-auth to serve every machine that reaches it."
            )
        if is_passed_on(scope):
            return (
                "No authentication is configured, so only this machine is served, and a proxy passed this on for "
                "somebody who is not known. Name the proxy in TRUSTED_PROXIES, or configure authentication."
            )
        if self._hosts is not None and _host_name(Headers(scope=scope).get("host", "")) not in self._hosts:
            return (
                "No authentication is configured, so only calls to this machine by its own name are served. Call "
                "127.0.0.1 or localhost, or start the server with --unsafe-no-auth."
            )
        return self._pages.objection(scope)


def method_of(scope: Scope) -> str:
    """Return the method of a request; a socket is no safe one."""
    method: str = scope["method"] if scope["type"] == "http" else _WEB_SOCKET
    return method


def _is_own(origin: str, host: str, scope: Scope) -> bool:
    """Tell whether an origin is that of a Host header; over https, a page of that name over http may be anybody's."""
    try:
        told = urlsplit(origin)
    except ValueError:
        return False
    return bool(host) and told.netloc.casefold() == host.casefold() and (told.scheme == "https" or not is_secure(scope))


def _host_name(host: str) -> str:
    """Return a Host header without its port."""
    return host.rpartition(":")[0].casefold() if re.search(r":\d+$", host) else host.casefold()
