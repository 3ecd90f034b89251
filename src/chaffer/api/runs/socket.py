"""A run over WebSocket: the frames of its stream out; `stop`, `patch` and `say` in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from enum import IntEnum
from typing import Annotated, Final, Literal, assert_never, cast

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chaffer.api.dependencies import Calling, Running, StreamAfter
from chaffer.api.envelope import envelope, error_response
from chaffer.api.frames import StreamReconnect
from chaffer.api.rates import count_message
from chaffer.api.requests import request_id_of
from chaffer.api.runs.dependencies import MyRuns
from chaffer.api.runs.frames import Frame, Refused
from chaffer.api.runs.telling import place_in, told
from chaffer.api.sse import lasting
from chaffer.bootstrap import Chaffer
from chaffer.dialogue.plan import BotPatch, Name, Sentence
from chaffer.dialogue.rules import over
from chaffer.dialogue.runs import Runs
from chaffer.doors.caller import Caller
from chaffer.doors.entrance import while_admitted
from chaffer.errors import ChafferError
from chaffer.validation import details_of, refusal

router = APIRouter(prefix="/api")

_MESSAGE: Final = "The message"

_LAST_WORDS_SECONDS: Final = 0.5
"""How long is still heard what a reader sent before the end came to it: more than a way there and back takes."""

_log = structlog.get_logger("chaffer.streams")


class Goodbye(IntEnum):
    """Why a socket is closed, as a code of RFC 6455, section 7.4, and its registry at IANA."""

    ENDED = 1000
    NO_TEXT = 1003
    NO_LONGER_ADMITTED = 1008
    TOO_LARGE = 1009
    BROKEN = 1011
    RECONNECT = 1012
    NOT_READING = 1013


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AskStop(_Asked):
    """Stop the run."""

    type: Literal["stop"]


class AskPatch(_Asked):
    """Change a bot from its next turn on."""

    type: Literal["patch"]
    index: Annotated[int, Field(ge=0, le=1, strict=True)]
    bot: BotPatch


class AskSay(_Asked):
    """Put a sentence between the bots."""

    type: Literal["say"]
    text: Sentence
    name: Name = "Someone"


Asked = Annotated[AskStop | AskPatch | AskSay, Field(discriminator="type")]

_ASKED: Final[TypeAdapter[AskStop | AskPatch | AskSay]] = TypeAdapter(Asked)


@router.websocket("/ws/run/{run_id}")
async def run_socket(
    socket: WebSocket, run_id: str, chaffer: Running, runs: MyRuns, caller: Calling, after: StreamAfter = None
) -> None:
    """Follow a run, and steer it. Before it is accepted it is refused with a status; `Goodbye` tells how it closes."""
    try:
        live = await runs.run(run_id)
        with chaffer.possessions.streaming(caller):
            await socket.accept()
            frames = told(live, place_in(after, live), chaffer.settings.sse_retry_timeout)
            with lasting(socket.scope):
                await _Talk(socket, chaffer, caller, runs, run_id).talk(frames)
    except ChafferError as refused:
        await socket.send_denial_response(error_response(refused, request_id_of(socket.scope)))


class _Talk:
    """One socket: what it is told and what it asks for, until either ends."""

    def __init__(self, socket: WebSocket, chaffer: Chaffer, caller: Caller, runs: Runs, run_id: str) -> None:
        self._socket = socket
        self._entrance = chaffer.entrance
        self._possessions = chaffer.possessions
        self._settings = chaffer.settings
        self._caller = caller
        self._runs = runs
        self._run_id = run_id
        self._speaking = asyncio.Lock()

    async def talk(self, frames: AsyncGenerator[Frame, None]) -> None:
        """Tell the frames to their end and do meanwhile what is asked for; then say goodbye.

        What comes behind the last frame is refused, until the reader goes or has had time to hear of the end.
        """
        hearing = asyncio.create_task(self._hear())
        talking = [asyncio.create_task(self._tell(frames)), hearing]
        goodbye: Goodbye | None = Goodbye.BROKEN
        try:
            done, _ = await asyncio.wait(talking, return_when=asyncio.FIRST_COMPLETED)
            goodbye = done.pop().result()
            if goodbye is Goodbye.ENDED:
                await asyncio.wait([hearing], timeout=_LAST_WORDS_SECONDS)
        except Exception:  # noqa: BLE001  The edge of a stream, as of those over SSE: an end in silence tells nothing.
            _log.exception("stream.broke")
        finally:
            for task in talking:
                task.cancel()
            await asyncio.gather(*talking, frames.aclose(), return_exceptions=True)
        if goodbye is not None:
            with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(self._settings.sse_send_timeout):
                    await self._socket.close(goodbye)

    async def _tell(self, frames: AsyncGenerator[Frame, None]) -> Goodbye | None:
        """Send the frames to their end, or until nobody reads them or is let in any more."""
        last: Frame | None = None
        try:
            async with aclosing(while_admitted(frames, self._caller, self._entrance)) as admitted:
                async for frame in admitted:
                    await self._send(frame)
                    last = frame
        except TimeoutError:
            _log.info("stream.reader_dropped", hint="it did not read; it may come back with its last id")
            return Goodbye.NOT_READING
        except WebSocketDisconnect:
            return None
        if isinstance(last, StreamReconnect):
            return Goodbye.RECONNECT
        return Goodbye.ENDED if await self._entrance.still_admits(self._caller) else Goodbye.NO_LONGER_ADMITTED

    async def _hear(self) -> Goodbye | None:
        """Do one after another what the reader asks for, until it goes; what cannot be done is told.

        The next message is read when this one is done, so that a flood of them waits with who sends it.
        """
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            text = message.get("text")
            if text is None:
                return Goodbye.NO_TEXT
            if len(text) > self._settings.max_body_bytes:
                return Goodbye.TOO_LARGE
            try:
                await count_message(self._socket.scope)
                await self._do(_asked(text))
            except ChafferError as refused:
                body = envelope(refused, request_id_of(self._socket.scope))["error"]
                try:
                    await self._send(Refused(error=cast("dict[str, object]", body)))
                except TimeoutError:
                    return Goodbye.NOT_READING
                except WebSocketDisconnect:
                    return None

    async def _do(self, asked: AskStop | AskPatch | AskSay) -> None:
        if isinstance(asked, AskStop):
            live = await self._runs.run(self._run_id)
            if not live.state.is_open:
                raise over(live.state)  # A call may stop it twice; over a socket nothing else would tell.
            await self._runs.stop(self._run_id)
            return
        async with self._possessions.storing(self._caller):
            match asked:
                case AskPatch():
                    await self._runs.patch(self._run_id, asked.index, asked.bot)
                case AskSay():
                    await self._runs.say(self._run_id, asked.text, asked.name)
                case _:
                    assert_never(asked)

    async def _send(self, frame: Frame) -> None:
        """Send a frame. Raises TimeoutError when the reader does not read, WebSocketDisconnect when it is gone."""
        text = json.dumps(frame.data(), ensure_ascii=False, separators=(",", ":"))
        async with self._speaking, asyncio.timeout(self._settings.sse_send_timeout):
            await self._socket.send_text(text)


def _asked(text: str) -> AskStop | AskPatch | AskSay:
    try:
        return _ASKED.validate_json(text)
    except ValidationError as wrong:
        found = wrong.errors()
        skip = 0 if found[0]["type"].startswith(("union_tag", "json")) else 1
        raise refusal(_MESSAGE, details_of(found, skip=skip)) from None
