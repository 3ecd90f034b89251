"""What was said between us and models, exchange by exchange, as files that people can read: JSON Lines, without keys.

`Recorded` is a provider that writes what passes through it; `replay.py` answers from what was written.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from chaffer.errors import ChafferError, Code, Detail
from chaffer.llm.around import Around
from chaffer.llm.exchanges import SCHEMA_VERSION, Exchange, Fault, line_of, question_of, reply_of
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.requests import Ending, Item, ModelRequest, ToolCall

RECORD: Final = "CHAFFER_RECORD"
"""The setting that names the folder."""

_MODE: Final = 0o600
# Windows would change the ends of lines.
_APPENDING: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
_NO_PART_OF_A_NAME: Final = re.compile(r"[^A-Za-z0-9_-]")
_MICROSECONDS: Final = 6

_log = structlog.get_logger("chaffer.llm")


class Recorder:
    """Writes exchanges into a folder: a file for each session, and one for what this process asks apart from sessions.

    Each line is written at once and whole, so that two processes may share the folder; on another thread, in order.
    Only the files' owner may read them: they hold prompts and replies.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        """Make the folder. Raises VALIDATION_ERROR when it cannot be written to."""
        self._folder = folder
        self._now = now
        self._own_file = f"process_{now():%Y%m%dT%H%M%S}_{os.getpid()}"
        self._writer = ThreadPoolExecutor(1, "recorder")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            why = error.strerror or type(error).__name__
            message = f"{RECORD} names {folder}, where nothing can be written: {why}. Name another, or unset it."
            details = (Detail(RECORD, "must be a folder that can be written to"),)
            raise ChafferError(Code.VALIDATION_ERROR, message, details=details) from None

    def begin(self, provider: str, request: ModelRequest) -> Recording:
        """Begin to record an exchange."""
        return Recording(self, provider, request, self._now())

    def keep(self, recording: Recording) -> None:
        """Write a recording that is over, later; what cannot be written is logged and lost, and disturbs nobody."""
        self._writer.submit(self._write, recording).add_done_callback(Future.result)

    async def aclose(self) -> None:
        """Wait until all is written. A process that ends waits, too."""
        await asyncio.to_thread(self._writer.shutdown)

    def _write(self, recording: Recording) -> None:
        exchange = recording.exchange()
        name = self._own_file
        if exchange.session_id is not None:
            name = "session_" + _NO_PART_OF_A_NAME.sub("_", exchange.session_id)
        path = self._folder / f"{name}.jsonl"
        line = line_of(exchange)
        try:
            file = os.open(path, _APPENDING, _MODE)
            try:
                is_whole = os.write(file, line) == len(line)
            finally:
                os.close(file)
        except OSError as error:
            _log.warning("recording.lost", file=str(path), reason=error.strerror)
            return
        if not is_whole:
            _log.warning("recording.torn", file=str(path), hint="The disk is full; this line cannot be replayed.")


class Recording:
    """One exchange while it happens."""

    def __init__(self, recorder: Recorder, provider: str, request: ModelRequest, at: datetime) -> None:
        """Begin with the request."""
        self._recorder = recorder
        self._is_kept = True
        self._provider = provider
        self._request = request
        self._at = at
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._came: list[tuple[float, str | ToolCall]] = []
        self._ending: Ending | None = None
        self._fault: Fault | None = None

    def came(self, item: Item) -> None:
        """Note an item of the reply."""
        if isinstance(item, Ending):
            self._ending = item
        else:
            self._came.append((round(self._loop.time() - self._begun, _MICROSECONDS), item))

    def failed(self, fault: ModelFaultError) -> None:
        """Note that the call failed."""
        self._fault = Fault(
            code=fault.code,
            message=fault.message,
            kind="prompt_too_long" if isinstance(fault, PromptTooLongError) else "fault",
            is_transient=fault.is_transient,
            is_of_host=fault.is_of_host,
            retry_after_seconds=fault.retry_after_seconds,
        )

    def forget(self) -> None:
        """Have it not written after all."""
        self._is_kept = False

    def over(self) -> None:
        """Have it written as it is now."""
        if self._is_kept:
            self._recorder.keep(self)

    def exchange(self) -> Exchange:
        """Return it as it is written."""
        account = self._request.account
        return Exchange(
            schema_version=SCHEMA_VERSION,
            at=self._at,
            provider=self._provider,
            session_id=account.session_id if account is not None else None,
            room_id=account.room_id if account is not None else None,
            request=question_of(self._request),
            reply=reply_of(self._came),
            ending=self._ending,
            fault=self._fault,
        )


@dataclass(frozen=True, slots=True)
class Recorded(Around):
    """A provider whose exchanges are recorded; itself a provider. Who made the recorder closes it."""

    recorder: Recorder

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        """Yield the reply as the provider does. What was not even sent is not recorded."""
        recording = self.recorder.begin(self.name, request)
        try:
            async with aclosing(self.provider.stream(request)) as items:
                async for item in items:
                    recording.came(item)
                    yield item
        except ModelFaultError as fault:
            recording.failed(fault)
            raise
        except ChafferError:
            recording.forget()
            raise
        finally:
            recording.over()
