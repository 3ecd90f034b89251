"""A provider that answers from recordings: prompts, and the reading of replies, are tested on them without a model."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from chaffer.errors import ChafferError, Code, Detail
from chaffer.llm.exchanges import Exchange, Fault, Question, Words, question_of
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.recordings import RECORD
from chaffer.llm.requests import Item, Message, ModelRequest, Said, ToolCall, ToolResult

REPLAY: Final = "CHAFFER_REPLAY"
LINE: Final = TypeAdapter(Exchange)
"""Reads a line of a recording; its JSON Schema is docs/recording.schema.json."""


class NotRecordedError(ModelFaultError):
    """What was asked is in no recording. `changes` shows how it differs from what comes nearest: it holds prompts."""

    def __init__(self, message: str, changes: str) -> None:
        """Bear the difference apart from the message, which may be shown to anybody."""
        super().__init__(Code.LLM_PROVIDER_DISABLED, message)
        self.changes = changes


class Recordings:
    """The exchanges in a folder, by what was asked; those that ask the same are in the order of their time."""

    def __init__(self, folder: Path) -> None:
        """Read the folder. Raises VALIDATION_ERROR when it cannot be read, naming the line that is no exchange."""
        self.folder = folder
        self._exchanges: defaultdict[str, list[Exchange]] = defaultdict(list)
        self._played: defaultdict[str, int] = defaultdict(int)
        for exchange in sorted(_exchanges_in(folder), key=lambda exchange: exchange.at):
            self._exchanges[exchange.request.digest].append(exchange)

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models that were asked."""
        return tuple(sorted({exchanges[0].request.model for exchanges in self._exchanges.values()}))

    def next(self, question: Question) -> Exchange:
        """Return the next recording of a question, the first again after the last. Raises NotRecordedError."""
        digest = question.digest
        known = self._exchanges.get(digest)
        if known is None:
            raise self._not_recorded(question)
        self._played[digest] += 1
        return known[(self._played[digest] - 1) % len(known)]

    def _not_recorded(self, question: Question) -> NotRecordedError:
        message = f"There is no recording of this request in {self.folder}: record it with {RECORD}."
        questions = [exchanges[0].request for exchanges in self._exchanges.values()]
        if not questions:
            return NotRecordedError(f"{message} The folder holds none at all.", "")
        lines = _lines(question)
        matcher = difflib.SequenceMatcher(b=lines, autojunk=False)

        def likeness(other: Question) -> float:
            matcher.set_seq1(_lines(other))
            return matcher.ratio()

        nearest = max(questions, key=likeness)
        changed = " and ".join(
            name for name in question.__dataclass_fields__ if getattr(question, name) != getattr(nearest, name)
        )
        changes = difflib.unified_diff(_lines(nearest), lines, "recorded", "asked", lineterm="", n=2)
        return NotRecordedError(f"{message} The nearest one differs in its {changed}.", "\n".join(changes))


def _exchanges_in(folder: Path) -> Iterator[Exchange]:
    if not folder.is_dir():
        raise _unplayable(folder, "It is no folder.")
    for file in sorted(folder.glob("*.jsonl")):
        try:
            lines = file.read_bytes().splitlines()
        except OSError as error:
            raise _unplayable(file, error.strerror or type(error).__name__) from None
        for number, line in enumerate(lines, start=1):
            try:
                yield LINE.validate_json(line)
            except ValidationError:
                why = f"Line {number} is no recorded exchange: remove it."
                raise _unplayable(file, why) from None


def _unplayable(path: Path, why: str) -> ChafferError:
    message = f"{path}, which {REPLAY} names, cannot be played. {why}"
    return ChafferError(Code.VALIDATION_ERROR, message, details=(Detail(REPLAY, "must be a folder of recordings"),))


def _lines(question: Question) -> list[str]:
    """Return a question as people read it."""
    head = f"model: {question.model}, max_tokens: {question.max_tokens}, temperature: {question.temperature}"
    lines = [head, "system:", *question.system.splitlines()]
    for message in question.messages:
        lines += _message_lines(message)
    if question.reply_format is not None:
        lines += [f"reply_format {question.reply_format.name}:", *_document_lines(question.reply_format.schema)]
    for tool in question.tools:
        lines += [f"tool {tool.name}: {tool.description}", *_document_lines(tool.parameters)]
    return lines


def _message_lines(message: Message) -> list[str]:
    if isinstance(message, Said):
        return [f"{message.role}:", *message.text.splitlines()]
    if isinstance(message, ToolResult):
        return [f"result of {message.call_id}:", *message.content.splitlines()]
    calls = [f"calls {call.name} ({call.call_id}): {call.arguments}" for call in message.calls]
    return ["assistant:", *message.text.splitlines(), *calls]


def _document_lines(document: object) -> list[str]:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True).splitlines()


@dataclass(frozen=True, slots=True)
class Replay:
    """Recordings in the place of a provider, whose name it bears.

    It answers at once, or with a `pace` above 0 as the model did, so many times slower. Where a recorded reader left
    before the end, this one finds the reply broken off.
    """

    recordings: Recordings
    name: str
    pace: float = 0.0

    @property
    def base_url(self) -> str:
        """Return nothing: nobody is called."""
        return ""

    @property
    def remedy(self) -> str:
        """Return what to do when it does not answer."""
        return f"Record the exchange with {RECORD}, or unset {REPLAY}."

    @property
    def lists_all(self) -> bool:
        """Tell that no other model than those that were recorded can be asked."""
        return True

    async def models(self, key: str | None = None) -> Sequence[str]:  # noqa: ARG002  Nobody is asked, so no key is used.
        """Return the models that were asked."""
        return self.recordings.models

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        """Yield the reply as it was recorded, delta by delta, or raise the recorded fault. Raises NotRecordedError."""
        exchange = self.recordings.next(question_of(request))
        elapsed = 0.0
        for seconds, item in _items(exchange):
            await asyncio.sleep((seconds - elapsed) * self.pace)
            elapsed = seconds
            yield item
        if exchange.fault is not None:
            raise self._fault(exchange.fault)
        if exchange.ending is None:
            message = "The recording ends where its reader left. Record the exchange anew, to its end."
            raise ModelFaultError(Code.LLM_BAD_GATEWAY, message)
        yield exchange.ending

    def _fault(self, fault: Fault) -> ModelFaultError:
        if fault.kind == "prompt_too_long":
            return PromptTooLongError(fault.code, fault.message)
        return ModelFaultError(
            fault.code,
            fault.message,
            is_transient=fault.is_transient,
            is_of_host=fault.is_of_host,
            retry_after_seconds=fault.retry_after_seconds if self.pace else None,
        )

    async def aclose(self) -> None:
        """Do nothing: there is nothing to close."""


def _items(exchange: Exchange) -> Iterator[tuple[float, str | ToolCall]]:
    for part in exchange.reply:
        if not isinstance(part, Words):
            yield part.after_seconds, part.call
            continue
        text, start = part.text.encode("utf-16-le"), 0
        for seconds, length in part.deltas:
            yield seconds, text[2 * start : 2 * (start + length)].decode("utf-16-le", "surrogatepass")
            start += length
