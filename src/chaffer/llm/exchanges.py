"""One exchange with a model as it is written and read: what was asked, what came of it and when; never the key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, Literal

from chaffer.errors import Code
from chaffer.llm.requests import Ending, Message, ModelRequest, ReplyFormat, Tool, ToolCall

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True)
class Question:
    """What a model was asked. Whose request it was, and the key, are no part of it."""

    model: str
    system: str
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float | None
    reply_format: ReplyFormat | None
    tools: tuple[Tool, ...]

    @cached_property
    def digest(self) -> str:
        """Return what is the same for the same question alone."""
        return hashlib.sha256(_json(asdict(self), sort_keys=True)).hexdigest()


@dataclass(frozen=True, slots=True)
class Words:
    """Text as it came. `deltas` tell of each piece its seconds since the request and its length.

    Lengths are in units of UTF-16, because some providers cut a character in two halves.
    """

    text: str
    deltas: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model called, so many seconds after the request."""

    call: ToolCall
    after_seconds: float


@dataclass(frozen=True, slots=True)
class Fault:
    """How a call failed. The message holds neither prompt, nor reply, nor key."""

    code: Code
    message: str
    kind: Literal["fault", "prompt_too_long"]
    is_transient: bool
    is_of_host: bool
    retry_after_seconds: float | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it. With neither ending nor fault, its reader left before the end."""

    schema_version: Literal[1]
    at: datetime
    provider: str
    session_id: str | None
    room_id: str | None
    request: Question
    reply: tuple[Words | Call, ...]
    ending: Ending | None
    fault: Fault | None


def question_of(request: ModelRequest) -> Question:
    """Return what a request asks."""
    shape = request.reply_format
    return Question(
        model=request.model,
        system=request.system,
        messages=request.messages,
        max_tokens=request.max_tokens,
        temperature=None if request.temperature is None else float(request.temperature),
        reply_format=None if shape is None else replace(shape, schema=_plain(shape.schema)),
        tools=tuple(replace(tool, parameters=_plain(tool.parameters)) for tool in request.tools),
    )


def _plain(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document as JSON gives it back: mappings may be of kinds that cannot be copied, or hold tuples."""
    plain: Mapping[str, Any] = json.loads(json.dumps(document, default=dict))
    return plain


def line_of(exchange: Exchange) -> bytes:
    """Return an exchange as a line."""
    return _json(asdict(exchange)) + b"\n"


def _json(document: Mapping[str, Any], *, sort_keys: bool = False) -> bytes:
    """Return a document as UTF-8. Halves of a character are put together, one without the other is replaced."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=sort_keys, default=_written)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(type(value).__name__)


def units(text: str) -> int:
    """Return the length of a text in units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def reply_of(came: Sequence[tuple[float, str | ToolCall]]) -> tuple[Words | Call, ...]:
    """Return what came, with its times, as it is written: deltas that follow each other are one text."""
    reply: list[Words | Call] = []
    texts: list[tuple[float, str]] = []

    def say() -> None:
        if texts:
            deltas = tuple((seconds, units(text)) for seconds, text in texts)
            reply.append(Words("".join(text for _, text in texts), deltas))
            texts.clear()

    for seconds, item in came:
        if isinstance(item, str):
            texts.append((seconds, item))
        else:
            say()
            reply.append(Call(item, seconds))
    say()
    return tuple(reply)
