"""WebSocket as uvicorn speaks it, but that a refusal is an answer: uvicorn logs each as a fault of the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


class RefusableSockets(WebSocketsSansIOProtocol):
    """Takes a handshake that was refused with a status for complete."""

    async def send(self, message: ASGISendEvent) -> None:
        """Pass a message on."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True
