"""HTTP/1.1 for peers that dawdle: uvicorn waits for them for ever."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from chaffer.cli.strict_http import StrictHttp


class PunctualHttp(StrictHttp):
    """Closes a connection whose peer does not send what it began to send, or does not take what it is sent.

    What must come in time is the head of a request, and the rest of a body that was answered before it was whole, as a
    stranger's is: no application waits for these. Of what is sent some must be taken from one look to the next.
    """

    head_seconds: ClassVar[float] = 10.0
    taking_seconds: ClassVar[float] = 10.0

    _due: asyncio.TimerHandle | None = None
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # As uvicorn's own.
        """Wait for the first request, not for ever."""
        super().connection_made(transport)
        self._await_rest()

    def data_received(self, data: bytes) -> None:
        """Read on, and wait for the rest if there is one to come that nobody else waits for."""
        super().data_received(data)
        if self.is_idle and not self.is_over:
            self._await_rest()
        else:
            self._await_nothing()

    def on_response_complete(self) -> None:
        """Go on to the next request, or wait for the rest of this one."""
        super().on_response_complete()
        if self.is_dropping and not self.is_over:
            self._await_rest()

    def pause_writing(self) -> None:
        """Look now and then whether the peer takes anything."""
        super().pause_writing()
        self._look_again(None)

    def resume_writing(self) -> None:
        """Look no more: the peer has taken most of it."""
        self._look_no_more()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._await_nothing()
        super().connection_lost(exc)
        self._look_no_more()

    def _await_rest(self) -> None:
        if self._due is None:
            self._due = self.loop.call_later(self.head_seconds, self.transport.close)

    def _await_nothing(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _look_again(self, left: int | None) -> None:
        self._look_no_more()
        self._look = self.loop.call_later(self.taking_seconds, self._look_at, left)

    def _look_at(self, left_before: int | None) -> None:
        """Give a peer up that has taken nothing since; a mere close would wait for it to take the rest."""
        left = self.transport.get_write_buffer_size()
        if left_before is not None and left >= left_before:
            self.transport.abort()
        else:
            self._look_again(left)

    def _look_no_more(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None


def punctual(head_seconds: float, taking_seconds: float) -> type[PunctualHttp]:
    """Return the protocol with requests that must come, and answers that must be taken, within so many seconds."""
    attributes: dict[str, Any] = {"head_seconds": head_seconds, "taking_seconds": taking_seconds}
    attributes["lingering_seconds"] = head_seconds
    return type("PunctualHttp", (PunctualHttp,), attributes)
