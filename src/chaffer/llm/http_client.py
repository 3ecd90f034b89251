"""A client of one model server, whatever is asked of it: no redirects, no proxies, no cookies, no packed answers."""

from __future__ import annotations

import math
import ssl
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Final

import aiohttp
from yarl import URL

from chaffer.llm.authorization import Call
from chaffer.llm.connections import Connections, Prompt
from chaffer.llm.provider import Timeouts

_AHEAD_BYTES: Final = 131_072
"""Up to twice as much may wait to be read; then the server waits."""
_WHOLE_BYTES: Final = 1_048_576
"""A body that is longer is written in pieces, between which others have their turn."""
_LINE_BYTES: Final = 32_768
"""So long may a line in the head of an answer be."""


@cache
def _context(*, is_encrypted: bool) -> ssl.SSLContext:
    """Return what all clients verify others by: loading the authorities takes a while, and holds everybody up.

    Without TLS the context is never used: an empty one, which trusts nobody, loads none.
    """
    if not is_encrypted:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import httpx2  # noqa: PLC0415  It knows where each system keeps its authorities.

    context = httpx2.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context


class Client:
    """Follows no redirects, and no proxy or credentials that the environment may name.

    It keeps no cookies: it calls for many sessions and keys, and what one is given is none of the others'. It asks for
    answers as they are: packed ones cost more than they save, and a little that is sent may unpack to very much.
    """

    def __init__(self, base_url: str, timeouts: Timeouts, headers: Mapping[str, str]) -> None:
        """Contact nobody yet; the names of the headers are in small letters. Raises ValueError for no address."""
        given = URL(base_url)
        address = given.with_user(None)
        self._root = f"{address.origin()}{address.raw_path.rstrip('/')}/"
        self._is_encrypted = address.scheme == "https"
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=min(timeouts.connect, timeouts.total), ceil_threshold=math.inf
        )
        self._headers = {
            "host": address.host_port_subcomponent or "",
            "content-type": "application/json",
            "user-agent": "chaffer",
            "accept-encoding": "identity",
            **headers,
        }
        self._basic: dict[str, str] = {}
        if given.user or given.password:
            secret = f"{given.user or ''}:{given.password or ''}".encode()
            self._basic["authorization"] = f"Basic {b64encode(secret).decode()}"
        self._session: aiohttp.ClientSession | None = None

    def call(self, method: str, path: str, body: bytes = b"") -> Call:
        """Return a call that is still to be sent; in the path and its query everything is quoted already."""
        return Call(method, self._root + path, {**self._headers}, body)

    async def send(self, call: Call) -> aiohttp.ClientResponse:
        """Return the response once its head is there; who takes it closes it. Raises what aiohttp raises."""
        return await self._opened().request(
            call.method,
            URL(call.url, encoded=True),
            headers={**call.headers, **self._basic},
            data=call.body if len(call.body) <= _WHOLE_BYTES else BytesIO(call.body),
            allow_redirects=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, which belongs to the loop that runs when the first call comes."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=Connections(_context(is_encrypted=self._is_encrypted)),
                request_class=Prompt,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                auto_decompress=False,
                trust_env=False,
                read_bufsize=_AHEAD_BYTES,
                max_line_size=_LINE_BYTES,
                max_field_size=_LINE_BYTES,
            )
        return self._session
