"""Who really calls: the peer of the connection, or whom a trusted proxy says it passes on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from starlette.datastructures import Headers
from starlette.types import Scope

from chaffer.doors.peers import Address, TrustedPeers, address_of, is_loopback

_TELLING: Final = (
    *("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port"),
    *("x-forwarded-server", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "via"),
)
"""Heads by which a proxy tells that somebody else calls."""

_SECURE: Final = {"https": True, "wss": True, "http": False, "ws": False}
# Nothing is tried twice in these, so that no head takes long to read; what opens a quote and does not end it is one.
_QUOTED: Final = r'"(?:[^"\\]|\\.)*+(?:"|\\?$)'
_ELEMENT: Final = re.compile(rf'(?:[^",]|{_QUOTED})++')
_PART: Final = re.compile(rf'(?:[^";]|{_QUOTED})++')
_PAIR: Final = re.compile(r'\s*+([A-Za-z]++)\s*+=\s*+("(?:[^"\\]|\\.)*+"|[^;,"\s]*+)\s*+')
_PORT: Final = re.compile(r":\d{1,5}$")


@dataclass(frozen=True, slots=True)
class Hop:
    """One station of a request's way: who called there, and by which scheme; None where it is not told."""

    address: Address | None
    is_secure: bool | None


class Proxies:
    """Which peers are believed when they name somebody else.

    One kind of head is believed, never two: a proxy writes its own kind and passes the other on as anybody wrote it.
    """

    def __init__(self, trusted: Sequence[str], heads: Literal["x-forwarded", "forwarded"] = "x-forwarded") -> None:
        """Trust these addresses and networks, by one kind of head. Raises ValueError."""
        self._trusted = TrustedPeers(trusted)
        self._hops = _x_forwarded if heads == "x-forwarded" else _forwarded

    def introduce(self, scope: Scope) -> None:
        """Put the caller and the scheme into a scope in the place of the proxy's.

        Of the named addresses the rightmost counts that is no trusted proxy: whoever calls can write what they like,
        and each proxy adds on the right whom it saw. Where somebody else calls and it is not known who, the scope is
        marked, see `is_passed_on`; what another machine takes for this machine is its own.
        """
        headers = Headers(scope=scope)
        if not any(name in headers for name in _TELLING):
            return
        client = scope.get("client")
        hop = self._caller(headers) if self._trusts(client) else None
        if hop is None or hop.address is None or (hop.address.is_loopback and not is_loopback(client)):
            scope.setdefault("state", {})["passed_on"] = True
            return
        scope["client"] = (str(hop.address), 0)
        if hop.is_secure is not None:
            scheme = "ws" if scope["type"] == "websocket" else "http"
            scope["scheme"] = f"{scheme}s" if hop.is_secure else scheme

    def _caller(self, headers: Headers) -> Hop | None:
        """Return the rightmost hop that is no trusted proxy, the leftmost where all are; None for an unreadable one."""
        found = None
        for hop in reversed(self._hops(headers)):
            if hop.address is None:
                return None
            found = hop
            if not self._trusted.has(hop.address):
                break
        return found

    def _trusts(self, client: tuple[str, int] | None) -> bool:
        if client is None:
            return self._trusted.has(None)
        address = address_of(client[0])
        return address is not None and self._trusted.has(address)


def is_passed_on(scope: Scope) -> bool:
    """Tell whether somebody else stands behind the peer, whom no trusted proxy names."""
    state: dict[str, bool] = scope.get("state", {})
    return state.get("passed_on", False)


def is_secure(scope: Scope) -> bool:
    """Tell whether who calls does so over https, as far as the connection or a trusted proxy tells."""
    return scope.get("scheme") in {"https", "wss"}


def _address(text: str) -> Address | None:
    """Return an address that may bear a port, brackets, or a zone; None for anything else, `unknown` too."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif "." in text:
        text = _PORT.sub("", text)
    return address_of(text)


def _x_forwarded(headers: Headers) -> list[Hop]:
    addresses = _listed(headers, "x-forwarded-for")
    schemes = _listed(headers, "x-forwarded-proto")
    if len(schemes) != len(addresses):  # One that replaces what it got: it holds for whoever called.
        schemes = schemes[-1:] * len(addresses) or [""] * len(addresses)
    return [Hop(_address(text), _SECURE.get(scheme)) for text, scheme in zip(addresses, schemes, strict=True)]


def _listed(headers: Headers, name: str) -> list[str]:
    return [part.strip().lower() for line in headers.getlist(name) for part in line.split(",") if part.strip()]


def _forwarded(headers: Headers) -> list[Hop]:
    """Return the hops of `Forwarded` (RFC 7239); one that cannot be read is a hop without an address."""
    return [_hop(element) for line in headers.getlist("forwarded") for element in _ELEMENT.findall(line)]


def _hop(element: str) -> Hop:
    told: dict[str, str] = {}
    for part in _PART.findall(element):
        pair = _PAIR.fullmatch(part)
        if pair is None or pair[1].lower() in told:
            return Hop(None, None)
        told[pair[1].lower()] = re.sub(r"\\(.)", r"\1", pair[2][1:-1]) if pair[2].startswith('"') else pair[2]
    return Hop(_address(told.get("for", "")), _SECURE.get(told.get("proto", "").lower()))
