"""What a model is asked and what it answers, whatever the wire: a conversation in, text and tool calls out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Said:
    """A text in the conversation: the model's own words are the `assistant`'s."""

    role: Literal["user", "assistant"]
    text: str


def alternating(messages: Iterable[Said]) -> tuple[Said, ...]:
    """Return the messages, those in a row of one role as one: the templates of many local models take no others."""
    return tuple(
        Said(role, "\n\n".join(one.text for one in said)) for role, said in groupby(messages, key=lambda one: one.role)
    )


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model wants a tool to be called. `arguments` is the text of a JSON object, as the model wrote it."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolsCalled:
    """The model's turn in which it called tools, with what it said before."""

    calls: tuple[ToolCall, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a called tool returned, as text."""

    call_id: str
    content: str
    failed: bool = False


Message = Said | ToolsCalled | ToolResult


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call; `parameters` is the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReplyFormat:
    """The JSON Schema that the reply should obey. Not every model does: what comes is judged all the same."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """On whose behalf a model is asked. What the call uses counts against both, and rooms take turns."""

    session_id: str
    room_id: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to a model. Without a temperature the model's own holds.

    `key` takes the place of the configured one for this call; it is shown nowhere.
    """

    model: str
    messages: tuple[Message, ...]
    max_tokens: int
    system: str = ""
    temperature: float | None = None
    reply_format: ReplyFormat | None = None
    tools: tuple[Tool, ...] = ()
    key: str | None = field(default=None, repr=False)
    account: Account | None = None


class Finish(StrEnum):
    """Why a reply ended: it was complete, it ran into `max_tokens`, or the model waits for its tools."""

    COMPLETE = "stop"
    CUT = "length"
    TOOLS = "tool_calls"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call used. What the provider did not tell is None; `cached_tokens` are part of the prompt's.

    The cost is in millionths of a dollar.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    cost_micros: int | None = None

    def over(self, earlier: Usage) -> Usage:
        """Return what this one tells, and what an earlier one told where this one is silent."""
        told = {name: value for name in _COUNTS if (value := getattr(self, name)) is not None}
        return replace(earlier, **told)

    def __add__(self, other: Usage) -> Usage:
        """Return what two calls used; None is what neither tells."""
        told = {name: [value for one in (self, other) if (value := getattr(one, name)) is not None] for name in _COUNTS}
        return Usage(**{name: sum(values) for name, values in told.items() if values})


_COUNTS = ("prompt_tokens", "completion_tokens", "cached_tokens", "cost_micros")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a reply ended. `model` is the one that answered.

    `latency_seconds` runs from the request to the end, `first_token_seconds` to the first text, None when none came.
    """

    finish: Finish
    model: str
    usage: Usage
    latency_seconds: float
    first_token_seconds: float | None

    @property
    def is_cut(self) -> bool:
        """Tell whether the reply ran into `max_tokens`."""
        return self.finish is Finish.CUT


Item = str | ToolCall | Ending
"""What a reply consists of: deltas of its text, the tools it calls, and last its ending."""
