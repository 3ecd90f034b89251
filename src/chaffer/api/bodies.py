"""Bodies of requests, up to a size."""

from __future__ import annotations

from starlette.types import Message, Receive

from chaffer.api.requests import Answer


class TooLargeError(Exception):
    """A body beyond its limit; parsers may wrap it in errors of their own."""


class LimitedBody:
    """A request's body, up to a size, whatever its Content-Length says, and the answer to it."""

    def __init__(self, receive: Receive, answer: Answer, limit: int) -> None:
        """Take a body of at most `limit` bytes, to which `answer` is sent."""
        self._receive = receive
        self._answer = answer
        self._left = limit
        self.exceeded = False

    def expect(self, content_length: str) -> None:
        """Raise TooLargeError when the body is said to be too large."""
        if content_length.isdecimal() and int(content_length[:19]) > self._left:
            self._give_up()

    async def receive(self) -> Message:
        """Return the next part. Raises TooLargeError."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self._give_up()
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on, unless it is one to a body that was cut off: a parser's complaint about its end."""
        if self.exceeded and not self._answer.begun:
            raise TooLargeError
        await self._answer(message)

    def _give_up(self) -> None:
        self.exceeded = True
        raise TooLargeError
