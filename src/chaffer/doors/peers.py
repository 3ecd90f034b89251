"""Peers whose word is taken when they say that somebody else calls: the proxies before the server."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SOCKET_FILE: Final = "unix"
"""Stands among the trusted for peers that come over a socket file and so have no address."""


class TrustedPeers:
    """Addresses and networks that are believed."""

    def __init__(self, trusted: Sequence[str]) -> None:
        """Trust these, and SOCKET_FILE where it is among them. Raises ValueError for what is neither."""
        self._networks = [_network(text) for text in trusted if text != SOCKET_FILE]
        self._has_socket_file = SOCKET_FILE in trusted

    def has(self, peer: Address | None) -> bool:
        """Tell whether a peer is among them; None is one without an address."""
        if peer is None:
            return self._has_socket_file
        return any(peer in network for network in self._networks)


def address_of(text: str) -> Address | None:
    """Return the address in a text, that of IPv4 where it is wrapped in one of IPv6; None for anything else."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_loopback(client: tuple[str, int] | None) -> bool:
    """Tell whether a peer is this machine. A peer without an address came over a socket file, which is local."""
    if client is None:
        return True
    address = address_of(client[0])
    return address is not None and address.is_loopback


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        msg = f"must be addresses or networks such as 10.0.0.0/8, or {SOCKET_FILE}"
        raise ValueError(msg) from None
