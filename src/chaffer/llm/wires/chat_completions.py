"""The wire that OpenAI's chat completions have made common: LM Studio, OpenRouter, OpenAI, and many others speak it.

Source of the shapes: OpenAI's API reference, «Create chat completion» and «The chat completion chunk object».
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chaffer.llm.faults import Callee, Nonsense, Withheld
from chaffer.llm.requests import Finish, Message, ModelRequest, Said, ToolResult, Usage
from chaffer.llm.wires.fields import count, mapping, micros, name_or_none, names_in, object_in, text_or_none
from chaffer.llm.wires.sse_lines import SseDecoder
from chaffer.llm.wires.tool_calls import PendingCalls
from chaffer.llm.wires.wire import NOTHING, Chunk, Outgoing

_DONE: Final = "[DONE]"
_CONTENT_FILTER: Final = "content_filter"
_FINISHES: Final = {"length": Finish.CUT, "tool_calls": Finish.TOOLS, "function_call": Finish.TOOLS}
"""Whatever else a server says, the reply is complete."""
_THOUGHTS: Final = ("reasoning", "reasoning_content")
"""What servers call the field in which a model thinks aloud; OpenAI's own shows none."""


@dataclass(frozen=True, slots=True)
class ChatCompletions:
    """The wire. `limit_field` is what the server calls `max_tokens`; `extras` are fields of this server alone."""

    listings: tuple[str, ...] = ("models",)
    limit_field: str = "max_tokens"
    extras: Mapping[str, Any] = field(default_factory=dict)

    def outgoing(self, request: ModelRequest, without: frozenset[str]) -> Outgoing:
        """Return a streamed chat completion."""
        body: dict[str, Any] = {
            "model": request.model,
            "messages": _messages(request),
            self.limit_field: request.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            **self.extras,
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.reply_format is not None:
            shape = {"name": request.reply_format.name, "strict": True, "schema": request.reply_format.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        if request.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
                }
                for tool in request.tools
            ]
        kept = {key: value for key, value in body.items() if key not in without}
        return Outgoing("chat/completions", json.dumps(kept, ensure_ascii=False).encode())

    def decoder(self) -> SseDecoder:
        """Return a decoder of server-sent events."""
        return SseDecoder()

    def reading(self, callee: Callee) -> ChatReading:
        """Return a reading of one reply."""
        return ChatReading(callee)

    def models_of(self, body: bytes, callee: Callee) -> tuple[str, ...]:
        """Return the ids in a list of models. Raises ModelFaultError for nonsense."""
        try:
            return names_in(model["id"] for model in json.loads(body)["data"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise callee.nonsense(Nonsense.NO_LIST) from None


def _messages(request: ModelRequest) -> list[dict[str, Any]]:
    system = [{"role": "system", "content": request.system}] if request.system else []
    return [*system, *map(_message, request.messages)]


def _message(message: Message) -> dict[str, Any]:
    if isinstance(message, Said):
        return {"role": message.role, "content": message.text}
    if isinstance(message, ToolResult):
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.content}
    calls = [
        {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in message.calls
    ]
    return {"role": "assistant", "content": message.text or None, "tool_calls": calls}


class ChatReading:
    """One reply being read. Tool calls come in pieces, told apart by their index, and are handed over whole."""

    def __init__(self, callee: Callee) -> None:
        """Read a reply of that callee."""
        self._callee = callee
        self._calls = PendingCalls()
        self.is_done = False

    def take(self, frame: str) -> Chunk:
        """Return what an event of the stream says."""
        if frame == _DONE:
            self.is_done = True
            return NOTHING
        event = object_in(frame, self._callee)
        if event.get("error"):
            raise self._callee.reported(event["error"])
        choices = event.get("choices")
        choice = mapping(choices[0]) if isinstance(choices, list) and choices else {}
        if choice.get("error"):
            raise self._callee.reported(choice["error"])
        reason = text_or_none(choice.get("finish_reason"))
        if reason == _CONTENT_FILTER:
            raise self._callee.withheld(Withheld.FILTERED)
        model, usage = name_or_none(event.get("model")), _usage(event.get("usage"))
        finish = None if reason is None else _FINISHES.get(reason, Finish.COMPLETE)
        text, works = self._delta(mapping(choice.get("delta")))
        calls = () if finish is None else self._calls.taken(is_cut=finish is Finish.CUT)
        return Chunk(text, works, calls, finish, model, usage)

    def _delta(self, delta: Mapping[str, Any]) -> tuple[str, bool]:
        """Return the text of a delta, and whether the model works on what is none, such as thoughts aloud."""
        if delta.get("refusal"):
            raise self._callee.withheld(Withheld.REFUSED)
        pieces = delta.get("tool_calls")
        for piece in pieces if isinstance(pieces, list) else ():
            self._add(mapping(piece))
        works = bool(pieces) or any(delta.get(name) for name in _THOUGHTS)
        return text_or_none(delta.get("content")) or "", works

    def _add(self, piece: Mapping[str, Any]) -> None:
        index, function = count(piece.get("index")) or 0, mapping(piece.get("function"))
        self._calls.begin(index, name_or_none(piece.get("id")) or "", name_or_none(function.get("name")) or "")
        self._calls.add(index, text_or_none(function.get("arguments")) or "")


def _usage(told: object) -> Usage | None:
    if not isinstance(told, dict):
        return None
    details = mapping(told.get("prompt_tokens_details"))
    return Usage(
        prompt_tokens=count(told.get("prompt_tokens")),
        completion_tokens=count(told.get("completion_tokens")),
        cached_tokens=count(details.get("cached_tokens")),
        cost_micros=_cost_micros(told),
    )


def _cost_micros(told: Mapping[str, Any]) -> int | None:
    """Return the cost that OpenRouter tells. With a key of one's own for its vendor, `cost` is the fee alone."""
    cost = micros(told.get("cost"))
    if told.get("is_byok") is not True:
        return cost
    upstream = micros(mapping(told.get("cost_details")).get("upstream_inference_cost"))
    return None if upstream is None else upstream + (cost or 0)
