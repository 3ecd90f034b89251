"""HTTP/1.1 as uvicorn speaks it, but bounded, and without what another reader of the same bytes may read otherwise."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from chaffer.cli.lingering import MOST_DROPPED, LingeringHttp

LONGEST_HEAD: Final = 65_536
"""Bytes of a request's target and fields; as many may come that are no part of either, or end neither."""

MOST_FIELDS: Final = 100
MOST_WAITING: Final = 128
"""Requests that may come before the one ahead of them is answered."""

_INVALID: Final = (HTTPStatus.BAD_REQUEST, "Invalid HTTP request received.")
_TOO_LARGE: Final = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"The head of a request may have {LONGEST_HEAD} bytes and {MOST_FIELDS} fields.",
)


class _RefusedError(Exception):
    """A request that is not taken though httptools could read it. Its arguments are the answer."""


class StrictHttp(LingeringHttp):
    """Refuses requests whose end could be seen elsewhere (RFC 9112), and bounds what is kept before they are read."""

    _head_is_whole = False
    _head_bytes = 0
    _fields = 0
    _idle_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._unset_keepalive_if_required()
        self._idle_bytes += len(data)
        try:
            while data:
                data = self._read(data)
        except httptools.HttpParserError as fault:
            refusal = fault.__context__
            self._refuse(*(refusal.args if isinstance(refusal, _RefusedError) else _INVALID))
        else:
            if self._idle_bytes > (MOST_DROPPED if self.is_dropping else LONGEST_HEAD):
                self._refuse(*_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._head_is_whole = False
        self._head_bytes = self._fields = 0

    def on_url(self, url: bytes) -> None:
        """Take in a part of the target."""
        super().on_url(url)
        self._bound(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a field, without the spaces behind it. One that comes behind the body is dropped."""
        self._fields += 1
        self._bound(len(name) + len(value))
        if not self._head_is_whole:
            super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Begin to work on the request, or have it wait."""
        self._idle_bytes = 0
        self._head_is_whole = True
        if self._is_ambiguous() or len(self.pipeline) >= MOST_WAITING:
            raise _RefusedError(*_INVALID)
        self.scope["method"] = self.parser.get_method().decode("ascii")
        if not self.parser.should_upgrade():
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take in a part of the body, unless its request is answered."""
        if not self.is_dropping:
            self._idle_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the body."""
        self._idle_bytes = 0
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _read(self, data: bytes) -> bytes:
        """Read bytes, and return those that have to be read again. Raises HttpParserError."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # The parser takes all behind such a head for the other protocol, a body too.
            if not self._should_upgrade():
                head = self._without_upgrade()
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # As uvicorn's own.
                return head + data[upgrade.args[0] :]
            if not self.is_idle:
                raise httptools.HttpParserError from None
            self.handle_websocket_upgrade()
        return b""

    def _should_upgrade(self) -> bool:
        """Tell whether the peer may go over to WebSocket (RFC 6455, section 4.1)."""
        may = self.scope["method"] == "GET" and self.parser.get_http_version() == "1.1"
        return may and super()._should_upgrade()

    def _without_upgrade(self) -> bytes:
        """Return the head that was read last as if it asked for no other protocol."""
        first = f"{self.scope['method']} {self.url.decode('ascii')} HTTP/{self.parser.get_http_version()}"
        fields = (b"%b: %b" % field for field in self.headers if field[0] != b"upgrade")
        return b"\r\n".join([first.encode(), *fields, b"", b""])

    def _bound(self, count: int) -> None:
        self._head_bytes += count
        if self._head_bytes > LONGEST_HEAD or self._fields > MOST_FIELDS:
            raise _RefusedError(*_TOO_LARGE)

    def _is_ambiguous(self) -> bool:
        version = self.parser.get_http_version()
        encodings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
        return (
            version not in {"1.0", "1.1"}
            or (version == "1.1" and all(name != b"host" for name, _ in self.headers))
            or encodings not in ([], [b"chunked"])
            or self.parser.get_method() == b"CONNECT"
            # A whole URL may name another host than the field does, and what stands behind a # is no server's.
            or not self.url.startswith((b"/", b"*"))
            or b"#" in self.url
        )

    def _refuse(self, status: HTTPStatus, words: str) -> None:
        """Answer and hang up. Where another answer is due, hang up behind it; in the midst of or after one, at once."""
        self.logger.warning(words)
        if not self.is_idle and not self.cycle.more_body:
            self.flow.pause_reading()
            self.cycle.keep_alive = False
        elif self.is_dropping or (not self.is_idle and (self.cycle.response_started or self.pipeline)):
            self.transport.close()
        else:
            self._say(status, words)
            self.linger()

    def _say(self, status: HTTPStatus, words: str) -> None:
        fields = [
            *self.server_state.default_headers,
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(words)),
            (b"connection", b"close"),
        ]
        lines = (b"%b: %b\r\n" % field for field in fields)
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", words.encode("ascii")]))
