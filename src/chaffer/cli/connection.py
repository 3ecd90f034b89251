"""Opening the market's API: at a server's address, or in this process over the embedded database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final

import httpx2

from chaffer.cli.client import MarketClient
from chaffer.cli.credentials import headers_for
from chaffer.cli.environment import settings_here
from chaffer.cli.in_process import InProcessTransport
from chaffer.errors import ChafferError, Code, Detail
from chaffer.settings import Settings, without_credentials

CONNECT_SECONDS: Final = 10.0
HERE: Final = "http://127.0.0.1"

_DIRECTLY: Final[Mapping[str, None]] = MappingProxyType(
    dict.fromkeys(("all://localhost", "all://127.0.0.1", "all://[::1]"))
)
"""Servers of this machine, to which no proxy of HTTP_PROXY leads; it would only learn what proves who calls."""


@asynccontextmanager
async def open_client(
    url: str | None, settings: Settings | None = None, *, recover: bool = False
) -> AsyncIterator[MarketClient]:
    """Open a client to the server at `url`, or without one to the database of this machine.

    `recover` picks up the rooms that a crashed process left, as a server does. Raises VALIDATION_ERROR for an address
    or a setting that is wrong.
    """
    timeout = httpx2.Timeout(None, connect=CONNECT_SECONDS)
    if url is not None:
        checked = _checked(url)
        headers = headers_for(checked, settings or settings_here())
        # No redirects are followed: what proves who calls goes to the named server alone.
        async with httpx2.AsyncClient(base_url=checked, headers=headers, timeout=timeout, mounts=_DIRECTLY) as http:
            yield MarketClient(http, f"The server at {url}")
        return
    from chaffer.api.app import opened_app  # noqa: PLC0415  It takes a second that a remote call need not pay.
    from chaffer.logbook import open_logbook  # noqa: PLC0415

    here = settings or settings_here()
    open_logbook("WARNING", "text", with_places=here.debug)
    async with (
        opened_app(here, recover=recover) as app,
        httpx2.AsyncClient(transport=InProcessTransport(app), base_url=HERE, timeout=timeout) as http,
    ):
        yield MarketClient(http, "The market in this process")


def _checked(url: str) -> str:
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as fault:
        parsed, reason = None, str(fault)
    else:
        reason = "it must begin with http:// or https:// and name a host"
    if parsed is None or parsed.scheme not in {"http", "https"} or not parsed.host:
        message = f"--url {without_credentials(url)!r} is no address of a server: {reason}. Example: --url http://127.0.0.1:8000"
        raise ChafferError(Code.VALIDATION_ERROR, message, details=(Detail("--url", reason),))
    if parsed.userinfo:
        reason = "it holds a password; set CHAFFER_USER and CHAFFER_PASSWORD, or CHAFFER_TOKEN, in the environment"
        raise ChafferError(Code.VALIDATION_ERROR, f"--url was refused: {reason}.", details=(Detail("--url", reason),))
    return url.rstrip("/")
